import type { Entry, Segment } from './segment.ts'

/** A server, by its life, has the numbers `from` to `to` of a run. */
export interface Had {
  readonly run: string
  readonly from: number
  readonly to: number
  readonly life: string
}

const nobody = ''

/** Which records there are of which run, and which server has them. */
export class Runs {
  /** Numbered records of each run, in the order of their numbers. */
  readonly #numbered = new Map<string, Entry[]>()

  /** Runs of which something is left, oldest first. */
  all(): string[] {
    return [...this.#numbered.keys()]
  }

  firstOf(run: string): Entry | undefined {
    return this.#numbered.get(run)?.[0]
  }

  add(entry: Entry): void {
    const { run } = entry.segment
    const entries = this.#numbered.get(run)
    if (entries) entries.push(entry)
    else this.#numbered.set(run, [entry])
  }

  /** Answers whether it says anything of what is still here. */
  had({ run, from, to, life }: Had): boolean {
    const entries = this.#numbered.get(run) ?? []
    let isNew = false
    for (let i = firstFrom(entries, from); i < entries.length && entries[i].sequence <= to; i++) {
      if (entries[i].hadBy === life) continue
      entries[i].hadBy = life
      isNew = true
    }
    return isNew
  }

  giveUp(entry: Entry): void {
    entry.hadBy ??= nobody
    const { run } = entry.segment
    const entries = this.#numbered.get(run)?.filter(each => each !== entry)
    if (entries) this.#numbered.set(run, entries)
  }

  /** Takes the records of a segment that goes out of its run. */
  remove(segment: Segment): void {
    const entries = this.#numbered.get(segment.run)?.filter(entry => entry.segment !== segment)
    if (!entries || entries.length === 0) this.#numbered.delete(segment.run)
    else this.#numbered.set(segment.run, entries)
  }

  /** Where the last second of all ends that was stamped with a server's time. */
  lastMs(): number | undefined {
    let lastMs: number | undefined
    for (const { kind, isServerTime, atMs } of [...this.#numbered.values()].flat()) {
      if (kind === 'second' && isServerTime) lastMs = Math.max(lastMs ?? 0, atMs + 1000)
    }
    return lastMs
  }

  /** Seconds that `life` has not, oldest first. */
  secondsFor(life: string): Entry[] {
    const all = [...this.#numbered.values()].flat()
    return all.filter(({ kind, hadBy }) => kind === 'second' && hadBy !== life)
  }

  /**
   * What `life` must hear of who owned what, so that the seconds it has not make sense, in order: changes it has not
   * heard of, and before them the whole picture at their beginning when it never heard of that run.
   */
  toldFor(life: string): Entry[] {
    return [...this.#numbered.values()].flatMap(entries => {
      const lacking = entries.filter(({ hadBy }) => hadBy !== life)
      if (lacking.length === 0) return []
      const told = lacking.filter(({ kind }) => kind === 'told')
      if (lacking.length < entries.length) return told
      const first = entries[0].segment.entries
      return [...first.filter(({ kind }) => kind === 'picture'), ...told]
    })
  }
}

function firstFrom(entries: readonly Entry[], sequence: number): number {
  let [low, high] = [0, entries.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (entries[middle].sequence < sequence) low = middle + 1
    else high = middle
  }
  return low
}
