import { copyOf } from '#lib/bytes.ts'
import { distance } from './sequence.ts'

/**
 * A stretch of one side's sequence, `lengthBytes` from `seq` on, of which `bytes[start, end)` are at hand: fewer when
 * the snapshot length cut the rest.
 */
export interface Stretch {
  readonly seq: number
  readonly lengthBytes: number
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  /** When it came; when it became readable, once the hole before it is filled. */
  timeUs: number
}

/** Bytes copied for all flows together, and how many may be. */
export interface HeldBytes {
  heldBytes: number
  readonly heldBytesMax: number
}

/** Stretches, and copied bytes, that one side of a flow may hold. */
const stretchesMax = 128
const stretchBytesMax = 512 * 1024

/**
 * Segments beyond a hole, copied, in order of sequence, never overlapping: of two that overlap, the one seen first
 * wins. Its limits, and that of all flows together, are asked in advance by `hasRoom`.
 */
export class EarlySegments {
  readonly #stretches: Stretch[] = []
  readonly #held: HeldBytes
  #copiedBytes = 0
  /** When the oldest hole was found. */
  sinceUs: number

  constructor(held: HeldBytes, sinceUs: number) {
    this.#held = held
    this.sinceUs = sinceUs
  }

  /** The stretch behind the oldest hole. */
  get first(): Stretch | undefined {
    return this.#stretches[0]
  }

  /** Room for a segment: it may fall into as many stretches as there are holes among those held, plus one. */
  hasRoom(copyBytes: number): boolean {
    return (
      this.#stretches.length * 2 + 1 <= stretchesMax &&
      this.#copiedBytes + copyBytes <= stretchBytesMax &&
      this.#held.heldBytes + copyBytes <= this.#held.heldBytesMax
    )
  }

  /** Copies what is new of a segment; without `isRead` only notes that it was seen. Answers how many bytes were new. */
  insert(segment: Stretch, isRead: boolean): number {
    const { seq, lengthBytes } = segment
    let freshBytes = 0
    let done = 0
    for (let index = 0; done < lengthBytes; index++) {
      const held = this.#stretches[index]
      const ahead = held ? distance(seq, held.seq) : lengthBytes
      const stop = Math.min(lengthBytes, ahead)
      if (stop > done) {
        this.#put(index++, copyPart(segment, done, stop, isRead))
        freshBytes += stop - done
      }
      if (!held) break
      done = Math.max(done, ahead + held.lengthBytes)
    }
    return freshBytes
  }

  /** Takes the first one out; the next hole is as old as what lies behind it. */
  shift(): void {
    const stretch = this.#stretches.shift()
    if (!stretch) return
    this.#count(-stretch.bytes.length)
    if (this.first) this.sinceUs = this.first.timeUs
  }

  #put(index: number, stretch: Stretch): void {
    this.#stretches.splice(index, 0, stretch)
    this.#count(stretch.bytes.length)
  }

  #count(bytes: number): void {
    this.#copiedBytes += bytes
    this.#held.heldBytes += bytes
  }
}

/** The part `[from, to)` of a segment, counted from its first byte, as a stretch of its own. */
function copyPart(segment: Stretch, from: number, to: number, isRead: boolean): Stretch {
  const start = Math.min(segment.start + from, segment.end)
  const end = isRead ? Math.min(segment.start + to, segment.end) : start
  const bytes = copyOf(segment.bytes, start, end)
  const seq = (segment.seq + from) | 0
  return { seq, lengthBytes: to - from, bytes, start: 0, end: bytes.length, timeUs: segment.timeUs }
}
