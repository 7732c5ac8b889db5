import type { ByteReader } from '#lib/byte-reader.ts'

/** Tags of DER (X.690 section 8) that lead to the names in a certificate (RFC 5280 section 4.1). */
const tags = {
  bool: 0x01,
  octets: 0x04,
  sequence: 0x30,
  set: 0x31,
  version: 0xa0,
  extensions: 0xa3,
  dnsName: 0x82,
} as const

const commonName = Buffer.from('0603550403', 'hex')
const alternativeNames = Buffer.from('0603551d11', 'hex')

/** Where a name stands in the bytes read. */
export interface Range {
  readonly start: number
  readonly end: number
}

/**
 * The name of the first certificate of a Certificate message (RFC 5246 section 7.4.2): its subject's common name, else
 * the first DNS name among its alternative names. What the reader does not reach is not found.
 */
export function certificateName(reader: ByteReader): Range | undefined {
  reader.skip(6)
  if (!enter(reader, tags.sequence) || !enter(reader, tags.sequence)) return undefined
  if (reader.peek() === tags.version) skip(reader)
  for (const _ of ['serial number', 'signature', 'issuer', 'validity']) skip(reader)
  const subject = ends(reader, tags.sequence)
  if (subject === undefined) return undefined
  const name = subjectName(reader, subject)
  if (name) return name
  reader.at = subject
  skip(reader) // the public key
  while (!reader.short && reader.peek() !== tags.extensions) skip(reader)
  if (!enter(reader, tags.extensions)) return undefined
  const extensions = ends(reader, tags.sequence)
  return extensions ? alternativeName(reader, extensions) : undefined
}

/** Sets of attributes, each an object identifier and a text. */
function subjectName(reader: ByteReader, end: number): Range | undefined {
  while (reader.at < end && !reader.short) {
    const next = ends(reader, tags.set)
    if (!next || !enter(reader, tags.sequence)) return undefined
    if (reader.begins(commonName)) {
      skip(reader)
      return content(reader)
    }
    reader.at = next
  }
  return undefined
}

function alternativeName(reader: ByteReader, end: number): Range | undefined {
  while (reader.at < end && !reader.short) {
    const next = ends(reader, tags.sequence)
    if (!next) return undefined
    if (reader.begins(alternativeNames)) {
      skip(reader)
      if (reader.peek() === tags.bool) skip(reader)
      return enter(reader, tags.octets) && enter(reader, tags.sequence)
        ? firstDnsName(reader, next)
        : undefined
    }
    reader.at = next
  }
  return undefined
}

function firstDnsName(reader: ByteReader, end: number): Range | undefined {
  while (reader.at < end && !reader.short) {
    if (reader.peek() === tags.dnsName) return content(reader)
    skip(reader)
  }
  return undefined
}

/** Goes into an element. False, and `short`, when the next is another. */
function enter(reader: ByteReader, tag: number): boolean {
  if (reader.u8() !== tag) reader.has(-1)
  length(reader)
  return !reader.short
}

/** Goes into an element; answers where it ends, which may be beyond what can be read. Undefined: it is another. */
function ends(reader: ByteReader, tag: number): number | undefined {
  if (reader.u8() !== tag) reader.has(-1)
  const size = length(reader)
  return reader.short ? undefined : reader.at + size
}

function skip(reader: ByteReader): void {
  reader.skip(1)
  reader.skip(length(reader))
}

/** What the next element holds. */
function content(reader: ByteReader): Range | undefined {
  reader.skip(1)
  const size = length(reader)
  const start = reader.at
  reader.skip(size)
  return reader.short ? undefined : { start, end: start + size }
}

/** Definite lengths, of at most three bytes. */
function length(reader: ByteReader): number {
  const first = reader.u8()
  if (first < 0x80) return first
  if (first === 0x81) return reader.u8()
  if (first === 0x82) return reader.u16()
  if (first === 0x83) return reader.u24()
  reader.has(-1)
  return 0
}
