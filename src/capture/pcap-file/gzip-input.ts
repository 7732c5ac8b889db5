import { closeSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { Input } from './byte-queue.ts'

/**
 * What the unpacking thread and the reader share: two slots, filled and emptied in turn.
 * `lengths[slot]`: 0 empty, else the bytes in the slot, or how the stream ended.
 */
export interface GzipChannel {
  readonly lengths: Int32Array<SharedArrayBuffer>
  readonly slots: readonly Uint8Array[]
}

/** What the unpacking thread is started with. */
export interface GzipStart {
  readonly fd: number
  readonly head: Uint8Array
  readonly shared: SharedArrayBuffer
}

export const endedWhole = -1
export const endedCut = -2
export const endedDamaged = -3

const slotBytes = 512 * 1024
const headerBytes = 16

/** Both sides' picture of the shared memory. */
export function gzipChannel(shared: SharedArrayBuffer): GzipChannel {
  return {
    lengths: new Int32Array(shared, 0, 2),
    slots: [0, 1].map(slot => new Uint8Array(shared, headerBytes + slot * slotBytes, slotBytes)),
  }
}

/**
 * The unpacked bytes of an open gzip file or pipe, after the packed `head` that was read already.
 * node:zlib unpacks streams only asynchronously and sources are drained synchronously,
 * so another thread unpacks, one slot ahead; memory stays the same for files of any size.
 */
export class GzipInput implements Input {
  fault: 'cut' | 'damaged' | undefined
  readonly #fd: number
  readonly #worker: Worker
  readonly #channel: GzipChannel
  #slot = 0
  #taken = 0

  constructor(fd: number, head: Uint8Array) {
    this.#fd = fd
    const shared = new SharedArrayBuffer(headerBytes + 2 * slotBytes)
    this.#channel = gzipChannel(shared)
    const workerData: GzipStart = { fd, head, shared }
    // Node's options are not handed on: after `node --eval` the thread would run that program instead.
    const options = { workerData, execArgv: [] }
    this.#worker = new Worker(new URL('./gzip-worker.ts', import.meta.url), options)
    this.#worker.unref()
  }

  read(bytes: Uint8Array, at: number, countMax: number): number {
    const { lengths, slots } = this.#channel
    Atomics.wait(lengths, this.#slot, 0)
    const length = Atomics.load(lengths, this.#slot)
    if (length < 0) return this.#end(length)
    const count = Math.min(countMax, length - this.#taken)
    bytes.set(slots[this.#slot].subarray(this.#taken, this.#taken + count), at)
    this.#taken += count
    if (this.#taken === length) this.#giveBack()
    return count
  }

  close(): void {
    // The thread may be reading this descriptor: only once it is gone may the number be used again.
    this.#worker.terminate().then(() => {
      if (this.#fd > 2) closeSync(this.#fd)
    })
  }

  #giveBack(): void {
    Atomics.store(this.#channel.lengths, this.#slot, 0)
    Atomics.notify(this.#channel.lengths, this.#slot)
    this.#slot = 1 - this.#slot
    this.#taken = 0
  }

  #end(how: number): number {
    if (how === endedCut) this.fault = 'cut'
    if (how === endedDamaged) this.fault = 'damaged'
    return 0
  }
}
