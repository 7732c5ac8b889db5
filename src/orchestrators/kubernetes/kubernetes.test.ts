import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { Notebook } from '../notebook.ts'
import type { Access } from './access.ts'
import type { FakeApi } from './fake-api.ts'
import {
  deployment,
  node,
  ownedBy,
  paths,
  pod,
  service,
  slice,
  smallCluster,
} from './fake-objects.ts'
import { kubernetes } from './index.ts'
import type { KubernetesOptions } from './watching.ts'

const fast: KubernetesOptions = {
  backoff: { firstMs: 5, maxMs: 20 },
  refusedMs: 50,
  watchSeconds: 60,
}

function accessTo(url: string, token?: () => string): Access {
  const credentials = async () => (token ? { authorization: `Bearer ${token()}` } : {})
  return { server: new URL(url), trust: () => ({}), credentials, refused: () => {} }
}

/** Watches a fake until the test ends. */
async function watched(t: TestContext, api: FakeApi, options: KubernetesOptions = {}) {
  const url = await api.start()
  const orchestrator = kubernetes(
    accessTo(url, () => 'valid'),
    { ...fast, ...options },
  )
  const notebook = new Notebook()
  const stop = new AbortController()
  const watching = orchestrator.watch(notebook, stop.signal)
  t.after(async () => {
    stop.abort()
    await watching
    await api.stop()
  })
  return { notebook, orchestrator }
}

const connected = (notebook: Notebook) =>
  notebook.until(() => notebook.statuses.at(-1)?.kind === 'connected')

const groupOf = (notebook: Notebook, id: string) => notebook.groups.get(`kubernetes:shop:${id}`)

test('first networks and everything, then a status with the version; a workload has its pods and its Service', async t => {
  const { notebook } = await watched(t, smallCluster())
  await connected(notebook)
  assert.deepEqual(notebook.lines, ['networks 2', 'all 1', 'status connected'])
  assert.deepEqual(notebook.statuses, [{ kind: 'connected', version: 'v1.32.4' }])
  const group = groupOf(notebook, 'deployment:vote')!
  assert.deepEqual(group.service, {
    id: 'kubernetes:shop:deployment:vote',
    name: 'vote',
    kind: 'kubernetes',
    group: ['shop'],
  })
  const [instance] = group.instances
  assert.equal(instance.id, 'kubernetes:uid-vote-7d4b578979-2w75j')
  assert.equal(instance.task, 'uid-vote-7d4b578979-2w75j')
  assert.equal(instance.node, 'n1')
  assert.deepEqual(
    instance.addresses.map(({ ip, network }) => [ip, network]),
    [['10.244.1.5', 'kubernetes:pods']],
  )
  assert.deepEqual(group.virtual, [
    {
      ...{ ip: '10.96.0.7', network: 'kubernetes:services', networkName: 'services' },
      ports: [{ port: 80, targetPort: 8080, transport: 'tcp' }],
    },
  ])
  assert.equal(group.desired, 1)
  assert.deepEqual(
    notebook.told.map(({ id, subnets, isShared }) => [id, subnets, isShared]),
    [
      ['kubernetes:pods', ['10.244.1.0/24'], true],
      ['kubernetes:services', [], true],
    ],
  )
})

test('ReplicaSets are asked for by name and owner alone', async t => {
  const api = smallCluster()
  const { notebook } = await watched(t, api)
  await connected(notebook)
  const of = (request: string) => api.accepted[api.requests.indexOf(request)]
  assert.match(of(`list ${paths.replicaSets}`), /PartialObjectMetadataList/)
  assert.equal(of(`list ${paths.pods}`), 'application/json')
})

test('pods come and go, page by page, and in events cut anywhere', async t => {
  const api = smallCluster()
  for (let i = 0; i < 25; i++) api.put(paths.pods, pod(`lone-${i}`, { ip: `10.244.2.${i}` }))
  api.pieceBytes = 3
  const { notebook } = await watched(t, api, { pageSize: 10 })
  await connected(notebook)
  assert.equal(notebook.groups.size, 26)
  assert.equal(api.requests.filter(each => each === `list ${paths.pods}`).length, 3)
  api.put(paths.pods, pod('vote-7d4b578979-zzzzz', { owner: ['ReplicaSet', 'vote-7d4b578979'] }))
  await notebook.until(() => groupOf(notebook, 'deployment:vote')?.instances.length === 2)
  api.remove(paths.pods, 'lone-3')
  await notebook.until(() => !groupOf(notebook, 'pod:lone-3'))
  assert.equal(notebook.lines.at(-1), 'changed kubernetes:shop:pod:lone-3 0')
  assert.equal(notebook.groups.size, 25)
})

test('a pod that is over lets go of its address, though the API still lists it with one', async t => {
  const api = smallCluster()
  api.put(paths.pods, pod('once', { status: { phase: 'Succeeded' } }))
  const { notebook } = await watched(t, api)
  await connected(notebook)
  assert.equal(groupOf(notebook, 'pod:once'), undefined)
  api.put(paths.pods, pod('lone'))
  await notebook.until(() => groupOf(notebook, 'pod:lone') !== undefined)
  api.put(paths.pods, pod('lone', { status: { phase: 'Failed' } }))
  await notebook.until(() => groupOf(notebook, 'pod:lone') === undefined)
})

test('a watch that ends, or breaks off in a line, goes on from the version it had', async t => {
  const api = smallCluster()
  const { notebook, orchestrator } = await watched(t, api)
  await connected(notebook)
  const version = api.bookmark(paths.pods)
  await new Promise(resolve => setTimeout(resolve, 50))
  api.say(paths.pods, '{"type":"ADDED","object":{"metad')
  api.endWatches('break')
  const again = `watch ${paths.pods} from ${version}`
  await notebook.until(() => api.requests.includes(again) && api.watchers(paths.pods) === 1)
  api.put(paths.pods, pod('lone'))
  await notebook.until(() => groupOf(notebook, 'pod:lone') !== undefined)
  api.endWatches()
  await notebook.until(() => api.watchers(paths.pods) === 1)
  assert.equal(orchestrator.counters().lists, 9, 'nothing was listed twice')
  assert.deepEqual(notebook.statuses.length, 1, 'nobody was told of it')
})

test('when its version is forgotten everything is listed anew, and what went meanwhile is gone', async t => {
  const api = smallCluster()
  api.put(paths.pods, pod('lone'))
  const { notebook, orchestrator } = await watched(t, api)
  await connected(notebook)
  api.removeUnseen(paths.pods, 'lone')
  api.endWatches()
  await notebook.until(() => !groupOf(notebook, 'pod:lone'))
  assert.ok(orchestrator.counters().expired > 0)
  api.removeUnseen(paths.pods, 'vote-7d4b578979-2w75j')
  api.fault = (path, query) =>
    path === paths.pods && query.get('watch') && !query.get('seen') ? { status: 410 } : undefined
  api.endWatches()
  await notebook.until(() => groupOf(notebook, 'deployment:vote')?.instances.length === 0)
  api.fault = () => undefined
  assert.deepEqual(notebook.statuses.length, 1)
})

test('a list that expires between two pages comes in one the next time', async t => {
  const api = smallCluster()
  for (let i = 0; i < 25; i++) api.put(paths.pods, pod(`lone-${i}`))
  api.fault = (_, query) => {
    if (query.has('continue')) return { status: 410 }
  }
  const { notebook } = await watched(t, api, { pageSize: 10 })
  await connected(notebook)
  assert.equal(notebook.groups.size, 26)
})

test('a line that is no event, or has no end, lets everything be listed anew', async t => {
  const api = smallCluster()
  const { notebook, orchestrator } = await watched(t, api)
  await connected(notebook)
  const said = [
    'nonsense\n',
    '{"type":"WONDER","object":{}}\n',
    '[]\n',
    'null\n',
    `{"type":"ADDED","object":"${'x'.repeat(17 << 20)}`,
  ]
  for (const [index, text] of said.entries()) {
    const { lists } = orchestrator.counters()
    await notebook.until(() => api.watchers(paths.pods) === 1)
    api.say(paths.pods, text)
    await notebook.until(() => orchestrator.counters().malformed === index + 1, 10_000)
    await notebook.until(() => orchestrator.counters().lists > lists)
  }
  assert.equal(notebook.groups.size, 1)
  assert.ok(notebook.statuses.every(({ kind }) => kind === 'connected'))
})

test('errors in a watch are waited out: it goes on from where it was', async t => {
  const api = smallCluster()
  const { notebook, orchestrator } = await watched(t, api)
  await connected(notebook)
  const error = { kind: 'Status', code: 500, message: 'etcd is away' }
  api.say(paths.pods, `${JSON.stringify({ type: 'ERROR', object: error })}\n`)
  await notebook.until(() => api.requests.filter(each => /^watch .*pods/.test(each)).length === 2)
  assert.equal(orchestrator.counters().lists, 9)
})

test('a busy server is asked again when it said', async t => {
  const api = smallCluster()
  let refusedMs = 0
  api.fault = path => {
    if (path !== paths.pods || refusedMs > 0) return undefined
    refusedMs = performance.now()
    return { status: 429, headers: { 'retry-after': '1' } }
  }
  const { notebook } = await watched(t, api)
  await connected(notebook)
  assert.ok(performance.now() - refusedMs >= 900)
  assert.equal(notebook.statuses.length, 1)
})

test('a lost server leaves what is known; when it is back everything is told again', async t => {
  const api = smallCluster()
  const { notebook } = await watched(t, api)
  await connected(notebook)
  const { port } = api
  await api.stop()
  await notebook.until(() => notebook.statuses.at(-1)?.kind === 'lost')
  assert.match(JSON.stringify(notebook.statuses.at(-1)), /127.0.0.1:\d+: nobody listens there/)
  assert.equal(notebook.groups.size, 1)
  await api.start(port)
  await connected(notebook)
  assert.equal(notebook.lines.filter(line => line === 'all 1').length, 2)
})

test('without the right to read pods there is nothing to tell, and why is said', async t => {
  const api = smallCluster()
  api.fault = path => (path === paths.pods ? { status: 403 } : undefined)
  const { notebook } = await watched(t, api)
  await notebook.until(() => notebook.statuses.length > 0)
  assert.equal(notebook.statuses[0].kind, 'absent')
  assert.match(JSON.stringify(notebook.statuses[0]), /403 to \/api\/v1\/pods: we may not/)
  assert.deepEqual(notebook.lines, ['status absent'])
  api.fault = () => undefined
  await connected(notebook)
})

test('what else may not be read is done without: names and labels stand in', async t => {
  const api = smallCluster()
  const missing = [paths.nodes, paths.slices, paths.replicaSets]
  api.fault = path => (missing.includes(path) ? { status: 403 } : undefined)
  const labels = { app: 'vote', 'pod-template-hash': '7d4b578979' }
  const owner = ['ReplicaSet', 'vote-7d4b578979'] as const
  api.put(paths.pods, pod('vote-7d4b578979-2w75j', { owner, labels }))
  const ports = [{ name: 'http', port: 80, targetPort: 'http' }]
  api.put(
    paths.services,
    service('vote', { clusterIP: '10.96.0.7', ports, selector: { app: 'vote' } }),
  )
  const { notebook } = await watched(t, api)
  await connected(notebook)
  assert.match(
    JSON.stringify(notebook.statuses[0]),
    /v1.32.4; we may not read endpointslices, nodes, replicasets/,
  )
  const group = groupOf(notebook, 'deployment:vote')
  assert.equal(group?.instances.length, 1)
  assert.deepEqual(group?.virtual?.[0].ports, [{ port: 80, targetPort: 8080, transport: 'tcp' }])
  api.fault = () => undefined
  await notebook.until(() => JSON.stringify(notebook.statuses.at(-1)).endsWith('"v1.32.4"}'))
})

test('slices of older servers are found under their older name; where there are none, labels do', async t => {
  const older = '/apis/discovery.k8s.io/v1beta1/endpointslices'
  const api = smallCluster([...Object.values(paths), older])
  api.fault = path => (path === paths.slices ? { status: 404 } : undefined)
  api.put(older, slice('vote', ['vote-7d4b578979-2w75j'], 9090))
  const { notebook } = await watched(t, api)
  await connected(notebook)
  assert.deepEqual(notebook.statuses, [{ kind: 'connected', version: 'v1.32.4' }])
  assert.equal(groupOf(notebook, 'deployment:vote')?.virtual?.[0].ports?.[0].targetPort, 9090)
  const oldest = smallCluster()
  oldest.fault = api.fault
  const { notebook: second } = await watched(t, oldest)
  await connected(second)
  assert.match(JSON.stringify(second.statuses), /it has no endpointslices/)
})

test('a token that is replaced is taken up', async t => {
  const api = smallCluster()
  api.token = 'first'
  const url = await api.start()
  t.after(() => api.stop())
  let token = 'first'
  const notebook = new Notebook()
  const stop = new AbortController()
  const watching = kubernetes(
    accessTo(url, () => token),
    fast,
  ).watch(notebook, stop.signal)
  await connected(notebook)
  api.token = 'second'
  api.endWatches()
  await notebook.until(() => notebook.statuses.at(-1)?.kind === 'lost')
  assert.match(JSON.stringify(notebook.statuses.at(-1)), /401 .*it does not know us/)
  token = 'second'
  await connected(notebook)
  stop.abort()
  await watching
})

test('a server that never answers, or answers what is none, is absent', async t => {
  const api = smallCluster()
  api.fault = () => 'never'
  const { notebook } = await watched(t, api, { answerMs: 50 })
  await notebook.until(() => notebook.statuses.length > 0)
  assert.match(JSON.stringify(notebook.statuses), /absent.*did not answer within/)
  for (const body of ['<html>', '[]', '{"items":7}', '{"metadata":{"resourceVersion":"1"},']) {
    api.fault = () => ({ status: 200, body })
    const { length } = notebook.statuses
    await notebook.until(() => notebook.statuses.length > length || body === '{"items":7}')
    assert.equal(notebook.statuses.at(-1)?.kind, 'absent', body)
  }
  api.fault = () => undefined
  await connected(notebook)
})

test('a server that is another one altogether is absent', async t => {
  const server = createServer((_, answer) => {
    answer.writeHead(302, { location: 'http://127.0.0.1:1/' })
    answer.end()
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const notebook = new Notebook()
  const stop = new AbortController()
  const { port } = server.address() as AddressInfo
  const watching = kubernetes(accessTo(`http://127.0.0.1:${port}`), fast).watch(
    notebook,
    stop.signal,
  )
  await notebook.until(() => notebook.statuses.length > 0)
  assert.match(JSON.stringify(notebook.statuses), /absent.*it answered 302/)
  stop.abort()
  await watching
  t.after(() => server.close())
})

test('a Service moves with what is behind it', async t => {
  const api = smallCluster()
  const { notebook } = await watched(t, api)
  await connected(notebook)
  const canary = ownedBy('Deployment', 'vote-canary')
  const metadata = { name: 'vote-canary-99', namespace: 'shop', uid: 'uid-vote-canary-99' }
  api.put(paths.replicaSets, { metadata: { ...metadata, ownerReferences: canary } })
  api.put(paths.pods, pod('vote-canary-99-x', { owner: ['ReplicaSet', 'vote-canary-99'] }))
  api.put(paths.slices, slice('vote', ['vote-7d4b578979-2w75j', 'vote-canary-99-x'], 8080))
  await notebook.until(() => notebook.lines.includes('changed kubernetes:shop:service:vote 0'))
  assert.equal(groupOf(notebook, 'deployment:vote')?.virtual, undefined)
  api.put(paths.slices, slice('vote', ['vote-canary-99-x'], 8080))
  await notebook.until(() => groupOf(notebook, 'deployment:vote-canary')?.virtual?.length === 1)
})

test('what a rollout does is told while it does it', async t => {
  const api = smallCluster()
  const { notebook } = await watched(t, api)
  await connected(notebook)
  api.put(paths.deployments, deployment('vote', 3, { updatedReplicas: 1, replicas: 4 }))
  const doing = () => groupOf(notebook, 'deployment:vote')?.doing
  await notebook.until(() => doing() === 'rolling update, 1 of 3')
  api.put(paths.deployments, deployment('vote', 3, { readyReplicas: 2 }))
  await notebook.until(() => doing() === '2 of 3 ready')
  api.put(paths.deployments, deployment('vote', 3))
  await notebook.until(() => doing() === undefined)
})

test('a node that falls silent says nothing of its pods', async t => {
  const api = smallCluster()
  const { notebook } = await watched(t, api)
  await connected(notebook)
  const conditions = [{ type: 'Ready', status: 'Unknown' }]
  api.put(paths.nodes, node('n1', '192.168.0.1', { conditions }))
  await notebook.until(
    () => groupOf(notebook, 'deployment:vote')?.instances[0].state === 'unreachable',
  )
})

test('a watch ends at once when it is told to, in any state, and tells nothing afterwards', async t => {
  for (const fault of [undefined, 'never', { status: 500 }, { status: 429 }] as const) {
    const api = smallCluster()
    api.fault = () => fault
    const url = await api.start()
    t.after(() => api.stop())
    const notebook = new Notebook()
    const stop = new AbortController()
    const watching = kubernetes(accessTo(url)).watch(notebook, stop.signal)
    await new Promise(resolve => setTimeout(resolve, 150))
    stop.abort()
    const startMs = performance.now()
    await watching
    assert.ok(performance.now() - startMs < 2_000)
    const { length } = notebook.lines
    await new Promise(resolve => setTimeout(resolve, 50))
    assert.equal(notebook.lines.length, length)
  }
})
