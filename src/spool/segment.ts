import {
  close,
  closeSync,
  fsync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs'
import type { FoundRecord } from './record.ts'

/** Where the bytes of a segment are. */
export interface Body {
  readonly isFile: boolean
  /** Throws when the bytes cannot be kept; what was kept before stays whole. */
  append(bytes: Buffer): void
  read(offset: number, length: number): Buffer | undefined
  /** Nothing is appended any more. */
  end(): void
  remove(): void
}

/**
 * Bytes in a file. What was appended outlives this process, however it ends; it outlives the machine once the segment
 * has ended, or the kernel has written it of its own accord.
 */
export class FileBody implements Body {
  readonly isFile = true
  readonly #path: string
  #fd: number | undefined
  #length = 0

  private constructor(path: string, fd: number | undefined, length: number) {
    this.#path = path
    this.#fd = fd
    this.#length = length
  }

  /** A new file; throws when it cannot be. */
  static create(path: string): FileBody {
    return new FileBody(path, openSync(path, 'wx+', 0o600), 0)
  }

  /** A file that a former run left, and its bytes; throws when it cannot be read. */
  static open(path: string): { body: FileBody; bytes: Buffer } {
    const bytes = readFileSync(path)
    return { body: new FileBody(path, undefined, bytes.length), bytes }
  }

  append(bytes: Buffer): void {
    if (this.#fd === undefined) throw new Error('the segment has ended')
    try {
      for (let at = 0; at < bytes.length; ) {
        at += writeSync(this.#fd, bytes, at, bytes.length - at, this.#length + at)
      }
    } catch (error) {
      ftruncateSync(this.#fd, this.#length)
      throw error
    }
    this.#length += bytes.length
  }

  read(offset: number, length: number): Buffer | undefined {
    const bytes = Buffer.allocUnsafe(length)
    let fd: number | undefined
    try {
      fd = this.#fd ?? openSync(this.#path, 'r')
      return readSync(fd, bytes, 0, length, offset) === length ? bytes : undefined
    } catch {
      return undefined
    } finally {
      if (fd !== undefined && fd !== this.#fd) closeSync(fd)
    }
  }

  end(): void {
    const fd = this.#fd
    this.#fd = undefined
    // A disk that fails here is one that the next write hears of.
    if (fd !== undefined) fsync(fd, () => close(fd, () => undefined))
  }

  remove(): void {
    const fd = this.#fd
    this.#fd = undefined
    if (fd !== undefined) close(fd, () => undefined)
    try {
      rmSync(this.#path, { force: true })
    } catch {
      // It stays, and the next run finds it again: the server knows what it has of it.
    }
  }
}

/** Bytes in memory, where there is no folder. */
export class MemoryBody implements Body {
  readonly isFile = false
  #parts: { readonly offset: number; readonly bytes: Buffer }[] = []
  #length = 0

  append(bytes: Buffer): void {
    this.#parts.push({ offset: this.#length, bytes })
    this.#length += bytes.length
  }

  read(offset: number, length: number): Buffer | undefined {
    const part = this.#parts.find(each => each.offset === offset)
    return part?.bytes.length === length ? part.bytes : undefined
  }

  end(): void {}

  remove(): void {
    this.#parts = []
  }
}

/** A record that can be read again. */
export interface Entry extends FoundRecord {
  readonly segment: Segment
  /** The server that has it. */
  hadBy: string | undefined
}

/** Records of one run that stand together, and go together. */
export class Segment {
  readonly run: string
  /** By the steady clock. */
  readonly bornMs: number
  readonly body: Body
  readonly entries: Entry[] = []
  bytes = 0
  isGone = false
  hasEnded = false

  constructor(run: string, bornMs: number, body: Body) {
    this.run = run
    this.bornMs = bornMs
    this.body = body
  }

  /** Holds a second that no server has. */
  get isAwaited(): boolean {
    return this.entries.some(({ kind, hadBy }) => kind === 'second' && hadBy === undefined)
  }

  append(record: FoundRecord, bytes: Buffer): Entry {
    this.body.append(bytes)
    return this.found({ ...record, offset: this.bytes, length: bytes.length })
  }

  found(record: FoundRecord): Entry {
    const entry: Entry = { ...record, segment: this, hadBy: undefined }
    this.entries.push(entry)
    this.bytes = Math.max(this.bytes, record.offset + record.length)
    return entry
  }

  end(): void {
    this.hasEnded = true
    this.body.end()
  }

  remove(): void {
    this.isGone = true
    this.body.remove()
  }
}
