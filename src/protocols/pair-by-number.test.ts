import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Transaction } from '#model/transaction.ts'
import { waitingMax } from './pair.ts'
import { PairsByNumber } from './pair-by-number.ts'
import { formatTransaction } from './talk.ts'

function pairs() {
  const told: Transaction[] = []
  const found = new PairsByNumber('x', transaction => told.push(transaction))
  const answer = (number: number, endUs: number, gap = false) =>
    found.answer(number, { status: 'OK', outcome: 'ok', startUs: endUs, endUs, bytes: 2, gap })
  return { pairs: found, answer, lines: () => told.map(formatTransaction) }
}

test('answers come in any order', () => {
  const { pairs: x, answer, lines } = pairs()
  x.ask(7, 'A', 'a', 0).bytes = 5
  x.ask(8, 'B', 'b', 10)
  assert.equal(x.count, 2)
  assert.ok(answer(8, 30))
  assert.ok(answer(7, 40, true))
  assert.deepEqual(lines(), ['x B b OK ok 0>2 bytes 20us', 'x A a OK ok 5>2 bytes 40us gap'])
})

test('an answer to nothing is an orphan, a second one too', () => {
  const { pairs: x, answer, lines } = pairs()
  x.ask(1, 'A', 'a', 0)
  assert.ok(answer(1, 1))
  assert.ok(!answer(1, 2))
  assert.equal(x.orphans, 1)
  assert.equal(lines().length, 1)
})

test('a number used again before it is answered leaves the earlier request unanswered', () => {
  const { pairs: x, answer, lines } = pairs()
  x.ask(1, 'A', 'a', 0)
  x.ask(1, 'B', 'b', 5)
  answer(1, 6)
  assert.deepEqual(lines(), ['x A a - error 0>0 bytes unanswered', 'x B b OK ok 0>2 bytes 1us'])
})

test('what is unanswered at the end is an error, unless its answer may be lost', () => {
  const { pairs: x, lines } = pairs()
  x.ask(1, 'A', 'a', 0)
  x.lose(3)
  x.ask(2, 'B', 'b', 5)
  x.close()
  assert.deepEqual(lines(), [
    'x A a - ok 0>0 bytes unanswered gap',
    'x B b - error 0>0 bytes unanswered',
  ])
  assert.equal(x.heldBytes, 0)
})

test('what wants no answer is told at once, and is no error', () => {
  const { pairs: x, lines } = pairs()
  x.say('PUBLISH', 'news', 1, 9, false)
  assert.deepEqual(lines(), ['x PUBLISH news - ok 9>0 bytes unanswered'])
})

test('only so many wait: the oldest make room, and nobody knows how they were answered', () => {
  const { pairs: x, answer, lines } = pairs()
  for (let i = 0; i < waitingMax + 2; i++) x.ask(i, 'A', `${i}`, i)
  assert.equal(x.count, waitingMax)
  assert.equal(x.beyond, 2)
  assert.deepEqual(lines(), [
    'x A 0 - ok 0>0 bytes unanswered gap',
    'x A 1 - ok 0>0 bytes unanswered gap',
  ])
  assert.ok(!answer(0, waitingMax + 5))
  assert.ok(answer(waitingMax + 1, waitingMax + 5))
})

test('long resources are weighed while they wait, and only then', () => {
  const { pairs: x, answer } = pairs()
  x.ask(1, 'A', 'a'.repeat(10_000), 0)
  x.ask(2, 'B', 'b'.repeat(5000), 0)
  assert.ok(x.heldBytes > 14_000)
  answer(1, 1)
  assert.ok(x.heldBytes < 6000)
  x.ask(2, 'C', 'c', 2)
  assert.ok(x.heldBytes < 300)
  x.close()
  assert.equal(x.heldBytes, 0)
})
