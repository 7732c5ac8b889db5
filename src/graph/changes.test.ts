import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClusterEvent } from '#model/event.ts'
import { type Instance, isGone, type ServiceGroup, type ServiceKind } from '#model/service.ts'
import { Changes } from './changes.ts'

/** `web: w1 w2`, `process:sshd: p1`; `web:` alone is gone. */
function groupOf(text: string): ServiceGroup {
  const [id, ids = ''] = text.split(': ')
  const kind: ServiceKind = id.startsWith('process') ? 'process' : 'compose'
  const instances = ids.split(' ').filter(Boolean).map(instanceOf)
  return { service: { id: id.replace(/:$/, ''), name: id, kind, group: [] }, instances }
}

const instanceOf = (id: string): Instance => ({
  ...{ id, name: id, state: 'running', health: 'unknown', restarts: 0, sinceMs: 1000 },
  ...{ addresses: [], published: [], mounts: [], labels: {} },
})

/** A world in which each teller has services of its own. */
function world() {
  const known = new Map<string, { readonly teller: string; readonly group: ServiceGroup }>()
  const events: ClusterEvent[] = []
  const changes = new Changes(
    service => known.get(service)?.group,
    happened => events.push(...happened),
  )
  const tell = (teller: string, nowMs: number, isAll: boolean, ...texts: string[]) => {
    const groups = texts.map(groupOf)
    changes.during({ teller, isAll, groups, nowMs }, () => {
      const told = new Set(groups.map(({ service }) => service.id))
      for (const [id, each] of known) {
        if (isAll && each.teller === teller && !told.has(id)) known.delete(id)
      }
      for (const group of groups) {
        if (isGone(group)) known.delete(group.service.id)
        else known.set(group.service.id, { teller, group })
      }
    })
  }
  return {
    changes,
    all: (teller: string, nowMs: number, ...texts: string[]) => tell(teller, nowMs, true, ...texts),
    one: (teller: string, nowMs: number, text: string) => tell(teller, nowMs, false, text),
    /** What happened since it was asked for last: `started web w1 @2`. */
    happened: (nowMs: number) => {
      changes.settle(nowMs)
      const lines = events.map(({ kind, service, instance, timeMs }) =>
        [kind, service, instance, `@${timeMs / 1000}`].filter(Boolean).join(' '),
      )
      events.length = 0
      return lines
    },
  }
}

test('a first list is no news, whoever tells it; what follows is', () => {
  const { all, one, happened } = world()
  one('n1 docker', 1000, 'early: e1')
  all('n1 docker', 2000, 'web: w1', 'db: d1', 'early: e1')
  all('n2 docker', 3000, 'cache: c1')
  assert.deepEqual(happened(60_000), [])
  one('n1 docker', 61_000, 'web: w1 w2')
  one('n1 docker', 61_000, 'new: n1')
  assert.deepEqual(happened(62_000), [])
  assert.deepEqual(happened(70_000), ['scaled web @61', 'started web w2 @61', 'appeared new @61'])
})

test('a list told again is compared with what was known', () => {
  const { all, happened } = world()
  all('n1 docker', 1000, 'web: w1', 'db: d1')
  all('n1 docker', 2000, 'web: w1', 'db: d1')
  assert.deepEqual(happened(60_000), [])
  all('n1 docker', 61_000, 'web: w1 w2')
  assert.deepEqual(happened(90_000), ['scaled web @61', 'started web w2 @61', 'gone db @61'])
})

test('what is replaced neither goes nor comes', () => {
  const { all, one, happened } = world()
  all('n1 docker', 1000, 'web: w1')
  one('n1 docker', 10_000, 'web:')
  assert.deepEqual(happened(18_000), [])
  one('n1 docker', 18_000, 'web: w2')
  assert.deepEqual(happened(19_000), [])
  assert.deepEqual(happened(23_000), ['stopped web w1 @10', 'started web w2 @18'])
  assert.deepEqual(happened(90_000), [])
})

test('what is over before it was looked at is no event, and what never rests is told all the same', () => {
  const { all, one, happened } = world()
  all('n1 docker', 1000, 'web: w1')
  one('n1 docker', 10_000, 'job: j1')
  one('n1 docker', 11_000, 'job:')
  assert.deepEqual(happened(20_000), [])
  const seen: string[] = []
  for (let second = 30; second < 60; second++) {
    one('n1 docker', second * 1000, `web: w${second}`)
    seen.push(...happened(second * 1000))
  }
  assert.ok(seen.includes('stopped web w1 @30'), seen.join(', '))
})

test('what a forgotten teller told is not gone, and its next list is no news', () => {
  const { changes, all, happened } = world()
  all('n1 docker', 1000, 'web: w1')
  changes.forget('n1 docker')
  all('n1 docker', 900_000, 'db: d1')
  assert.deepEqual(happened(990_000), [])
})

test('a process is told of when it speaks for the first time, once its machine was looked at', () => {
  const { all, one, happened } = world()
  all('n1 process', 1000)
  one('n1 process', 5000, 'process:sshd: p1')
  assert.deepEqual(happened(60_000), [])
  one('n1 process', 100_000, 'process:curl: p2')
  one('n1 process', 100_000, 'process:sshd: p1 p3')
  assert.deepEqual(happened(110_000), ['appeared process:curl @100'])
  one('n1 process', 120_000, 'process:curl:')
  one('n1 process', 130_000, 'process:curl: p4')
  all('n1 process', 140_000)
  assert.deepEqual(happened(190_000), [])
})

test('however many services there are at once, each is one that waits', () => {
  const { all, happened } = world()
  all('n1 docker', 1000)
  const names = Array.from({ length: 5000 }, (_, i) => `s${i}: i${i}`)
  all('n1 docker', 2000, ...names)
  assert.equal(happened(9000).length, 5000)
  assert.equal(happened(90_000).length, 0)
})
