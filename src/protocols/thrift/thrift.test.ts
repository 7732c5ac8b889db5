import assert from 'node:assert/strict'
import { test } from 'node:test'
import { protocols } from '../index.ts'
import { formatTransaction, hear, parseTalk } from '../talk.ts'
import { detect } from './detect.ts'

const heard = (text: string) => hear(parseTalk(text), protocols)
const lines = (text: string) => heard(text).transactions.map(formatTransaction)
const hex = (...bytes: number[]) => `x'${Buffer.from(bytes).toString('hex')}'`

/** An unframed message of the strict binary protocol. */
const message = (type: number, name: string, struct: string, sequence = 0) =>
  `${hex(0x80, 1, 0, type, 0, 0, 0, name.length)} "${name}" ${hex(0, 0, 0, sequence)} ${struct}`
const end = hex(0)

for (const [code, expected] of Object.entries({
  0: 'UNKNOWN error',
  1: 'UNKNOWN_METHOD warning',
  2: 'INVALID_MESSAGE_TYPE warning',
  3: 'WRONG_METHOD_NAME warning',
  4: 'BAD_SEQUENCE_ID warning',
  5: 'MISSING_RESULT error',
  6: 'INTERNAL_ERROR error',
  7: 'PROTOCOL_ERROR warning',
  8: 'INVALID_TRANSFORM warning',
  9: 'INVALID_PROTOCOL warning',
  10: 'UNSUPPORTED_CLIENT_TYPE warning',
  11: 'EXCEPTION TYPE 11 error',
})) {
  test(`an exception of type ${code} is ${expected}`, () => {
    const struct = `${hex(8, 0, 2, 0, 0, 0, Number(code))} ${end}`
    const [line] = lines(`> ${message(1, 'call', end)}\n< ${message(3, 'call', struct)}\n`)
    assert.ok(line.startsWith(`thrift call '' ${expected} `), line)
  })
}

test('structs in structs are believed up to a depth', () => {
  const nested = (depth: number) =>
    `${hex(...Array(depth).fill([12, 0, 1]).flat())} ${hex(...Array(depth + 1).fill(0))}`
  const talk = (depth: number) =>
    `> ${message(1, 'deep', nested(depth))}\n< ${message(2, 'deep', end)}\n`
  assert.equal(lines(talk(60)).length, 1)
  assert.deepEqual(heard(talk(5000)).faults, [])
})

test('a frame of any size is passed over, and nothing of it is kept', () => {
  const length = 200_000
  const head = `${hex(0, 3, 0x0d, 0x40)} ${message(1, 'store', hex(11, 0, 1, 0, 3, 0x0d, 0x2a))}`
  const rest = Array(4)
    .fill(`> ${hex(...Array(50_000).fill(0x61))}\n`)
    .join('')
  const reply = `${hex(0, 0, 0, 18)} ${message(2, 'store', end)}`
  // the frame's 200,000 bytes are 17 of a header, 7 before the text, the text, and the end of the struct
  const [line] = lines(`> ${head}\n${rest.replace(/(61){25}'\n$/, "'\n")}> ${end}\n< ${reply}\n`)
  assert.match(line, new RegExp(`^thrift store '' OK ok ${length + 4}>22 bytes`))
})

test('calls that are counted are answered in any order, and what is not answered is told', () => {
  const calls = [7, 8, 9].map(sequence => `> ${message(1, `call${sequence}`, end, sequence)}\n`)
  const replies = [9, 7].map(sequence => `< ${message(2, `call${sequence}`, end, sequence)}\n`)
  assert.deepEqual(
    lines([...calls, ...replies].join('')).map(line => line.split(' ').slice(1, 5).join(' ')),
    ["call9 '' OK ok", "call7 '' OK ok", "call8 '' - error"],
  )
})

test('neither arguments nor results are told, raw neither', () => {
  const text = `${hex(11, 0, 1, 0, 0, 0, 6)} "hidden" ${end}`
  for (const raw of ['', 'raw\n']) {
    const told = lines(`${raw}> ${message(1, 'login', text)}\n< ${message(2, 'login', text)}\n`)
    assert.equal(told.length, 1)
    assert.doesNotMatch(told.join(), /hidden/)
  }
})

for (const [what, bytes] of Object.entries({
  'the startup of PostgreSQL': '0000002300030000757365720070',
  'a request of Kafka': '0000002b00120003000000010007636f6e736f6c65',
  'a subscription of MQTT': '8221000100',
  'a set of memcached': '800100030800000000000013',
  'strings with a length before each': '0000000474657374000000046d6f7265',
  'a name that is none': '80010001000000032e0a21000000000000',
})) {
  test(`${what} is not Thrift`, () => {
    const found = Buffer.from(bytes, 'hex')
    assert.equal(detect(found, 0, found.length, 'tcp'), 'no')
  })
}

test('a binary message of a WebSocket is Thrift only if the other side says so, too', () => {
  const found = Buffer.from('82210a0568656c6c6f1203616263', 'hex')
  assert.equal(detect(found, 0, found.length, 'tcp'), 'weak-request')
})
