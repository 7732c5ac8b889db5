import { incoming, outgoing, type Packet, type PacketSink } from '#model/packet.ts'
import type { AddressSlots, Slot } from './address-slots.ts'
import { encode, type Program } from './assembler.ts'
import type { Kernel } from './kernel.ts'
import { emptyTally, type Tally } from './tally.ts'

const packetFamily = 17
const cookedSocket = 2
const closeOnExec = 0o2000000
const socketLevel = 1
const pendingError = 4
const attachFilter = 26
const packetLevel = 263
const packetRxRing = 5
const packetStatistics = 6
const packetVersion = 10
const tpacketV3 = 2
const allProtocols = 3

/**
 * A block goes to the reader when full or after this long, so an idle namespace's packets are never later. Sparse
 * packets use up a block each time: the eight of a small ring last while nobody reads for eight times this long.
 */
export const blockTimeoutMs = 200
/** A block holds a packet of 64 KB, as segmentation offload makes them, and its headers. */
const smallBlockBytes = 128 * 1024
/** Fewest wake-ups for what still fits the processor's cache. */
const blockBytes = 256 * 1024
const smallRingBytes = 1024 * 1024
export const ringBytesMin = 512 * 1024
const frameBytes = 2048

// struct tpacket_block_desc, in words.
const blockStatus = 2
const blockPackets = 3
const blockFirst = 4
// struct tpacket3_hdr, in words; sockaddr_ll follows it.
const nextWord = 0
const secondsWord = 1
const nanosecondsWord = 2
const capturedWord = 3
const lengthWord = 4
const placeWord = 6
const interfaceKindWord = 14

const userStatus = 1
const unread = { next: 0, left: 0, header: 0 }
/** A packet that is further ahead than this waits for nothing: the clock was set back. */
const aheadMaxUs = 2_000_000
const loopbackHardware = 772
const outgoingPacketType = 4

/** A TPACKET_V3 ring of one namespace. Its packets come from every interface there, from the IP header on. */
export interface Ring {
  readonly fd: number
  readonly slot: Slot
  readonly ringBytes: number
  readonly blockBytes: number
  /** Packets kept no longer than this were cut on purpose. */
  readonly headBytes: number
  /** The block that is filled next. */
  next: number
  /** Packets of that block that are still to be read: how many, and where the next one's header is, in words. */
  left: number
  header: number
  /** Since it was opened. */
  readonly tally: Tally
}

/** A packet socket of the namespace this thread is in; it stays there. -1: a fault. Captures nothing until bound. */
export function openSocket(kernel: Kernel): number {
  return kernel.socket(packetFamily, cookedSocket | closeOnExec, 0)
}

export interface RingForm {
  readonly fd: number
  /** A power of two. */
  readonly ringBytes: number
  readonly filter: Program
  readonly headBytes: number
}

/**
 * Gives the socket a filter and a ring of `ringBytes`, or of half that and so on while memory lacks.
 * Answers undefined, with the socket closed and the fault still to be asked for, when the kernel refuses.
 */
export function openRing(kernel: Kernel, slots: AddressSlots, form: RingForm): Ring | undefined {
  const ring = buildRing(kernel, slots, form)
  if (!ring) kernel.closeKeepingFault(form.fd)
  return ring
}

function buildRing(kernel: Kernel, slots: AddressSlots, form: RingForm): Ring | undefined {
  const { fd, filter, headBytes } = form
  if (kernel.setsockopt(fd, packetLevel, packetVersion, words(tpacketV3)) < 0) return undefined
  if (!setFilter(kernel, fd, filter)) return undefined
  for (let ringBytes = form.ringBytes; ringBytes >= ringBytesMin; ringBytes /= 2) {
    const block = ringBytes > smallRingBytes ? blockBytes : smallBlockBytes
    if (requestRing(kernel, fd, ringBytes, block)) {
      const slot = slots.map(fd, ringBytes)
      const tally = emptyTally()
      return slot && { fd, slot, ringBytes, blockBytes: block, headBytes, ...unread, tally }
    }
    if (kernel.fault() !== 'ENOMEM') return undefined
  }
  return undefined
}

/** struct tpacket_req3: block size, blocks, frame size, frames, time-out, private bytes, features. */
function requestRing(kernel: Kernel, fd: number, ringBytes: number, block: number): boolean {
  const frames = ringBytes / frameBytes
  const request = words(block, ringBytes / block, frameBytes, frames, blockTimeoutMs, 0, 0)
  return kernel.setsockopt(fd, packetLevel, packetRxRing, request) >= 0
}

/** Replaces the filter, also of a ring that captures. False: the kernel refused. */
export function setFilter(kernel: Kernel, fd: number, filter: Program): boolean {
  const instructions = encode(filter)
  const program = new Uint8Array(16)
  const view = new DataView(program.buffer)
  view.setUint16(0, filter.length, true)
  view.setBigUint64(8, kernel.address(instructions), true)
  const done = kernel.setsockopt(fd, socketLevel, attachFilter, program) >= 0
  // The instructions must outlive the call, and the pointer alone does not keep them.
  return done && instructions.length > 0
}

/** Begins the capture on every interface (interface 0) of all protocols: outgoing packets come only so. */
export function bindRing(kernel: Kernel, { fd }: Ring): boolean {
  const address = new Uint8Array(20)
  const view = new DataView(address.buffer)
  view.setUint16(0, packetFamily, true)
  view.setUint16(2, allProtocols)
  return kernel.bind(fd, address) >= 0
}

/** Ends the capture. What was not read is lost. */
export function closeRing(kernel: Kernel, slots: AddressSlots, ring: Ring): void {
  slots.cover(ring.slot)
  kernel.close(ring.fd)
}

/** Adds what the kernel lost since the last call to the ring's tally; the kernel forgets it. */
export function readStatistics(kernel: Kernel, ring: Ring): void {
  const statistics = new Uint8Array(12)
  if (kernel.getsockopt(ring.fd, packetLevel, packetStatistics, statistics) < 0) return
  const view = new DataView(statistics.buffer)
  ring.tally.drops += view.getUint32(4, true)
  ring.tally.freezes += view.getUint32(8, true)
}

/** Takes a pending error off the socket, which would end every wait at once. */
export function clearError(kernel: Kernel, { fd }: Ring): void {
  kernel.getsockopt(fd, socketLevel, pendingError, new Uint8Array(4))
}

/** True when a block waits to be read. */
export function isReady({ slot, next, blockBytes }: Ring): boolean {
  return (Atomics.load(slot.words, ((next * blockBytes) >> 2) + blockStatus) & userStatus) !== 0
}

/**
 * Reads up to `blocksMax` blocks and gives them back to the kernel, up to the first packet that came at `beforeUs` or
 * later: it and what follows it wait for the next call. Answers how many packets were read.
 */
export function drainRing(
  ring: Ring,
  packet: Packet,
  sink: PacketSink,
  { blocksMax, beforeUs }: { readonly blocksMax: number; readonly beforeUs: number },
): number {
  const { slot, blockBytes, ringBytes, tally } = ring
  const before = tally.packets
  packet.bytes = slot.bytes
  for (let blocks = 0; blocks < blocksMax && isReady(ring); blocks++) {
    const block = (ring.next * blockBytes) >> 2
    if (ring.left === 0) {
      ring.left = slot.words[block + blockPackets]
      ring.header = block + (slot.words[block + blockFirst] >> 2)
    }
    readBlock(ring, packet, sink, beforeUs)
    if (ring.left > 0) break
    // The kernel may fill the block again from here on: nothing of it may be read any more.
    Atomics.store(slot.words, block + blockStatus, 0)
    ring.next = (ring.next + 1) % (ringBytes / blockBytes)
  }
  return tally.packets - before
}

/**
 *     block   descriptor 48 | header 48, address 20, ..packet.. | header ...
 *     header  next 0 | seconds 4 | nanoseconds 8 | captured 12 | length 16 | status 20 | link 24, IP 26 | ...
 *     address family 48, protocol 50 | interface 52 | hardware type 56, packet type 58, 59 | address 60
 */
function readBlock(ring: Ring, packet: Packet, sink: PacketSink, beforeUs: number): void {
  const { tally, headBytes } = ring
  const { words } = ring.slot
  let { header, left } = ring
  let bytes = 0
  for (; left > 0; left--) {
    const timeUs =
      words[header + secondsWord] * 1e6 + ((words[header + nanosecondsWord] / 1000) | 0)
    if (timeUs >= beforeUs && timeUs < beforeUs + aheadMaxUs) break
    const kind = words[header + interfaceKindWord]
    const captured = words[header + capturedWord]
    const length = words[header + lengthWord]
    packet.start = header * 4 + (words[header + placeWord] >>> 16)
    packet.end = packet.start + captured
    packet.lengthBytes = length
    packet.timeUs = timeUs
    packet.direction = ((kind >>> 16) & 255) === outgoingPacketType ? outgoing : incoming
    packet.loopback = (kind & 0xffff) === loopbackHardware
    header += words[header + nextWord] >> 2
    bytes += length
    if (captured < length && captured > headBytes) tally.cut++
    sink(packet)
  }
  tally.packets += ring.left - left
  tally.bytes += bytes
  ring.header = header
  ring.left = left
}

function words(...values: number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer)
}
