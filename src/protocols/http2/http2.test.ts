import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Side } from '#model/side.ts'
import type { Transaction } from '#model/transaction.ts'
import { shareOptions } from '../conversation.ts'
import { protocols } from '../index.ts'
import { formatTransaction, hear, type Piece, parseTalk } from '../talk.ts'
import { Http2Decoder } from './decoder.ts'
import { resetOutcome } from './errors.ts'
import { preface } from './frame.ts'

/** A frame: type, flags, stream, payload. */
function frame(type: number, flags: number, id: number, payload: Uint8Array | string = ''): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload, 'hex') : payload
  const header = Buffer.alloc(9)
  header.writeUIntBE(body.length, 0, 3)
  header[3] = type
  header[4] = flags
  header.writeUInt32BE(id, 5)
  return Buffer.concat([header, body])
}

/** `GET /` */
const request = (id: number) => frame(1, 5, id, '828684')
/** `200`, and the stream ends. */
const response = (id: number) => frame(1, 5, id, '88')
const settings = frame(4, 0, 0)

/** A decoder that has heard the beginning of a connection. */
function connection() {
  const told: Transaction[] = []
  const options = shareOptions({ raw: false, fault: assert.fail })
  const decoder = new Http2Decoder(transaction => told.push(transaction), options)
  let timeUs = 0
  const say = (side: Side, ...pieces: Buffer[]) => {
    const bytes = Buffer.concat(pieces)
    decoder.read(side, bytes, 0, bytes.length, timeUs++)
  }
  say(0, preface, settings)
  say(1, settings)
  const statuses = () => told.map(({ status, outcome }) => `${status} ${outcome}`)
  return { decoder, told, say, statuses }
}

const upgrade = parseTalk(`
> "HEAD /cart?user=ann HTTP/1.1\\r\\nConnection: Upgrade, HTTP2-Settings\\r\\nUpgrade: h2c\\r\\n"
  "HTTP2-Settings: AAMAAABk\\r\\n\\r\\n"
< "HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: h2c\\r\\n\\r\\n" x'000000040000000000'
> "PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n" x'000000040000000000'
< x'000001010500000001' x'8d'
> x'000003010500000003' x'828684'
< x'000001010500000003' x'88'
`)

test('the request that upgrades a connection is answered on its first stream', () => {
  const whole = hear(upgrade, protocols)
  assert.equal(whole.flow.protocol, 'http2')
  const lines = whole.transactions.map(formatTransaction)
  assert.deepEqual(lines, [
    'http HEAD /cart?user=? 101 ok 109>71 bytes 1000us',
    'http2 HEAD /cart?user=? 404 warning 0>10 bytes 2000us',
    'http2 GET / 200 ok 12>10 bytes 1000us',
  ])
  const cut: Piece[] = upgrade.pieces.flatMap(piece =>
    Array.from(piece.bytes, byte => ({ ...piece, bytes: Uint8Array.of(byte) })),
  )
  assert.deepEqual(hear(upgrade, protocols, cut).transactions.map(formatTransaction), lines)
})

for (const [code, byServer, outcome] of [
  [8, false, 'warning'],
  [8, true, 'error'],
  [7, true, 'error'],
  [2, true, 'error'],
  [2, false, 'warning'],
  [1, true, 'warning'],
  [1, false, 'error'],
  [11, true, 'warning'],
  [99, true, 'error'],
] as const) {
  test(`a stream that the ${byServer ? 'server' : 'client'} resets with ${code}: ${outcome}`, () => {
    assert.equal(resetOutcome(code, byServer), outcome)
  })
}

test('a header block in many frames is read up to 64 KB, and of a longer one nothing', () => {
  for (const [frames, count] of [
    [15, 2],
    [17, 1],
  ] as const) {
    const { decoder, say, told } = connection()
    const value = Buffer.alloc(4096 - 4, 'x')
    const literal = Buffer.concat([
      Buffer.from('0001787f', 'hex'),
      Buffer.from([0xfd, 0x1e]),
      value,
    ])
    say(0, frame(1, 1, 1, '828684'))
    for (let i = 0; i < frames; i++) say(0, frame(9, 0, 1, literal))
    say(0, frame(9, 4, 1), request(3))
    say(1, response(1), response(3))
    assert.equal(told.length, count)
    assert.ok(decoder.heldBytes < 100_000)
  }
})

test('a header block that never ends holds no more than its limit', () => {
  const { decoder, say } = connection()
  say(0, frame(1, 1, 1, '828684'))
  for (let i = 0; i < 1000; i++) say(0, frame(9, 0, 1, Buffer.alloc(1000, 0x82)))
  assert.ok(decoder.heldBytes < 100_000, String(decoder.heldBytes))
})

test('streams beyond 4096 are not kept, and what is lost makes room', () => {
  const { decoder, say, told } = connection()
  for (let id = 1; id < 20_000; id += 2) say(0, request(id))
  assert.equal(told.length, 0)
  assert.ok(decoder.heldBytes < 4 * 1024 * 1024)
  decoder.gap(1, 100, 1_000_000)
  say(0, request(20_001))
  assert.equal(told.length, 1)
  say(1, response(20_001))
  assert.equal(told.length, 2)
})

test('many farewells cost little', () => {
  const { say, statuses } = connection()
  for (let id = 1; id < 8192; id += 2) say(0, request(id))
  const farewell = (last: number) =>
    frame(7, 0, 0, last.toString(16).padStart(8, '0').padEnd(16, '0'))
  const farewells = Buffer.concat(Array.from({ length: 10_000 }, (_, i) => farewell(10_000 - i)))
  const startMs = performance.now()
  say(1, farewells)
  assert.ok(performance.now() - startMs < 2000)
  assert.equal(statuses().length, 4095)
  assert.equal(statuses()[0], 'REFUSED_STREAM warning')
})

test('a stream that is asked again was not answered', () => {
  const { say, statuses } = connection()
  say(0, request(1), request(1))
  say(1, response(1))
  assert.deepEqual(statuses(), ['undefined error', '200 ok'])
})

test('frames of unknown types, and longer ones than agreed, are passed over', () => {
  const { say, statuses } = connection()
  say(0, request(1))
  say(1, frame(0x1f, 0xff, 77, Buffer.alloc(100)), frame(1, 4, 1, '88'))
  say(1, frame(0, 0, 1, Buffer.alloc(100_000)), frame(0, 1, 1, Buffer.alloc(1_000_000)))
  assert.deepEqual(statuses(), ['200 ok'])
})

test('an answer that began when the connection ended is told with what is known', () => {
  const { decoder, say, statuses } = connection()
  say(0, request(1), request(3))
  say(1, frame(1, 4, 1, '8e'))
  decoder.close(9)
  assert.deepEqual(statuses(), ['500 error', 'undefined error'])
})

test('bytes at random neither throw nor hang, nor are they HTTP/2', () => {
  const seed = Date.now() % 100_000
  let state = seed
  const random = () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return state >>> 16
  }
  for (let round = 0; round < 300; round++) {
    const { decoder, say } = connection()
    for (let i = 0; i < 20; i++) {
      const small = Uint8Array.from({ length: random() % 40 }, () => random() % 256)
      const header = frame(random() % 12, random() % 64, random() % 8, small)
      if (random() % 4 === 0) header[random() % header.length] = random()
      say((random() & 1) as Side, header)
      if (random() % 8 === 0) decoder.gap((random() & 1) as Side, random() % 100, i)
    }
    decoder.close(100)
    assert.ok(decoder.heldBytes < 100_000, `seed ${seed}`)
    const midstream = { transport: 'tcp', raw: false, midstream: true } as const
    const bytes = Uint8Array.from({ length: 300 }, () => random() % 256)
    const pieces: Piece[] = [{ side: 0, bytes, lostBytes: 0, timeUs: 0 }]
    const { flow, faults } = hear({ ...midstream, pieces }, protocols)
    assert.deepEqual(faults, [], `seed ${seed}`)
    assert.ok(flow.protocol !== 'http2', `seed ${seed}`)
  }
})
