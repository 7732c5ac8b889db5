import type { Arranged } from '#model/arrangement.ts'
import type { AgentState, AttributionScore, Link } from '#model/graph.ts'
import type { Health, ServiceKind, ServiceRole } from '#model/service.ts'

/**
 * What the server tells a browser over `/api/v1/live`: text messages for what changes rarely (topology, status, places),
 * and one binary frame a second with the figures of all links. A frame is whole: one that is lost or skipped costs
 * nothing. Messages of a type that one does not know are left out.
 */
export type LiveMessage = TopologyMessage | StatusMessage | PlacesMessage

/** Names once, then numbers: the frames' columns follow the order of `links`. */
export interface TopologyMessage {
  readonly type: 'topology'
  readonly version: number
  readonly services: readonly LiveService[]
  readonly links: readonly LiveLink[]
}

export interface LiveService {
  readonly id: string
  readonly name: string
  readonly kind: ServiceKind
  readonly role: ServiceRole
  readonly group: readonly string[]
  readonly instances: number
  readonly health: Health
  /** Whether the agents of its nodes report: all, some, or none of them. */
  readonly watched: 'wholly' | 'partly' | 'no'
  /** Nodes of it that do not: the first few. */
  readonly away: readonly string[]
  /** The node on which all of it runs, its cluster included; absent where there are several or none is known. */
  readonly node?: string
}

/** `client` and `server` are indexes into `services`. */
export interface LiveLink extends Omit<Link, 'client' | 'server'> {
  readonly client: number
  readonly server: number
}

export interface StatusMessage {
  readonly type: 'status'
  readonly atMs: number
  readonly attribution: AttributionScore
  readonly agents: readonly AgentState[]
  /** Orchestrators by name: what they say of themselves, in a sentence. */
  readonly orchestrators: readonly {
    readonly name: string
    readonly state: string
    readonly text: string
  }[]
  /** Lines lost to limits since the server started. */
  readonly droppedSamples: number
}

/** Where things stand in places of the map that somebody has arranged: all such places at first, then each when it changes. */
export interface PlacesMessage {
  readonly type: 'places'
  readonly places: readonly Arranged[]
  /** Who arranged it, as the writer calls itself; empty when that is not known. */
  readonly by: string
}

/** One second of all links; arrays are as long as the topology's `links`. Rates per second, latencies in us (0: none). */
export interface LiveFrame {
  readonly version: number
  /** Start of the second, ms since the epoch. */
  readonly timeMs: number
  readonly ok: Float32Array
  readonly warning: Float32Array
  readonly error: Float32Array
  readonly p50Us: Float32Array
  readonly p99Us: Float32Array
  /** Bytes per second, both directions. */
  readonly bytes: Float32Array
}

const magic = 0x314b4e49 // "INK1"
const headerBytes = 24
const columns = 6
const stepsPerOctave = 8
/** log2 of the smallest value a byte can say, in units of its column: 1/32; the largest is 2^26.7. */
const lowestOctave = -5

/** A value as a byte: 0 is none; else 8 steps an octave from 1/32 units on (within 4.5 %). */
function toByte(value: number, scale: number): number {
  if (!(value > 0)) return 0
  const step = Math.round((Math.log2(value / scale) - lowestOctave) * stepsPerOctave) + 1
  return Math.min(255, Math.max(1, step))
}

const byteValues = Float32Array.from({ length: 256 }, (_, byte) =>
  byte === 0 ? 0 : 2 ** ((byte - 1) / stepsPerOctave + lowestOctave),
)

/** What one unit is per column, so that a byte covers what occurs: rates 1/s, latencies 32 us, bytes 32 B/s. */
const scales = [1, 1, 1, 32, 32, 32]

/**
 * Encodes a frame: magic u32, version u32, link count u32, reserved u32, time f64 (ms), all little-endian; then six
 * columns of one byte a link: ok, warning, error, p50, p99, bytes on a logarithmic scale (8 steps an octave).
 */
export function encodeFrame(frame: LiveFrame): Uint8Array<ArrayBuffer> {
  const count = frame.ok.length
  const bytes = new Uint8Array(headerBytes + columns * count)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, magic, true)
  view.setUint32(4, frame.version, true)
  view.setUint32(8, count, true)
  view.setFloat64(16, frame.timeMs, true)
  const values = [frame.ok, frame.warning, frame.error, frame.p50Us, frame.p99Us, frame.bytes]
  for (let column = 0; column < columns; column++) {
    const from = headerBytes + column * count
    for (let i = 0; i < count; i++) bytes[from + i] = toByte(values[column][i], scales[column])
  }
  return bytes
}

/** The inverse of `encodeFrame`, within 4.5 %; undefined when the bytes are no frame. */
export function decodeFrame(buffer: ArrayBuffer): LiveFrame | undefined {
  if (buffer.byteLength < headerBytes) return undefined
  const view = new DataView(buffer)
  const count = view.getUint32(8, true)
  if (view.getUint32(0, true) !== magic) return undefined
  if (buffer.byteLength !== headerBytes + columns * count) return undefined
  const column = (index: number) => {
    const from = new Uint8Array(buffer, headerBytes + index * count, count)
    return Float32Array.from(from, byte => byteValues[byte] * scales[index])
  }
  return {
    version: view.getUint32(4, true),
    timeMs: view.getFloat64(16, true),
    ok: column(0),
    warning: column(1),
    error: column(2),
    p50Us: column(3),
    p99Us: column(4),
    bytes: column(5),
  }
}
