import { workerData } from 'node:worker_threads'
import { createGunzip } from 'node:zlib'
import { endedCut, endedDamaged, endedWhole, type GzipStart, gzipChannel } from './gzip-input.ts'
import { readWaiting } from './plain-input.ts'

/** Small, because what a packed stretch gave is lost when the same stretch turns out to be damaged. */
const packedBytes = 64 * 1024

const { fd, head, shared } = workerData as GzipStart
const { lengths, slots } = gzipChannel(shared)
let slot = 0

/** Waits until the reader has emptied the slot. That this thread stands still is what holds the unpacking back. */
function waitForRoom(): void {
  for (let held = Atomics.load(lengths, slot); held !== 0; held = Atomics.load(lengths, slot)) {
    Atomics.wait(lengths, slot, held)
  }
}

function give(length: number): void {
  Atomics.store(lengths, slot, length)
  Atomics.notify(lengths, slot)
  slot = 1 - slot
}

function giveBytes(bytes: Uint8Array): void {
  for (let from = 0; from < bytes.length; from += slots[0].length) {
    waitForRoom()
    const part = bytes.subarray(from, from + slots[0].length)
    slots[slot].set(part)
    give(part.length)
  }
}

const gunzip = createGunzip({ chunkSize: slots[0].length })
gunzip.on('data', giveBytes)
gunzip.on('end', () => {
  waitForRoom()
  give(endedWhole)
})
gunzip.on('error', error => {
  waitForRoom()
  give((error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR' ? endedCut : endedDamaged)
})

/** Each write is done before the next begins and before the end: zlib keeps no output back for a later error to lose. */
function feed(packed: Uint8Array): void {
  if (packed.length === 0) gunzip.end()
  else gunzip.write(packed, error => error ?? feedNext())
}

function feedNext(): void {
  const packed = new Uint8Array(packedBytes)
  try {
    feed(packed.subarray(0, readWaiting(fd, packed, 0, packedBytes)))
  } catch (error) {
    gunzip.destroy(error as Error)
  }
}

feed(head)
