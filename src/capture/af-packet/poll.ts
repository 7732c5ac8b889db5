import type { Kernel } from './kernel.ts'
import { ringsOf, type Tap } from './tap.ts'

const pollIn = 0x01
const pollError = 0x08
const pollInvalid = 0x20
const entryBytes = 8

/** One blocking wait for all rings. */
export class Poll {
  readonly #kernel: Kernel
  #rings: readonly Tap[] = []
  #entries = new Uint8Array(0)
  #view = new DataView(this.#entries.buffer)

  constructor(kernel: Kernel) {
    this.#kernel = kernel
  }

  /** struct pollfd, one a ring: descriptor 4, events asked 2, events met 2. */
  watch(taps: readonly Tap[]): void {
    this.#rings = taps.flatMap(tap => ringsOf(tap).map(() => tap))
    this.#entries = new Uint8Array(this.#rings.length * entryBytes)
    this.#view = new DataView(this.#entries.buffer)
    for (const [i, { fd }] of taps.flatMap(ringsOf).entries()) {
      this.#view.setInt32(i * entryBytes, fd, true)
      this.#view.setInt16(i * entryBytes + 4, pollIn, true)
    }
  }

  /** Waits until a ring has a block or the time is over; answers the taps whose rings have failed. */
  wait(timeoutMs: number): readonly Tap[] {
    const ready = this.#kernel.poll(this.#entries, this.#rings.length, timeoutMs)
    if (ready <= 0) return []
    return this.#rings.filter((_, i) => this.#met(i) & (pollError | pollInvalid))
  }

  #met(index: number): number {
    return this.#view.getInt16(index * entryBytes + 6, true)
  }
}
