import type { ByteReader } from '#lib/byte-reader.ts'
import { isKnownReason } from './codes.ts'
import { skipProperties } from './properties.ts'

/** Versions of the protocol by their level in CONNECT: MQTT 3.1, 3.1.1 and 5.0; 0 while it is not known. */
export type Version = 0 | 3 | 4 | 5

/** Return codes of SUBACK before MQTT 5.0: QoS granted, or failure. */
const isGranted = (code: number): boolean => code <= 2 || code === 0x80

/**
 * The version that a list of topic filters shows, from behind its packet id up to its end: with properties before it, it is
 * MQTT 5.0. `hasOptions`: each filter is followed by a byte, as in SUBSCRIBE. 0: it is no such list.
 */
export function versionOfFilters(reader: ByteReader, hasOptions: boolean): Version {
  const start = reader.at
  if (areFilters(reader, hasOptions ? 3 : undefined)) return 4
  reader.reset(reader.bytes, start, reader.end)
  skipProperties(reader)
  return areFilters(reader, hasOptions ? 0x3f : undefined) ? 5 : 0
}

function areFilters(reader: ByteReader, optionsMax: number | undefined): boolean {
  do {
    const length = reader.u16()
    reader.skip(length > 0 ? length : -1)
    if (optionsMax === undefined) continue
    const options = reader.u8()
    if (options > optionsMax || (options & 3) === 3) return false
  } while (reader.left > 0 && !reader.short)
  return !reader.short
}

/** The version that the codes of a SUBACK show, from behind its packet id; 0: they are no such codes. */
export function versionOfCodes(reader: ByteReader): Version {
  const { bytes, at: start, end } = reader
  if (bytes.subarray(start, end).every(isGranted)) return 4
  return areReasons(reader) ? 5 : 0
}

/** Properties, then reason codes, of MQTT 5.0. */
export function areReasons(reader: ByteReader): boolean {
  skipProperties(reader)
  if (reader.short || reader.left === 0) return false
  return reader.bytes.subarray(reader.at, reader.end).every(isKnownReason)
}
