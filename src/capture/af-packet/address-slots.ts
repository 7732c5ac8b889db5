import type { Kernel } from './kernel.ts'

const mapShared = 0x01
const mapPrivate = 0x02
const mapFixed = 0x10
const mapAnonymous = 0x20
const mapNoReserve = 0x4000

/** A stretch of address space, and JavaScript's views of it, which outlive any ring that is mapped there. */
export interface Slot {
  readonly address: number
  readonly bytes: Uint8Array
  readonly words: Uint32Array
}

/**
 * Address space for rings. Unmapping memory that a view looks at ends the process at the next read, so nothing is ever
 * unmapped: a closed ring is covered with empty memory (which holds no pages, and reads as no packets),
 * and its address is used again for the next ring of that size.
 */
export class AddressSlots {
  readonly #kernel: Kernel
  readonly #free = new Map<number, Slot[]>()

  constructor(kernel: Kernel) {
    this.#kernel = kernel
  }

  /** Maps the packet socket's ring of so many bytes; undefined when the kernel has no room. */
  map(fd: number, bytes: number): Slot | undefined {
    const slot = this.#free.get(bytes)?.pop() ?? this.#create(bytes)
    if (!slot) return undefined
    if (this.#kernel.mmap(slot.address, bytes, mapShared | mapFixed, fd) !== 0) return slot
    this.cover(slot)
    return undefined
  }

  /** Takes the ring out from under the slot's views; the socket can be closed then. */
  cover(slot: Slot): void {
    const bytes = slot.bytes.length
    const flags = mapPrivate | mapAnonymous | mapNoReserve | mapFixed
    // Without this the views would look at memory that the kernel may take away.
    if (this.#kernel.mmap(slot.address, bytes, flags, -1) === 0) {
      throw new Error(`a ring's memory could not be covered: ${this.#kernel.fault()}`)
    }
    const free = this.#free.get(bytes)
    if (free) free.push(slot)
    else this.#free.set(bytes, [slot])
  }

  #create(bytes: number): Slot | undefined {
    const address = this.#kernel.mmap(0, bytes, mapPrivate | mapAnonymous | mapNoReserve, -1)
    if (address === 0) return undefined
    const buffer = this.#kernel.view(address, bytes)
    return { address, bytes: new Uint8Array(buffer), words: new Uint32Array(buffer) }
  }
}
