import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pace } from './pace.ts'
import { readServices } from './shape.ts'

const limits = { pollMs: 2, sweepMs: 30 }

function service(index: number, running?: number) {
  const ServiceStatus = running === undefined ? undefined : { RunningTasks: running }
  return readServices([
    { ID: 's', Version: { Index: index }, Spec: { Name: 's' }, ServiceStatus },
  ])[0]
}

/** When it is due again, asked every millisecond. */
function nextDue(pace: Pace, one: ReturnType<typeof service>, fromMs: number): number {
  for (let nowMs = fromMs; nowMs < fromMs + 1000; nowMs++) {
    if (pace.due([one], nowMs).length > 0) return nowMs
  }
  throw new Error('never')
}

test('a service is asked for at once when it, or the number of its tasks, is another; else at the sweep', () => {
  const pace = new Pace(limits)
  const one = service(1, 2)
  assert.equal(pace.due([one], 0).length, 1)
  pace.answered(one, 'settled', 0)
  assert.equal(nextDue(pace, one, 0), 30)
  assert.equal(pace.due([service(2, 2)], 1).length, 1)
  assert.equal(pace.due([service(1, 3)], 1).length, 1)
  pace.poke('s')
  assert.equal(pace.due([one], 1).length, 1)
})

test('one that is on the move is asked for at every poll, and less and less while nothing comes of it', () => {
  const pace = new Pace(limits)
  const one = service(1, 2)
  const due: number[] = []
  let nowMs = 0
  for (let i = 0; i < 6; i++) {
    pace.answered(one, i === 0 ? 'changed' : 'moving', nowMs)
    nowMs = nextDue(pace, one, nowMs)
    due.push(nowMs)
  }
  assert.deepEqual(due, [2, 6, 14, 30, 60, 90])
  pace.answered(one, 'changed', 90)
  assert.equal(nextDue(pace, one, 90), 92)
})

test('where nobody counts tasks they are asked for at every poll; in a large swarm the sweep is seldom', () => {
  const pace = new Pace(limits)
  pace.answered(service(1), 'settled', 0)
  assert.equal(nextDue(pace, service(1), 0), 2)
  pace.keep(new Set(['s']), 5000)
  pace.answered(service(1, 2), 'settled', 0)
  assert.equal(nextDue(pace, service(1, 2), 0), 150)
  pace.keep(new Set(), 0)
  assert.equal(pace.due([service(1, 2)], 0).length, 1)
})
