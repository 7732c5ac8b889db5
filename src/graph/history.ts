import { Packed } from '#lib/packed.ts'
import type { Link, LinkWindow } from '#model/graph.ts'
import { type Figures, packFigures, Sum, skipFigures, Tally, unpackFigures } from './sum.ts'

export interface HistoryLimits {
  /** How long a second is kept. */
  readonly keptMs: number
  /** Link windows in all seconds together. */
  readonly linkWindowsMax: number
  /** What they weigh: some 25 bytes each, and a few more for each step of their latencies. */
  readonly bytesMax: number
}

/** Stretches of time, one after another, each `stepMs` long. */
export interface Steps {
  readonly fromMs: number
  readonly stepMs: number
  readonly count: number
}

/**
 * One second. Its rows are in the order in which they came, packed: the number of a link, then its figures. A link may
 * have several, until they are half of all: then each link's become one.
 */
interface Second {
  rows: Packed
  rowCount: number
  /** Rows of links that may have had one before. */
  repeats: number
  /** Rows when it was last looked at. */
  rowCountBefore: number
  /** Transactions with both services known, and all. */
  known: number
  total: number
}

/** What happened on each link in each second of a while ago: packed, for there is much of it, and little is asked for. */
export class History<L extends Link = Link> {
  readonly #limits: HistoryLimits
  readonly #seconds = new Map<number, Second>()
  /** Links by the number that they have in rows. No number is given twice; a link that became part of another keeps its own. */
  readonly #links = new Map<number, { link: L; lastMs: number }>()
  readonly #numbers = new Map<string, number>()
  #nextNumber = 0
  #forgottenMs = Number.NEGATIVE_INFINITY

  constructor(limits: HistoryLimits) {
    this.#limits = limits
  }

  /** Adds to what happened on a link in the second that began at `startMs`. `isKnown`: both of its services are. */
  add(startMs: number, link: L, figures: Figures, isKnown: boolean): void {
    const { ok, warning, error } = figures.counts
    const second = this.#second(startMs)
    second.total += ok + warning + error
    if (isKnown) second.known += ok + warning + error
    const number = this.#numberOf(link)
    const numbered = this.#links.get(number)!
    if (numbered.lastMs >= startMs) second.repeats++
    else numbered.lastMs = startMs
    second.rows.push(number)
    packFigures(second.rows, figures)
    second.rowCount++
  }

  /** What happened on each link in the seconds from `fromMs` up to `untilMs`, by the link's id. */
  between(fromMs: number, untilMs: number): ReadonlyMap<string, LinkWindow> {
    return this.#sums([...this.#secondsBetween(fromMs, untilMs)])
  }

  /** What happened on the chosen links from `fromMs` up to `untilMs`, each by itself. */
  chosen(isChosen: (link: L) => boolean, fromMs: number, untilMs: number): Sum<L>[] {
    const sums = new Map<string, Sum<L>>()
    const byNumber = new Map<number, Sum<L>>()
    for (const [number, { link }] of this.#links) {
      if (isChosen(link)) byNumber.set(number, this.#sumOf(number, sums))
    }
    for (const { rows } of this.#secondsBetween(fromMs, untilMs)) addRows(rows, byNumber)
    return [...sums.values()]
  }

  /** What happened on the chosen links together in each step; undefined when it knows none of them. */
  series(isChosen: (link: L) => boolean, steps: Steps): Tally[] | undefined {
    const numbers = [...this.#links].flatMap(([number, { link }]) => (isChosen(link) ? number : []))
    if (numbers.length === 0) return undefined
    const { fromMs, stepMs, count } = steps
    const tallies = Array.from({ length: count }, () => new Tally())
    for (const [startMs, { rows }] of this.#seconds) {
      const tally = tallies[Math.floor((startMs - fromMs) / stepMs)]
      if (tally) addRows(rows, new Map(numbers.map(number => [number, tally])))
    }
    return tallies
  }

  /** Since when all is here, when it was there from `startedMs` on, or from the first second that is still told. */
  keptFromMs(startedMs: number): number {
    let firstMs = startedMs
    for (const startMs of this.#seconds.keys()) firstMs = Math.min(firstMs, startMs)
    return Math.max(firstMs, this.#forgottenMs)
  }

  /** Transactions from `fromMs` up to `untilMs`: those with both services known, and all. */
  score(fromMs: number, untilMs: number): { known: number; total: number } {
    let known = 0
    let total = 0
    for (const second of this.#secondsBetween(fromMs, untilMs)) {
      known += second.known
      total += second.total
    }
    return { known, total }
  }

  /** All that happened on the one happened on the other, of which nothing moves on. */
  move(from: L, into: L): void {
    const number = this.#numbers.get(from.id)
    if (number === undefined) return
    const { lastMs } = this.#links.get(number)!
    this.#numbers.delete(from.id)
    this.#links.set(number, { link: into, lastMs })
    if (!this.#numbers.has(into.id)) this.#numbers.set(into.id, number)
    const numbered = this.#links.get(this.#numberOf(into))!
    numbered.lastMs = Math.max(numbered.lastMs, lastMs)
  }

  /** Forgets what is old, and the oldest of what is too much. */
  age(nowMs: number): void {
    const forgottenMs = nowMs - this.#limits.keptMs
    this.#forgottenMs = Math.max(this.#forgottenMs, forgottenMs)
    for (const second of this.#seconds.values()) this.#tidy(second)
    let { windows, bytes } = this.#size()
    // Late seconds were put in last: the oldest need not stand first.
    const oldestFirst = [...this.#seconds].sort(([a], [b]) => a - b)
    for (const [startMs, { rows, rowCount }] of oldestFirst) {
      const isTooMuch = windows > this.#limits.linkWindowsMax || bytes > this.#limits.bytesMax
      if (startMs >= forgottenMs && !isTooMuch) break
      this.#seconds.delete(startMs)
      this.#forgottenMs = Math.max(this.#forgottenMs, startMs + 1000)
      windows -= rowCount
      bytes -= rows.byteLength
    }
    for (const [number, { link, lastMs }] of this.#links) {
      if (lastMs >= forgottenMs) continue
      this.#links.delete(number)
      if (this.#numbers.get(link.id) === number) this.#numbers.delete(link.id)
    }
  }

  #second(startMs: number): Second {
    const known = this.#seconds.get(startMs)
    if (known) return known
    const counts = { rowCount: 0, repeats: 0, rowCountBefore: 0, known: 0, total: 0 }
    const second = { rows: new Packed(), ...counts }
    this.#seconds.set(startMs, second)
    return second
  }

  *#secondsBetween(fromMs: number, untilMs: number): Generator<Second> {
    for (const [startMs, second] of this.#seconds) {
      if (startMs >= fromMs && startMs < untilMs) yield second
    }
  }

  #numberOf(link: L): number {
    const known = this.#numbers.get(link.id)
    if (known !== undefined) return known
    const number = this.#nextNumber++
    this.#numbers.set(link.id, number)
    this.#links.set(number, { link, lastMs: Number.NEGATIVE_INFINITY })
    return number
  }

  #sums(seconds: readonly Second[]): Map<string, Sum<L>> {
    const sums = new Map<string, Sum<L>>()
    const byNumber = new Map<number, Sum<L>>()
    for (const { rows } of seconds) {
      const reader = rows.read()
      while (!reader.isAtEnd) {
        const number = reader.next()
        let sum = byNumber.get(number)
        if (!sum) {
          sum = this.#sumOf(number, sums)
          byNumber.set(number, sum)
        }
        unpackFigures(reader, sum)
      }
    }
    return sums
  }

  #sumOf(number: number, sums: Map<string, Sum<L>>): Sum<L> {
    const { link } = this.#links.get(number)!
    const sum = sums.get(link.id) ?? new Sum(link)
    sums.set(link.id, sum)
    return sum
  }

  #tidy(second: Second): void {
    const { rows, rowCount, repeats, rowCountBefore } = second
    if (repeats > 0 && repeats * 2 >= rowCount) this.#fold(second)
    else if (rowCount === rowCountBefore) rows.trim()
    second.rowCountBefore = second.rowCount
  }

  /** Each link's rows become one. */
  #fold(second: Second): void {
    const sums = this.#sums([second])
    second.rows = new Packed()
    for (const [id, sum] of sums) {
      second.rows.push(this.#numbers.get(id)!)
      packFigures(second.rows, sum)
    }
    second.rowCount = sums.size
    second.repeats = 0
  }

  #size() {
    let windows = 0
    let bytes = 0
    for (const { rows, rowCount } of this.#seconds.values()) {
      windows += rowCount
      bytes += rows.byteLength
    }
    return { windows, bytes }
  }
}

/** Adds the rows of some links to the tally of each; passes over those of all others. */
function addRows(rows: Packed, tallies: ReadonlyMap<number, Tally>): void {
  const reader = rows.read()
  while (!reader.isAtEnd) {
    const tally = tallies.get(reader.next())
    if (tally) unpackFigures(reader, tally)
    else skipFigures(reader)
  }
}
