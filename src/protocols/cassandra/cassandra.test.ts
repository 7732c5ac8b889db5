import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import { clientSide, type Side, serverSide } from '#model/side.ts'
import { protocols } from '../index.ts'
import { formatTransaction, hear, type Piece } from '../talk.ts'
import { opcodes } from './envelope.ts'
import { crc24 } from './segment.ts'

const uint16 = (number: number) => Buffer.of(number >> 8, number)
const int32 = (number: number) => Buffer.concat([uint16(number >>> 16), uint16(number)])
const string = (text: string) => Buffer.concat([uint16(text.length), Buffer.from(text)])
const long = (text: string) => Buffer.concat([int32(text.length), Buffer.from(text)])

function envelope(version: number, opcode: number, stream: number, ...body: Buffer[]): Buffer {
  const bytes = Buffer.concat(body)
  const head = Buffer.of(version, 0, stream >> 8, stream, opcode)
  return Buffer.concat([head, int32(bytes.length), bytes])
}

function segment(payload: Buffer, isSelfContained = true): Buffer {
  const head = Buffer.alloc(6)
  head.writeUIntLE(payload.length | (isSelfContained ? 1 << 17 : 0), 0, 3)
  head.writeUIntLE(crc24(head, 0, 3), 3, 3)
  const tail = Buffer.alloc(4)
  tail.writeUInt32LE(crc32(payload, crc32(Buffer.from('fa2d55ca', 'hex'))))
  return Buffer.concat([head, payload, tail])
}

const options = Buffer.concat([uint16(1), string('CQL_VERSION'), string('3.0.0')])
const startup = (version: number) => envelope(version, opcodes.startup, 0, options)
const ready = (version: number) => envelope(version | 0x80, opcodes.ready, 0)
const query = (version: number, stream: number, text: string) =>
  envelope(version, opcodes.query, stream, long(text), Buffer.alloc(version < 5 ? 3 : 6))
const done = (version: number, stream: number) =>
  envelope(version | 0x80, opcodes.result, stream, int32(1))
const failed = (stream: number, code: number) =>
  envelope(0x84, opcodes.error, stream, int32(code), string('hidden'))

const piece = (side: Side, bytes: Uint8Array, lostBytes = 0): Piece => ({
  side,
  bytes,
  lostBytes,
  timeUs: 0,
})
const asks = (bytes: Uint8Array) => piece(clientSide, bytes)
const says = (bytes: Uint8Array) => piece(serverSide, bytes)

/** What is told after the greeting: `SELECT SELECT a OK ok`. */
function heard(version: number, pieces: readonly Piece[], raw = false): string[] {
  const all = [asks(startup(version)), says(ready(version)), ...pieces]
  const talk = { transport: 'tcp' as const, raw, midstream: false, pieces: all }
  const { transactions, faults } = hear(talk, protocols)
  assert.deepEqual(faults, [])
  return transactions.slice(1).map(one => formatTransaction(one).replace(/ \d+>\d+ bytes.*/, ''))
}

for (const [code, expected] of [
  [0x0000, 'Server_error error'],
  [0x1000, 'Unavailable error'],
  [0x1100, 'Write_timeout error'],
  [0x2000, 'Syntax_error error'],
  [0x2500, 'Unprepared warning'],
  [0x7777, '0x7777 error'],
] as const) {
  test(`the error ${code.toString(16)} is ${expected}`, () => {
    assert.deepEqual(heard(4, [asks(query(4, 1, 'SELECT a')), says(failed(1, code))]), [
      `cassandra SELECT SELECT a ${expected}`,
    ])
  })
}

test('literals are shown raw, passwords are not', () => {
  const texts = ["SELECT a FROM t WHERE b = 'x'", "ALTER ROLE ann WITH Password = 'hidden'"]
  const pieces = texts.flatMap((text, i) => [asks(query(4, i, text)), says(done(4, i))])
  assert.deepEqual(heard(4, pieces, true), [
    `cassandra SELECT ${texts[0]} OK ok`,
    'cassandra ALTER ALTER ROLE ann WITH Password = ? OK ok',
  ])
})

test('the checksum of a header', () => {
  // of the header 04 00 02: a payload of four bytes, self-contained
  const bytes = Buffer.of(4, 0, 2)
  let crc = 0x875060
  for (const byte of bytes) {
    crc ^= byte << 16
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ ((crc & 0x800000) === 0 ? 0 : 0x1974f0b)
  }
  assert.equal(crc24(bytes, 0, 3), crc & 0xffffff)
})

test('a segment whose payload was changed is not read, the next one is', () => {
  const bad = segment(query(5, 1, 'SELECT a'))
  bad[bad.length - 5] ^= 1
  assert.deepEqual(
    heard(5, [
      asks(bad),
      asks(segment(query(5, 2, 'SELECT b'))),
      says(segment(Buffer.concat([done(5, 1), done(5, 2)]))),
    ]),
    ['cassandra SELECT SELECT b OK ok'],
  )
})

test('segments of any length are read, and lost bytes within them are not missed', () => {
  const rows = envelope(0x85, opcodes.result, 1, int32(2), Buffer.alloc(300_000))
  const parts = [0, 1, 2].map(i => segment(rows.subarray(i * 120_000, (i + 1) * 120_000), false))
  const answer = Buffer.concat([...parts, segment(done(5, 2))])
  const questions = segment(Buffer.concat([query(5, 1, 'SELECT a'), query(5, 2, 'SELECT b')]))
  const expected = ['cassandra SELECT SELECT a OK ok', 'cassandra SELECT SELECT b OK ok']
  const whole = [asks(questions), says(answer)]
  assert.deepEqual(heard(5, whole), expected)
  for (const lost of [1, 1460, 100_000]) {
    const pieces = [
      asks(questions),
      says(answer.subarray(0, 10_000)),
      piece(serverSide, answer.subarray(10_000 + lost), lost),
    ]
    assert.deepEqual(heard(5, pieces), expected, `${lost} bytes lost`)
  }
})

test('statements that were prepared long ago are forgotten, those that are used are not', () => {
  const prepared = Array.from({ length: 600 }, (_, i) => [
    asks(envelope(4, opcodes.prepare, 1, long(`SELECT a${i} FROM t`))),
    says(envelope(0x84, opcodes.result, 1, int32(4), string(`id${i}`))),
    asks(envelope(4, opcodes.execute, 1, string('id0'), Buffer.alloc(3))),
    says(done(4, 1)),
  ]).flat()
  const last = [
    asks(envelope(4, opcodes.execute, 1, string('id1'), Buffer.alloc(3))),
    says(done(4, 1)),
  ]
  const lines = heard(4, [...prepared, ...last])
  assert.equal(lines.at(-2), 'cassandra SELECT SELECT a0 FROM t OK ok')
  assert.equal(lines.at(-1), 'cassandra EXECUTE <prepared> OK ok')
})
