/** Stretches remembered of one conversation; of more the two oldest become one, or the oldest is forgotten. */
const stretchesMax = 16

interface Stretch {
  readonly speaker: string
  fromMs: number
  toMs: number
}

/** Who spoke for one conversation, when: stretches of whole seconds in order of time, none over another. */
export class Spoken {
  readonly #stretches: Stretch[] = []

  /** The speaker of that second. A shorter silence than `silentMs` within a stretch belongs to its speaker. */
  at(atMs: number): string | undefined {
    return this.#stretches.find(({ fromMs, toMs }) => fromMs <= atMs && atMs <= toMs)?.speaker
  }

  /** `speaker` spoke for that second, of which nobody did before. */
  add(speaker: string, atMs: number, silentMs: number): void {
    const stretches = this.#stretches
    const after = stretches.findIndex(({ fromMs }) => fromMs > atMs)
    const next = after < 0 ? stretches.length : after
    const [earlier, later] = [stretches[next - 1], stretches[next]]
    const joinsEarlier = earlier?.speaker === speaker && atMs - earlier.toMs <= silentMs
    const joinsLater = later?.speaker === speaker && later.fromMs - atMs <= silentMs
    if (joinsEarlier && joinsLater) {
      earlier.toMs = later.toMs
      stretches.splice(next, 1)
    } else if (joinsEarlier) earlier.toMs = atMs
    else if (joinsLater) later.fromMs = atMs
    else stretches.splice(next, 0, { speaker, fromMs: atMs, toMs: atMs })
    if (stretches.length > stretchesMax) this.#forget()
  }

  #forget(): void {
    const [oldest, next] = this.#stretches
    if (oldest.speaker === next.speaker) next.fromMs = oldest.fromMs
    this.#stretches.shift()
  }
}
