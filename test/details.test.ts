import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Running } from '#model/node.ts'
import type { Window } from '#model/window.ts'
import type { RunningServer } from '../src/server.ts'
import type { Uplink } from '../src/uplink.ts'
import { get, groupOf, open, secondNow, until, uplinkTo, windowOf } from './running-server.ts'

const redis = 'compose:shop:redis'
const vote = 'compose:shop:vote'
let server: RunningServer
let uplink: Uplink
/** The second in which it happened. */
let startMs: number
let linkId: string

before(async () => {
  server = await open()
  uplink = uplinkTo(server.url)
  uplink.allGroups('docker', [groupOf('vote', '172.18.0.2'), groupOf('redis', '172.18.0.3')])
  startMs = secondNow() - 2000
  uplink.windows({ startMs, windows: [windowOf(startMs), unansweredOf(startMs)], names: [] }, true)
  const link = async () => (await get(`${server.url}/api/v1/graph`)).body.links[0]
  linkId = (await until(link, 'the link')).link.id
})

after(async () => {
  await uplink.close()
  await server.close()
})

/** On the same link: an error without an answer. */
function unansweredOf(atMs: number): Window {
  const { samples, ...window } = windowOf(atMs)
  const unanswered = { status: undefined, durationUs: undefined, outcome: 'error' } as const
  const failed = { ...samples[0], ...unanswered, startUs: atMs * 1000 + 1 }
  return { ...window, counts: { ok: 0, warning: 0, error: 1 }, latency: [], samples: [failed] }
}

test('a link over time: each second where it was, exact', async () => {
  const times = `from=${startMs - 3000}&to=${startMs + 3000}&step=1`
  const { body } = await get(`${server.url}/api/v1/links/${linkId}/series?${times}`)
  assert.equal(body.fromMs, startMs - 3000)
  assert.equal(body.stepMs, 1000)
  assert.deepEqual(body.ok, [0, 0, 0, 9, 0, 0])
  assert.deepEqual(body.error, [0, 0, 0, 2, 0, 0])
  assert.deepEqual(body.bytes, [0, 0, 0, 300, 0, 0])
  assert.deepEqual(body.p50Us, [null, null, null, 20, null, null])
  assert.deepEqual(body.latency, [[], [], [], [[20, 10]], [], []])
  assert.equal(body.boundsUs[20], 20)
  assert.ok(body.keptFromMs <= startMs)
})

test('a service over time: what is said to it, and what it says', async () => {
  const sum = async (service: string, side: string) => {
    const { body } = await get(`${server.url}/api/v1/services/${service}/series${side}`)
    assert.ok(body.ok.length >= 180, `${body.ok.length} steps of a quarter of an hour`)
    return body.ok.reduce((a: number, b: number) => a + b, 0)
  }
  assert.equal(await sum(redis, ''), 9)
  assert.equal(await sum(redis, '?side=calls'), 0)
  assert.equal(await sum(vote, '?side=calls'), 9)
  assert.equal(await sum(vote, ''), 0)
})

test('what is asked for most, of the sampled lines, beside the exact total', async () => {
  const { body } = await get(`${server.url}/api/v1/links/${linkId}/resources?window=60`)
  assert.deepEqual(body, {
    resources: [
      {
        ...{ method: 'LPUSH', resource: 'votes', count: 2, errors: 1, warnings: 0 },
        ...{ p50Us: 20, maxUs: 20 },
      },
    ],
    sampled: 2,
    total: 11,
    windowMs: 60_000,
  })
})

test('which instance speaks with which', async () => {
  const flows = async () => {
    const { body } = await get(`${server.url}/api/v1/services/${redis}/flows?window=10`)
    return body.flows.length > 0 ? body : undefined
  }
  const { flows: found, windowMs } = await until(flows, 'the flow')
  assert.equal(windowMs, 10_000)
  const [{ p50Us, p99Us, ...flow }] = found
  assert.deepEqual(flow, {
    ...{ link: linkId, protocol: 'redis', counts: { ok: 9, warning: 0, error: 2 } },
    client: { service: vote, instance: 'docker:vote' },
    server: { service: redis, instance: 'docker:redis' },
    ...{ requestsPerSecond: 1.1, errorShare: 2 / 11, warningShare: 0, bytesPerSecond: 30 },
  })
  assert.deepEqual([p50Us, p99Us], [20, 20])
})

test('a machine, and what runs on it', async () => {
  const { body } = await get(`${server.url}/api/v1/nodes`)
  const [{ agent, ...node }, ...others] = body.nodes
  assert.deepEqual(others, [])
  assert.deepEqual(node, { name: 'n1', services: 2, instances: 2 })
  assert.equal(agent.connected, true)
  const detail = await get(`${server.url}/api/v1/nodes/n1`)
  const names = detail.body.runs.map(
    ({ service, instance }: Running) => `${service.name} ${instance.name} ${instance.state}`,
  )
  assert.deepEqual(names, ['redis shop-redis-1 running', 'vote shop-vote-1 running'])
  const { body: service } = await get(`${server.url}/api/v1/services/${redis}`)
  assert.equal(service.instances[0].node, 'n1')
})

test('an instance shows what it takes and which variables it has, a node what it is', async () => {
  const { service, instances } = groupOf('redis', '172.18.0.3')
  const environment = ['A', 'B']
  uplink.changedGroup('docker', { service, instances: [{ ...instances[0], environment }] })
  const counters = { packets: 0, drops: 0, flows: 0, evictedFlows: 0, namespaces: 1 }
  const rest = { droppedSamples: 0, foldedWindows: 0, cpuShare: 0, residentBytes: 1, notices: [] }
  const machine = { node: 'n1', version: 'test', cpus: 4, memoryBytes: 8e9 }
  const usage = { cpus: 0.5, cpusMax: 2, memoryBytes: 7e6, memoryBytesMax: 64e6 }
  uplink.report({ ...machine, ...counters, ...rest }, [{ id: 'docker:redis', ...usage }])
  const measured = async () => {
    const [instance] = (await get(`${server.url}/api/v1/services/${redis}`)).body.instances
    return instance.usage && instance.environment ? instance : undefined
  }
  const instance = await until(measured, 'the usage')
  assert.deepEqual([instance.usage, instance.environment], [usage, environment])
  const { body } = await get(`${server.url}/api/v1/nodes/n1`)
  assert.deepEqual([body.cpus, body.memoryBytes, body.instances], [4, 8e9, 2])
  assert.deepEqual(body.runs[0].instance.usage, usage)
  assert.equal('environment' in body.runs[0].instance, false)
})

test('what is asked wrongly is one sentence', async () => {
  const wrong: [string, number][] = [
    ['links/none/series', 404],
    ['links/none/resources', 404],
    ['services/none/series', 404],
    ['services/none/flows', 404],
    ['nodes/none', 404],
    [`services/${redis}/series?side=both`, 400],
    [`services/${redis}/series?from=0&to=0`, 400],
    [`services/${redis}/series?from=2000&to=1000`, 400],
    [`services/${redis}/series?from=1000&step=1`, 400],
    [`services/${redis}/series?step=0.5`, 400],
    [`services/${redis}/flows?window=61`, 400],
  ]
  for (const [path, status] of wrong) {
    const answer = await get(`${server.url}/api/v1/${path}`)
    assert.equal(answer.status, status, path)
    assert.match(answer.body.error, /\w+/, path)
  }
})
