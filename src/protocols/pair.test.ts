import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Transaction } from '#model/transaction.ts'
import { Pairs, waitingMax } from './pair.ts'

function talk() {
  const told: Transaction[] = []
  const pairs = new Pairs('test', transaction => told.push(transaction))
  const ask = (resource: string, startUs: number) => pairs.ask('GET', resource, startUs)
  const answer = (status: string, startUs: number) =>
    pairs.answer({ status, outcome: 'ok', startUs, endUs: startUs + 1, bytes: 5, gap: false })
  const lines = () =>
    told.map(
      ({ resource, status = '-', outcome, gap }) =>
        `${resource} ${status} ${outcome}${gap ? ' gap' : ''}`,
    )
  return { told, pairs, ask, answer, lines }
}

test('answers go to those who asked, in order', () => {
  const { told, ask, answer, lines } = talk()
  ask('a', 0)
  ask('b', 1).bytes = 7
  answer('1', 2)
  ask('c', 3)
  answer('2', 10)
  answer('3', 20)
  assert.deepEqual(lines(), ['a 1 ok', 'b 2 ok', 'c 3 ok'])
  assert.equal(told[1].requestBytes, 7)
  assert.equal(told[1].responseBytes, 5)
  assert.equal(told[1].durationUs, 10)
})

test('an answer that nobody asked for is counted, not told', () => {
  const { pairs, ask, answer, lines } = talk()
  assert.equal(answer('1', 0), false)
  ask('a', 1)
  assert.equal(answer('2', 2), true)
  assert.equal(pairs.orphans, 1)
  assert.deepEqual(lines(), ['a 2 ok'])
})

test('who still waits at the end was not answered: an error, unless bytes were lost', () => {
  const first = talk()
  first.ask('a', 0)
  first.ask('b', 0)
  first.pairs.close()
  assert.deepEqual(first.lines(), ['a - error', 'b - error'])
  const second = talk()
  second.ask('a', 0)
  second.pairs.lose()
  second.pairs.close()
  assert.deepEqual(second.lines(), ['a - ok gap'])
  const third = talk()
  third.ask('a', 0)
  third.pairs.lose(false)
  third.pairs.close()
  assert.deepEqual(third.lines(), ['a - error'])
})

test('after a loss an answer goes to the latest that was asked before it', () => {
  const { pairs, ask, answer, lines } = talk()
  ask('lost answer', 0)
  pairs.lose()
  ask('b', 10)
  ask('c', 30)
  answer('b', 20)
  answer('c', 40)
  ask('d', 50)
  answer('d', 60)
  assert.deepEqual(lines(), ['lost answer - ok gap', 'b b ok gap', 'c c ok gap', 'd d ok'])
})

test("after a loss an answer from before all that wait is nobody's", () => {
  const { pairs, ask, answer, lines } = talk()
  pairs.lose()
  ask('a', 10)
  assert.equal(answer('old', 5), false)
  answer('a', 20)
  assert.deepEqual(lines(), ['a a ok gap'])
})

test('a request that wants no answer is told at once and shifts nobody', () => {
  const { pairs, ask, answer, lines } = talk()
  ask('a', 0)
  ask('silent', 1)
  pairs.expectNone()
  ask('b', 2)
  answer('a', 3)
  answer('b', 4)
  assert.deepEqual(lines(), ['silent - ok', 'a a ok', 'b b ok'])
})

test('beyond the limit requests are not told, and those after them still get their own answers', () => {
  const { pairs, ask, answer, told } = talk()
  for (let i = 0; i < waitingMax + 10; i++) ask(`${i}`, i)
  assert.equal(pairs.count, waitingMax)
  assert.equal(pairs.beyond, 10)
  for (let i = 0; i < waitingMax + 10; i++) answer(`${i}`, waitingMax + i)
  assert.equal(told.length, waitingMax)
  assert.ok(told.every(({ resource, status }) => resource === status))
  ask('after', 1e6)
  answer('after', 1e6)
  assert.equal(told.at(-1)?.resource, 'after')
  assert.equal(pairs.orphans, 0)
})

test('who asked to be told only what there is to say is passed over by a later answer, and is no error', () => {
  const { pairs, ask, answer, lines } = talk()
  ask('a', 0).quiet = true
  ask('b', 0)
  ask('c', 0).quiet = true
  pairs.pass()
  answer('1', 1)
  pairs.close()
  assert.deepEqual(lines(), ['a - ok', 'b 1 ok', 'c - ok'])
  pairs.pass()
  ask('d', 2)
  pairs.close()
  assert.equal(lines().at(-1), 'd - error')
})

test('long resources are weighed while they wait, and only then', () => {
  const { pairs, ask, answer } = talk()
  ask('x'.repeat(10_000), 0)
  ask('y'.repeat(5000), 1)
  assert.ok(pairs.heldBytes > 14_000)
  pairs.expectNone()
  const withOne = pairs.heldBytes
  assert.ok(withOne > 9000 && withOne < 11_000)
  answer('1', 2)
  const slots = pairs.heldBytes
  assert.ok(slots < 1000)
  for (let i = 0; i <= waitingMax; i++) ask('z'.repeat(300), i)
  pairs.expectNone()
  assert.equal(pairs.beyond, 1)
  pairs.close()
  assert.equal(pairs.heldBytes, 0)
})
