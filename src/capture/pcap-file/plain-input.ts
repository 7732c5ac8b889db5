import { closeSync, readSync } from 'node:fs'
import type { Input } from './byte-queue.ts'

/** How long to wait for a pipe that has nothing yet and says so. */
const retryMs = 5

/** The bytes of an open file or pipe, after the `head` that was read already. */
export class PlainInput implements Input {
  readonly fault = undefined
  readonly #fd: number
  #head: Uint8Array

  constructor(fd: number, head: Uint8Array) {
    this.#fd = fd
    this.#head = head
  }

  read(bytes: Uint8Array, at: number, countMax: number): number {
    if (this.#head.length === 0) return readWaiting(this.#fd, bytes, at, countMax)
    const count = Math.min(countMax, this.#head.length)
    bytes.set(this.#head.subarray(0, count), at)
    this.#head = this.#head.subarray(count)
    return count
  }

  close(): void {
    if (this.#fd > 2) closeSync(this.#fd)
  }
}

/** `readSync` that waits on a pipe set not to block (standard input may be). 0 at the end. */
export function readWaiting(fd: number, bytes: Uint8Array, at: number, countMax: number): number {
  for (;;) {
    try {
      return readSync(fd, bytes, at, countMax, null)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EOF') return 0
      if (code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs)
    }
  }
}
