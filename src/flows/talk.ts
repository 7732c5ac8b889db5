import type { Endpoint } from '#model/endpoint.ts'
import type { Packet } from '#model/packet.ts'
import { controlBit } from './segment.ts'
import { packetOf, writeSegment } from './write-packet.ts'

/** Whose talk it is; what is left out has a default. */
export interface Speakers {
  readonly client?: Endpoint
  readonly server?: Endpoint
  /** Sequence numbers of both SYNs. */
  readonly firsts?: readonly [number, number]
  readonly startUs?: number
}

/** One side of a talk while its packets are written. */
interface Speaker {
  readonly endpoint: Endpoint
  readonly first: number
  /** Relative sequence number that comes next: 0 is the SYN, 1 the first byte. */
  next: number
}

const controls: Readonly<Record<string, number>> = {
  SYN: controlBit.syn,
  'SYN-ACK': controlBit.syn | controlBit.ack,
  ACK: controlBit.ack,
  FIN: controlBit.fin | controlBit.ack,
  RST: controlBit.rst | controlBit.ack,
}

const encoder = new TextEncoder()

/**
 * Packets of a TCP talk in text, one a line, for tests: who sends (`>` client, `<` server), control bits, and payload,
 * at a relative sequence number where it is not the next one. `ack` is what the other side said so far unless given.
 *
 *     > SYN
 *     < SYN-ACK
 *     > "abc"
 *     > 7:"ghi" +5ms       early, 5 ms after the packet before (otherwise 1 ms)
 *     < "x" ack=4 win=0
 *     > 4:"def" cut=1      the last byte was not captured
 *     > FIN
 */
export function packetsOfTalk(talk: string, speakers: Speakers = {}): Packet[] {
  const [clientFirst, serverFirst] = speakers.firsts ?? [1000, 5000]
  const client = speakers.client ?? { ip: '10.0.0.1', port: 40000 }
  const server = speakers.server ?? { ip: '10.0.0.2', port: 80 }
  const from: Speaker = { endpoint: client, first: clientFirst, next: 0 }
  const to: Speaker = { endpoint: server, first: serverFirst, next: 0 }
  let timeUs = speakers.startUs ?? 1_000_000
  const packets: Packet[] = []
  for (const line of talk.split('\n').map(text => text.trim())) {
    if (line === '') continue
    timeUs += pauseUs(line)
    packets.push(line[0] === '>' ? say(from, to, line, timeUs) : say(to, from, line, timeUs))
  }
  return packets
}

function say(source: Speaker, target: Speaker, line: string, timeUs: number): Packet {
  const words = line.replace(/"[^"]*"/, '').split(/\s+/)
  let control = 0
  for (const word of words) control |= controls[word] ?? 0
  const said = /(?:(\d+):)?"([^"]*)"/.exec(line)
  const payload = encoder.encode(said?.[2] ?? '')
  if (said && (control & controlBit.syn) === 0) control |= controlBit.ack
  const seq = Number(said?.[1] ?? number(line, 'seq') ?? source.next)
  const takes = control & controlBit.syn || control & controlBit.fin ? 1 : 0
  source.next = Math.max(source.next, seq + payload.length + takes)
  const bytes = writeSegment(source.endpoint, target.endpoint, {
    seq: (source.first + seq) >>> 0,
    ack: control & controlBit.ack ? (target.first + (number(line, 'ack') ?? target.next)) >>> 0 : 0,
    control,
    window: number(line, 'win') ?? 65535,
    payload,
  })
  return packetOf(bytes, timeUs, number(line, 'cut') ?? 0)
}

function number(line: string, name: string): number | undefined {
  const found = new RegExp(`\\b${name}=(\\d+)`).exec(line)
  return found ? Number(found[1]) : undefined
}

function pauseUs(line: string): number {
  const found = /\+(\d+)(us|ms|s)\b/.exec(line)
  if (!found) return 1000
  return Number(found[1]) * { us: 1, ms: 1000, s: 1_000_000 }[found[2] as 'us' | 'ms' | 's']
}
