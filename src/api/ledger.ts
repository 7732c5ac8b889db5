type Range = readonly [from: number, to: number]

/** Runs remembered; the longest unheard goes first. One run is one start of one agent. */
const runsMax = 20_000
/** Gaps between numbers of a run come from what its agent had to drop: few. */
const rangesMax = 64

/** Which numbers of which run this server has: what lets an agent tell everything again and nothing count twice. */
export class Ledger {
  readonly #runs = new Map<string, Range[]>()

  /** Enters a number; false when it was there already. */
  take(node: string, run: string, sequence: number): boolean {
    const key = `${node} ${run}`
    const ranges = this.#runs.get(key) ?? []
    // The one heard of last stands last.
    this.#runs.delete(key)
    this.#runs.set(key, ranges)
    for (const oldest of this.#runs.keys()) {
      if (this.#runs.size <= runsMax) break
      this.#runs.delete(oldest)
    }
    return enter(ranges, sequence)
  }

  has(node: string, run: string, sequence: number): boolean {
    const ranges = this.#runs.get(`${node} ${run}`) ?? []
    return ranges.some(([from, to]) => from <= sequence && sequence <= to)
  }

  rangesOf(node: string, run: string): readonly Range[] {
    return this.#runs.get(`${node} ${run}`) ?? []
  }
}

/** Ranges stay in order, apart from each other, and few. */
function enter(ranges: Range[], sequence: number): boolean {
  const after = ranges.findLastIndex(([from]) => from <= sequence)
  const [earlier, later] = [ranges[after], ranges[after + 1]]
  if (earlier && sequence <= earlier[1]) return false
  const joinsEarlier = earlier?.[1] === sequence - 1
  const joinsLater = later?.[0] === sequence + 1
  const joined: Range = [joinsEarlier ? earlier[0] : sequence, joinsLater ? later[1] : sequence]
  const at = joinsEarlier ? after : after + 1
  ranges.splice(at, Number(joinsEarlier) + Number(joinsLater), joined)
  if (ranges.length > rangesMax) ranges.shift()
  return true
}
