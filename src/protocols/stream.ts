/** `frame` answers: the frame is not all there yet. */
export const needMore = 0
/** `frame` answers: these bytes are no frame of this protocol. */
export const notMine = -1

/** Bytes of an unfinished frame that are kept until the rest comes. A longer frame counts as broken. */
export const carryMax = 64 * 1024
/** A carry larger than this is given back once it is empty: there is one per side of every flow. */
const carryKept = 2048
/** Bytes without any frame after which a stream gives up, unless bytes were lost. */
const discardedMax = 128 * 1024

/** What a decoder knows of one side's bytes; `Stream` does the rest. */
export interface Frames {
  /**
   * Reads one frame, or any part that can be read for good, at `bytes[start]`, and answers how many bytes it took;
   * `needMore`: called again from the same byte when there are more; `notMine`: broken.
   * It may call `stream.skip` for bytes behind what it took, and `stream.stop`.
   */
  frame(bytes: Uint8Array, start: number, end: number): number
  /** All bytes that `skip` asked for have passed. */
  skipped?(): void
  /** In-order reading ended here: bytes were `lost` outside of a skip, or are no frame. What is half read is to be dropped. */
  broken(lost: boolean): void
  /**
   * Index in `bytes[start, end)` at which a frame begins, or may begin when more bytes come; -1: nowhere. When `frame`
   * does not agree, the search goes on. After a loss, `start` is where a piece begins.
   */
  resync(bytes: Uint8Array, start: number, end: number): number
}

/**
 * The loop that all decoders of byte streams share: one side of a flow. It shows `Frames` contiguous bytes, in place
 * when a frame lies whole in what came, copied into a bounded carry only when it straddles; passes over skipped
 * bytes by arithmetic, lost ones too; and after a loss looks for the next frame.
 *
 *     read:   ...aaaa|aabbbbbbbbcc|cccc...      a, c: copied together    b: in place
 */
export class Stream {
  /** When the first byte of the frame at hand came, and when the last one did. Microseconds. */
  firstUs = 0
  lastUs = 0
  /** Offset of the frame at hand (in `skipped`: of what follows) since the flow began, lost bytes included. */
  position = 0
  /** Bytes were lost or broken. Stays set until the decoder takes it back. */
  gapped = false
  /** Nothing more is read: it is hopeless, or was stopped. */
  stopped = false
  /** Index, in the bytes of the last `read`, behind the frame that called `stop`. */
  restStart = 0
  /** Bytes kept for an unfinished frame. */
  heldBytes = 0
  /** Times an unfinished frame was larger than `carryMax`. */
  overflows = 0

  readonly #frames: Frames
  #skipLeft = 0
  #searching = false
  /** The frame at hand was found by search. */
  #found = false
  /** Bytes passed in search since the last good frame; undefined: after a loss they prove nothing. */
  #discarded: number | undefined = 0
  #carry: Uint8Array | undefined
  #carried = 0
  #carriedUs = 0

  constructor(frames: Frames) {
    this.#frames = frames
  }

  /** True when too much of what came was no frame: this is not the protocol it was taken for. */
  get hopeless(): boolean {
    return (this.#discarded ?? 0) > discardedMax
  }

  /** Leaves out the next `length` bytes behind the frame at hand; 0 does nothing, Infinity takes all there will be. */
  skip(length: number): void {
    this.#skipLeft = Math.max(0, length)
  }

  /** Reads nothing more behind the frame at hand. */
  stop(): void {
    this.stopped = true
  }

  /** The next bytes, valid only during the call. */
  read(bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    this.lastUs = timeUs
    let at = start
    if (this.#carried > 0) at = this.#readCarried(bytes, start, end)
    if (this.#carried > 0) return
    this.firstUs = timeUs
    at = this.#run(bytes, at, end, end)
    this.restStart = at
    if (at < end && !this.stopped) this.#keep(bytes, at, end, timeUs)
  }

  /** `length` bytes were lost. Those of a skip are not missed. */
  gap(length: number, timeUs: number): void {
    if (length <= 0 || this.stopped) return
    this.gapped = true
    const passed = this.#carried > 0 ? 0 : Math.min(length, this.#skipLeft)
    if (passed > 0) {
      this.lastUs = timeUs
      this.#pass(passed)
    }
    if (passed === length || this.stopped) return
    this.position += this.#carried + length - passed
    this.#drop()
    this.#searching = true
    this.#found = false
    this.#discarded = undefined
    this.#frames.broken(true)
  }

  /** Parses until `until` is reached or more bytes are needed; frames may reach up to `end`. */
  #run(bytes: Uint8Array, start: number, end: number, until: number): number {
    let at = start
    while (at < until && !this.stopped) {
      if (this.#skipLeft > 0) at += this.#pass(Math.min(end - at, this.#skipLeft))
      else if (this.#searching) at = this.#search(bytes, at, end)
      else {
        const taken = this.#frames.frame(bytes, at, end)
        if (taken === needMore) return at
        at += taken > 0 ? this.#take(Math.min(taken, end - at)) : this.#break()
      }
    }
    return at
  }

  #take(length: number): number {
    this.position += length
    this.#found = false
    this.#discarded = 0
    return length
  }

  #pass(length: number): number {
    this.position += length
    this.#skipLeft -= length
    if (this.#skipLeft === 0) this.#frames.skipped?.()
    return length
  }

  /** No frame: passes over its first byte, and searches on. */
  #break(): number {
    this.#searching = true
    this.position++
    if (this.#found) {
      this.#found = false
      return 1
    }
    this.gapped = true
    this.#skipLeft = 0
    this.#frames.broken(false)
    return 1
  }

  #search(bytes: Uint8Array, at: number, end: number): number {
    const index = this.#frames.resync(bytes, at, end)
    this.#found = index >= at
    this.#searching = !this.#found
    const next = this.#found ? index : end
    this.position += next - at
    this.#discard(next - at)
    return next
  }

  #discard(length: number): void {
    if (this.#discarded === undefined) return
    this.#discarded += length
    if (this.hopeless) this.stopped = true
  }

  /** Completes the frame in the carry; answers the index from which to go on in place. */
  #readCarried(bytes: Uint8Array, start: number, end: number): number {
    const carried = this.#carried
    const added = Math.min(end - start, carryMax - carried)
    this.#append(bytes, start, start + added)
    this.firstUs = this.#carriedUs
    const total = this.#carried
    const at = this.#run(this.#carry!, 0, total, carried)
    if (at >= carried || this.stopped) {
      this.#drop()
      return start + Math.max(0, at - carried)
    }
    if (at > 0) this.#carry!.copyWithin(0, at, total)
    this.#carried = total - at
    return this.#carried < carryMax ? end : this.#overflow(start + added)
  }

  #overflow(at: number): number {
    this.overflows++
    this.position += this.#carried - 1
    this.#discard(this.#carried)
    this.#drop()
    this.#break()
    return at
  }

  #keep(bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    if (end - start > carryMax) {
      this.position += end - start - 1
      this.overflows++
      this.#discard(end - start)
      this.#break()
      return
    }
    this.#carriedUs = timeUs
    this.#append(bytes, start, end)
  }

  #append(bytes: Uint8Array, start: number, end: number): void {
    const needed = this.#carried + end - start
    if (!this.#carry || this.#carry.length < needed) {
      const larger = new Uint8Array(Math.max(256, 2 ** Math.ceil(Math.log2(needed))))
      if (this.#carry) larger.set(this.#carry.subarray(0, this.#carried))
      this.#carry = larger
      this.heldBytes = larger.length
    }
    this.#carry.set(bytes.subarray(start, end), this.#carried)
    this.#carried = needed
  }

  #drop(): void {
    this.#carried = 0
    if (this.heldBytes <= carryKept) return
    this.#carry = undefined
    this.heldBytes = 0
  }
}
