import { ByteReader } from '#lib/byte-reader.ts'
import type { Evidence } from '../protocol.ts'
import { needMore, notMine } from '../stream.ts'
import { connectCodesMax, isKnownReason } from './codes.ts'
import { areReasons, versionOfCodes, versionOfFilters } from './lists.ts'
import {
  auth,
  connack,
  connect,
  disconnect,
  Header,
  pingreq,
  pingresp,
  publish,
  suback,
  subscribe,
  unsuback,
  unsubscribe,
} from './packet.ts'
import { skipProperties } from './properties.ts'

/** Packets that are looked at. */
const packetsMax = 16
/** Longest topic, and list of filters, by which it is recognised. */
const topicMax = 512
const listMax = 2048

/** `MQTT`, or `MQIsdp` in version 3.1, with its length. */
const protocolNames = ['\0\x04MQTT', '\0\x06MQIsdp']

/**
 * What the first bytes of a side look like to MQTT. CONNECT names it, all else is weak; messages and their
 * acknowledgements come from either side.
 */
export function detect(bytes: Uint8Array, start: number, end: number): Evidence {
  const header = new Header()
  let shown: Evidence = 'no'
  for (let at = start, i = 0; at < end && i < packetsMax; at = header.end, i++) {
    const evidence = look(bytes, at, end, header)
    if (evidence === 'no') return 'no'
    if (evidence === 'maybe') return i === 0 ? 'maybe' : shown
    if (shown === 'no' || shown === 'weak-either') shown = evidence
    else if (evidence !== shown && evidence !== 'weak-either') return 'no'
    if (shown === 'request') break
  }
  return shown
}

/** What one packet at `start` looks like; fills the header. */
export function look(bytes: Uint8Array, start: number, end: number, header: Header): Evidence {
  const read = header.read(bytes, start, end)
  if (read === needMore) return 'maybe'
  if (read === notMine) return 'no'
  const { type, bodyStart } = header
  const isWhole = header.end <= end
  const reader = new ByteReader().reset(bytes, bodyStart, Math.min(end, header.end))
  if (type === connect) return lookConnect(reader)
  if (type === publish) return lookPublish(reader, header)
  if (type === pingreq) return 'weak-request'
  if (type === pingresp) return 'weak-response'
  if (!isWhole) return header.length > listMax ? 'no' : 'maybe'
  if (type === disconnect || type === auth) return isReason(reader) ? 'weak-either' : 'no'
  if (type === connack) return isConnack(reader) ? 'weak-response' : 'no'
  return lookNumbered(reader, type)
}

function lookConnect(reader: ByteReader): Evidence {
  const { left } = reader
  for (const name of protocolNames) {
    const begun = name.slice(0, left)
    const text = reader.attempt(one => one.latin1(begun.length))
    if (text === begun) return left > name.length ? 'request' : 'maybe'
    reader.reset(reader.bytes, reader.end - left, reader.end)
  }
  return 'no'
}

/** A message: a topic without control characters and wildcards, which a subscription may have but no message. */
function lookPublish(reader: ByteReader, { flags, length }: Header): Evidence {
  const qos = (flags >> 1) & 3
  if (qos === 3 || (qos === 0 && flags >= 8)) return 'no'
  const topicLength = reader.u16()
  if (reader.short) return 'maybe'
  if (topicLength > topicMax || 2 + topicLength + (qos > 0 ? 2 : 0) > length) return 'no'
  const { bytes, at } = reader
  for (let i = at; i < Math.min(reader.end, at + topicLength); i++) {
    if (bytes[i] < 0x20 || bytes[i] === 0x23 || bytes[i] === 0x2b || bytes[i] === 0x7f) return 'no'
  }
  reader.skip(topicLength)
  // without a topic there must be the properties that say which
  if (topicLength === 0 && length < 6) return 'no'
  const id = qos > 0 ? reader.u16() : 1
  if (reader.short) return 'maybe'
  return id === 0 ? 'no' : 'weak-either'
}

/** Return code of before MQTT 5.0, or its reason and properties. */
function isConnack(reader: ByteReader): boolean {
  const isOld = reader.left === 2
  if (reader.u8() > 1) return false
  const code = reader.u8()
  if (isOld) return code <= connectCodesMax
  skipProperties(reader)
  return isKnownReason(code) && isEnd(reader)
}

function isReason(reader: ByteReader): boolean {
  if (reader.left === 0) return true
  if (!isKnownReason(reader.u8())) return false
  if (reader.left > 0) skipProperties(reader)
  return isEnd(reader)
}

const isEnd = (reader: ByteReader): boolean => !reader.short && reader.left === 0

/** Packets that begin with a packet id. */
function lookNumbered(reader: ByteReader, type: number): Evidence {
  if (reader.u16() === 0) return 'no'
  if (type === subscribe || type === unsubscribe) {
    return versionOfFilters(reader, type === subscribe) === 0 ? 'no' : 'weak-request'
  }
  if (type === suback) return versionOfCodes(reader) === 0 ? 'no' : 'weak-response'
  if (type === unsuback) return reader.left === 0 || areReasons(reader) ? 'weak-response' : 'no'
  return isReason(reader) ? 'weak-either' : 'no'
}
