/** One question to another clock: asked and heard by our steady clock, received and answered by theirs. All ms. */
export interface ClockSample {
  readonly askedMs: number
  readonly receivedMs: number
  readonly answeredMs: number
  readonly heardMs: number
}

const samplesMax = 8
/** A way there and back that took longer than the shortest by more than this says little. */
const slackMs = 1
/** What two clocks may drift apart between the first and the last of them. */
const driftMs = 10

/**
 * How far another machine's clock is from our steady one, by questions and answers: what the way took is thought to be
 * half of it each. The quickest of the last answers count, because what waits on the way waits on one side of it.
 */
export class FarClock {
  #samples: { readonly offsetMs: number; readonly roundTripMs: number }[] = []

  hear({ askedMs, receivedMs, answeredMs, heardMs }: ClockSample): void {
    const roundTripMs = heardMs - askedMs - (answeredMs - receivedMs)
    const offsetMs = (receivedMs - askedMs + (answeredMs - heardMs)) / 2
    if (!Number.isFinite(offsetMs) || !(roundTripMs >= 0)) return
    const isSet = this.#contradicts(offsetMs, roundTripMs)
    if (isSet) this.reset()
    this.#samples.push({ offsetMs, roundTripMs })
    if (this.#samples.length > samplesMax) this.#samples.shift()
  }

  /** Forgets all: it is another machine's clock now. */
  reset(): void {
    this.#samples = []
  }

  get roundTripMs(): number | undefined {
    return this.#samples.length === 0 ? undefined : this.#quickest
  }

  /** Their clock minus our steady one; undefined before the first answer. */
  get offsetMs(): number | undefined {
    const good = this.#samples.filter(
      ({ roundTripMs }) => roundTripMs <= this.#quickest * 1.5 + slackMs,
    )
    if (good.length === 0) return undefined
    return good.reduce((sum, { offsetMs }) => sum + offsetMs, 0) / good.length
  }

  /** Either answer is right within half of its way: when both cannot be, their clock was set meanwhile. */
  #contradicts(offsetMs: number, roundTripMs: number): boolean {
    const known = this.offsetMs
    if (known === undefined) return false
    return Math.abs(offsetMs - known) > (roundTripMs + this.#quickest) / 2 + driftMs
  }

  get #quickest(): number {
    return Math.min(...this.#samples.map(({ roundTripMs }) => roundTripMs))
  }
}
