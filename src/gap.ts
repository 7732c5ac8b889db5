/** A gap is spoken of this long, and one that is longer was no restart. */
const spokenMs = 15 * 60_000

/** What nobody watched between a run of the agent and the next: it is lost, and said. */
export class Gap {
  readonly #formerUntilMs: number | undefined
  #text: string | undefined
  #endMs: number | undefined

  constructor(formerUntilMs: number | undefined) {
    this.#formerUntilMs = formerUntilMs
  }

  /** The start of each second that this run watched, by the server's clock. */
  hear(startMs: number): void {
    if (this.#formerUntilMs === undefined) return
    this.#endMs ??= startMs
    const gapMs = this.#endMs - this.#formerUntilMs
    const isSpoken = gapMs > 0 && gapMs < spokenMs && startMs - this.#endMs < spokenMs
    const until = new Date(this.#endMs).toISOString().slice(11, 19)
    this.#text = isSpoken
      ? `Nobody watched for ${gapMs / 1000} s until ${until} UTC: the agent had ended and was started anew.`
      : undefined
  }

  get notice(): string | undefined {
    return this.#text
  }
}
