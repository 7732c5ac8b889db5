import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InstanceFlow } from '#model/instance-flow.ts'
import type { Instance } from '#model/service.ts'
import { type Apart, apartLevelOf, linkOfFlow } from './apart.ts'
import { emptyFilter } from './filter.ts'
import { frameOf, topologyOf } from './fixtures.ts'
import { History } from './history.ts'
import { around, crumbsOf } from './level.ts'
import { emptyPage, filterBy, goTo, onFrame, onTopology, takeApart } from './page.ts'
import { instancesPlaceOf, into, isInward, placeOf } from './place.ts'
import { emptyView } from './view.ts'
import { linkAt, serviceAt } from './walk.ts'

const at = instancesPlaceOf('web')

const instance = (id: string, node?: string, more: Partial<Instance> = {}): Instance => ({
  ...{ id, name: `web-${id}`, state: 'running', health: 'healthy', restarts: 0, sinceMs: 0 },
  ...{ addresses: [], published: [], mounts: [], labels: {}, ...(node && { node }) },
  ...more,
})

/** `in>a`: what the world says to instance `a`; `a>db`: what that says to `db`; `?` stands for no known instance. */
function flow(text: string, ok: number, more: Partial<InstanceFlow> = {}): InstanceFlow {
  const [client, server] = text.split('>')
  const end = (name: string) => {
    if (name === '?') return { service: 'web' }
    return name.length === 1 ? { service: 'web', instance: name } : { service: name }
  }
  const [from, to] = [end(client), end(server)]
  return {
    ...{ link: `${from.service}>${to.service}`, protocol: 'http', client: from, server: to },
    ...{ counts: { ok, warning: 0, error: 0 }, requestsPerSecond: ok / 5, errorShare: 0 },
    ...{ warningShare: 0, bytesPerSecond: 10, p50Us: 100, p99Us: 900, ...more },
  }
}

const whole = topologyOf('in>web web>db cron>web')

const apartOf = (instances: readonly Instance[], flows: readonly InstanceFlow[]): Apart => ({
  ...{ service: 'web', instances, flows, atMs: 5000, windowMs: 5000 },
})

const usual = apartOf(
  [instance('a'), instance('b')],
  [flow('in>a', 50), flow('in>b', 10), flow('a>db', 20)],
)

const ids = (apart: Apart) => {
  const { topology } = apartLevelOf(whole, at, apart).level
  return {
    services: topology.services.map(({ id }) => id),
    links: topology.links.map(({ id }) => id),
  }
}

test('each instance stands for itself, with those whom any of them talks with', () => {
  assert.deepEqual(ids(usual), {
    services: ['instance:a', 'instance:b', 'in', 'db'],
    links: [
      'flow:in%3Eweb@in>instance:a',
      'flow:in%3Eweb@in>instance:b',
      'flow:web%3Edb@instance:a>db',
    ],
  })
})

test('what is of no known instance is of the service; nobody else is invented', () => {
  const { services, links } = ids(apartOf([instance('a')], [flow('in>?', 5), flow('gone>a', 5)]))
  assert.deepEqual(services, ['instance:a', 'web', 'in'])
  assert.deepEqual(links, ['flow:in%3Eweb@in>web'])
})

test('a link is known again in the id of its flow, whatever its own is', () => {
  for (const link of ['a@b>c', 'é%2', 'plain']) {
    const odd = flow('in>a', 5, { link })
    const [{ id }] = apartLevelOf(whole, at, apartOf([instance('a')], [odd])).level.topology.links
    assert.equal(linkOfFlow(id), link)
  }
  for (const other of ['a@b', 'flow:x', 'flow:%@']) assert.equal(linkOfFlow(other), undefined)
})

test('instances talk with each other', () => {
  const both = flow('a>b', 5)
  assert.deepEqual(ids(apartOf(usual.instances, [both])).links, [
    'flow:web%3Eweb@instance:a>instance:b',
  ])
})

test('figures are per second; of several flows of one line they are together', () => {
  const errors = { counts: { ok: 30, warning: 5, error: 15 }, requestsPerSecond: 10, p50Us: 400 }
  const flows = [flow('in>a', 50), flow('in>a', 0, errors)]
  const { links, frame } = apartLevelOf(whole, at, apartOf([instance('a')], flows))
  assert.deepEqual(
    [links.requests[0], links.errors[0], links.errorShare[0], links.warningShare[0]],
    [20, 3, 0.15, 0.05],
  )
  assert.deepEqual([links.p50Us[0], links.p99Us[0], links.bytes[0]], [250, 900, 20])
  assert.deepEqual([frame.ok[0], frame.warning[0], frame.error[0]], [16, 1, 3])
})

test('an instance that does not run is ill, on which machine it is told where there are several', () => {
  const instances = [
    instance('a', 'n1', { state: 'restarting' }),
    instance('b', 'n2', { health: 'unknown' }),
  ]
  const { level } = apartLevelOf(whole, at, apartOf(instances, []))
  assert.deepEqual(
    level.topology.services.map(({ health }) => health),
    ['unhealthy', 'unknown'],
  )
  assert.deepEqual(level.districts, ['n1', 'n2'])
  const one = apartLevelOf(whole, at, apartOf([instance('a', 'n1'), instance('b', 'n1')], []))
  assert.deepEqual(one.level.districts, [undefined, undefined])
})

test('of very many the busiest are shown for themselves, the rest as the service', () => {
  const many = Array.from({ length: 100 }, (_, i) => instance(String.fromCodePoint(0x4e00 + i)))
  const busy = many.slice(30).map(({ id }) => flow(`in>${id}`, 5))
  const { services } = ids(apartOf(many, busy))
  assert.equal(services.filter(id => id.startsWith('instance:')).length, 60)
  assert.ok(services.includes('web'))
  assert.ok(!services.includes(`instance:${many[0].id}`))
})

test('a second in which nobody comes or goes leaves the place as it is', () => {
  const first = apartLevelOf(whole, at, usual)
  const next = { ...usual, flows: usual.flows.map(each => ({ ...each, requestsPerSecond: 7 })) }
  const before = first.level
  assert.equal(apartLevelOf(whole, at, next, { before }).level, before)
  const more = { ...usual, instances: [...usual.instances, instance('c')] }
  assert.notEqual(apartLevelOf(whole, at, more, { before }).level, before)
})

test('one goes from a service to its instances and back; what is selected there has an address', () => {
  const service = { kind: 'service', id: 'web' } as const
  assert.equal(into('', service), placeOf('web'))
  assert.equal(into(placeOf('web'), service), at)
  assert.equal(into(at, { kind: 'instance', id: 'instance:a' }), undefined)
  assert.equal(around(whole, at), placeOf('web'))
  assert.deepEqual(
    crumbsOf(whole, at).map(({ at: path }) => path),
    ['shop', placeOf('web'), at],
  )
  assert.deepEqual(
    [isInward(placeOf('web'), at), isInward(at, placeOf('web')), isInward(at, '')],
    [true, false, false],
  )
})

test('the page shows the service until its instances are known, and its instances then', () => {
  const history = new History()
  const frame = frameOf([[10], [5], [1]])
  history.push(whole, frame)
  const page = goTo(
    onFrame(onTopology(emptyPage(emptyView, 0), whole, history), frame, history, 1),
    at,
  )
  const seen = ({ picture }: typeof page) => picture!.map.topology.services.map(({ id }) => id)
  assert.deepEqual(seen(page), ['web', 'in', 'cron', 'db'])
  const apart = takeApart(page, usual)
  assert.deepEqual(seen(apart), ['instance:a', 'instance:b', 'in', 'db'])
  assert.deepEqual(serviceAt(apart.picture!.map, 0), { kind: 'instance', id: 'instance:a' })
  const { kind, id } = linkAt(apart.picture!.map, 2)
  assert.deepEqual([kind, linkOfFlow(id)], ['flow', 'web>db'])
  const filtered = filterBy(apart, { ...emptyFilter, hidden: ['db'] })
  assert.deepEqual(seen(filtered), ['instance:a', 'instance:b', 'in'])
  const elsewhere = goTo(apart, '')
  assert.equal(elsewhere.picture!.frame, undefined)
  assert.deepEqual(seen(elsewhere), ['in', 'web', 'db', 'cron'])
  assert.equal(takeApart(elsewhere, usual), elsewhere, 'an answer that comes too late')
})
