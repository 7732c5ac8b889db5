import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Link } from '#model/graph.ts'
import type { Instance, Service } from '#model/service.ts'
import { emptyTraffic } from '#model/window.ts'
import { InstanceFlows } from './instance-flows.ts'
import type { Figures } from './sum.ts'

const serviceOf = (id: string): Service => ({ id, name: id, kind: 'swarm', group: [] })
const [web, store] = [serviceOf('web'), serviceOf('store')]
const link: Link = { id: 'l1', client: 'web', server: 'store', protocol: 'redis' }

function instanceOf(id: string, task?: string): Instance {
  return {
    ...{ id, name: id, state: 'running', health: 'unknown', restarts: 0, sinceMs: 0 },
    ...{ addresses: [], published: [], mounts: [], labels: {}, ...(task && { task }) },
  }
}

const figuresOf = (ok: number, latency: readonly number[] = [30, ok]): Figures => ({
  counts: { ok, warning: 0, error: 0 },
  traffic: { ...emptyTraffic, packets: 2 * ok },
  latency,
})

const limits = { keptMs: 60_000, linkWindowsMax: 1000, bytesMax: 2 ** 20, pairsMax: 100 }

/** `web.1 > store.1: 3`, in order. */
function told(flows: InstanceFlows, fromMs: number, untilMs: number): string[] {
  const lines = flows.of('store', fromMs, untilMs).map(({ link, counts }) => {
    const [client, server] = [link.clientInstance?.id ?? '?', link.serverInstance?.id ?? '?']
    return `${link.of} ${client} > ${server}: ${counts.ok}`
  })
  return lines.sort()
}

test('a link is taken apart by who speaks with whom, of the asked seconds', () => {
  const flows = new InstanceFlows(limits)
  const add = (startMs: number, client: Instance | undefined, server: Instance, ok: number) => {
    const ends = { client: { service: web, instance: client } }
    const server_ = { service: store, instance: server }
    flows.add(startMs, link, { ...ends, server: server_ }, figuresOf(ok), 10_000)
  }
  add(5000, instanceOf('web.1'), instanceOf('store.1'), 1)
  add(6000, instanceOf('web.1'), instanceOf('store.1'), 2)
  add(6000, instanceOf('web.2'), instanceOf('store.1'), 4)
  add(6000, undefined, instanceOf('store.1'), 8)
  add(7000, instanceOf('web.2'), instanceOf('store.1'), 16)
  assert.deepEqual(told(flows, 5000, 7000), [
    'l1 ? > store.1: 8',
    'l1 web.1 > store.1: 3',
    'l1 web.2 > store.1: 4',
  ])
  assert.deepEqual(flows.of('elsewhere', 0, 9000), [])
})

test('an instance is one, whoever tells of it', () => {
  const flows = new InstanceFlows(limits)
  for (const id of ['docker:abc', 'swarm:t1']) {
    const ends = { client: { service: web, instance: instanceOf(id, 't1') } }
    flows.add(1000, link, { ...ends, server: { service: store } }, figuresOf(1), 2000)
  }
  assert.deepEqual(told(flows, 0, 9000), ['l1 docker:abc > ?: 2'])
})

test('what is older than the minute is neither taken nor kept', () => {
  const flows = new InstanceFlows(limits)
  const ends = { client: { service: web, instance: instanceOf('a') }, server: { service: store } }
  flows.add(1000, link, ends, figuresOf(1), 90_000)
  flows.add(80_000, link, ends, figuresOf(2), 90_000)
  assert.deepEqual(told(flows, 0, 90_000), ['l1 a > ?: 2'])
  flows.age(141_000)
  assert.deepEqual(told(flows, 0, 90_000), [])
  flows.add(142_000, link, ends, figuresOf(4), 142_000)
  flows.age(143_000)
  assert.deepEqual(told(flows, 0, 150_000), ['l1 a > ?: 4'])
})

test('more pairs than may be count for their services, and all is counted', () => {
  const flows = new InstanceFlows(limits)
  for (let i = 0; i < 300; i++) {
    const ends = { client: { service: web, instance: instanceOf(`w${i}`) } }
    flows.add(1000, link, { ...ends, server: { service: store } }, figuresOf(1), 2000)
  }
  const found = flows.of('store', 0, 9000)
  assert.equal(found.length, 101)
  assert.equal(flows.folded, 200)
  assert.equal(
    found.reduce((sum, { counts }) => sum + counts.ok, 0),
    300,
  )
})

test('however many pairs and seconds there are, it weighs less than 40 MiB', () => {
  const flows = new InstanceFlows()
  const latency = Array.from({ length: 40 }, (_, i) => [100 + i, 1]).flat()
  const before = weightNow()
  for (let second = 0; second < 70; second++) {
    for (let i = 0; i < 8000; i++) {
      const client = instanceOf(`docker:${`${i * 7 + second}`.padStart(64, '0')}`)
      const ends = { client: { service: web, instance: client }, server: { service: store } }
      flows.add(second * 1000, link, ends, figuresOf(1, latency), second * 1000)
    }
    flows.age(second * 1000 + 1000)
  }
  const bytes = weightNow() - before
  assert.ok(bytes < 40 * 2 ** 20, `${(bytes / 2 ** 20).toFixed(1)} MiB`)
  assert.ok(flows.of('store', 60_000, 70_000).length > 8000)
})

/** Heap and buffers that are in use, after the collector went by. */
function weightNow(): number {
  setFlagsFromString('--expose-gc')
  // Buffers are let go a round after what holds them.
  for (let round = 0; round < 3; round++) runInNewContext('gc')()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
