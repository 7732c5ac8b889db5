import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Random, random } from '#lib/random.ts'
import type { Packet } from '#model/packet.ts'
import { Flows } from './flows.ts'
import { controlBit } from './segment.ts'
import { packetOf, writeDatagram, writeSegment } from './write-packet.ts'

const ends = [
  { ip: '10.0.0.1', port: 40000 },
  { ip: '10.0.0.2', port: 80 },
] as const
const { syn, ack } = controlBit

/** A segment of a stream: bytes `[from, to)`. */
interface Piece {
  readonly from: number
  readonly to: number
}

/** What a reader was told of side 0: bytes where they lie in the stream, -1 where a gap was told. */
interface Told {
  readonly bytes: number[]
  gapBytes: number
}

/** The stream cut into segments, some repeated in other cuts, each at most `reach` places from its turn. */
function pieces({ next }: Random, length: number, reach: number): Piece[] {
  const cut: Piece[] = []
  for (let from = 0; from < length; ) {
    const to = Math.min(length, from + 1 + next(50))
    cut.push({ from, to })
    if (next(5) === 0) cut.push({ from: Math.max(0, from - next(40)), to })
    from = to
  }
  return cut
    .map((piece, i) => ({ piece, place: i + next(reach + 1) }))
    .sort((a, b) => a.place - b.place)
    .map(({ piece }) => piece)
}

/** Plays pieces of a stream after a handshake; `cutOf` says how much of each was not captured. */
function play(
  stream: Uint8Array,
  sent: readonly Piece[],
  first: number,
  cutOf: (piece: Piece) => number = () => 0,
) {
  const told: Told = { bytes: [], gapBytes: 0 }
  const flows = new Flows({
    open: () => ({
      read: (side, bytes, start, end) => {
        if (side === 0) told.bytes.push(...bytes.subarray(start, end))
      },
      gap: (_side, lengthBytes) => {
        told.gapBytes += lengthBytes
        for (let i = 0; i < lengthBytes; i++) told.bytes.push(-1)
      },
      close: () => {},
    }),
  })
  let timeUs = 0
  const add = (side: 0 | 1, seq: number, control: number, payload = new Uint8Array(0), cut = 0) => {
    const segment = { seq: seq >>> 0, ack: (first + 1) >>> 0, control, window: 1000, payload }
    const packet = packetOf(writeSegment(ends[side], ends[1 - side], segment), ++timeUs, cut)
    flows.add(packet)
    // The bytes are the source's: whoever kept a view would see this.
    packet.bytes.fill(238)
  }
  add(0, first, syn)
  add(1, 7, syn | ack)
  for (const piece of sent) {
    add(0, first + 1 + piece.from, 0, stream.slice(piece.from, piece.to), cutOf(piece))
  }
  flows.flush(timeUs)
  let sentBytes = 0
  let lostBytes = 0
  flows.visit(flow => {
    sentBytes = flow.sent[0].bytes
    lostBytes = flow.sent[0].lostBytes
  })
  return { told, flows, sentBytes, lostBytes }
}

const streamOf = ({ next }: Random, length: number) => Uint8Array.from({ length }, () => next(256))

test('a stream cut, repeated and reordered within bounds is told as it was', () => {
  const source = random()
  for (let round = 0; round < 200; round++) {
    const stream = streamOf(source, 1 + source.next(3000))
    const sent = pieces(source, stream.length, source.next(20))
    const { told, flows } = play(stream, sent, source.next(2 ** 32))
    const where = `seed ${source.seed}, round ${round}`
    assert.deepEqual(told.bytes, [...stream], where)
    assert.equal(flows.counters.lostBytes, 0, where)
    assert.equal(flows.counters.heldBytes, 0, where)
  }
})

test('with losses and cuts, bytes and gaps account for every byte at its place', () => {
  const source = random()
  for (let round = 0; round < 200; round++) {
    const stream = streamOf(source, 1 + source.next(800))
    const kept = pieces(source, stream.length, source.next(20)).filter(() => source.next(4) > 0)
    const cuts = new Map(kept.map(piece => [piece, source.next(8) === 0 ? 1 : 0]))
    const { told, flows, sentBytes, lostBytes } = play(
      stream,
      kept,
      source.next(2 ** 32),
      piece => cuts.get(piece)!,
    )
    const where = `seed ${source.seed}, round ${round}`
    const end = Math.max(0, ...kept.map(piece => piece.to))
    assert.equal(told.bytes.length, end, where)
    for (const [i, byte] of told.bytes.entries()) {
      if (byte >= 0) assert.equal(byte, stream[i], `${where}, byte ${i}`)
      else {
        const seen = kept.some(({ from, to }) => i >= from && i < to)
        const cut = kept.some(piece => i === piece.to - 1 && cuts.get(piece) === 1)
        assert.ok(!seen || cut, `${where}: byte ${i} was seen and told as lost`)
      }
    }
    assert.equal(sentBytes + lostBytes, end, where)
    assert.ok(flows.counters.cutBytes >= told.gapBytes - lostBytes, where)
  }
})

/** A packet of nonsense, often with a plausible beginning. */
function nonsense(source: Random, timeUs: number): Packet {
  const { next } = source
  const payload = streamOf(source, next(80))
  const near = ends.map(({ ip, port }) => ({ ip: next(2) ? ip : 'fd00::1', port: port + next(2) }))
  const side = next(2)
  const [from, to] = [near[side], { ...near[1 - side], ip: near[side].ip }]
  const control = next(64)
  const segment = {
    seq: next(3) ? next(500) : next(2 ** 32),
    ack: next(500),
    control,
    window: 0,
    payload,
  }
  const bytes = next(4) ? writeSegment(from, to, segment) : writeDatagram(from, to, payload)
  for (let flips = next(4); flips > 0; flips--) bytes[next(bytes.length)] = next(256)
  const packet = packetOf(next(10) ? bytes : streamOf(source, next(100)), timeUs)
  packet.end -= next(3) ? 0 : Math.min(packet.end, next(60))
  packet.start = next(20) ? 0 : Math.min(packet.end, next(10))
  return packet
}

test('nonsense never throws, each reader is closed once and last, and no limit is passed', () => {
  const source = random()
  let open = 0
  const flows = new Flows({
    flowsMax: 16,
    heldBytesMax: 500,
    open: flow => {
      let closed = false
      open++
      if (source.next(9) === 0) return undefined
      const check = (start: number, end: number) => {
        assert.equal(closed, false, `seed ${source.seed}`)
        assert.ok(end > start, `seed ${source.seed}`)
        if (source.next(5) === 0) flow.swap()
      }
      return {
        read: (_side, bytes, start, end) => {
          check(start, end)
          assert.ok(end <= bytes.length)
        },
        gap: (_side, lengthBytes) => check(0, lengthBytes),
        close: () => {
          assert.equal(closed, false, `seed ${source.seed}`)
          closed = true
        },
      }
    },
  })
  let timeUs = 0
  for (let i = 0; i < 100_000; i++) {
    timeUs += source.next(50) === 0 ? source.next(5_000_000) : source.next(1000)
    if (source.next(1000) === 0) timeUs -= 10_000_000
    flows.add(nonsense(source, timeUs))
    if (source.next(100) === 0) flows.tick(timeUs)
    const { flows: size, heldBytes } = flows.counters
    assert.ok(
      size <= 16 && heldBytes <= 500,
      `seed ${source.seed}: ${size} flows, ${heldBytes} bytes`,
    )
  }
  flows.flush(timeUs)
  const { counters } = flows
  assert.equal(counters.flows, 0)
  assert.equal(counters.heldBytes, 0)
  assert.equal(counters.opened, open)
  assert.equal(counters.packets, 100_000)
  assert.ok(counters.malformed > 0 && counters.evicted > 0 && counters.gaps > 0)
})
