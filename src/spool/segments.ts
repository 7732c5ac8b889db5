import { messageOf } from '#lib/fault.ts'
import type { Folder } from './folder.ts'
import { encodeRecord, type RecordHead, readRecords } from './record.ts'
import { type Body, type Entry, FileBody, MemoryBody, Segment } from './segment.ts'

export interface Clock {
  wallMs(): number
  /** Never set, never stands still. */
  steadyMs(): number
}

/** What a segment begins with, so that it can be told without those before it. */
export interface Opening {
  /** Whose records these are. */
  readonly identity: Uint8Array
  /** Who owns what at present. */
  readonly pictures: readonly Uint8Array[]
}

export interface SegmentsOptions {
  readonly run: string
  readonly folder: Folder | undefined
  /** What the files may weigh together. */
  readonly bytesMax: number
  readonly clock: Clock
  /** A segment goes, with all that is in it. */
  gone(segment: Segment): void
}

/** What may be kept in memory where there is no folder. */
const memoryBytesMax = 8 * 1024 * 1024
const segmentBytesMax = 4 * 1024 * 1024
/** A machine that dies takes at most this much of a spool with it. */
const segmentMs = 60_000
/** What servers have is kept this long for one that starts anew and forgot: as long as its history is. */
const keptMs = 15 * 60_000
/** Nobody asks for what is older. */
const awaitedMs = 6 * 3_600_000

/** Segments, oldest first: one is written, others end, are kept for a while and go. */
export class Segments {
  /** Why what should be in files is in memory. */
  trouble: string | undefined
  readonly #options: SegmentsOptions
  #all: Segment[] = []
  #current: Segment | undefined
  #startMs = 0

  constructor(options: SegmentsOptions) {
    this.#options = options
  }

  get bytes(): number {
    return this.#all.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** What former runs left, oldest first; `corrupt` counts what of it was damaged. */
  recall(): { readonly segments: readonly Segment[]; readonly corrupt: number } {
    const { folder, clock } = this.#options
    let corrupt = 0
    for (const { path, startMs, run } of folder?.segments() ?? []) {
      this.#startMs = Math.max(this.#startMs, startMs)
      const ageMs = Math.min(Math.max(0, clock.wallMs() - startMs), keptMs)
      try {
        const { body, bytes } = FileBody.open(path)
        const reading = readRecords(bytes)
        corrupt += reading.corrupt
        const segment = new Segment(run, clock.steadyMs() - ageMs, body)
        for (const record of reading.records) segment.found(record)
        segment.end()
        if (segment.entries.length === 0) segment.remove()
        else this.#all.push(segment)
      } catch {
        // What cannot be read is damaged altogether.
        corrupt++
      }
    }
    return { segments: [...this.#all], corrupt }
  }

  /** Writes a record; `opening` is asked when a segment begins with it. */
  write(head: RecordHead, payload: Uint8Array, opening: () => Opening): Entry {
    const bytes = encodeRecord(head, payload)
    try {
      return this.#append(this.#current ?? this.#open(head, opening), head, bytes)
    } catch (error) {
      // The disk takes no more. Memory does, until the next segment asks the disk again.
      this.trouble = `${this.#options.folder?.path} cannot be written (${messageOf(error)})`
      this.#end()
      return this.#append(this.#begin(new MemoryBody(), head, opening), head, bytes)
    }
  }

  /** Ends what is full or old, and lets go of what nobody will ask for. */
  age(): void {
    const nowMs = this.#options.clock.steadyMs()
    const isFull = (this.#current?.bytes ?? 0) >= this.#segmentBytesMax
    if (isFull || nowMs - (this.#current?.bornMs ?? nowMs) >= segmentMs) this.#end()
    for (const segment of [...this.#all]) {
      const ageMs = nowMs - segment.bornMs
      const isOver = segment.hasEnded && !segment.isAwaited && ageMs > keptMs + segmentMs
      if (isOver || ageMs > awaitedMs) this.remove(segment)
    }
    this.#keepWithin()
  }

  close(): void {
    this.#end()
  }

  get #segmentBytesMax(): number {
    return Math.min(segmentBytesMax, this.#options.bytesMax / 8)
  }

  #append(segment: Segment, head: RecordHead, bytes: Buffer): Entry {
    return segment.append({ ...head, offset: 0, length: 0 }, bytes)
  }

  #open(head: RecordHead, opening: () => Opening): Segment {
    const { folder, clock, run } = this.#options
    if (!folder) return this.#begin(new MemoryBody(), head, opening)
    // Names tell the order, also when the clock was set back.
    this.#startMs = Math.max(clock.wallMs(), this.#startMs + 1)
    const body = FileBody.create(folder.pathOf(this.#startMs, run))
    const segment = this.#begin(body, head, opening)
    this.trouble = undefined
    return segment
  }

  #begin(body: Body, head: RecordHead, opening: () => Opening): Segment {
    const { run, clock } = this.#options
    const segment = new Segment(run, clock.steadyMs(), body)
    this.#all.push(segment)
    this.#current = segment
    const { identity, pictures } = opening()
    const write = (kind: 'head' | 'picture', payload: Uint8Array) => {
      const first = { ...head, kind, sequence: 0, windows: 0 }
      this.#append(segment, first, encodeRecord(first, payload))
    }
    write('head', identity)
    for (const picture of pictures) write('picture', picture)
    return segment
  }

  #end(): void {
    this.#current?.end()
    this.#current = undefined
  }

  /** The oldest go first; what is being written stays. */
  #keepWithin(): void {
    for (const isFile of [true, false]) {
      const most = isFile ? this.#options.bytesMax : memoryBytesMax
      const kept = this.#all.filter(({ body }) => body.isFile === isFile)
      let bytes = kept.reduce((sum, segment) => sum + segment.bytes, 0)
      for (const segment of kept) {
        if (bytes <= most || segment === this.#current) break
        bytes -= segment.bytes
        this.remove(segment)
      }
    }
  }

  remove(segment: Segment): void {
    if (segment === this.#current) this.#current = undefined
    this.#all = this.#all.filter(each => each !== segment)
    segment.remove()
    this.#options.gone(segment)
  }
}
