import type { Evidence } from '../protocol.ts'
import { FieldCursor } from './field-cursor.ts'
import {
  acknowledged,
  endHeaders,
  Fragment,
  FrameHeader,
  frameHeaderBytes,
  frameTypes,
  mayBegin,
  preface,
  prefaceBegun,
} from './frame.ts'
import {
  type FieldKind,
  methodField,
  otherField,
  staticEntries,
  staticKinds,
  statusField,
  unknownField,
} from './static-table.ts'

/** Fields of a header block that are looked at. */
const fieldsMax = 64

/**
 * What the first bytes of a side look like to HTTP/2. The preface proves a client; in midstream a header block does, by
 * the pseudo-fields that only requests or only responses have. Settings are said by both: a server, if the other side
 * agrees. All frames on the way have to be such as are usual.
 */
export function detect(bytes: Uint8Array, start: number, end: number): Evidence {
  const begun = prefaceBegun(bytes, start, end)
  if (begun >= 0) return begun === preface.length ? 'request' : 'maybe'
  const header = new FrameHeader()
  let settings = false
  for (let at = start; at < end; at += frameHeaderBytes + header.length) {
    if (!mayBegin(bytes, at, end)) return 'no'
    if (end - at < frameHeaderBytes) break
    header.read(bytes, at)
    if (!header.isUsual || header.type === frameTypes.continuation) return 'no'
    if (header.type === frameTypes.settings && !header.has(acknowledged)) settings = true
    if (header.type !== frameTypes.headers) continue
    if (end - at < frameHeaderBytes + header.length) break
    const evidence = ofBlock(header, bytes, at + frameHeaderBytes)
    if (evidence !== 'maybe') return evidence
  }
  return settings ? 'weak-response' : 'maybe'
}

/** Whose header block it is: `maybe` for trailers, and where all refers to what was said before. */
function ofBlock(header: FrameHeader, bytes: Uint8Array, start: number): Evidence {
  const fragment = new Fragment()
  if (!header.has(endHeaders) || !fragment.read(header, bytes, start)) return 'no'
  const cursor = new FieldCursor()
  cursor.reset(bytes, fragment.start, fragment.end)
  const seen = new Set<FieldKind>()
  let count = 0
  while (count < fieldsMax && cursor.next()) {
    if (cursor.representation === 'size') continue
    const isStatic = cursor.index > 0 && cursor.index <= staticEntries
    const kind = isStatic ? staticKinds[cursor.index] : unknownField
    if (!isPlausible(cursor, bytes, kind)) return 'no'
    // pseudo-fields come first, and once (RFC 9113, 8.3)
    if (isPseudo(kind) && (seen.has(kind) || seen.has(otherField))) return 'no'
    if (kind !== unknownField) seen.add(isPseudo(kind) ? kind : otherField)
    count++
  }
  if (cursor.broken) return 'no'
  seen.delete(otherField)
  if (seen.size === 0) return 'maybe'
  if (!seen.has(statusField)) return ofRequest(header, seen.size)
  if (seen.size > 1) return 'no'
  return count > 1 ? 'response' : 'weak-response'
}

/** Streams that clients open have odd numbers (RFC 9113, 5.1.1). */
function ofRequest({ streamId }: FrameHeader, pseudoFields: number): Evidence {
  if (streamId % 2 === 0) return 'no'
  return pseudoFields > 1 ? 'request' : 'weak-request'
}

function isPseudo(kind: FieldKind): boolean {
  return kind >= methodField && kind <= statusField
}

/** Names and values that are spelled out are text (RFC 9113, 8.2.1), those of pseudo-fields are not empty. */
function isPlausible(cursor: FieldCursor, bytes: Uint8Array, kind: FieldKind): boolean {
  if (cursor.representation === 'indexed') return true
  const { index, nameStart, nameEnd, nameCoded, valueStart, valueEnd, valueCoded } = cursor
  if (index === 0 && !nameCoded && !isText(bytes, nameStart, nameEnd)) return false
  if (isPseudo(kind) && valueStart === valueEnd) return false
  return valueCoded || isText(bytes, valueStart, valueEnd)
}

function isText(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] < 0x20 && bytes[i] !== 0x09) return false
  return true
}
