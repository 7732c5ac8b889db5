import { int32le } from '#lib/bytes.ts'
import { clientSide, type Side } from '#model/side.ts'

/*
 * Messages of the MongoDB wire protocol (https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ and, for
 * what was removed with MongoDB 5.1, https://www.mongodb.com/docs/manual/legacy-opcodes/). Numbers are little-endian.
 *
 *     length 4   requestID 4   responseTo 4   opCode 4   ...
 */

/** The four numbers that every message begins with. */
export const headerBytes = 16
/** `maxMessageSizeBytes` of every server so far, and room for what servers add among themselves. */
const messageBytesMax = 48_000_000 + 64 * 1024

export const opReply = 1
export const opUpdate = 2001
export const opInsert = 2002
export const opQuery = 2004
export const opGetMore = 2005
export const opDelete = 2006
export const opKillCursors = 2007
export const opCompressed = 2012
export const opMsg = 2013

const requestNames = new Map([
  [opUpdate, 'OP_UPDATE'],
  [opInsert, 'OP_INSERT'],
  [opQuery, 'OP_QUERY'],
  [opGetMore, 'OP_GET_MORE'],
  [opDelete, 'OP_DELETE'],
  [opKillCursors, 'OP_KILL_CURSORS'],
  [opCompressed, 'OP_COMPRESSED'],
  [opMsg, 'OP_MSG'],
])
const replyOpcodes: ReadonlySet<number> = new Set([opReply, opCompressed, opMsg])

/** Whether a side sends such messages. */
export const sends = (side: Side, opcode: number): boolean =>
  side === clientSide ? requestNames.has(opcode) : replyOpcodes.has(opcode)

/** `OP_MSG` */
export const opcodeName = (opcode: number): string => requestNames.get(opcode) ?? 'OP_REPLY'

/** Length of the message whose header begins at `at`; 0 when it is none. */
export function messageLength(bytes: Uint8Array, at: number): number {
  const length = int32le(bytes, at)
  return length > headerBytes && length <= messageBytesMax ? length : 0
}

/** Bits of OP_MSG: a checksum ends the message; no answer is wanted, or another answer follows unasked. */
export const checksumPresent = 1
export const moreToCome = 2
/** Of the first 16 bits a receiver must know all that are set. */
export const knownMsgBits = (flags: number): boolean => (flags & 0xfffc) === 0

/** Bits of OP_REPLY. */
export const cursorNotFound = 1
export const queryFailure = 2

export const compressorNames: readonly string[] = ['none', 'snappy', 'zlib', 'zstd']
