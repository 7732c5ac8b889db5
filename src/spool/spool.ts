import { takeFolder } from './folder.ts'
import { spoolBytesMax } from './limits.ts'
import { payloadOf, type RecordHead } from './record.ts'
import { type Had, Runs } from './runs.ts'
import type { Entry, Segment } from './segment.ts'
import { type Clock, type Opening, Segments } from './segments.ts'

export interface SpoolOptions {
  /** Without one it is kept in memory alone. */
  readonly folder?: string
  /** What the files may weigh together. */
  readonly bytesMax?: number
  /** This run of the agent: new at every start. */
  readonly run: string
  readonly clock: Clock
}

export type NewRecord = Omit<RecordHead, 'sequence' | 'kind'> & { readonly kind: 'second' | 'told' }

/** Former runs of which something is told; what is left of older ones is dropped. */
const runsMax = 16

/**
 * What the server may not have yet, on disk where there is a folder: neither a killed agent nor a server that is away
 * loses it. Bounded: when it is full the oldest goes first, and what no server ever had is counted.
 */
export class Spool {
  readonly run: string
  /** Seconds, and windows in them, that no server ever had. */
  readonly dropped = { seconds: 0, windows: 0 }
  /** When former runs stopped watching, by a server's clock; undefined when nothing is left of them. */
  readonly formerUntilMs: number | undefined
  /** Damaged places of former runs' files that were skipped. */
  readonly corrupt: number
  readonly #runs = new Runs()
  readonly #segments: Segments
  readonly #refusal: string | undefined
  #release: () => void = () => undefined
  #sequence = 0
  #unwritten: Had[] = []

  constructor({ folder: path, bytesMax = spoolBytesMax, run, clock }: SpoolOptions) {
    this.run = run
    const folder = path === undefined ? undefined : takeFolder(path)
    const isRefused = folder !== undefined && 'refusal' in folder
    if (isRefused) this.#refusal = folder.refusal
    else if (folder) this.#release = () => folder.release()
    const gone = (segment: Segment) => this.#forget(segment)
    const own = isRefused ? undefined : folder
    this.#segments = new Segments({ run, folder: own, bytesMax, clock, gone })
    this.corrupt = this.#recall()
    this.formerUntilMs = this.#runs.lastMs()
  }

  /** What the operator should know, a sentence each. */
  get notices(): string[] {
    const why = this.#refusal ?? this.#segments.trouble
    const { seconds, windows } = this.dropped
    return [
      why && `What no server has yet is kept in memory only, and lost with the agent: ${why}.`,
      seconds > 0 &&
        `${seconds} seconds (${windows} windows) were dropped before a server had them: the spool was full, or they could not be told.`,
      this.corrupt > 0 && `${this.corrupt} damaged places in the spool were skipped.`,
    ].filter(text => typeof text === 'string')
  }

  get bytes(): number {
    return this.#segments.bytes
  }

  /** Former runs of which something is left, oldest first, each with the identity it was told under. */
  formerRuns(): { readonly run: string; readonly identity: Uint8Array | undefined }[] {
    const former = this.#runs.all().filter(run => run !== this.run)
    return former.map(run => {
      const head = this.#runs.firstOf(run)?.segment.entries.find(({ kind }) => kind === 'head')
      return { run, identity: head && this.read(head) }
    })
  }

  /** Keeps a record under the next number. `opening` is asked when a segment begins with it. */
  add(record: NewRecord, encode: (sequence: number) => Uint8Array, opening: () => Opening) {
    const sequence = ++this.#sequence
    const payload = encode(sequence)
    const entry = this.#segments.write({ ...record, sequence }, payload, opening)
    this.#runs.add(entry)
    this.#writeHad(record, opening)
    return { entry, payload }
  }

  /** The payload of a record; undefined when it can no longer be had. */
  read(entry: Entry): Uint8Array | undefined {
    if (entry.segment.isGone) return undefined
    const record = entry.segment.body.read(entry.offset, entry.length)
    return record && payloadOf(record)
  }

  /** A server has these. */
  had(told: Had): void {
    if (!this.#runs.had(told)) return
    const last = this.#unwritten.at(-1)
    const isNext = last?.run === told.run && last.life === told.life && last.to + 1 === told.from
    if (isNext) this.#unwritten[this.#unwritten.length - 1] = { ...last, to: told.to }
    else this.#unwritten.push(told)
  }

  /** It cannot be told, to no server. */
  giveUp(entry: Entry): void {
    if (entry.hadBy === undefined) this.#drop(entry)
    this.#runs.giveUp(entry)
  }

  /** Seconds that `life` has not, oldest first. */
  secondsFor(life: string): Entry[] {
    return this.#runs.secondsFor(life)
  }

  /** What `life` must hear of who owned what before those seconds, in order. */
  toldFor(life: string): Entry[] {
    return this.#runs.toldFor(life)
  }

  /** Lets go of what is over; call it each second. */
  age(): void {
    this.#segments.age()
  }

  close(): void {
    this.#segments.close()
    this.#release()
    this.#release = () => undefined
  }

  #recall(): number {
    const { segments, corrupt } = this.#segments.recall()
    for (const segment of segments) {
      for (const entry of segment.entries) {
        if (entry.sequence > 0) this.#runs.add(entry)
        if (entry.kind === 'had') for (const had of this.#readHad(entry)) this.#runs.had(had)
      }
    }
    const tooMany = this.#runs.all().slice(0, -runsMax)
    for (const segment of segments)
      if (tooMany.includes(segment.run)) this.#segments.remove(segment)
    return corrupt
  }

  #readHad(entry: Entry): readonly Had[] {
    const payload = this.read(entry)
    return payload ? parseHad(Buffer.from(payload).toString()) : []
  }

  #writeHad(record: NewRecord, opening: () => Opening): void {
    if (this.#unwritten.length === 0) return
    const payload = Buffer.from(JSON.stringify(this.#unwritten))
    this.#unwritten = []
    this.#segments.write({ ...record, kind: 'had', sequence: 0, windows: 0 }, payload, opening)
  }

  #forget(segment: Segment): void {
    this.#runs.remove(segment)
    for (const entry of segment.entries) if (entry.hadBy === undefined) this.#drop(entry)
  }

  #drop({ kind, windows }: Entry): void {
    if (kind !== 'second') return
    this.dropped.seconds++
    this.dropped.windows += windows
  }
}

/** Whoever wrote it: what is none is none. */
function parseHad(text: string): readonly Had[] {
  try {
    const told: unknown = JSON.parse(text)
    return Array.isArray(told) ? told : []
  } catch {
    return []
  }
}
