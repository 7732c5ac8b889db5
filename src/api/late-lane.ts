const everyMs = 20
/** Share of the time that late work may take: the rest is for what is live. */
const share = 0.25

/** Work that can wait. It is done in order, a little at a time, so that a flood of it never holds up what is live. */
export class LateLane {
  readonly #waiting: (() => void)[] = []
  #timer: NodeJS.Timeout | undefined

  /** Whoever adds bounds how much: agents wait for answers. */
  add(work: () => void): void {
    this.#waiting.push(work)
    this.#timer ??= setInterval(() => this.#work(), everyMs)
  }

  get length(): number {
    return this.#waiting.length
  }

  close(): void {
    clearInterval(this.#timer)
    this.#waiting.length = 0
  }

  #work(): void {
    const untilMs = performance.now() + everyMs * share
    let done = 0
    while (done < this.#waiting.length && (done === 0 || performance.now() < untilMs)) {
      this.#waiting[done++]()
    }
    this.#waiting.splice(0, done)
    if (this.#waiting.length > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
