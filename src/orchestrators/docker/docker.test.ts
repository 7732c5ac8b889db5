import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Notebook } from '../notebook.ts'
import {
  containerOf,
  type FakeContainer,
  FakeEngine,
  plainFraming,
  recorded,
} from './fake-engine.ts'
import { type DockerOptions, docker } from './index.ts'

const backoff = { firstMs: 10, maxMs: 50 }

/** A fake engine, and an orchestrator that watches it until the test ends. */
async function lab(
  t: TestContext,
  prepare: (engine: FakeEngine) => void,
  more: DockerOptions = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-docker-'))
  const path = join(folder, 'docker.sock')
  const engine = new FakeEngine()
  prepare(engine)
  await engine.start(path)
  const stop = new AbortController()
  const notebook = new Notebook()
  const orchestrator = docker({ environment: { DOCKER_HOST: `unix://${path}` }, backoff, ...more })
  const watching = orchestrator.watch(notebook, stop.signal)
  t.after(async () => {
    stop.abort()
    await watching
    await engine.stop()
    rmSync(folder, { recursive: true })
  })
  const connected = () => notebook.lines.filter(line => line === 'status connected').length
  return { engine, notebook, orchestrator, path, connected, stop, watching }
}

test('an engine 20.10 becomes services: networks, then everything, then connected', async t => {
  const { notebook, connected } = await lab(t, engine => {
    for (const container of recorded('inspect') as FakeContainer[]) engine.put(container)
    engine.networks = recorded('networks')
  })
  await notebook.until(() => connected() === 1)
  assert.deepEqual(notebook.lines, ['networks 4', 'all 6', 'status connected'])
  assert.deepEqual(notebook.statuses, [{ kind: 'connected', version: '20.10.24' }])
  assert.equal(
    notebook.text(),
    [
      'compose:shop:vote: shop_vote_1,shop_vote_2',
      'container:edge: edge',
      'container:lonely: lonely',
      'container:loop: loop',
      'container:shop_vote_run_1: shop_vote_run_1',
      'container:sidecar: sidecar',
    ].join('\n'),
  )
  const gateways = notebook.told.map(network => [network.name, network.driver, ...network.gateways])
  assert.deepEqual(gateways, [
    ['host', 'host'],
    ['n1', 'bridge', '10.213.7.1'],
    ['n2', 'bridge'],
    ['none', 'null'],
  ])
})

test('the API version is the older of the two, and the engine refuses no request', async t => {
  for (const [apiVersion, minApiVersion, expected] of [
    ['1.41', '1.12', '/v1.41/'],
    ['1.52', '1.44', '/v1.44/'],
    ['1.55', '1.40', '/v1.44/'],
    ['1.70', '1.60', '/v1.60/'],
  ]) {
    const { engine, notebook, connected } = await lab(t, engine => {
      Object.assign(engine, { apiVersion, minApiVersion })
      engine.put(containerOf('a', 'web'))
    })
    await notebook.until(() => connected() === 1)
    const inspections = engine.requests.filter(url => url.includes('/containers/a'))
    assert.deepEqual(inspections, [`${expected}containers/${'a'.repeat(64)}/json`])
  }
})

test('what changes is told, whole, however the engine frames and cuts its events', async t => {
  const framings = [
    plainFraming,
    { contentType: 'application/json', before: '', after: '\n', pieceBytes: 1 },
    { contentType: 'application/x-ndjson', before: '', after: '\n', pieceBytes: 1000 },
    { contentType: 'application/json-seq', before: '\u001e', after: '\n', pieceBytes: 3 },
  ]
  for (const framing of framings) {
    const { engine, notebook, connected } = await lab(t, engine => {
      engine.framing = framing
      engine.put(containerOf('a', 'web'))
    })
    await notebook.until(() => connected() === 1)
    await engine.followed()
    engine.put(containerOf('b', 'cart'))
    engine.emit('start', 'b'.repeat(64), 'container', { name: 'ca{"rt ü' })
    await notebook.until(() => notebook.groups.has('container:cart'))
    engine.containers.delete('a'.repeat(64))
    engine.emit('destroy', 'a'.repeat(64))
    await notebook.until(() => !notebook.groups.has('container:web'))
    assert.deepEqual(notebook.lines.slice(-2), [
      'changed container:cart 1',
      'changed container:web 0',
    ])
  }
})

test('an engine that goes away is lost but its services stay, and it is found again by itself', async t => {
  const { engine, notebook, connected, path } = await lab(t, engine => {
    engine.put(containerOf('a', 'web'))
    engine.put(containerOf('b', 'cart'))
  })
  await notebook.until(() => connected() === 1)
  await engine.stop()
  await notebook.until(() => notebook.statuses.filter(status => status.kind === 'lost').length > 2)
  assert.equal(notebook.text(), 'container:cart: cart\ncontainer:web: web')
  const since = notebook.statuses.flatMap(status =>
    status.kind === 'lost' ? [status.sinceMs] : [],
  )
  assert.equal(new Set(since).size, 1, 'lost since one time, however often it is tried')
  engine.containers.delete('a'.repeat(64))
  await engine.start(path)
  await notebook.until(() => connected() === 2)
  assert.deepEqual([...notebook.groups.keys()], ['container:cart'])
  assert.equal(notebook.lines.filter(line => line.startsWith('changed')).length, 0)
})

test('a list that breaks off in its middle is no list, and does not hold us up', async t => {
  const { engine, notebook, connected } = await lab(t, engine =>
    engine.put(containerOf('a', 'web')),
  )
  await notebook.until(() => connected() === 1)
  engine.listCut = true
  engine.cutEvents()
  await notebook.until(() => notebook.statuses.filter(status => status.kind === 'lost').length > 1)
  assert.deepEqual([...notebook.groups.keys()], ['container:web'])
  engine.listCut = false
  await notebook.until(() => connected() === 2)
})

test('a list that fails on return takes nothing away', async t => {
  const { engine, notebook, connected } = await lab(t, engine =>
    engine.put(containerOf('a', 'web')),
  )
  await notebook.until(() => connected() === 1)
  engine.listBroken = true
  engine.cutEvents()
  await notebook.until(() => notebook.statuses.filter(status => status.kind === 'lost').length > 1)
  assert.deepEqual([...notebook.groups.keys()], ['container:web'])
  engine.listBroken = false
  await notebook.until(() => connected() === 2)
})

test('a container that cannot be inspected stays as it was, and is counted', async t => {
  const { engine, notebook, connected, orchestrator } = await lab(t, engine => {
    engine.put(containerOf('a', 'web'))
  })
  await notebook.until(() => connected() === 1)
  await engine.followed()
  engine.broken.add('a'.repeat(64))
  engine.emit('health_status: unhealthy', 'a'.repeat(64))
  engine.cutEvents()
  await notebook.until(() => connected() === 2)
  assert.deepEqual([...notebook.groups.keys()], ['container:web'])
  await notebook.until(() => orchestrator.counters().connections === 2)
  engine.cutEvents()
  await notebook.until(() => orchestrator.counters().failedInspections > 0)
})

test('a hundred containers that start at once are looked at eight at a time, and told once each', async t => {
  const { engine, notebook, connected } = await lab(t, engine => {
    engine.delayMs = 5
  })
  await notebook.until(() => connected() === 1)
  await engine.followed()
  for (let i = 0; i < 100; i++) {
    const id = (i + 0x100).toString(16).padStart(64, '0')
    engine.put({ ...containerOf('0', `c${i}`), Id: id })
    for (const action of ['create', 'start']) engine.emit(action, id)
    engine.emit('connect', 'n1id', 'network', { container: id })
  }
  await notebook.until(() => notebook.groups.size === 100)
  assert.ok(engine.inspectingMost <= 8, `${engine.inspectingMost} at a time`)
  const inspections = engine.requests.filter(url => /containers\/[0-9a-f]{64}/.test(url)).length
  assert.ok(inspections <= 200, `${inspections} inspections`)
  assert.equal(notebook.lines.filter(line => line.startsWith('changed')).length, 100)
})

test('what no event told is found by the sweep', async t => {
  const { engine, notebook, connected } = await lab(
    t,
    engine => engine.put(containerOf('a', 'web')),
    {
      sweepMs: 50,
    },
  )
  await notebook.until(() => connected() === 1)
  engine.put(containerOf('b', 'cart'))
  await notebook.until(() => notebook.groups.has('container:cart'))
  engine.containers.get('b'.repeat(64))!.State.Paused = true
  await notebook.until(() => notebook.groups.get('container:cart')?.instances[0].state === 'paused')
})

test('a network that spans nodes is told with the balancers that this node has on it', async t => {
  const { list, inspect } = recorded('swarm-networks') as Record<string, { Id: string }[]>
  const [ingress, shopnet] = inspect
  const onShopnet = (digit: string, name: string) =>
    containerOf(digit, name, {
      NetworkSettings: { Networks: { shopnet: { NetworkID: shopnet.Id, IPAddress: '10.0.1.3' } } },
    })
  const { engine, notebook, connected } = await lab(t, engine => {
    engine.networks = list
    for (const network of inspect) engine.networkInspections.set(network.Id, network)
  })
  const told = () =>
    Object.fromEntries(
      notebook.told.map(({ name, isShared, balancers, gateways }) => [
        name,
        { isShared, balancers, gateways },
      ]),
    )
  await notebook.until(() => connected() === 1)
  const mesh = { isShared: true, balancers: ['10.0.0.2'], gateways: [] }
  const bridge = { isShared: undefined, balancers: ['10.64.128.2'], gateways: ['10.64.128.1'] }
  const empty = { isShared: true, balancers: undefined, gateways: [] }
  assert.deepEqual(told(), { ingress: mesh, shopnet: empty, docker_gwbridge: bridge })
  await engine.followed()
  engine.put(onShopnet('a', 'web'))
  engine.emit('start', 'a'.repeat(64))
  await notebook.until(() => told().shopnet.balancers !== undefined)
  assert.deepEqual(told().shopnet.balancers, ['10.0.1.6'])
  engine.networkInspections.set(shopnet.Id, 500)
  engine.put(onShopnet('b', 'cart'))
  engine.emit('start', 'b'.repeat(64))
  await notebook.until(() => notebook.groups.has('container:cart'))
  assert.deepEqual(told().shopnet.balancers, ['10.0.1.6'], 'what is in doubt stays')
  const asked = engine.requests.filter(url => url.endsWith(ingress.Id)).length
  assert.equal(asked, 1, 'the mesh is asked for once')
})

test('a mesh whose balancer comes a moment after its networks is looked at again', async t => {
  const { list, inspect } = recorded('swarm-networks') as Record<string, { Id: string }[]>
  const { engine, notebook, connected } = await lab(t, engine => {
    engine.networks = list
    for (const network of inspect) {
      engine.networkInspections.set(network.Id, { ...network, Containers: {} })
    }
  })
  const balancers = () => notebook.told.flatMap(network => network.balancers ?? [])
  await notebook.until(() => connected() === 1)
  assert.deepEqual(balancers(), [])
  for (const network of inspect) engine.networkInspections.set(network.Id, network)
  await notebook.until(() => balancers().length === 2)
  assert.deepEqual(balancers().sort(), ['10.0.0.2', '10.64.128.2'])
})

test('no engine is absent, said in a sentence, and its arrival is noticed', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-docker-'))
  const path = join(folder, 'docker.sock')
  const stop = new AbortController()
  const notebook = new Notebook()
  const environment = { DOCKER_HOST: `unix://${path}` }
  const watching = docker({ environment, backoff }).watch(notebook, stop.signal)
  const engine = new FakeEngine()
  t.after(async () => {
    stop.abort()
    await watching
    await engine.stop()
    rmSync(folder, { recursive: true })
  })
  await notebook.until(() => notebook.statuses.length > 1)
  const [status] = notebook.statuses
  assert.equal(status.kind, 'absent')
  assert.match(
    status.kind === 'absent' ? status.reason : '',
    /docker\.sock: there is no such socket/,
  )
  await engine.start(path)
  await notebook.until(() => notebook.lines.includes('status connected'))
})

test('a DOCKER_HOST that names nothing is absent with what to write instead', async () => {
  const notebook = new Notebook()
  await docker({ environment: { DOCKER_HOST: 'ftp://x' } }).watch(
    notebook,
    new AbortController().signal,
  )
  const [status] = notebook.statuses
  assert.match(status.kind === 'absent' ? status.reason : '', /write unix:\/\/.* or tcp:\/\//)
})
