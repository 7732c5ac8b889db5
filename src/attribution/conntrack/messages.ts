import { formatAddress, parseAddress } from '#lib/ip-address.ts'
import { attribute, dump, eachAttribute, message, nest, request } from '#lib/netlink.ts'
import type { Endpoint } from '#model/endpoint.ts'
import type { Transport } from '#model/flow.ts'
import type { Entry, Original } from './translation.ts'

/** NFNL_SUBSYS_CTNETLINK in the upper byte, what is to be done in the lower (linux/netfilter/nfnetlink.h). */
const subsystem = 1 << 8
/** What the kernel tells of an entry: IPCTNL_MSG_CT_NEW. */
export const entryType = subsystem | 0
const getType = subsystem | 1
/** Of `nfgenmsg`: family u8, version u8, resource be16. */
const familyBytes = 4
const families = { any: 0, ipv4: 2, ipv6: 10 } as const

// linux/netfilter/nfnetlink_conntrack.h
const tupleOriginal = 1
const tupleReply = 2
const zoneOf = 18
const tupleIp = 1
const tupleProtocol = 2
const ipv4Source = 1
const ipv4Target = 2
const ipv6Source = 3
const ipv6Target = 4
const protocolNumber = 1
const protocolSource = 2
const protocolTarget = 3
const numbers: Readonly<Record<Transport, number>> = { tcp: 6, udp: 17 }

/**
 * Asks for the one entry whose replies run from `server` to `client`. Undefined when the ends are no addresses of one
 * family.
 *
 *     nlmsghdr 16, nfgenmsg 4
 *     CTA_TUPLE_REPLY { CTA_TUPLE_IP { source, target } CTA_TUPLE_PROTO { number u8, source be16, target be16 } }
 *     CTA_ZONE be16
 */
export function encodeQuestion(
  sequence: number,
  transport: Transport,
  { client, server }: Original,
  zone: number,
): Buffer | undefined {
  const tuple = encodeTuple(tupleReply, transport, server, client)
  if (!tuple) return undefined
  const family = client.ip.includes(':') ? families.ipv6 : families.ipv4
  const zones = zone === 0 ? [] : [encodeZone(zone)]
  return message(getType, request, sequence, Buffer.concat([header(family), tuple, ...zones]))
}

/** Asks for all entries, of both families. */
export function encodeDump(sequence: number): Buffer {
  return message(getType, request | dump, sequence, header(families.any))
}

/** An entry as messages carry it, for those who write one. */
export function encodeEntry({ transport, original, seen, zone }: Entry): Buffer | undefined {
  const began = encodeTuple(tupleOriginal, transport, original.client, original.server)
  const replies = encodeTuple(tupleReply, transport, seen.server, seen.client)
  if (!began || !replies) return undefined
  const family = original.client.ip.includes(':') ? families.ipv6 : families.ipv4
  return Buffer.concat([header(family), began, replies, encodeZone(zone)])
}

/** The entry in `bytes[start, end)`; undefined where it is not whole, or of another transport. */
export function readEntry(bytes: Buffer, start: number, end: number): Entry | undefined {
  let original: Tuple | undefined
  let reply: Tuple | undefined
  let zone = 0
  const isWhole = eachAttribute(bytes, start + familyBytes, end, (type, from, to) => {
    if (type === tupleOriginal) original = readTuple(bytes, from, to)
    if (type === tupleReply) reply = readTuple(bytes, from, to)
    if (type === zoneOf && to - from >= 2) zone = bytes.readUInt16BE(from)
  })
  if (!isWhole || !original || !reply || original.transport !== reply.transport) return undefined
  return {
    transport: original.transport,
    original: { client: original.source, server: original.target },
    seen: { client: reply.target, server: reply.source },
    zone,
  }
}

/** One direction's addresses and ports. */
interface Tuple {
  readonly transport: Transport
  readonly source: Endpoint
  readonly target: Endpoint
}

function readTuple(bytes: Buffer, start: number, end: number): Tuple | undefined {
  let ips: Ips = {}
  let protocol: Protocol = {}
  const isWhole = eachAttribute(bytes, start, end, (type, from, to) => {
    if (type === tupleIp) ips = readIps(bytes, from, to)
    if (type === tupleProtocol) protocol = readProtocol(bytes, from, to)
  })
  const { source, target } = ips
  const { transport, sourcePort, targetPort } = protocol
  if (!isWhole || !transport || source === undefined || target === undefined) return undefined
  if (sourcePort === undefined || targetPort === undefined) return undefined
  return {
    transport,
    source: { ip: source, port: sourcePort },
    target: { ip: target, port: targetPort },
  }
}

interface Ips {
  source?: string
  target?: string
}

function readIps(bytes: Buffer, start: number, end: number): Ips {
  const ips: Ips = {}
  const isWhole = eachAttribute(bytes, start, end, (type, from, to) => {
    if (type === ipv4Source || type === ipv6Source) ips.source = readIp(bytes, from, to)
    if (type === ipv4Target || type === ipv6Target) ips.target = readIp(bytes, from, to)
  })
  return isWhole ? ips : {}
}

function readIp(bytes: Buffer, from: number, to: number): string | undefined {
  const word = (i: number) => bytes.readUInt32BE(from + 4 * i)
  if (to - from === 4) return formatAddress(0, 0, 0xffff, word(0))
  if (to - from === 16) return formatAddress(word(0), word(1), word(2), word(3))
  return undefined
}

interface Protocol {
  transport?: Transport
  sourcePort?: number
  targetPort?: number
}

function readProtocol(bytes: Buffer, start: number, end: number): Protocol {
  const protocol: Protocol = {}
  const isWhole = eachAttribute(bytes, start, end, (type, from, to) => {
    const port = to - from === 2 ? bytes.readUInt16BE(from) : undefined
    if (type === protocolSource) protocol.sourcePort = port
    if (type === protocolTarget) protocol.targetPort = port
    if (type !== protocolNumber || to - from !== 1) return
    if (bytes[from] === numbers.tcp) protocol.transport = 'tcp'
    if (bytes[from] === numbers.udp) protocol.transport = 'udp'
  })
  return isWhole ? protocol : {}
}

function encodeTuple(
  type: number,
  transport: Transport,
  source: Endpoint,
  target: Endpoint,
): Buffer | undefined {
  const [from, to] = [encodeIp(source.ip), encodeIp(target.ip)]
  if (!from || !to || from.length !== to.length) return undefined
  const [sourceType, targetType] =
    from.length === 4 ? [ipv4Source, ipv4Target] : [ipv6Source, ipv6Target]
  return nest(
    type,
    nest(tupleIp, attribute(sourceType, from), attribute(targetType, to)),
    nest(
      tupleProtocol,
      attribute(protocolNumber, Uint8Array.of(numbers[transport])),
      attribute(protocolSource, encodeU16(source.port)),
      attribute(protocolTarget, encodeU16(target.port)),
    ),
  )
}

function encodeIp(ip: string): Buffer | undefined {
  const words = parseAddress(ip)
  if (!words) return undefined
  const bytes = Buffer.alloc(16)
  for (const [i, word] of words.entries()) bytes.writeInt32BE(word | 0, 4 * i)
  return ip.includes(':') ? bytes : bytes.subarray(12)
}

const encodeU16 = (value: number): Uint8Array => Uint8Array.of((value >> 8) & 255, value & 255)

const encodeZone = (zone: number): Buffer => attribute(zoneOf, encodeU16(zone))

const header = (family: number): Uint8Array =>
  Uint8Array.of(family, ...new Array(familyBytes - 1).fill(0))
