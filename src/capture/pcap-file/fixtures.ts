/** Capture files written by hand, for tests. */

/** Numbers as bytes, in one byte order. */
export interface Writer {
  readonly u16: (value: number) => number[]
  readonly u32: (value: number) => number[]
  readonly littleEndian: boolean
}

/** A writer of the byte order. */
export function writer(littleEndian: boolean): Writer {
  const order = (bytes: number[]) => (littleEndian ? bytes.reverse() : bytes)
  return {
    littleEndian,
    u16: value => order([(value >> 8) & 255, value & 255]),
    u32: value => order([value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]),
  }
}

/** An IPv4 header and the start of a payload: 24 bytes that begin with 45. */
export const ipv4Packet = [
  0x45, 0, 0, 24, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 1, 2, 3, 4,
]
/** An IPv6 header: 40 bytes that begin with 60. */
export const ipv6Packet = [0x60, 0, 0, 0, 0, 0, 6, 64, ...new Array(32).fill(1)]

const addresses = new Array(12).fill(2)
/** Ethernet around an IPv4 packet: 38 bytes. */
export const ethernetFrame = [...addresses, 0x08, 0x00, ...ipv4Packet]
/** Ethernet around ARP: foreign. */
export const arpFrame = [...addresses, 0x08, 0x06, ...new Array(28).fill(0)]

export interface RecordForm {
  readonly magic?: number
  readonly linkType?: number
  readonly seconds?: number
  readonly fraction?: number
  /** Bytes on the wire that were not captured. */
  readonly missing?: number
  /** Of the modified format. */
  readonly packetType?: number
}

/** A pcap file of the frames. */
export function pcap(
  write: Writer,
  frames: readonly number[][],
  form: RecordForm = {},
): Uint8Array {
  const { u16, u32 } = write
  const magic = u32(form.magic ?? 0xa1b2c3d4)
  const header = [...magic, ...u16(2), ...u16(4), ...u32(0), ...u32(0), ...u32(65535)]
  const records = frames.flatMap(frame => [
    ...u32(form.seconds ?? 1_700_000_000),
    ...u32(form.fraction ?? 123_456),
    ...u32(frame.length),
    ...u32(frame.length + (form.missing ?? 0)),
    ...(form.packetType === undefined ? [] : [...u32(2), ...u16(0x0800), form.packetType, 0]),
    ...frame,
  ])
  return Uint8Array.from([...header, ...u32(form.linkType ?? 1), ...records])
}

/** Any pcapng block. */
export function block({ u32 }: Writer, type: number, body: readonly number[]): number[] {
  const padded = [...body, ...new Array((4 - (body.length % 4)) % 4).fill(0)]
  const length = u32(padded.length + 12)
  return [...u32(type), ...length, ...padded, ...length]
}

/** A pcapng option. */
export function option({ u16 }: Writer, code: number, value: readonly number[]): number[] {
  const padding = new Array((4 - (value.length % 4)) % 4).fill(0)
  return [...u16(code), ...u16(value.length), ...value, ...padding]
}

/** A section header block. */
export function section(write: Writer): number[] {
  const { u16, u32 } = write
  const unknownLength = [...u32(0xffffffff), ...u32(0xffffffff)]
  return block(write, 0x0a0d0d0a, [...u32(0x1a2b3c4d), ...u16(1), ...u16(0), ...unknownLength])
}

/** An interface description block. */
export function interfaceOf(
  write: Writer,
  linkType: number,
  options: readonly number[] = [],
  snapBytes = 0,
): number[] {
  const { u16, u32 } = write
  return block(write, 1, [...u16(linkType), ...u16(0), ...u32(snapBytes), ...options])
}

export interface EnhancedForm {
  readonly on?: number
  readonly high?: number
  readonly low?: number
  readonly missing?: number
  readonly options?: readonly number[]
}

/** An enhanced packet block. */
export function enhanced(
  write: Writer,
  frame: readonly number[],
  form: EnhancedForm = {},
): number[] {
  const { u32 } = write
  const padding = new Array((4 - (frame.length % 4)) % 4).fill(0)
  return block(write, 6, [
    ...u32(form.on ?? 0),
    ...u32(form.high ?? 0),
    ...u32(form.low ?? 0),
    ...u32(frame.length),
    ...u32(frame.length + (form.missing ?? 0)),
    ...frame,
    ...padding,
    ...(form.options ?? []),
  ])
}
