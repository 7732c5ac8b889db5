/** Subjects that a client listens to, remembered to know whether it can hear a reply. */
const filtersMax = 1024
/** Longest subject, with or without wildcards, that is remembered; and about what one takes besides its text. */
export const subjectMax = 512
const filterBytes = 64

/** The subjects to which a client has subscribed, as far as they were seen and are remembered. */
export class Subscriptions {
  /** All of them are known: a reply to another subject goes to somebody else. */
  complete = false

  readonly #filters = new Set<string>()
  #chars = 0
  /** What stands before the last word of inboxes; most clients have one. */
  #prefix = ''

  get heldBytes(): number {
    return this.#filters.size * filterBytes + this.#chars
  }

  add(filter: string): void {
    if (filter.length > subjectMax) {
      this.complete = false
      return
    }
    if (this.#filters.has(filter)) return
    if (this.#filters.size >= filtersMax) this.#forgetOldest()
    this.#filters.add(filter)
    this.#chars += filter.length
    if (filter.startsWith('_INBOX') && filter.endsWith('.*')) this.#prefix = filter.slice(0, -1)
  }

  /** Whether the client hears what is said on a subject; where not all is known, it hears inboxes. Too long a one: no. */
  hears(subject: string): boolean {
    if (subject.length > subjectMax) return false
    const prefix = this.#prefix
    if (prefix !== '' && subject.startsWith(prefix) && !subject.includes('.', prefix.length)) {
      return true
    }
    if (!this.complete && subject.startsWith('_INBOX')) return true
    return this.#filters.has(subject) || this.#hearsAll(subject)
  }

  /** `a.b.*`, `a.b.>`, `a.>`, `>` for `a.b.c`. A `*` further in is not thought of: nobody replies to such. */
  #hearsAll(subject: string): boolean {
    let at = subject.lastIndexOf('.')
    if (this.#filters.has(`${subject.slice(0, at + 1)}*`)) return true
    for (; at >= 0; at = at === 0 ? -1 : subject.lastIndexOf('.', at - 1)) {
      if (this.#filters.has(`${subject.slice(0, at + 1)}>`)) return true
    }
    return this.#filters.has('>')
  }

  #forgetOldest(): void {
    this.complete = false
    for (const oldest of this.#filters) {
      this.#filters.delete(oldest)
      this.#chars -= oldest.length
      return
    }
  }
}
