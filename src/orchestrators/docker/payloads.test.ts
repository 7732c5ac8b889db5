import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { unseen } from './instance.ts'
import { networksOf } from './networks.ts'
import { Roster } from './roster.ts'
import { readContainer, readList, readNetworks } from './shape.ts'

const shared = process.env.INKLING_SHARED ?? join(import.meta.dirname, '../../../../shared')
const folder = join(shared, 'payloads/docker')
const skip = existsSync(folder) ? false : 'needs answers of other engines: set INKLING_SHARED'

const answer = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'))

test('containers of engines from 1.12 to 25 are read', { skip }, () => {
  for (const name of ['inspect_api1.24.json', 'inspect_api1.44.json']) {
    const container = readContainer(answer(name))
    assert.ok(container, name)
    const roster = new Roster()
    roster.put({ ...container, State: { ...container.State, Running: true } }, unseen)
    const [group] = roster.all()
    assert.match(group.service.id, /^container:\w+/, name)
    assert.ok(Object.keys(group.instances[0].labels).length > 0, name)
  }
})

test('lists of engines from 1.12 to 20 are read', { skip }, () => {
  assert.equal(readList(answer('containers_compose_19.03.json')).length > 0, true)
  assert.equal(
    readList(answer('list_telegraf.json')).every(line => line.State === 'running'),
    true,
  )
})

test('networks of engines from 1.12 to 29 are read', { skip }, () => {
  const [old] = networksOf(readNetworks([answer('network_inspect_api1.24.json')]))
  assert.deepEqual(
    [old.name, old.gateways, old.subnets],
    ['net01', ['172.19.0.1'], ['172.19.0.0/16']],
  )
  const recent = networksOf(readNetworks(answer('networks_19.03.json')))
  assert.deepEqual(recent.find(network => network.name === 'bridge')?.gateways, ['172.17.0.1'])
  const newest = networksOf(readNetworks(answer('networks_api1.52.json')))
  assert.deepEqual(newest.map(network => network.driver).sort(), ['bridge', 'host', 'null'])
})
