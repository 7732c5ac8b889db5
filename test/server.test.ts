import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { WebSocket } from 'ws'
import { decodeFrame, type LiveMessage, type TopologyMessage } from '#wire/live.ts'
import type { RunningServer } from '../src/server.ts'
import type { Uplink } from '../src/uplink.ts'
import { openNetwork } from './outage/network.ts'
import {
  agentToken,
  get,
  groupOf,
  open,
  secondNow,
  until,
  uplinkTo,
  windowOf,
} from './running-server.ts'

/** Of 64 bits. */
const traceId = '0000000000000000463ac35c9f6413ad'

let server: RunningServer
let uplink: Uplink

before(async () => {
  server = await open()
  uplink = uplinkTo(server.url)
  uplink.allGroups('docker', [groupOf('vote', '172.18.0.2'), groupOf('redis', '172.18.0.3')])
  const startMs = secondNow() - 2000
  const names = [{ ip: '198.51.100.7', name: 'api.example.com' }]
  const { samples, ...window } = windowOf(startMs)
  const traced = { ...window, samples: samples.map(sample => ({ ...sample, traceId })) }
  uplink.windows({ startMs, windows: [traced], names }, true)
})

after(async () => {
  await uplink.close()
  await server.close()
})

async function linkOf(url: string) {
  const { body } = await get(`${url}/api/v1/graph`)
  return body.links[0]
}

test('a window of an agent becomes a link with figures', async () => {
  const link = await until(() => linkOf(server.url), 'the link')
  assert.equal(link.link.client, 'compose:shop:vote')
  assert.equal(link.link.server, 'compose:shop:redis')
  assert.equal(link.link.protocol, 'redis')
  assert.deepEqual(link.counts, { ok: 9, warning: 0, error: 1 })
  assert.equal(link.errorShare, 0.1)
  assert.ok(Math.abs(link.requestsPerSecond - 10 / 60) < 0.001)
})

test('a link’s access log names both ends', async () => {
  const { link } = await until(() => linkOf(server.url), 'the link')
  const { body } = await get(`${server.url}/api/v1/links/${link.id}/transactions?text=lpush`)
  assert.equal(body.lines.length, 1)
  const [line] = body.lines
  assert.deepEqual(line.client, {
    ip: '172.18.0.2',
    port: 41_000,
    service: 'compose:shop:vote',
    instance: 'shop-vote-1',
  })
  assert.equal(line.server.instance, 'shop-redis-1')
  assert.deepEqual(body.total, { ok: 9, warning: 0, error: 1 })
})

test('the lines of a trace are found on their link and on all', async () => {
  const { link } = await until(() => linkOf(server.url), 'the link')
  const lines = async (query: string) => {
    const { body } = await get(`${server.url}/api/v1/${query}`)
    return body.lines.map(({ link, method, traceId }: Record<string, string>) =>
      [link, method, traceId].join(' '),
    )
  }
  const found = [`${link.id} LPUSH ${traceId}`]
  const ofLink = `links/${link.id}/transactions`
  assert.deepEqual(await lines(`transactions?trace=${traceId}`), found)
  assert.deepEqual(await lines(`transactions?trace=${traceId.toUpperCase()}&outcome=ok`), found)
  assert.deepEqual(await lines(`transactions?trace=${traceId.slice(16)}`), found)
  assert.deepEqual(await lines(`transactions?trace=${traceId}&until=5`), [])
  assert.deepEqual(await lines(`${ofLink}?trace=${traceId}`), found)
  assert.deepEqual(await lines(`${ofLink}?trace=${'1'.repeat(32)}`), [])
})

test('a service shows its instances, callers and calls', async () => {
  await until(() => linkOf(server.url), 'the link')
  const { body } = await get(`${server.url}/api/v1/services/compose:shop:redis`)
  assert.equal(body.instances[0].name, 'shop-redis-1')
  assert.equal(body.callers[0].client.name, 'vote')
  assert.deepEqual(body.calls, [])
})

test('what is asked wrongly is one sentence', async () => {
  const wrong: [string, number][] = [
    ['/api/v1/graph?window=never', 400],
    ['/api/v1/graph?at=yesterday', 400],
    ['/api/v1/services/none', 404],
    ['/api/v1/links/none', 404],
    ['/api/v1/links/none/transactions', 404],
    ['/api/v1/links/none/transactions?limit=0', 400],
    ['/api/v1/links/none/transactions?trace=4bf92f35', 400],
    ['/api/v1/transactions', 400],
    ['/api/v1/transactions?trace=00000000000000000000000000000000', 400],
    ['/nothing', 404],
    ['/..%2f..%2fpackage.json', 404],
  ]
  for (const [path, status] of wrong) {
    const answer = await get(server.url + path)
    assert.equal(answer.status, status, path)
    assert.match(answer.body.error, /\w+/, path)
    assert.doesNotMatch(answer.body.error, /at .*\.ts/, path)
  }
})

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required: boolean
  readonly example?: string
}

test('every route of the contract answers as it says', async () => {
  const { body } = await get(`${server.url}/api/v1/openapi.json`)
  const { link } = await until(() => linkOf(server.url), 'the link')
  for (const path of Object.keys(body.paths)) {
    if (path === '/api/v1/live') continue
    const id = path.includes('services') ? 'compose:shop:vote' : link.id
    const parameters: Parameter[] = body.paths[path].get?.parameters ?? []
    const needed = parameters.filter(each => each.in === 'query' && each.required)
    const query = needed.map(({ name, example }) => `${name}=${example}`).join('&')
    const asked = path.replace('{id}', id).replace('{name}', 'n1')
    const response = await fetch(`${server.url}${asked}?${query}`)
    assert.equal(response.status, 200, path)
  }
})

test('metrics and Vizceral tell of the same link', async () => {
  await until(() => linkOf(server.url), 'the link')
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  assert.match(metrics, /traces_service_graph_request_total\{[^}]*client="[^"]*vote[^}]*\} 10/)
  const { body } = await get(`${server.url}/api/v1/vizceral`)
  assert.match(JSON.stringify(body), /"connections":\[\{"source":"[^"]*vote/)
})

test('a viewer gets names, then a frame of figures', async () => {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/v1/live`)
  let topology: TopologyMessage | undefined
  let rate = 0
  socket.on('message', (bytes: Buffer, isBinary) => {
    if (!isBinary) {
      const message: LiveMessage = JSON.parse(bytes.toString())
      if (message.type === 'topology') topology = message
    } else rate = Math.max(rate, decodeFrame(new Uint8Array(bytes).buffer)?.ok[0] ?? 0)
  })
  await until(async () => (topology?.links.length ? true : undefined), 'the topology')
  const startMs = secondNow() - 1000
  for (const at of [startMs, startMs + 1000, startMs + 2000]) {
    uplink.windows({ startMs: at, windows: [windowOf(at)], names: [] }, true)
  }
  await until(async () => (rate > 0 ? true : undefined), 'a frame with traffic')
  assert.ok(Math.abs(rate - 9) < 0.5, `${rate} a second`)
  const redis = topology!.services.find(({ name }) => name === 'redis')
  assert.equal(redis?.role, 'store')
  socket.close()
})

test('what somebody arranges is told to all viewers, and is there after a restart', async t => {
  const stateFolder = mkdtempSync(join(tmpdir(), 'inkling-server-'))
  t.after(() => rmSync(stateFolder, { recursive: true, force: true }))
  const first = await open({ stateFolder })
  const at = encodeURIComponent('production/blue ü')
  const url = (running: RunningServer) => `${running.url}/api/v1/places?at=${at}`
  const place = { at: 'production/blue ü', nodes: { web: { x: 10, y: -20.5, hand: true } } }
  const viewer = new WebSocket(`${first.url.replace('http', 'ws')}/api/v1/live`)
  const heard: LiveMessage[] = []
  viewer.on('message', (data, isBinary) => {
    if (!isBinary) heard.push(JSON.parse(String(data)))
  })
  await once(viewer, 'open')
  assert.deepEqual((await get(url(first))).body, { ...place, nodes: {} })
  const body = JSON.stringify({ nodes: place.nodes, by: 'me' })
  assert.equal((await get(url(first), { method: 'PUT', body })).status, 200)
  const told = () => Promise.resolve(heard.find(({ type }) => type === 'places'))
  const message = await until(told, 'the place')
  assert.deepEqual(message, { type: 'places', places: [place], by: 'me' })
  viewer.terminate()
  await first.close()
  const second = await open({ stateFolder })
  t.after(() => second.close())
  assert.deepEqual((await get(url(second))).body, place)
  const late = new WebSocket(`${second.url.replace('http', 'ws')}/api/v1/live`)
  const [data] = await once(late, 'message')
  assert.deepEqual(JSON.parse(String(data)), { type: 'places', places: [place], by: '' })
  late.terminate()
})

test('what cannot be an arrangement is refused in one sentence', async () => {
  const many = Object.fromEntries(Array.from({ length: 2001 }, (_, i) => [i, { x: 0, y: 0 }]))
  const nodes = (value: unknown) => JSON.stringify({ nodes: value })
  const wrong: [string, number][] = [
    ['', 400],
    ['{', 400],
    [nodes(undefined), 400],
    [nodes({ a: { x: 1 } }), 400],
    [nodes({ a: { x: 1e9, y: 0 } }), 400],
    [nodes({ a: { x: 'left', y: 0 } }), 400],
    [nodes({ '': { x: 1, y: 0 } }), 400],
    [nodes({ ['a'.repeat(600)]: { x: 1, y: 0 } }), 400],
    [nodes(many), 400],
  ]
  for (const [body, status] of wrong) {
    const answer = await get(`${server.url}/api/v1/places`, { method: 'PUT', body })
    assert.equal(answer.status, status, body.slice(0, 80))
    assert.match(answer.body.error, /\w+/)
  }
  const { body } = await get(`${server.url}/api/v1/places`)
  assert.deepEqual(body, { at: '', nodes: {} })
  const headers = { origin: 'http://elsewhere.example' }
  const put = { method: 'PUT', body: nodes({ a: { x: 1, y: 1 } }), headers }
  assert.equal((await get(`${server.url}/api/v1/places`, put)).status, 403)
})

test('an agent without the token is refused, a page of another site too', async () => {
  const url = `${server.url.replace('http', 'ws')}/api/v1`
  const refused = async (socket: WebSocket) => {
    const [, response] = await once(socket, 'unexpected-response')
    socket.on('error', () => undefined)
    socket.terminate()
    return response.statusCode
  }
  assert.equal(await refused(new WebSocket(`${url}/agents`)), 401)
  const headers = { authorization: 'Bearer wrong' }
  assert.equal(await refused(new WebSocket(`${url}/agents`, { headers })), 401)
  assert.equal(await refused(new WebSocket(`${url}/live`, { origin: 'https://evil.example' })), 403)
  const { status } = await get(`${server.url}/api/v1/graph`, {
    headers: { origin: 'https://evil.example' },
  })
  assert.equal(status, 403)
})

test('with a view token only who shows it may look', async () => {
  const guarded = await open({ viewToken: 'secret' })
  assert.equal((await get(`${guarded.url}/api/v1/graph`)).status, 401)
  assert.equal((await get(`${guarded.url}/healthz`)).status, 200)
  const bearer = { headers: { authorization: 'Bearer secret' } }
  assert.equal((await get(`${guarded.url}/api/v1/graph`, bearer)).status, 200)
  const entry = await fetch(`${guarded.url}/?token=secret`, { redirect: 'manual' })
  assert.equal(entry.status, 302)
  const cookie = entry.headers.get('set-cookie')!.split(';')[0]
  assert.equal((await get(`${guarded.url}/api/v1/graph`, { headers: { cookie } })).status, 200)
  await guarded.close()
})

test('a server that restarts has its history again, and counts nothing that its predecessor counted', async () => {
  const first = await open()
  const { port } = first
  const agent = uplinkTo(first.url, agentToken, 'r2')
  agent.allGroups('docker', [groupOf('vote', '172.18.0.2'), groupOf('redis', '172.18.0.3')])
  const startMs = secondNow() - 5000
  agent.windows({ startMs, windows: [windowOf(startMs)], names: [] }, true)
  await until(() => linkOf(first.url), 'the link')
  const total = (text: string) =>
    /traces_service_graph_request_total\{[^}]*\} (\d+)/.exec(text)?.[1]
  assert.equal(total(await (await fetch(`${first.url}/metrics`)).text()), '10')
  await first.close()
  agent.windows({ startMs: startMs + 1000, windows: [windowOf(startMs + 1000)], names: [] }, true)
  const second = await open({ port })
  const isWhole = async () => {
    const link = await linkOf(second.url)
    return link?.counts.ok === 18 ? link : undefined
  }
  const link = await until(isWhole, 'both seconds after the restart')
  assert.deepEqual(link.counts, { ok: 18, warning: 0, error: 2 })
  assert.equal(total(await (await fetch(`${second.url}/metrics`)).text()), '10')
  await agent.close()
  await second.close()
})

test('who came and went while the network was cut is named in the seconds in which it was there', async () => {
  const server = await open()
  const network = await openNetwork(() => server.port)
  const agent = uplinkTo(`http://127.0.0.1:${network.port}`, agentToken, 'r3')
  agent.allGroups('docker', [groupOf('vote', '172.18.0.2'), groupOf('redis', '172.18.0.3')])
  agent.windows({ startMs: secondNow() - 1000, windows: [], names: [] }, true)
  await until(
    async () => (await get(`${server.url}/readyz`)).status === 200 || undefined,
    'an agent',
  )
  await new Promise(resolve => setTimeout(resolve, 200))
  network.cut()
  const job = groupOf('job', '172.18.0.9')
  const born = { ...job.instances[0], sinceMs: Date.now() }
  agent.changedGroup('docker', { ...job, instances: [born] })
  const startMs = secondNow() + 1000
  await new Promise(resolve => setTimeout(resolve, startMs + 1100 - Date.now()))
  const window = windowOf(startMs)
  const subject = { ...window.subject, server: { ip: '172.18.0.9', port: 6379 } }
  agent.windows({ startMs, windows: [{ ...window, subject }], names: [] }, true)
  agent.changedGroup('docker', { ...job, instances: [] })
  network.heal()
  const link = await until(() => linkOf(server.url), 'the link')
  assert.equal(link.link.server, 'compose:shop:job')
  const { body } = await get(`${server.url}/api/v1/services/compose:shop:job`)
  assert.deepEqual(body.instances, [], 'it is gone now')
  await agent.close()
  await network.close()
  await server.close()
})

test('a port in use is one sentence that says what to do', async () => {
  await assert.rejects(open({ port: server.port }), /is in use .* --listen/)
})
