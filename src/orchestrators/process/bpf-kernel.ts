import type { Libc, Mapping } from '#lib/libc.ts'

// System call numbers differ: bpf(2), perf_event_open(2).
const numbers: Readonly<Record<string, { bpf: number; perfEventOpen: number }>> = {
  x64: { bpf: 321, perfEventOpen: 298 },
  arm64: { bpf: 280, perfEventOpen: 241 },
}
const command = { mapCreate: 0, mapLookup: 1, programLoad: 5 }
const mapType = { array: 2, lruHash: 9, ring: 27 }
const tracepointProgram = 5
const perfTracepoint = 2 // PERF_TYPE_TRACEPOINT
const perfAttributeBytes = 112
const perfCloseOnExec = 8 // PERF_FLAG_FD_CLOEXEC
const setBpf = 0x40042408 // PERF_EVENT_IOC_SET_BPF
const enable = 0x2400 // PERF_EVENT_IOC_ENABLE
const anybody = 0xffffffffffffffffn // -1 as a register
const attributeBytes = 128
const pageBytes = 4096
/** Helpers we call are free to all; this is the licence of the program itself. */
const licence = Buffer.from('Apache-2.0\0')
const errorNames: Readonly<Record<number, string>> = {
  1: 'not permitted: needs root, or CAP_BPF and CAP_PERFMON',
  13: 'not permitted: needs root, or CAP_BPF and CAP_PERFMON',
  22: 'not known to this kernel: needs Linux 5.8',
  38: 'not known to this kernel: needs Linux 5.8',
}

/** The kernel's eBPF side: maps, programs and their attachment. All that was opened is closed together. */
export class BpfKernel {
  readonly #libc: Libc
  readonly #descriptors: number[] = []
  readonly #mappings: Mapping[] = []
  /** Why the last call was refused. */
  reason = ''

  constructor(libc: Libc) {
    this.#libc = libc
  }

  createHash(keyBytes: number, valueBytes: number, entries: number): number | undefined {
    return this.#createMap(mapType.lruHash, keyBytes, valueBytes, entries)
  }

  createArray(valueBytes: number, entries: number): number | undefined {
    return this.#createMap(mapType.array, 4, valueBytes, entries)
  }

  /** `bytes` must be a power of two and a multiple of the page. */
  createRing(bytes: number): number | undefined {
    return this.#createMap(mapType.ring, 0, 0, bytes)
  }

  /** Hands a program to the verifier; its descriptor, or undefined when it is refused. */
  load(program: Buffer): number | undefined {
    const attributes = Buffer.alloc(attributeBytes)
    attributes.writeUInt32LE(tracepointProgram, 0)
    attributes.writeUInt32LE(program.length / 8, 4)
    attributes.writeBigUInt64LE(this.#libc.addressOf(program), 8)
    attributes.writeBigUInt64LE(this.#libc.addressOf(licence), 16)
    return this.#bpf(command.programLoad, attributes)
  }

  /** Runs a program whenever the tracepoint is passed, on every processor. */
  attach(program: number, tracepointId: number): boolean {
    const attributes = Buffer.alloc(perfAttributeBytes)
    attributes.writeUInt32LE(perfTracepoint, 0)
    attributes.writeUInt32LE(perfAttributeBytes, 4)
    attributes.writeBigUInt64LE(BigInt(tracepointId), 8)
    attributes.writeBigUInt64LE(1n, 16)
    const number = numbers[process.arch]?.perfEventOpen
    if (number === undefined) return false
    // The event itself is bound to one processor, the program runs for the tracepoint wherever it is passed.
    const event = this.#keep(
      this.#libc.syscall(number, attributes, anybody, 0, anybody, perfCloseOnExec),
    )
    if (event === undefined) return false
    const done =
      this.#libc.ioctl(event, setBpf, program) === 0 && this.#libc.ioctl(event, enable, 0) === 0
    if (!done) this.#refused()
    return done
  }

  /**
   * The user's side of a ring buffer. One page tells the kernel how far we read; one, read-only, tells how far it wrote;
   * then the data, twice in a row, so that no record is ever broken.
   */
  mapRing(descriptor: number, bytes: number): BpfRing | undefined {
    const read = this.#libc.map(descriptor, pageBytes, 0, true)
    const written = this.#libc.map(descriptor, pageBytes + 2 * bytes, pageBytes, false)
    for (const mapping of [read, written]) if (mapping) this.#mappings.push(mapping)
    if (read !== undefined && written !== undefined) return new BpfRing(read, written, bytes)
    this.#refused()
    return undefined
  }

  /** A 64-bit counter in the first place of an array; 0 when it cannot be read. */
  readCounter(map: number): number {
    const key = Buffer.alloc(4)
    const value = Buffer.alloc(8)
    const attributes = Buffer.alloc(attributeBytes)
    attributes.writeUInt32LE(map, 0)
    attributes.writeBigUInt64LE(this.#libc.addressOf(key), 8)
    attributes.writeBigUInt64LE(this.#libc.addressOf(value), 16)
    const number = numbers[process.arch]?.bpf ?? -1
    const read = this.#libc.syscall(number, command.mapLookup, attributes, attributeBytes)
    return read < 0 ? 0 : Number(value.readBigUInt64LE(0))
  }

  close(): void {
    for (const mapping of this.#mappings) mapping.detach()
    for (const descriptor of this.#descriptors.reverse()) this.#libc.close(descriptor)
    this.#mappings.length = 0
    this.#descriptors.length = 0
  }

  #createMap(
    type: number,
    keyBytes: number,
    valueBytes: number,
    entries: number,
  ): number | undefined {
    const attributes = Buffer.alloc(attributeBytes)
    attributes.writeUInt32LE(type, 0)
    attributes.writeUInt32LE(keyBytes, 4)
    attributes.writeUInt32LE(valueBytes, 8)
    attributes.writeUInt32LE(entries, 12)
    return this.#bpf(command.mapCreate, attributes)
  }

  #bpf(number: number, attributes: Buffer): number | undefined {
    const syscall = numbers[process.arch]?.bpf
    if (syscall === undefined) {
      this.reason = `not known on ${process.arch}`
      return undefined
    }
    return this.#keep(this.#libc.syscall(syscall, number, attributes, attributeBytes))
  }

  #keep(descriptor: number): number | undefined {
    if (descriptor < 0) {
      this.#refused()
      return undefined
    }
    this.#descriptors.push(descriptor)
    return descriptor
  }

  #refused(): void {
    const error = this.#libc.errno()
    this.reason = errorNames[error] ?? `error ${error}`
  }
}

const busyBit = 0x80000000
const discardBit = 0x40000000
const headerBytes = 8

/** The reader of a BPF ring buffer. Each record: length u32 (with two flags), page offset u32, bytes, padded to 8. */
export class BpfRing {
  readonly #consumer: BigUint64Array
  readonly #producer: BigUint64Array
  readonly #words: Int32Array
  readonly #data: Buffer
  readonly #mask: number

  constructor(read: Mapping, written: Mapping, bytes: number) {
    this.#consumer = new BigUint64Array(read.bytes.buffer, read.bytes.byteOffset, 1)
    this.#producer = new BigUint64Array(written.bytes.buffer, written.bytes.byteOffset, 1)
    const start = written.bytes.byteOffset + pageBytes
    this.#words = new Int32Array(written.bytes.buffer, start, bytes / 4)
    this.#data = Buffer.from(written.bytes.buffer, start, 2 * bytes)
    this.#mask = bytes - 1
  }

  /** Gives up to `max` records, valid only during the call; answers how many. */
  read(done: (bytes: Buffer, start: number, length: number) => void, max: number): number {
    const end = Atomics.load(this.#producer, 0)
    let position = Atomics.load(this.#consumer, 0)
    let count = 0
    while (position < end && count < max) {
      const start = Number(position & BigInt(this.#mask))
      const header = Atomics.load(this.#words, start >> 2) >>> 0
      // Reserved and not yet written: what stands behind it comes next time.
      if ((header & busyBit) !== 0) break
      const length = header & 0x3fffffff
      if ((header & discardBit) === 0) {
        done(this.#data, start + headerBytes, length)
        count++
      }
      position += BigInt((length + headerBytes + 7) & ~7)
      Atomics.store(this.#consumer, 0, position)
    }
    return count
  }
}
