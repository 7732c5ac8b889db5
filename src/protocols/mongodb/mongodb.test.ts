import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateSync } from 'node:zlib'
import { clientSide, type Side, serverSide } from '#model/side.ts'
import { protocols } from '../index.ts'
import { formatTransaction, hear, type Piece } from '../talk.ts'
import { inflate, inflatedMax } from './compressed.ts'

type Value = string | number | { readonly [name: string]: Value }

const int32 = (...numbers: number[]): Buffer => Buffer.from(Int32Array.from(numbers).buffer)

function element(name: string, value: Value): Buffer {
  const key = Buffer.from(`${name}\0`)
  if (typeof value === 'number') return Buffer.concat([Buffer.of(0x10), key, int32(value)])
  if (typeof value === 'object') return Buffer.concat([Buffer.of(3), key, document(value)])
  const text = Buffer.from(`${value}\0`)
  return Buffer.concat([Buffer.of(2), key, int32(text.length), text])
}

function document(fields: { readonly [name: string]: Value }): Buffer {
  const elements = Buffer.concat(Object.entries(fields).map(([name, one]) => element(name, one)))
  return Buffer.concat([int32(elements.length + 5), elements, Buffer.of(0)])
}

function message(id: number, to: number, fields: { readonly [name: string]: Value }): Buffer {
  const body = document(fields)
  return Buffer.concat([int32(21 + body.length, id, to, 2013, 0), Buffer.of(0), body])
}

const piece = (side: Side, bytes: Uint8Array): Piece => ({ side, bytes, lostBytes: 0, timeUs: 0 })

function heard(asked: Uint8Array, answered: Uint8Array): string[] {
  const talk = {
    transport: 'tcp' as const,
    raw: false,
    midstream: false,
    pieces: [piece(clientSide, asked), piece(serverSide, answered)],
  }
  return hear(talk, protocols).transactions.map(formatTransaction)
}

const find = message(1, 0, { find: 'c', $db: 'd' })

for (const [error, expected] of [
  [{ code: 26, codeName: 'NamespaceNotFound' }, 'NamespaceNotFound error'],
  [{ code: 26 }, 'NamespaceNotFound error'],
  [{ code: 10107, codeName: 'NotMaster' }, 'NotMaster warning'],
  [{ code: 91, codeName: 'ShutdownInProgress' }, 'ShutdownInProgress error'],
  [{ code: 40324, codeName: 'Location40324' }, 'Location40324 error'],
  [{ code: 59, codeName: 'what a client sent: a secret' }, 'CommandNotFound error'],
  [{ code: 5999 }, '5999 error'],
  [{ errmsg: 'without a code' }, 'UnknownError error'],
] as const) {
  test(`the error ${JSON.stringify(error)} is ${expected}`, () => {
    const [line] = heard(find, message(9, 1, { ok: 0, ...(error as Record<string, Value>) }))
    assert.ok(line.startsWith(`mongodb find d.c ${expected} `), line)
  })
}

for (const [command, resource] of [
  [{ getLog: 'hidden', $db: 'admin' }, 'admin'],
  [{ dropUser: 'hidden', $db: 'admin' }, 'admin'],
  [{ $eval: 'hidden', $db: 'd' }, 'd'],
  [{ saslStart: 1, mechanism: 'hidden', payload: 'hidden', $db: 'admin' }, 'admin'],
  [{ getMore: 5, collection: 'c', $db: 'd' }, 'd.c'],
  [{ findAndModify: 'c', collection: 'hidden', $db: 'd' }, 'd.c'],
  [{ shardCollection: 'd.c', $db: 'admin' }, 'd.c'],
  [{ find: 'c', filter: { $db: 'hidden' }, $db: 'd' }, 'd.c'],
] as const) {
  test(`${JSON.stringify(command)} is about ${resource}`, () => {
    const asked = message(1, 0, command as Record<string, Value>)
    const [line] = heard(asked, message(9, 1, { ok: 1 }))
    assert.ok(line.startsWith(`mongodb ${Object.keys(command)[0]} ${resource} OK ok `), line)
  })
}

test('what grows beyond its own word, or any bound, is not read', () => {
  const bomb = deflateSync(Buffer.alloc(inflatedMax * 4))
  assert.equal(inflate(2, bomb, 100), undefined)
  assert.equal(inflate(2, bomb, inflatedMax), undefined)
  assert.equal(inflate(2, deflateSync(Buffer.from('abc')), 4), undefined)
  assert.equal(inflate(3, bomb, inflatedMax), undefined)
  assert.equal(inflate(9, bomb, 3), undefined)
})

test('a name of any length has a bounded text', () => {
  const [line] = heard(
    message(1, 0, { find: 'c'.repeat(9000), $db: 'd' }),
    message(9, 1, { ok: 1 }),
  )
  assert.ok(line.length < 350)
  assert.match(line, /^mongodb find d\.c+… OK ok/)
})

test('of an error that is longer than what is read, a code at its edge is none', () => {
  const before = element('before', 'x'.repeat(998))
  const code = Buffer.concat([Buffer.from('\x01code\0'), Buffer.alloc(8)])
  const failed = Buffer.concat([before, code, element('behind', 'x'.repeat(9000))])
  const inner = Buffer.concat([int32(failed.length + 5), failed, Buffer.of(0)])
  const error = Buffer.concat([Buffer.from('\x03writeConcernError\0'), inner])
  const body = Buffer.concat([int32(error.length + 5), error, Buffer.of(0)])
  const answer = Buffer.concat([int32(21 + body.length, 9, 1, 2013, 0), Buffer.of(0), body])
  const at = answer.indexOf('code\0') + 'code\0'.length
  for (let here = at; here < at + 8; here++) {
    // bytes of their own, behind which nothing can be read
    const pieces = [answer.subarray(0, here), answer.subarray(here)].map(bytes =>
      piece(serverSide, new Uint8Array(bytes)),
    )
    const talk = { transport: 'tcp' as const, raw: false, midstream: false, pieces: [] }
    const { faults, transactions } = hear(talk, protocols, [piece(clientSide, find), ...pieces])
    assert.deepEqual(faults, [], `cut at ${here - at} of 8`)
    assert.equal(transactions.length, 1)
  }
})
