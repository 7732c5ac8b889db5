import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib'

/**
 * What a record is. `second`: a second's windows. `told`: a change of who owns what. `picture`: all that was owned when
 * the segment began. `head`: whose records these are. `had`: seconds that a server has taken.
 */
export const kinds = ['head', 'second', 'told', 'picture', 'had'] as const
export type Kind = (typeof kinds)[number]

/** What stands before a record's payload. */
export interface RecordHead {
  readonly kind: Kind
  /** Numbers seconds and changes of one run, in one row; 0 for other kinds. */
  readonly sequence: number
  /** Start of the second, or when it was told; ms, by the server's clock where `isServerTime`. */
  readonly atMs: number
  readonly isServerTime: boolean
  /** The wall clock minus the steady one when it was written, ms. */
  readonly skewMs: number
  readonly windows: number
}

export interface FoundRecord extends RecordHead {
  /** Where it begins in its segment, and how long it is, head and all. */
  readonly offset: number
  readonly length: number
}

/*
 * A record: magic u32 | length of the rest u32 | CRC-32 of the rest u32 | rest
 * The rest: kind u8 | flags u8 (1 server's time, 2 compressed) | unused u16 | windows u32 | sequence f64 | at f64 | skew f64 | payload
 * All little-endian.
 */
const magic = 0x524b4e49 // "INKR"
const magicBytes = Buffer.from('INKR')
const frameBytes = 12
const headBytes = 32
const serverTimeFlag = 1
const compressedFlag = 2
/** Shorter payloads are kept as they are. */
const compressedFrom = 256
/** A length beyond is none. */
const recordBytesMax = 128 * 1024 * 1024
const fastest = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

export function encodeRecord(head: RecordHead, payload: Uint8Array): Buffer {
  const isCompressed = payload.length >= compressedFrom
  const kept = isCompressed ? zstdCompressSync(payload, fastest) : payload
  const record = Buffer.allocUnsafe(frameBytes + headBytes + kept.length)
  const rest = record.subarray(frameBytes)
  rest[0] = kinds.indexOf(head.kind)
  rest[1] = (head.isServerTime ? serverTimeFlag : 0) | (isCompressed ? compressedFlag : 0)
  rest.writeUInt16LE(0, 2)
  rest.writeUInt32LE(head.windows, 4)
  rest.writeDoubleLE(head.sequence, 8)
  rest.writeDoubleLE(head.atMs, 16)
  rest.writeDoubleLE(head.skewMs, 24)
  rest.set(kept, headBytes)
  record.writeUInt32LE(magic, 0)
  record.writeUInt32LE(rest.length, 4)
  record.writeUInt32LE(crc32(rest), 8)
  return record
}

/** The payload of one record; undefined when the bytes are not one whole record. */
export function payloadOf(record: Buffer): Uint8Array | undefined {
  if (!headAt(record, 0)) return undefined
  const payload = record.subarray(frameBytes + headBytes)
  if ((record[frameBytes + 1] & compressedFlag) === 0) return payload
  try {
    return zstdDecompressSync(payload, { maxOutputLength: recordBytesMax })
  } catch {
    return undefined
  }
}

export interface Reading {
  readonly records: readonly FoundRecord[]
  /** Stretches that are no records, with records after them. */
  readonly corrupt: number
  /** Bytes of whole records, and what lies between: the rest is a record that was cut in writing. */
  readonly end: number
}

/** All whole records of a segment. What is damaged is skipped up to the next whole record. */
export function readRecords(segment: Buffer): Reading {
  const records: FoundRecord[] = []
  let corrupt = 0
  let end = 0
  for (let offset = 0; offset < segment.length; ) {
    const found = headAt(segment, offset)
    if (found) {
      if (offset > end) corrupt++
      records.push(found)
      offset += found.length
      end = offset
    } else {
      const next = segment.indexOf(magicBytes, offset + 1)
      if (next < 0) break
      offset = next
    }
  }
  return { records, corrupt, end }
}

function headAt(segment: Buffer, offset: number): FoundRecord | undefined {
  if (offset + frameBytes + headBytes > segment.length) return undefined
  if (segment.readUInt32LE(offset) !== magic) return undefined
  const restLength = segment.readUInt32LE(offset + 4)
  const start = offset + frameBytes
  if (restLength < headBytes || start + restLength > segment.length) return undefined
  const rest = segment.subarray(start, start + restLength)
  if (crc32(rest) !== segment.readUInt32LE(offset + 8)) return undefined
  const kind = kinds[rest[0]]
  if (!kind) return undefined
  return {
    kind,
    sequence: rest.readDoubleLE(8),
    atMs: rest.readDoubleLE(16),
    isServerTime: (rest[1] & serverTimeFlag) !== 0,
    skewMs: rest.readDoubleLE(24),
    windows: rest.readUInt32LE(4),
    offset,
    length: frameBytes + restLength,
  }
}
