import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Transaction } from '#model/transaction.ts'
import { converse, shareOptions } from '../conversation.ts'
import { flowOf, parseTalk } from '../talk.ts'
import { kafka } from './index.ts'
import { apis } from './layout.ts'

const talk = parseTalk(readFileSync(new URL('fixtures/modern.talk', import.meta.url), 'utf8'))

test('the name of a topic that one connection tells is known on others', () => {
  const told: Transaction[] = []
  const options = shareOptions({ raw: false, fault: (_, reason) => assert.fail(String(reason)) })
  for (let connection = 0; connection < 2; connection++) {
    const done = (transaction: Transaction) => told.push(transaction)
    const reader = converse(flowOf(talk, 9092), [kafka], done, options)
    for (const { side, bytes, timeUs } of talk.pieces) {
      reader.read(side, bytes, 0, bytes.length, timeUs)
    }
    reader.close('ended', 0)
  }
  const first = told.filter(({ method }) => method === 'Fetch').map(({ resource }) => resource)
  assert.deepEqual(first.slice(0, 2), ['<topic GhoaGhoaGhoaGhoaGhoaGg>', 'orders +1'])
  assert.equal(first[first.length / 2], 'orders')
})

test('who leaves while a fetch may wait is not failed; who waits longer is', () => {
  const fetch = talk.pieces[2]
  for (const [closedUs, outcome] of [
    [400_000, 'ok'],
    [600_000, 'error'],
  ] as const) {
    const told: Transaction[] = []
    const options = shareOptions({ raw: false, fault: () => {} })
    const reader = converse(
      flowOf(talk, 9092),
      [kafka],
      transaction => told.push(transaction),
      options,
    )
    reader.read(0, fetch.bytes, 0, fetch.bytes.length, 0)
    reader.close('ended', closedUs)
    assert.deepEqual(
      told.map(one => [one.method, one.status, one.outcome]),
      [['Fetch', undefined, outcome]],
    )
  }
})

test('every API has a name and a layout that reads', () => {
  assert.equal(apis.length, 93)
  assert.equal(new Set(apis.map(({ name }) => name)).size, apis.length)
  for (const { name, latest, answers } of apis) {
    assert.match(name, /^[A-Z][A-Za-z]+$/)
    assert.ok(latest >= 0, name)
    assert.ok(answers, name)
  }
})
