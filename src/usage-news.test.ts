import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Usage } from '#model/service.ts'
import { UsageNews } from './usage-news.ts'

const mib = 1024 * 1024

function world() {
  const usages = new Map<string, Usage>()
  let measured = 0
  const measure = () => {
    measured++
    return usages
  }
  const news = new UsageNews({ measure })
  const told = (second: number, openings = 1) =>
    news.next(second * 1000, openings).map(({ id, cpus }) => `${id} ${cpus}`)
  return { usages, told, measured: () => measured }
}

test('containers are measured each ten seconds, however often it is asked', () => {
  const { usages, told, measured } = world()
  usages.set('a', { cpus: 1 })
  for (let second = 0; second < 60; second++) told(second)
  assert.equal(measured(), 6)
})

test('what hardly changed is not told, but once a minute', () => {
  const { usages, told } = world()
  usages.set('busy', { cpus: 1, memoryBytes: 100 * mib })
  usages.set('calm', { cpus: 0.001, memoryBytes: 10 * mib })
  assert.deepEqual(told(0), ['busy 1', 'calm 0.001'])
  usages.set('busy', { cpus: 1.04, memoryBytes: 104 * mib })
  usages.set('calm', { cpus: 0.004, memoryBytes: 10 * mib })
  assert.deepEqual(told(10), [])
  // Slowly, but it went on.
  usages.set('busy', { cpus: 1.08, memoryBytes: 104 * mib })
  assert.deepEqual(told(20), ['busy 1.08'])
  usages.set('calm', { cpus: 0.001, memoryBytes: 12 * mib })
  assert.deepEqual(told(30), ['calm 0.001'])
  assert.deepEqual(told(80), ['busy 1.08'])
  assert.deepEqual(told(90), ['calm 0.001'])
})

test('a server that knows nothing is told all at once; while there is none nothing is measured', () => {
  const { usages, told, measured } = world()
  usages.set('a', { cpus: 1 })
  assert.deepEqual(told(0, 0), [])
  assert.equal(measured(), 0)
  assert.deepEqual(told(1, 1), ['a 1'])
  assert.deepEqual(told(2, 2), ['a 1'])
  assert.deepEqual(told(3, 2), [])
})
