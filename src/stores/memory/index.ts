import type { LogLine } from '#model/graph.ts'
import type { LogQuery, Store } from '../store.ts'

export interface MemoryOptions {
  /** Lines kept for one link; half of them are reserved for those that are not ok. */
  readonly perLinkMax?: number
  /** Lines in all. */
  readonly linesMax?: number
}

/** The lines of one link in order of their start, oldest first, whenever they came: quiet and troubled ones apart, so that a flood of one never ousts the other. */
interface Log {
  ok: LogLine[]
  trouble: LogLine[]
  lastMs: number
}

/** The access log in memory: the meaning that every other store must agree with. Lost at restart. */
export class MemoryStore implements Store {
  dropped = 0
  readonly #halfMax: number
  readonly #linesMax: number
  readonly #logs = new Map<string, Log>()
  #lines = 0
  #sequence = 0

  constructor({ perLinkMax = 1000, linesMax = 100_000 }: MemoryOptions = {}) {
    this.#halfMax = Math.ceil(perLinkMax / 2)
    this.#linesMax = linesMax
  }

  write(lines: readonly Omit<LogLine, 'sequence'>[]): void {
    for (const line of lines) this.#add({ ...line, sequence: ++this.#sequence })
    if (this.#lines > this.#linesMax) this.#forgetQuietest()
  }

  transactions(query: LogQuery): readonly LogLine[] {
    if (query.link === undefined) return this.#ofAll(query)
    const log = this.#logs.get(query.link)
    return log ? linesOf(log, query) : []
  }

  /** The newest of each link, then of all. */
  #ofAll(query: LogQuery): readonly LogLine[] {
    const found: LogLine[] = []
    for (const log of this.#logs.values()) found.push(...linesOf(log, query))
    return found.sort((a, b) => (isNewer(a, b) ? -1 : 1)).slice(0, query.limit)
  }

  #add(line: LogLine): void {
    const log = this.#logs.get(line.link) ?? { ok: [], trouble: [], lastMs: 0 }
    const kept = line.outcome === 'ok' ? log.ok : log.trouble
    insert(kept, line)
    log.lastMs = Math.max(log.lastMs, line.startUs / 1000)
    this.#lines++
    if (kept.length > this.#halfMax * 1.25) this.#cut(kept, kept.length - this.#halfMax)
    this.#logs.set(line.link, log)
  }

  #cut(lines: LogLine[], count: number): void {
    lines.splice(0, count)
    this.dropped += count
    this.#lines -= count
  }

  /** Over the budget: the links that were quiet the longest lose their logs. */
  #forgetQuietest(): void {
    const quietestFirst = [...this.#logs].sort(([, a], [, b]) => a.lastMs - b.lastMs)
    for (const [link, { ok, trouble }] of quietestFirst) {
      if (this.#lines <= this.#linesMax) break
      this.#cut(ok, ok.length)
      this.#cut(trouble, trouble.length)
      this.#logs.delete(link)
    }
  }
}

/** Most lines are the newest; a late one goes where its time is. */
function insert(lines: LogLine[], line: LogLine): void {
  const after = lines.findLastIndex(({ startUs }) => startUs <= line.startUs)
  if (after === lines.length - 1) lines.push(line)
  else lines.splice(after + 1, 0, line)
}

function linesOf(log: Log, query: LogQuery): LogLine[] {
  const text = query.text?.toLowerCase()
  const found: LogLine[] = []
  for (const line of newestFirst(log)) {
    if (found.length >= query.limit) break
    if (matches(line, query) && (!text || textOf(line).includes(text))) found.push(line)
  }
  return found
}

function* newestFirst({ ok, trouble }: Log): Generator<LogLine> {
  let i = ok.length - 1
  let j = trouble.length - 1
  while (i >= 0 || j >= 0) {
    const takesOk = j < 0 || (i >= 0 && isNewer(ok[i], trouble[j]))
    yield takesOk ? ok[i--] : trouble[j--]
  }
}

function isNewer(a: LogLine, b: LogLine): boolean {
  return a.startUs === b.startUs ? a.sequence > b.sequence : a.startUs > b.startUs
}

function matches(line: LogLine, query: LogQuery): boolean {
  const { outcome, sinceMs, untilMs, after = 0, slowerUs = 0, traceId } = query
  const atMs = line.startUs / 1000
  if (line.sequence <= after) return false
  if (traceId !== undefined && line.traceId !== traceId) return false
  if (outcome !== undefined && line.outcome !== outcome) return false
  if (slowerUs > 0 && !((line.durationUs ?? 0) >= slowerUs)) return false
  return atMs >= (sinceMs ?? -Infinity) && atMs < (untilMs ?? Infinity)
}

function textOf({ method, resource, status, client, server, traceId = '' }: LogLine): string {
  const ends = `${client.instance ?? client.ip} ${server.instance ?? server.ip}`
  return `${method} ${resource} ${status ?? ''} ${ends} ${traceId}`.toLowerCase()
}
