import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Slots } from './slots.ts'

function listening(): {
  added: (slot: number) => void
  gone: (slot: number) => void
  log: string[]
} {
  const log: string[] = []
  return { added: slot => log.push(`+${slot}`), gone: slot => log.push(`-${slot}`), log }
}

test('what stays keeps its slot, whatever comes, goes or is reordered', () => {
  const slots = new Slots(1000)
  const heard = listening()
  assert.deepEqual([...slots.assign(['a', 'b', 'c'], 0, heard)], [0, 1, 2])
  assert.deepEqual([...slots.assign(['c', 'x', 'a'], 10, heard)], [2, 3, 0])
  assert.equal(heard.log.join(' '), '+0 +1 +2 -1 +3')
})

test('a slot rests before another may have it', () => {
  const slots = new Slots(1000)
  const heard = listening()
  slots.assign(['a'], 0, heard)
  slots.assign([], 10, heard)
  assert.equal(slots.isPresent(0), false)
  assert.equal(slots.isTaken(0), true)
  assert.deepEqual([...slots.assign(['b'], 500, heard)], [1])
  assert.deepEqual([...slots.assign(['b', 'c'], 1500, heard)], [1, 0])
})

test('an id that comes back while its slot rests gets it again', () => {
  const slots = new Slots(1000)
  const heard = listening()
  slots.assign(['a'], 0, heard)
  slots.assign([], 10, heard)
  assert.deepEqual([...slots.assign(['a'], 500, heard)], [0])
  assert.equal(slots.isPresent(0), true)
  assert.deepEqual([...slots.assign(['a', 'b'], 5000, heard)], [0, 1])
})

test('slots are used again: churn for ever does not grow them', () => {
  const slots = new Slots(1000)
  const heard = listening()
  for (let i = 0; i < 500; i++) slots.assign([`n${i}`, 'steady'], i * 600, heard)
  assert.ok(slots.size <= 5, String(slots.size))
})
