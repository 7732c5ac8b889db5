import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Instance, ServiceGroup } from '#model/service.ts'
import { Watch } from './watch.ts'

const groupOf = (id: string, isThere = true): ServiceGroup => ({
  service: { id, name: id, kind: 'swarm', group: [] },
  instances: isThere ? [{ id: `docker:${id}` } as Instance] : [],
})

const told = (isAll: boolean, ...groups: ServiceGroup[]) =>
  ({ type: 'groups', orchestrator: 'docker', isAll, groups }) as const

test('a service is not watched when all who told of it are away, partly when some are', () => {
  const watch = new Watch()
  watch.hear('n1', told(true, groupOf('web'), groupOf('redis')))
  watch.hear('n2', told(true, groupOf('web')))
  const all = watch.without(new Set())
  assert.deepEqual(all('web'), { watched: 'wholly', away: [] })
  const without = watch.without(new Set(['n1']))
  assert.deepEqual(without('web'), { watched: 'partly', away: ['n1'] })
  assert.deepEqual(without('redis'), { watched: 'no', away: ['n1'] })
  assert.deepEqual(without('host:n1'), { watched: 'no', away: ['n1'] })
  assert.deepEqual(without('external:api'), { watched: 'wholly', away: [] })
  assert.equal(watch.without(new Set(['n1', 'n2']))('web').watched, 'no')
})

test('what went, and what moved, follows', () => {
  const watch = new Watch()
  watch.hear('n1', told(true, groupOf('web'), groupOf('redis')))
  watch.hear('n1', told(false, groupOf('redis', false)))
  watch.hear('n2', told(false, groupOf('redis')))
  const without = watch.without(new Set(['n1']))
  assert.equal(without('redis').watched, 'wholly')
  watch.hear('n1', told(true))
  assert.equal(watch.without(new Set(['n1']))('web').watched, 'wholly')
})
