import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type Change, changeOf, EventReader } from './events.ts'

const recording = readFileSync(new URL('./fixtures/events-20.10.txt', import.meta.url))

function readAll(chunks: Iterable<Buffer>) {
  const changes: Change[] = []
  const reader = new EventReader(changeOf, change => changes.push(change))
  for (const chunk of chunks) reader.read(chunk)
  return { changes, counters: reader.counters() }
}

function* pieces(bytes: Buffer, size: number) {
  for (let i = 0; i < bytes.length; i += size) yield Buffer.from(bytes.subarray(i, i + size))
}

test('an event is what stands before the colon, of what we care about', () => {
  const id = 'a'.repeat(64)
  const event = (Type: string, Action: string, Attributes: object = {}) =>
    changeOf(JSON.stringify({ Type, Action, Actor: { ID: id, Attributes } }))
  const container = { containers: [id], networks: false }
  const nothing = { containers: [], networks: false }
  assert.deepEqual(event('container', 'start'), container)
  assert.deepEqual(event('container', 'health_status: unhealthy'), container)
  assert.deepEqual(event('container', 'exec_start: sh -c start'), nothing)
  assert.deepEqual(event('container', 'create'), nothing)
  assert.deepEqual(event('network', 'connect', { container: 'b' }), {
    containers: ['b'],
    networks: false,
  })
  assert.deepEqual(event('network', 'disconnect'), nothing)
  assert.deepEqual(event('network', 'create'), { containers: [], networks: true })
  assert.deepEqual(event('image', 'start'), nothing)
  for (const text of ['', '[]', '1', '{', '{"Type":"container"}', '{"Action":1,"Type":2}']) {
    assert.equal(changeOf(text), undefined)
  }
})

test('a recording gives the same changes wherever it is cut, with newlines, without, as a sequence', () => {
  const whole = readAll([recording])
  assert.ok(whole.changes.length > 30)
  assert.deepEqual(whole.counters, { events: 86, malformed: 0, oversized: 0 })
  const text = recording.toString()
  const forms = [
    recording,
    Buffer.from(text.replaceAll('\n', '')),
    Buffer.from(text.replace(/^/gm, '\u001e')),
    Buffer.from(text.replaceAll('\n', '\r\n\r\n')),
  ]
  for (const form of forms) {
    for (const size of [1, 2, 7, 64, 1000, 4096]) {
      assert.deepEqual(readAll(pieces(form, size)), whole, `pieces of ${size}`)
    }
  }
  for (let at = 0; at < 2_000; at++) {
    const halves = [recording.subarray(0, at), recording.subarray(at)]
    assert.deepEqual(readAll(halves).changes, whole.changes, `cut at ${at}`)
  }
})

test('braces and quotes in names are not counted, nor are letters cut in two', () => {
  const id = 'é{"}\\'
  const text = JSON.stringify({ Type: 'container', Action: 'die', Actor: { ID: id } })
  for (let size = 1; size < 12; size++) {
    assert.deepEqual(readAll(pieces(Buffer.from(text + text), size)).changes, [
      { containers: [id], networks: false },
      { containers: [id], networks: false },
    ])
  }
})

test('garbage is counted and never more than an event is kept', () => {
  const good = '{"Type":"container","Action":"die","Actor":{"ID":"x"}}'
  const huge = `{"a":"${'b'.repeat(3 << 20)}"}`
  const { changes, counters } = readAll(
    pieces(Buffer.from(`${good}}}]{"no":1}{bad}${huge}${good}`), 9999),
  )
  assert.equal(changes.length, 2)
  assert.deepEqual(counters, { events: 2, malformed: 2, oversized: 1 })
})

test('any byte changed does not throw', () => {
  const start = recording.subarray(0, 6_000)
  for (let at = 0; at < start.length; at += 3) {
    const changed = Buffer.from(start)
    changed[at] ^= 0x5a
    assert.doesNotThrow(() => readAll([changed]), `at ${at}`)
  }
})
