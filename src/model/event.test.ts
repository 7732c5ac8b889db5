import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ClusterEvent, eventsBetween } from './event.ts'
import type { Instance, ServiceGroup, ServiceKind } from './service.ts'

/** `w1 running healthy nginx:1 restarts=2 since=9000`: what is not said is running, unknown, no image, 0, 1000. */
function instanceOf(text: string): Instance {
  const [id, ...words] = text.split(' ')
  const of = (name: string) => words.find(word => word.startsWith(`${name}=`))?.split('=')[1]
  const image = of('image')
  const task = of('task')
  return {
    ...{ id, name: id.toUpperCase(), addresses: [], published: [], mounts: [], labels: {} },
    ...(task && { task }),
    state: (of('state') ?? 'running') as Instance['state'],
    health: (of('health') ?? 'unknown') as Instance['health'],
    restarts: Number(of('restarts') ?? 0),
    sinceMs: Number(of('since') ?? 1000),
    ...(image && { image }),
  }
}

interface More {
  readonly kind?: ServiceKind
  readonly desired?: number
  readonly doing?: string
}

function groupOf(texts: readonly string[], { kind = 'compose', ...more }: More = {}): ServiceGroup {
  const service = { id: 'web', name: 'web', kind, group: [] }
  return { service, instances: texts.map(instanceOf), ...more }
}

/** `started w1`, `health w1: healthy -> unhealthy`. */
function told(before: ServiceGroup | undefined, after: ServiceGroup | undefined): string[] {
  const times = { atMs: 5000, goneMs: new Map() }
  return eventsBetween(before, after, times).map(lineOf)
}

function lineOf({ kind, instance, from, to }: ClusterEvent): string {
  const change = from !== undefined || to !== undefined ? `: ${from ?? ''} -> ${to ?? ''}` : ''
  return `${kind}${instance ? ` ${instance}` : ''}${change}`
}

test('what happens to instances', () => {
  const cases: [before: string, after: string, events: string[]][] = [
    ['w1', 'w1', []],
    ['w1 state=starting', 'w1', ['started w1']],
    ['w1', 'w1 state=exited', ['stopped w1']],
    ['w1', 'w1 restarts=2', ['restarted w1: 0 -> 2']],
    ['w1', 'w1 restarts=1 state=restarting', ['restarted w1: 0 -> 1']],
    ['w1 restarts=1 state=restarting', 'w1 restarts=1', []],
    ['w1', 'w1 since=9000', ['restarted w1']],
    // The clock of its node is a little better known.
    ['w1', 'w1 since=2000', []],
    ['w1 state=starting', 'w1 since=9000', ['started w1']],
    ['w1', 'w1 state=paused', ['state w1: running -> paused']],
    ['w1 state=paused', 'w1', ['state w1: paused -> running']],
    ['w1', 'w1 state=unreachable', ['state w1: running -> unreachable']],
    ['w1 state=unreachable', 'w1 since=9000', ['state w1: unreachable -> running']],
    ['w1 health=starting', 'w1 health=healthy', []],
    ['w1', 'w1 health=healthy', []],
    ['w1 health=healthy', 'w1 health=unhealthy', ['health w1: healthy -> unhealthy']],
    ['w1', 'w1 health=unhealthy', ['health w1: unknown -> unhealthy']],
    ['w1 health=unhealthy', 'w1 health=healthy', ['health w1: unhealthy -> healthy']],
    ['w1 health=unhealthy', 'w1', []],
    // Its orchestrator told it, now its node does too: nothing happened.
    ['swarm:a task=a since=1000', 'docker:b task=a since=9000', []],
  ]
  for (const [before, after, events] of cases) {
    assert.deepEqual(told(groupOf([before]), groupOf([after])), events, `${before} > ${after}`)
  }
})

test('instances come and go, and how many there are changes', () => {
  const [one, two] = [groupOf(['w1']), groupOf(['w1', 'w2'])]
  assert.deepEqual(told(one, two), ['scaled: 1 -> 2', 'started w2'])
  assert.deepEqual(told(two, one), ['scaled: 2 -> 1', 'stopped w2'])
  assert.deepEqual(told(one, groupOf(['w2'])), ['stopped w1', 'started w2'])
  const pending = groupOf(['w1', 'w2 state=starting'], { desired: 2 })
  assert.deepEqual(told(groupOf(['w1'], { desired: 1 }), pending), ['scaled: 1 -> 2'])
  assert.deepEqual(told(groupOf(['w1'], { desired: 2 }), pending), [])
  // Somebody says for the first time how many are meant to be: nothing happened.
  assert.deepEqual(told(one, groupOf(['w1'], { desired: 1 })), [])
})

test('what instances run: the newest tells, a digest beside the same name does not', () => {
  const of = (...images: string[]) =>
    groupOf(images.map((image, i) => `w${i} image=${image} since=${(i + 1) * 1000}`))
  assert.deepEqual(told(of('nginx:1', 'nginx:1'), of('nginx:1', 'nginx:2')), [
    'image: nginx:1 -> nginx:2',
  ])
  assert.deepEqual(told(of('nginx:1'), of('nginx:1@sha256:ab')), [])
  assert.deepEqual(told(of('nginx:1@sha256:ab'), of('nginx:1@sha256:cd')), [
    'image: nginx:1@sha256:ab -> nginx:1@sha256:cd',
  ])
})

test('what the orchestrator does is told when it begins, becomes another and ends, not step by step', () => {
  const of = (doing?: string) => groupOf(['w1'], doing === undefined ? {} : { doing })
  assert.deepEqual(told(of(), of('rolling update, 1 of 3')), ['doing:  -> rolling update, 1 of 3'])
  assert.deepEqual(told(of('rolling update, 1 of 3'), of('rolling update, 2 of 3')), [])
  assert.deepEqual(told(of('rolling update, 2 of 3'), of('rollback, 1 of 3')), [
    'doing: rolling update, 2 of 3 -> rollback, 1 of 3',
  ])
  assert.deepEqual(told(of('rollback, 1 of 3'), of()), ['doing: rollback, 1 of 3 -> '])
})

test('services come and go; of processes only the coming is told', () => {
  const process = groupOf(['p1'], { kind: 'process' })
  assert.deepEqual(told(undefined, groupOf(['w1'])), ['appeared'])
  assert.deepEqual(told(groupOf(['w1']), undefined), ['gone'])
  assert.deepEqual(told(undefined, undefined), [])
  assert.deepEqual(told(undefined, process), ['appeared'])
  assert.deepEqual(told(process, undefined), [])
  assert.deepEqual(told(process, groupOf(['p1', 'p2'], { kind: 'process' })), [])
})

test('of very many instances at once not each is told, and long texts are cut', () => {
  const many = Array.from({ length: 500 }, (_, i) => `w${i}`)
  const events = told(groupOf([]), groupOf(many))
  assert.equal(events[0], 'scaled: 0 -> 500')
  assert.equal(events.length, 21)
  const [event] = eventsBetween(groupOf([]), groupOf([], { doing: 'x'.repeat(9999) }), {
    ...{ atMs: 1, goneMs: new Map() },
  })
  assert.equal(event.to?.length, 256)
})
