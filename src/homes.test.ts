import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Placed } from '#model/node.ts'
import type { Instance, Service } from '#model/service.ts'
import { Homes } from './homes.ts'

const placed = (text: string): Placed[] =>
  text.split(' ').map(each => {
    const [id, node] = each.split('@')
    const service: Service = { id, name: id, kind: 'swarm', group: [] }
    return { service, instance: { id: each } as Instance, node }
  })

test('a service has a machine while all of it runs there', () => {
  const homes = new Homes(() => placed('web@n1 web@n1 db@n1 db@n2 cron@'))
  const of = (service: string) => homes.of(service, 0)
  assert.deepEqual(of('web'), { node: 'n1' })
  for (const none of ['db', 'cron', 'unknown']) assert.deepEqual(of(none), {})
})

test('where things run is looked up every few seconds, not at each question', () => {
  let told = placed('web@n1')
  let asked = 0
  const homes = new Homes(() => {
    asked++
    return told
  })
  homes.of('web', 0)
  told = placed('web@n2')
  assert.deepEqual(homes.of('web', 4000), { node: 'n1' })
  assert.deepEqual(homes.of('web', 5000), { node: 'n2' })
  assert.equal(asked, 2)
})
