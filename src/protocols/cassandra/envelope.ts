import type { ByteReader } from '#lib/byte-reader.ts'
import { int32, uint16 } from '#lib/bytes.ts'
import { clientSide, type Side } from '#model/side.ts'

/*
 * Envelopes of the CQL binary protocol, versions 1 to 6
 * (https://github.com/apache/cassandra/blob/trunk/doc/native_protocol_v5.spec, and its neighbours v1 to v4). In versions
 * 1 and 2 the stream has one byte. The first bit of the version says who speaks.
 *
 *     version 1   flags 1   stream 2   opcode 1   length 4   body
 */

const versionMax = 6
/** Versions from here on go in segments once the connection is set up; the bodies of others may be compressed. */
export const segmentedVersion = 5
/** Servers take 256 MB. */
const bodyBytesMax = 256 * 1024 * 1024
/** All that there are. */
export const flagsKnown = 0x1f
export const headerBytesMax = 9

export const isVersion = (version: number): boolean => version > 0 && version <= versionMax

export const flag = { compressed: 1, tracing: 2, payload: 4, warning: 8 } as const

export const opcodes = {
  error: 0x00,
  startup: 0x01,
  ready: 0x02,
  authenticate: 0x03,
  credentials: 0x04,
  options: 0x05,
  supported: 0x06,
  query: 0x07,
  result: 0x08,
  prepare: 0x09,
  execute: 0x0a,
  register: 0x0b,
  event: 0x0c,
  batch: 0x0d,
  authChallenge: 0x0e,
  authResponse: 0x0f,
  authSuccess: 0x10,
} as const

const requestNames = new Map<number, string>([
  [opcodes.startup, 'STARTUP'],
  [opcodes.credentials, 'CREDENTIALS'],
  [opcodes.options, 'OPTIONS'],
  [opcodes.query, 'QUERY'],
  [opcodes.prepare, 'PREPARE'],
  [opcodes.execute, 'EXECUTE'],
  [opcodes.register, 'REGISTER'],
  [opcodes.batch, 'BATCH'],
  [opcodes.authResponse, 'AUTH_RESPONSE'],
])

const requestName: readonly (string | undefined)[] = Array.from({ length: 32 }, (_, opcode) =>
  requestNames.get(opcode),
)

/** `QUERY` */
export const opcodeName = (opcode: number): string => requestName[opcode] ?? ''

/** Kinds of a RESULT. */
export const resultKinds = { none: 1, rows: 2, keyspace: 3, prepared: 4, schema: 5 } as const

/** Types of an EVENT. */
export const eventTypes: ReadonlySet<string> = new Set([
  'TOPOLOGY_CHANGE',
  'STATUS_CHANGE',
  'SCHEMA_CHANGE',
])

/** The header of an envelope; one is enough for a reader, it is filled anew. */
export class Header {
  version = 0
  flags = 0
  stream = 0
  opcode = 0
  /** Bytes of the header, and of the body. */
  headerBytes = 0
  length = 0

  /** Bytes it takes; 0: they are not all here; -1: that is no header of what this side sends. */
  read(side: Side, bytes: Uint8Array, at: number, end: number): number {
    const version = bytes[at] & 0x7f
    if (!isVersion(version) || bytes[at] >> 7 !== side) return -1
    const streamBytes = version < 3 ? 1 : 2
    const headerBytes = 7 + streamBytes
    if (end - at < headerBytes) return 0
    const past = at + 2 + streamBytes
    this.version = version
    this.flags = bytes[at + 1]
    this.stream =
      streamBytes === 1 ? (bytes[at + 2] << 24) >> 24 : (uint16(bytes, at + 2) << 16) >> 16
    this.opcode = bytes[past]
    this.headerBytes = headerBytes
    this.length = int32(bytes, past + 1)
    return this.#isProper(side) ? headerBytes : -1
  }

  #isProper(side: Side): boolean {
    const { opcode, length, flags, stream } = this
    if ((flags & ~flagsKnown) !== 0 || length < 0 || length > bodyBytesMax) return false
    if (opcode > opcodes.authSuccess) return false
    const isRequest = requestName[opcode] !== undefined
    return isRequest === (side === clientSide) && (!isRequest || stream >= 0)
  }

  has(bit: number): boolean {
    return (this.flags & bit) !== 0
  }

  /** Its body is compressed. In segments it never is: they are themselves. */
  get isCompressed(): boolean {
    return this.has(flag.compressed) && this.version < segmentedVersion
  }
}

/** Passes over what flags put before a message: `tracing id 16, warnings, custom payload`. */
export function skipPrefix(side: Side, header: Header, reader: ByteReader): void {
  if (side !== clientSide && header.has(flag.tracing)) reader.skip(16)
  if (side !== clientSide && header.has(flag.warning)) {
    for (let left = reader.u16(); left > 0 && !reader.short; left--) reader.skip(reader.u16())
  }
  if (!header.has(flag.payload)) return
  for (let left = reader.u16(); left > 0 && !reader.short; left--) {
    reader.skip(reader.u16())
    reader.skip(Math.max(0, reader.i32()))
  }
}
