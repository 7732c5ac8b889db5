import type { ByteReader } from '#lib/byte-reader.ts'
import { isVersion, tls12 } from './versions.ts'

/** What is read of a ClientHello (RFC 8446 section 4.1.2). */
export interface ClientHello {
  /** Where the name of the server stands in the bytes read (RFC 6066 section 3); both 0 when it is not named. */
  readonly nameStart: number
  readonly nameEnd: number
  /** It means to send data at once, encrypted with what it knows from before. */
  readonly hasEarlyData: boolean
}

/** What is read of a ServerHello (RFC 8446 section 4.1.3). */
export interface ServerHello {
  readonly version: number
  readonly cipher: number
  /** It asks for another ClientHello: no answer yet. */
  readonly isRetry: boolean
}

/** Types of messages of a handshake that are read (RFC 8446 section 4). */
export const messages = { clientHello: 1, serverHello: 2, certificate: 11 } as const

const extensions = { serverName: 0, earlyData: 42, supportedVersions: 43 } as const
const hostName = 0
const randomBytes = 32

/** The first half of SHA-256 of "HelloRetryRequest", which stands in place of a random number. */
const retryRandom = Buffer.from('cf21ad74e59a6111be1d8c021e65b891', 'hex')

/** Reads what follows the message's head; as far as it goes when it is cut off or no good. Undefined: it is none. */
export function readClientHello(reader: ByteReader): ClientHello | undefined {
  if (!isVersion(reader.u16())) return undefined
  reader.skip(randomBytes)
  reader.skip(reader.u8())
  reader.skip(reader.u16())
  reader.skip(reader.u8())
  if (reader.short) return undefined
  let nameStart = 0
  let nameEnd = 0
  let hasEarlyData = false
  const end = extensionsEnd(reader)
  while (reader.at + 4 <= end) {
    const type = reader.u16()
    const next = reader.u16() + reader.at
    if (type === extensions.earlyData) hasEarlyData = true
    if (type === extensions.serverName && nameEnd === 0) {
      nameEnd = serverNameEnd(reader, Math.min(next, end))
      nameStart = reader.at
    }
    reader.at = next
  }
  return { nameStart, nameEnd, hasEarlyData }
}

/** The cursor goes to the first name of a list of server names. Answers where it ends; 0: there is none. */
function serverNameEnd(reader: ByteReader, end: number): number {
  reader.skip(2)
  const type = reader.u8()
  const length = reader.u16()
  return type === hostName && length > 0 && reader.at + length <= end ? reader.at + length : 0
}

/** The same of a ServerHello. */
export function readServerHello(reader: ByteReader): ServerHello | undefined {
  const stated = reader.u16()
  if (!isVersion(stated)) return undefined
  const isRetry = reader.begins(retryRandom)
  reader.skip(randomBytes)
  // drafts up to 21 state what they agree upon and leave out what TLS 1.3 has only for the sake of those in between
  const isEarlyDraft = stated > tls12
  if (!isEarlyDraft) reader.skip(reader.u8())
  const cipher = reader.u16()
  if (!isEarlyDraft) reader.skip(1)
  if (reader.short) return undefined
  let version = stated
  const end = extensionsEnd(reader)
  while (reader.at + 4 <= end) {
    const type = reader.u16()
    const next = reader.u16() + reader.at
    if (type === extensions.supportedVersions && next === reader.at + 2) version = reader.u16()
    reader.at = next
  }
  return { version, cipher, isRetry }
}

/** Where the extensions end, which may be left out altogether; the cursor goes to the first. */
function extensionsEnd(reader: ByteReader): number {
  if (reader.left < 2) return reader.at
  return Math.min(reader.u16() + reader.at, reader.end)
}
