import type { ByteReader } from '#lib/byte-reader.ts'
import { cut } from '#lib/text.ts'
import { nameCharsMax } from '../name-text.ts'

const cancelCode = 80877102
const sslCode = 80877103
const gssCode = 80877104
/** The largest a server takes. */
const startupMax = 10_000
/** Settings of a startup that are looked through. */
const settingsMax = 64

/** A message without a type, as clients send before and at startup. `database`: what is asked for, else the user. */
export type Startup =
  | { readonly kind: 'ssl' | 'gss' | 'cancel'; readonly size: number }
  | { readonly kind: 'startup'; readonly size: number; readonly database: string }

/** Undefined: no startup. `short` on the reader: not all there yet. */
export function readStartup(reader: ByteReader): Startup | undefined {
  const size = reader.u32()
  const code = reader.u32()
  if (reader.short) return undefined
  if (code === sslCode) return size === 8 ? { kind: 'ssl', size } : undefined
  if (code === gssCode) return size === 8 ? { kind: 'gss', size } : undefined
  if (size < 8 || size > startupMax) return undefined
  if (code === cancelCode) return size >= 16 && size <= 268 ? { kind: 'cancel', size } : undefined
  if (code >>> 16 !== 3 || (code & 0xffff) > 99) return undefined
  if (!reader.has(size - 8)) return undefined
  const database = readDatabase(reader, reader.at + size - 8)
  return database === undefined ? undefined : { kind: 'startup', size, database }
}

/** Names and values, each closed by a zero byte, and a zero byte behind the last; `user` must be among them. */
function readDatabase(reader: ByteReader, past: number): string | undefined {
  let user: string | undefined
  let database: string | undefined
  for (let i = 0; i < settingsMax && reader.at < past - 1; i++) {
    const name = reader.cstring()
    const value = reader.cstring()
    if (reader.at > past || reader.short) return undefined
    if (name === 'user') user = value
    if (name === 'database') database = value
  }
  return user === undefined ? undefined : cut(database || user, nameCharsMax)
}
