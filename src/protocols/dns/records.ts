import type { ByteReader } from '#lib/byte-reader.ts'
import { formatAddress, formatIpv4 } from '#lib/ip-address.ts'
import type { NamedAddress } from '#model/transaction.ts'
import { typeA, typeAaaa, typeCname, typeOpt, typeSoa } from './codes.ts'
import type { Message } from './message.ts'
import { readName, skipName } from './name.ts'

/** Records of a message that are looked at: as many as fit into the longest. */
const recordsMax = 6000
/** Beginnings of a zone that are kept of an answer. */
const zonesMax = 1024
/** Addresses that one answer may name. */
const namesMax = 32
/** Aliases followed from the name asked to its addresses. */
const aliasesMax = 16

/** What the records behind the questions tell. */
export interface Records {
  /** Upper eight bits of the response code (EDNS, RFC 6891 section 6.1.3). */
  readonly extendedRcode: number
  /** Each address, under the name that was asked for, aliases followed. */
  readonly names: readonly NamedAddress[] | undefined
  /** SOA records among the answers: they part what a transfer of a zone holds. */
  readonly zones: readonly Zone[]
  /** All records that the header counts were there, and nothing behind them. */
  readonly exact: boolean
}

/** A SOA record: where it stands among the answers, and the serial number of its zone. */
export interface Zone {
  readonly at: number
  readonly serial: number
}

interface Alias {
  readonly owner: string
  readonly target: string
}

interface Found {
  extendedRcode: number
  readonly aliases: Alias[]
  readonly addresses: NamedAddress[]
  readonly zones: Zone[]
}

/** Reads the records at the cursor, of a message that begins at `start`. Those behind a cut are missing. */
export function readRecords(reader: ByteReader, start: number, message: Message): Records {
  const found: Found = { extendedRcode: 0, aliases: [], addresses: [], zones: [] }
  const count = message.answers + message.authorities + message.additionals
  for (let i = 0; i < Math.min(count, recordsMax); i++) {
    const answer = i < message.answers ? i : undefined
    if (reader.attempt(() => readRecord(reader, start, answer, found)) === undefined) break
    if (i === count - 1) return told(message, found, reader.left === 0)
  }
  return told(message, found, count === 0 && reader.left === 0)
}

/** Answers true; what is no record makes the reader short. `answer`: where it stands among the answers, if it is one. */
function readRecord(
  reader: ByteReader,
  start: number,
  answer: number | undefined,
  found: Found,
): true {
  const ownerAt = reader.at
  skipName(reader)
  const type = reader.u16()
  reader.skip(2)
  const ttl = reader.u32()
  const length = reader.u16()
  const past = reader.at + length
  if (!reader.has(length)) return true
  if (type === typeOpt) found.extendedRcode = ttl >>> 24
  else if (answer !== undefined && type === typeSoa) readZone(reader, answer, found)
  else if (answer !== undefined) readAnswer(reader, start, ownerAt, type, length, found)
  reader.at = reader.short ? reader.at : past
  return true
}

function readAnswer(
  reader: ByteReader,
  start: number,
  ownerAt: number,
  type: number,
  length: number,
  found: Found,
): void {
  if ((type === typeA && length === 4) || (type === typeAaaa && length === 16)) {
    if (found.addresses.length >= namesMax) return
    const ip = type === typeA ? formatIpv4(reader.i32()) : readIpv6(reader)
    found.addresses.push({ ip, name: nameAt(reader, start, ownerAt) })
  } else if (type === typeCname && found.aliases.length < aliasesMax) {
    const target = nameAt(reader, start, reader.at)
    found.aliases.push({ owner: nameAt(reader, start, ownerAt), target })
  }
}

function readZone(reader: ByteReader, at: number, found: Found): void {
  skipName(reader)
  skipName(reader)
  const serial = reader.u32()
  if (!reader.short && found.zones.length < zonesMax) found.zones.push({ at, serial })
}

const readIpv6 = (reader: ByteReader) =>
  formatAddress(reader.i32(), reader.i32(), reader.i32(), reader.i32())

const nameAt = (reader: ByteReader, start: number, at: number) => {
  reader.at = at
  return readName(reader, start).toLowerCase()
}

function told(message: Message, found: Found, exact: boolean): Records {
  const { extendedRcode, zones } = found
  return { extendedRcode, names: namesAsked(message, found), zones, exact }
}

/** Only addresses that belong to the name asked: an answer may hold others, which it has no say in. */
function namesAsked(message: Message, found: Found): readonly NamedAddress[] | undefined {
  if (!message.question || found.addresses.length === 0) return undefined
  const asked = message.question.name.toLowerCase()
  const same = new Set([asked])
  for (let round = 0; round < found.aliases.length; round++) {
    for (const { owner, target } of found.aliases) if (same.has(owner)) same.add(target)
  }
  const names = found.addresses.filter(({ name }) => same.has(name))
  return names.length > 0 ? names.map(({ ip }) => ({ ip, name: asked })) : undefined
}
