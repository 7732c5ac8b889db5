import { closeSync, openSync, writeSync } from 'node:fs'
import { writeSegment } from '#flows/write-packet.ts'

/** Writes packets to a pcap file of raw IP (link type 101), microsecond times, little-endian. */
export class CaptureFile {
  packets = 0
  readonly #fd: number
  #chunks: Uint8Array[] = []
  #pending = 0

  constructor(path: string) {
    this.#fd = openSync(path, 'w')
    const header = new DataView(new ArrayBuffer(24))
    header.setUint32(0, 0xa1b2c3d4, true)
    header.setUint16(4, 2, true)
    header.setUint16(6, 4, true)
    header.setUint32(16, 262_144, true)
    header.setUint32(20, 101, true)
    this.#put(new Uint8Array(header.buffer))
  }

  add(packet: Uint8Array, timeUs: number): void {
    const head = new DataView(new ArrayBuffer(16))
    head.setUint32(0, Math.floor(timeUs / 1e6), true)
    head.setUint32(4, timeUs % 1e6, true)
    head.setUint32(8, packet.length, true)
    head.setUint32(12, packet.length, true)
    this.#put(new Uint8Array(head.buffer))
    this.#put(packet)
    this.packets++
  }

  close(): void {
    this.#flush()
    closeSync(this.#fd)
  }

  #put(bytes: Uint8Array): void {
    this.#chunks.push(bytes)
    this.#pending += bytes.length
    if (this.#pending > 4 * 1024 * 1024) this.#flush()
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#chunks)
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at)
    this.#chunks = []
    this.#pending = 0
  }
}

const syn = 0x02
const ack = 0x10
const push = 0x18
const startUs = 1_790_000_000_000_000

/** Payload of a segment on Ethernet. */
const segmentBytes = 1448
/** Bodies that take turns: most answers are small, most bytes are in large ones. */
const bodyBytes = [200, 600, 1100, 1500, 4000, 12_000]

/**
 * Connections that take turns, as on a wire of Ethernet: responses in segments of 1,448 bytes, each second one and the
 * last acknowledged. Each packet is 10 us after the last.
 */
export function writeHttp(path: string, transactions: number, connections: number): number {
  const file = new CaptureFile(path)
  const encoder = new TextEncoder()
  let timeUs = startUs
  const talks = Array.from({ length: connections }, (_, i) => {
    const client = { ip: `10.1.${i >> 8}.${i & 255}`, port: 40_000 + (i % 20_000) }
    return { client, server: { ip: `10.2.0.${i % 50}`, port: 80 }, seq: 1000, ack: 5000 }
  })
  const send = (
    talk: (typeof talks)[number],
    isRequest: boolean,
    control: number,
    payload: Uint8Array = new Uint8Array(0),
  ) => {
    const segment = { control, window: 65_535, payload }
    file.add(
      isRequest
        ? writeSegment(talk.client, talk.server, { ...segment, seq: talk.seq, ack: talk.ack })
        : writeSegment(talk.server, talk.client, { ...segment, seq: talk.ack, ack: talk.seq }),
      timeUs,
    )
    timeUs += 10
    if (isRequest) talk.seq += payload.length || (control & syn ? 1 : 0)
    else talk.ack += payload.length || (control & syn ? 1 : 0)
  }
  for (const talk of talks) {
    send(talk, true, syn)
    send(talk, false, syn | ack)
  }
  const headers = `Host: shop.example.com\r\nUser-Agent: bench/1.0 (a browser of some length)\r\nAccept: text/html,application/json\r\nAccept-Encoding: gzip, br\r\nCookie: session=${'c'.repeat(80)}\r\n`
  const responses = bodyBytes.map(length =>
    encoder.encode(
      `HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nServer: bench\r\nDate: Sat, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: ${length}\r\nConnection: keep-alive\r\n\r\n${'x'.repeat(length)}`,
    ),
  )
  for (let i = 0; i < transactions; i++) {
    const talk = talks[i % connections]
    const request = `GET /articles/${i % 500}?page=${i % 7} HTTP/1.1\r\n${headers}\r\n`
    send(talk, true, push, encoder.encode(request))
    const response = responses[i % responses.length]
    for (let at = 0, nth = 1; at < response.length; at += segmentBytes, nth++) {
      send(talk, false, push, response.subarray(at, at + segmentBytes))
      if (nth % 2 === 0 || at + segmentBytes >= response.length) send(talk, true, ack)
    }
  }
  file.close()
  return file.packets
}

/** Bare acknowledgements of 1,000 connections: nothing but headers. */
export function writeHeaders(path: string, packets: number): void {
  const file = new CaptureFile(path)
  const payload = new Uint8Array(0)
  const segments = Array.from({ length: 2000 }, (_, i) => {
    const client = { ip: `10.1.0.${i % 250}`, port: 40_000 + (i >> 1) }
    const server = { ip: '10.2.0.1', port: 80 }
    const segment = { seq: 1000, ack: 5000, control: ack, window: 65_535, payload }
    return i % 2 === 0
      ? writeSegment(client, server, segment)
      : writeSegment(server, client, segment)
  })
  for (let i = 0; i < packets; i++) file.add(segments[i % segments.length], startUs + i)
  file.close()
}
