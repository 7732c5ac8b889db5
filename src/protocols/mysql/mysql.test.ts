import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientSide, type Side, serverSide } from '#model/side.ts'
import type { Protocol } from '../protocol.ts'
import { formatTransaction, hear, type Piece, parseTalk } from '../talk.ts'
import { mysql } from './index.ts'
import { outcomeOf } from './outcome.ts'
import { statementStart } from './query.ts'

const lines = (text: string) => hear(parseTalk(text), [mysql]).transactions.map(formatTransaction)

/** A packet of that number. */
function packet(number: number, content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string, 'latin1')
  const head = Buffer.from([0, 0, 0, number & 0xff])
  head.writeUIntLE(bytes.length, 0, 3)
  return Buffer.concat([head, bytes])
}

const ok = (number: number) => packet(number, '\0\0\0\x02\0\0\0')

function say(side: Side, parts: readonly Buffer[], timeUs: number): Piece {
  return { side, bytes: Uint8Array.from(Buffer.concat(parts)), lostBytes: 0, timeUs }
}

const heard = (pieces: readonly Piece[]) =>
  hear({ transport: 'tcp', raw: false, midstream: true, pieces }, [mysql]).transactions

test('a login or access refused, a deadlock, a time limit: what the client must expect is a warning', () => {
  const warnings: [number, string][] = [
    [1045, '28000'],
    [1044, '42000'],
    [1142, '42000'],
    [1698, '28000'],
    [1213, '40001'],
    [1205, 'HY000'],
    [3024, 'HY000'],
    [1969, '70100'],
  ]
  for (const [code, sqlstate] of warnings) {
    assert.equal(outcomeOf({ code, sqlstate }), 'warning', `${code}`)
  }
  for (const code of [1040, 1062, 1064, 1146, 2013, 1290]) {
    assert.equal(outcomeOf({ code, sqlstate: 'HY000' }), 'error', `${code}`)
  }
})

test('behind a request for TLS all is TLS', () => {
  const sslRequest = `x'20000001 8caabf00 00000001 21 ${'00'.repeat(23)}'`
  const tls: Protocol = {
    name: 'tls',
    title: 'TLS',
    transports: ['tcp'],
    ports: [],
    detect: (bytes, start) => (bytes[start] === 0x16 ? 'request' : 'no'),
    open: () => ({ read() {}, gap() {}, close() {} }),
  }
  for (const hello of ["x'160301'", "\n> x'160301'"]) {
    const { flow, transactions } = hear(parseTalk(`> ${sslRequest} ${hello}`), [mysql, tls])
    assert.deepEqual(transactions.map(formatTransaction), [
      "mysql SSLRequest '' - ok 36>0 bytes unanswered",
    ])
    assert.equal(flow.protocol, 'tls')
  }
})

test('packets of the greatest length go on in the next', () => {
  const part = Buffer.alloc(0xffffff, 0x78)
  const text = Buffer.concat([Buffer.from("\x03SELECT '"), part.subarray(9)])
  const told = heard([
    say(clientSide, [packet(0, text), packet(1, part), packet(2, "'")], 0),
    say(
      serverSide,
      [packet(3, '\x01'), packet(4, '\x03def\0\0\0\x01a\0\x0c!\0\0\0\0\0\xfd\0\0\0\0\0')],
      1,
    ),
    say(
      serverSide,
      [packet(5, '\xfe\0\0\x02\0'), packet(6, part), packet(7, ''), packet(8, '\x01x')],
      2,
    ),
    say(serverSide, [packet(9, '\xfe\0\0\x02\0')], 3),
    say(clientSide, [packet(0, '\x0e')], 4),
    say(serverSide, [ok(1)], 5),
  ])
  assert.deepEqual(
    told.map(({ method, status, durationUs }) => [method, status, durationUs]),
    [
      ['SELECT', 'OK', 3],
      ['PING', 'OK', 1],
    ],
  )
  assert.equal(told[0].requestBytes, 2 * 0xffffff + 1 + 3 * 4)
})

test('a file of more packets than there are numbers', () => {
  const parts = Array.from({ length: 600 }, (_, i) => packet(i + 2, `\x03row ${i}\n`))
  const told = heard([
    say(clientSide, [packet(0, "\x03LOAD DATA LOCAL INFILE 'rows' INTO TABLE cart")], 0),
    say(serverSide, [packet(1, '\xfbrows')], 1),
    say(clientSide, [...parts, packet(602, '')], 2),
    say(serverSide, [ok(603)], 3),
    say(clientSide, [packet(0, '\x03SELECT 1')], 4),
    say(serverSide, [ok(1)], 5),
  ])
  assert.deepEqual(
    told.map(({ method, resource, status }) => [method, resource, status]),
    [
      ['LOAD', 'LOAD DATA LOCAL INFILE ? INTO TABLE cart', 'OK'],
      ['SELECT', 'SELECT ?', 'OK'],
    ],
  )
})

test('in midstream it is not known whether an EOF packet follows what was prepared: either is right', () => {
  const prepared = (ending: string) => `midstream
> x'11000000' x'16' "SELECT a FROM t1"
< x'0c000001 00 01000000 0100 0000 00 0000' x'17000002 03' "def" x'000000 01' "a" x'000c3f00010000000381000000 00'
  ${ending}
> x'0a000000 17 01000000 00 01000000'
< x'07000001 00 00 00 0200 0000'
`
  for (const ending of ['', "x'05000003 fe 0000 0200'"]) {
    const told = lines(prepared(ending)).map(line => line.replace(/ \d.*/, ''))
    assert.deepEqual(told, [
      'mysql PREPARE SELECT a FROM t1 OK ok',
      'mysql SELECT SELECT a FROM t1 OK ok',
    ])
  }
})

test('joined within rows, or after a loss, it finds the next answer', () => {
  const rows = 'x\'03000046 02\' "71" x\'03000047 02\' "72"'
  const talk = `midstream
> x'09000000 03' "SELECT 1"
< x'01000001 01' x'17000002 03' "def" x'000000 01' "a" x'000c3f00010000000381000000 00' x'05000003 fe 0000 0200'
< lost 5000
< ${rows}
< x'03000048 02' "73" x'05000049 fe 0000 0200'
> x'09000000 03' "SELECT b"
< x'07000001 00 00 00 0200 0000'
`
  assert.deepEqual(
    lines(talk).map(line => line.replace(/ \d+>.* bytes/, '')),
    ['mysql SELECT SELECT ? OK ok 4000us gap', 'mysql SELECT SELECT b OK ok 1000us'],
  )
})

test('a replica that acknowledges what it got stays what it is', () => {
  const pieces = [
    say(clientSide, [packet(0, '\x03SELECT 1')], 0),
    say(serverSide, [ok(1)], 1),
    say(clientSide, [packet(0, '\x12\x04\0\0\0\0\0\x02\0\0\0log.1')], 2),
    ...Array.from({ length: 20_000 }, (_, i) => [
      say(serverSide, [packet(i + 1, `\0\xef\x01event ${i}`)], i + 3),
      say(clientSide, [packet(0, '\xef\x04\x01\0\0\0\0\0\0log.1')], i + 3),
    ]).flat(),
  ]
  const { flow, transactions } = hear({ transport: 'tcp', raw: false, midstream: true, pieces }, [
    mysql,
  ])
  assert.equal(flow.protocol, 'mysql')
  assert.deepEqual(
    transactions.map(({ method, status }) => [method, status]),
    [
      ['SELECT', 'OK'],
      ['BINLOG_DUMP', 'OK'],
    ],
  )
})

test('thousands of prepared statements are forgotten, the latest and those in use are known', () => {
  const prepare = (id: number) => [
    say(clientSide, [packet(0, `\x16SELECT c${id} FROM t`)], id),
    say(
      serverSide,
      [packet(1, `\0${String.fromCharCode(id & 0xff, id >> 8)}\0\0\0\0\0\0\0\0\0`)],
      id,
    ),
  ]
  const run = (id: number) => [
    say(
      clientSide,
      [packet(0, `\x17${String.fromCharCode(id & 0xff, id >> 8)}\0\0\0\x01\0\0\0`)],
      id,
    ),
    say(serverSide, [ok(1)], id),
  ]
  const many = Array.from({ length: 2000 }, (_, i) => [...prepare(i + 1), ...run(1)]).flat()
  const told = heard([...many, ...run(2), ...run(2000)]).slice(-3)
  assert.deepEqual(
    told.map(({ resource }) => resource),
    ['SELECT c1 FROM t', '<prepared 2>', 'SELECT c2000 FROM t'],
  )
})

test('a query begins behind its attributes', () => {
  const cases: [string, string][] = [
    ['SELECT 1', 'SELECT 1'],
    ['\0\x01SELECT 1', 'SELECT 1'],
    ['\x01\x01\0\x01\xfe\0\x01a\x03bcdSELECT 1', 'SELECT 1'],
    ['\x01\x01\x01\x01\xfe\0\x01aSELECT 1', 'SELECT 1'],
    [
      '\x03\x01\0\x01\x08\0\x01a\x03\0\x01b\x0c\0\x01c12345678' + '1234\x04abcdSELECT 1',
      'SELECT 1',
    ],
    ['\x01\x01\0\x02', ''],
    ['\x01\x01\0\x01\xfe\0\xff', ''],
    [`\x41\x01${'x'.repeat(80)}`, ''],
  ]
  for (const [content, text] of cases) {
    const bytes = Buffer.from(content, 'latin1')
    const start = statementStart(bytes, 0, bytes.length)
    assert.equal(bytes.toString('latin1', start), text, JSON.stringify(content))
  }
})
