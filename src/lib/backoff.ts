import { setTimeout as sleep } from 'node:timers/promises'

/** Bounds of a backoff, in milliseconds. */
export interface BackoffLimits {
  readonly firstMs: number
  readonly maxMs: number
}

/** Pauses between attempts: each about twice the last, half of it chance, so that many clients do not return at once. */
export class Backoff {
  readonly #limits: BackoffLimits
  readonly #random: () => number
  #attempts = 0

  constructor(limits: BackoffLimits, random: () => number = Math.random) {
    this.#limits = limits
    this.#random = random
  }

  /** How long to wait before the next attempt: between half and the whole of first * 2^attempts, at most `maxMs`. */
  nextMs(): number {
    const { firstMs, maxMs } = this.#limits
    const whole = Math.min(maxMs, firstMs * 2 ** Math.min(this.#attempts++, 30))
    return whole * (0.5 + 0.5 * this.#random())
  }

  /** An attempt succeeded: start anew. */
  reset(): void {
    this.#attempts = 0
  }
}

/** Waits; ends early, without an error, when the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await sleep(ms, undefined, { signal }).catch((error: Error) => {
    if (error.name !== 'AbortError') throw error
  })
}
