/** A gap is spoken of this long, and one that is longer was no restart. */
const spokenMs = 15 * 60_000

/** What nobody watched between a run of the agent and the next: it is lost, and said. */
export class Gap {
  readonly #formerUntilMs: number | undefined
  #text: string | undefined
  /** Start of the first second of this run, by this machine's clock. */
  #firstMs: number | undefined

  /** `formerUntilMs`: when the run before stopped watching, by the server's clock. */
  constructor(formerUntilMs: number | undefined) {
    this.#formerUntilMs = formerUntilMs
  }

  /** The start of each second that this run watched; `shiftMs`: what makes it the server's time, once that is known. */
  hear(startMs: number, shiftMs: number | undefined): void {
    this.#firstMs ??= startMs
    if (this.#formerUntilMs === undefined || shiftMs === undefined) return
    const endMs = Math.round((this.#firstMs + shiftMs) / 1000) * 1000
    const gapMs = endMs - this.#formerUntilMs
    const isSpoken = gapMs > 0 && gapMs < spokenMs && startMs - this.#firstMs < spokenMs
    const until = new Date(endMs).toISOString().slice(11, 19)
    this.#text = isSpoken
      ? `Nobody watched for ${gapMs / 1000} s until ${until} UTC: the agent had ended and was started anew.`
      : undefined
  }

  get notice(): string | undefined {
    return this.#text
  }
}
