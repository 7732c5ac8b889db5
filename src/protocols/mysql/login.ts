import type { ByteReader } from '#lib/byte-reader.ts'
import { isDigit } from '#lib/bytes.ts'
import { cut } from '#lib/text.ts'
import { nameCharsMax } from '../name-text.ts'
import { capabilities, integerSize } from './packet.ts'

/** Bytes of a login that are read; proofs of who the client is may be longer, and hide the database then. */
export const loginRead = 2048
/** A request for TLS is the beginning of a login, up to here. */
export const sslRequestLength = 32
const zeros = 19

/** What a server says first. Protocol 9, of MySQL before 3.21, has no capabilities. */
export interface Greeting {
  readonly capabilities: number
}

/** What a client answers to it. `resource`: the database it wants, else the user. */
export interface Login {
  readonly kind: 'login' | 'ssl'
  readonly capabilities: number
  readonly resource: string
}

/** "Protocol::HandshakeV10" and "HandshakeV9". Undefined: none, or, with `short` on the reader, not all there yet. */
export function readGreeting(reader: ByteReader): Greeting | undefined {
  const protocol = reader.u8()
  if (protocol !== 10 && protocol !== 9) return undefined
  if (!isVersion(reader)) return undefined
  reader.skip(4) // connection
  if (protocol === 9) return reader.until(0) < 0 ? undefined : { capabilities: 0 }
  reader.skip(8) // scramble
  if (reader.u8() !== 0) return undefined
  const low = reader.u16le()
  if (reader.short) return undefined
  if (reader.left < 5) return { capabilities: low }
  reader.skip(3) // character set, status
  return { capabilities: (low | (reader.u16le() << 16)) >>> 0 }
}

/** A text that begins with the digits of a version. */
function isVersion(reader: ByteReader): boolean {
  const start = reader.at
  const end = reader.until(0)
  if (end < 0) return false
  const { bytes } = reader
  for (let at = start; at < end; at++) if (bytes[at] < 32 || bytes[at] > 126) return false
  return (
    end - start >= 3 &&
    isDigit(bytes[start]) &&
    (bytes[start + 1] === 46 || isDigit(bytes[start + 1]))
  )
}

/** "Protocol::HandshakeResponse41", "HandshakeResponse320", "SSLRequest", from the payload of `length` bytes. */
export function readLogin(reader: ByteReader, length: number): Login | undefined {
  const start = reader.at
  const flags = reader.u16le()
  if ((flags & capabilities.protocol41) === 0) return readOld(reader, flags)
  if (length < sslRequestLength || !isLogin(reader.bytes, start, reader.end)) return undefined
  const all = (flags | (reader.u16le() << 16)) >>> 0
  if (length === sslRequestLength) {
    return (all & capabilities.ssl) === 0
      ? undefined
      : { kind: 'ssl', capabilities: all, resource: '' }
  }
  reader.skip(sslRequestLength - 4)
  const user = reader.cstring()
  if (reader.short) return { kind: 'login', capabilities: all, resource: '' }
  skipProof(reader, all)
  const database = (all & capabilities.connectWithDatabase) === 0 ? '' : reader.cstring()
  return { kind: 'login', capabilities: all, resource: cut(database || user, nameCharsMax) }
}

/** Greatest packet, character set, and then zeros: a login of protocol 4.1 at `at`, as far as it is here. */
export function isLogin(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + 1 < end && (bytes[at + 1] & (capabilities.protocol41 >> 8)) === 0) return false
  const past = Math.min(end, at + 9 + zeros)
  for (let i = at + 9; i < past; i++) if (bytes[i] !== 0) return false
  return true
}

/** Passwords, scrambled or not: never read. */
function skipProof(reader: ByteReader, flags: number): void {
  if ((flags & capabilities.lengthEncodedAuth) !== 0) reader.skip(lengthOf(reader))
  else if ((flags & capabilities.secureConnection) !== 0) reader.skip(reader.u8())
  else reader.until(0)
}

/** A length-encoded integer; what is none leaves the reader short. */
function lengthOf(reader: ByteReader): number {
  const first = reader.u8()
  const size = integerSize(first)
  if (size === 1) return first
  if (size === 3) return reader.u16le()
  return size === 4 ? reader.u24le() : -1
}

/** Before 4.1: greatest packet, user, proof, and perhaps the database. */
function readOld(reader: ByteReader, flags: number): Login | undefined {
  reader.skip(3)
  const user = reader.cstring()
  if (reader.short) return undefined
  reader.until(0)
  const database = (flags & capabilities.connectWithDatabase) === 0 ? '' : reader.cstring()
  return { kind: 'login', capabilities: flags, resource: cut(database || user, nameCharsMax) }
}

/** The database or user of a CHANGE_USER ("COM_CHANGE_USER"), whose proof has a byte of length. */
export function readChange(reader: ByteReader): string {
  const user = reader.cstring()
  reader.skip(reader.u8())
  const database = reader.cstring()
  return cut(database || user, nameCharsMax)
}
