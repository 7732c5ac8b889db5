import { int32 } from '#lib/bytes.ts'
import { sqlReadMax } from '#lib/sql.ts'
import { clientSide, type Side } from '#model/side.ts'

/*
 * Messages of protocol 3 (PostgreSQL documentation, "Message Formats"): one byte of type, four of length, which counts
 * itself but not the type. Only the first messages of a client, up to its startup, have no type.
 *
 *     Q 0000000d select 1 00          Z 00000005 I
 */

/** Type and length. */
export const headBytes = 5

const idMax = 1024
const someMax = 1 << 20
/** Rows, statements, copied data: as long as the server's memory allows. */
const anyMax = 0x3fff_ffff

type Lengths = Readonly<Record<string, readonly [number, number]>>

/** Least and greatest length of each type of message. */
const clientLengths: Lengths = {
  B: [12, anyMax], // Bind
  C: [6, idMax], // Close
  D: [6, idMax], // Describe
  E: [9, idMax], // Execute
  F: [14, anyMax], // FunctionCall
  H: [4, 4], // Flush
  P: [8, anyMax], // Parse
  Q: [5, anyMax], // Query
  S: [4, 4], // Sync
  X: [4, 4], // Terminate
  c: [4, 4], // CopyDone
  d: [4, anyMax], // CopyData
  f: [5, someMax], // CopyFail
  p: [4, someMax], // Password, SASL and GSSAPI responses
}

const serverLengths: Lengths = {
  '1': [4, 4], // ParseComplete
  '2': [4, 4], // BindComplete
  '3': [4, 4], // CloseComplete
  A: [10, someMax], // NotificationResponse
  C: [6, idMax], // CommandComplete
  D: [6, anyMax], // DataRow
  E: [6, someMax], // ErrorResponse
  G: [7, someMax], // CopyInResponse
  H: [7, someMax], // CopyOutResponse
  I: [4, 4], // EmptyQueryResponse
  K: [12, 264], // BackendKeyData
  N: [6, someMax], // NoticeResponse
  R: [8, someMax], // Authentication
  S: [6, someMax], // ParameterStatus
  T: [6, someMax], // RowDescription
  V: [8, anyMax], // FunctionCallResponse
  W: [7, someMax], // CopyBothResponse
  Z: [5, 5], // ReadyForQuery
  c: [4, 4], // CopyDone
  d: [4, anyMax], // CopyData
  n: [4, 4], // NoData
  s: [4, 4], // PortalSuspended
  t: [6, someMax], // ParameterDescription
  v: [12, someMax], // NegotiateProtocolVersion
}

/** Bytes behind the head that are read; types that are not named are only counted. */
const readBytes: readonly [Readonly<Record<string, number>>, Readonly<Record<string, number>>] = [
  { Q: sqlReadMax, P: sqlReadMax, B: 512, C: 512, E: 512 },
  { E: 512, R: 4, Z: 1 },
]

interface Shape {
  readonly least: number
  readonly greatest: number
  readonly read: number
}

function shapesOf(side: Side, lengths: Lengths): readonly (Shape | undefined)[] {
  const shapes = new Array<Shape | undefined>(256).fill(undefined)
  for (const [type, [least, greatest]] of Object.entries(lengths)) {
    shapes[type.charCodeAt(0)] = { least, greatest, read: readBytes[side][type] ?? 0 }
  }
  return shapes
}

const shapes = [shapesOf(clientSide, clientLengths), shapesOf(1, serverLengths)] as const

/** Bytes of a message of that type and length, its type included; 0 when a side sends no such message. */
export function messageSize(side: Side, type: number, length: number): number {
  const shape = shapes[side][type]
  return shape && length >= shape.least && length <= shape.greatest ? length + 1 : 0
}

/** How many of the first bytes of a message must be here to read what matters of it. */
export function neededSize(side: Side, type: number, size: number): number {
  return Math.min(size, headBytes + (shapes[side][type]?.read ?? 0))
}

/** Size of the message at `start`, of which at least the head is here; 0 when it is none. */
export function sizeAt(side: Side, bytes: Uint8Array, start: number): number {
  return messageSize(side, bytes[start], int32(bytes, start + 1))
}
