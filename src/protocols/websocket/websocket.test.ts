import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowEnd } from '#model/flow.ts'
import { clientSide, serverSide } from '#model/side.ts'
import { shareOptions } from '../conversation.ts'
import { protocols } from '../index.ts'
import { formatTransaction, hear as heard, parseTalk } from '../talk.ts'
import { outcomeOf } from './close-code.ts'
import { detect } from './detect.ts'
import { websocket } from './index.ts'

/** What one side says: `81 03 "abc"` as bytes, or so many lost ones. */
type Said = readonly [side: 0 | 1, bytes: string | number]

const bytesOf = (words: string) =>
  Buffer.concat(
    Array.from(words.matchAll(/"([^"]*)"|([0-9a-f]+)/g), ([, text, bytes]) =>
      text === undefined ? Buffer.from(bytes, 'hex') : Buffer.from(text, 'latin1'),
    ),
  )

/** Transactions without their protocol and resource. */
function hear(said: readonly Said[], end: FlowEnd | undefined = 'idle'): string[] {
  const lines: string[] = []
  const options = { ...shareOptions({ raw: false, fault: assert.fail }), resource: '/x' }
  const decoder = websocket.open(one => lines.push(formatTransaction(one)), options, 'tcp')
  for (const [index, [side, what]] of said.entries()) {
    const bytes = bytesOf(typeof what === 'string' ? what : '')
    if (typeof what === 'number') decoder.gap(side, what, index * 1000)
    else decoder.read(side, bytes, 0, bytes.length, index * 1000)
  }
  decoder.close(said.length * 1000, end)
  return lines.map(line => line.replace(/^websocket (\S+) \/x/, '$1'))
}

test('frames of any length are passed over', () => {
  const long: Said[] = [
    [1, '82 7f0000000000010000'],
    [1, '00 '.repeat(0x10000).trim()],
    [1, '81 01 "a"'],
  ]
  assert.deepEqual(hear(long), [
    'BINARY - ok 0>65546 bytes unanswered',
    'TEXT - ok 0>3 bytes unanswered',
  ])
})

for (const [what, bytes] of Object.entries({
  'a reserved opcode': '83 00',
  'a reserved bit': 'a1 00',
  'a compressed control frame': 'c9 00',
  'a ping in fragments': '09 00',
  'a ping too long': '89 7e 0080',
  'a length written too long': '81 7e 0001',
  'a length that nobody sends': '82 7f 8000000000000001',
})) {
  test(`${what} is no frame; what follows in another piece is`, () => {
    const heard = hear([
      [1, bytes],
      [1, '81 05 "hello"'],
    ])
    assert.deepEqual(heard, ['TEXT - ok 0>7 bytes unanswered'])
  })
}

test('after a loss frames are found where a piece is frames and nothing else', () => {
  const heard = hear([
    [1, '02 08 "part one"'],
    [1, 100],
    [1, '81 20 "within a payload"'],
    [1, '80 13 "an end of something"'],
    [1, '81 05 "again"'],
  ])
  assert.deepEqual(heard, [
    'BINARY - ok 0>10 bytes unanswered gap',
    'TEXT - ok 0>7 bytes unanswered',
  ])
})

test('after a loss a stream of frames is found wherever it is cut', () => {
  const frames = '81 02 "ab" 81 02 "cd" 81 02 "ef" 81 02 "gh" 81 02 "i'
  assert.equal(
    hear([
      [1, 100],
      [1, `"rest of one" ${frames}"`],
    ]).length,
    5,
  )
})

test('a server that masks and a client that does not are heard all the same', () => {
  const heard = hear([
    [0, '81 02 "ab"'],
    [1, '81 82 00000001 "cd"'],
  ])
  assert.deepEqual(heard, ['TEXT - ok 4>0 bytes unanswered', 'TEXT - ok 0>8 bytes unanswered'])
})

test('a message that another one cuts off failed', () => {
  const heard = hear([[0, '01 02 "ab" 81 02 "cd"']])
  assert.deepEqual(heard, ['TEXT - error 4>0 bytes unanswered', 'TEXT - ok 4>0 bytes unanswered'])
})

test('the end of a connection without a CLOSE is 1006, unless the end was not seen', () => {
  const text: Said = [1, '81 01 "a"']
  const last = (end: FlowEnd | undefined, ...said: Said[]) => hear([text, ...said], end).at(-1)
  assert.equal(last('ended'), 'CLOSE 1006 warning 0>0 bytes unanswered')
  assert.equal(last('reset'), 'CLOSE 1006 error 0>0 bytes unanswered')
  assert.equal(last('idle'), 'TEXT - ok 0>3 bytes unanswered')
  assert.equal(last(undefined), 'TEXT - ok 0>3 bytes unanswered')
  assert.equal(last('ended', [1, 7]), 'TEXT - ok 0>3 bytes unanswered')
  assert.equal(last('reset', [0, '88 00'], [1, '88 00']), 'CLOSE 1005 ok 2>2 bytes 1000us')
})

test('a ping is not answered for want of frames that were lost', () => {
  const heard = hear([
    [0, '89 80 00000000'],
    [1, 10],
  ])
  assert.deepEqual(heard, ['PING - ok 6>0 bytes unanswered gap'])
})

test('the fault that a close code names is that of who caused it', () => {
  const outcomes = (code: number) => [outcomeOf(code, clientSide), outcomeOf(code, serverSide)]
  assert.deepEqual(outcomes(1000), ['ok', 'ok'])
  assert.deepEqual(outcomes(1001), ['ok', 'ok'])
  assert.deepEqual(outcomes(1002), ['error', 'warning'])
  assert.deepEqual(outcomes(1009), ['error', 'warning'])
  assert.deepEqual(outcomes(1011), ['warning', 'error'])
  assert.deepEqual(outcomes(1012), ['warning', 'warning'])
  assert.deepEqual(outcomes(4401), ['warning', 'warning'])
})

test('random bytes are no text of a client', () => {
  const seed = 7
  let state = seed
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 24
  }
  for (let i = 0; i < 20_000; i++) {
    const bytes = Uint8Array.from({ length: 4 + (i % 60) }, random)
    bytes[0] = 0x81
    const evidence = detect(bytes, 0, bytes.length)
    assert.ok(evidence !== 'request' && evidence !== 'weak-response', `seed ${seed}, ${i}`)
  }
})

for (const [what, bytes, evidence] of [
  ["a client's text", '81 88 00000001 "longteyt"', 'request'],
  ["a client's text of which more is to come", '81 89 00000001 "longteyt"', 'maybe'],
  ["a client's text whose mask hides nothing", '81 88 00000000 "longtext"', 'weak-request'],
  ["a client's short text", '81 84 00000001 "texu"', 'weak-request'],
  ["a client's pong", '8a 80 00000001', 'weak-request'],
  ['what seems a pong with something behind', '8a 80 00000001 00', 'no'],
  ["a server's text", '81 08 "longtext"', 'weak-response'],
  ["a server's compressed text", 'c1 08 "longtext"', 'no'],
  ["a server's bytes", '82 08 "longtext"', 'no'],
] as const) {
  test(`${what} is evidence: ${evidence}`, () => {
    const all = bytesOf(bytes)
    assert.equal(detect(all, 0, all.length), evidence)
  })
}

test('a server that tells, and a client that only says it lives, are known in midstream', () => {
  const talk =
    'midstream\n' +
    '< x\'810e\' "{\\"price\\":101.5}" x\'890137\'\n' +
    "> x'8a8137fa213d00'\n" +
    '< x\'810e\' "{\\"price\\":101.6}"\n'
  const { flow, transactions } = heard(parseTalk(talk), protocols)
  assert.equal(flow.protocol, 'websocket')
  assert.deepEqual(
    transactions.map(({ method }) => method),
    ['TEXT', 'PING', 'TEXT', 'CLOSE'],
  )
})
