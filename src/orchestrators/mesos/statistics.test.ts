import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Usage } from '#model/service.ts'
import { ApiClient } from '../cluster-http.ts'
import { accessOf } from '../cluster-login.ts'
import { Notebook } from '../notebook.ts'
import { FakeMaster } from './fake-master.ts'
import { mesos } from './index.ts'
import { executorKey, Measuring, urlOf } from './measuring.ts'
import type { Agent } from './state.ts'
import { readStatistics, usageOf } from './statistics.ts'

const measured = (seconds: number, cpu: number, more: object = {}) => ({
  ...{ framework_id: 'F1', executor_id: 'e' },
  statistics: {
    ...{ timestamp: seconds, cpus_user_time_secs: cpu, cpus_system_time_secs: cpu },
    ...{ mem_total_bytes: 500, mem_rss_bytes: 400, mem_limit_bytes: 1000, cpus_limit: 2 },
    ...more,
  },
})

test('what an executor takes is told by two measurements', () => {
  const [before] = readStatistics([measured(100, 5)], 0)!
  const [now] = readStatistics([measured(110, 7.5)], 0)!
  const memory = { cpusMax: 2, memoryBytes: 500, memoryBytesMax: 1000 }
  assert.deepEqual(usageOf(undefined, before), memory)
  assert.deepEqual(usageOf(before, now), { cpus: 0.5, ...memory })
  assert.deepEqual(usageOf(now, before), memory, 'time does not run back')
  assert.deepEqual(usageOf(now, { ...before, atSeconds: 120 }), memory, 'it began anew')
})

test('old and new agents leave out what others tell', () => {
  const strip = { timestamp: undefined, mem_total_bytes: undefined, cpus_limit: undefined }
  const [found] = readStatistics([measured(0, 1, { ...strip, cpus_soft_limit: 3 })], 77)!
  const { atSeconds, cpusMax, memoryBytes } = found
  assert.deepEqual([atSeconds, cpusMax, memoryBytes], [77, 3, 400])
  const [bare] = readStatistics([{ framework_id: 'F', executor_id: 'e' }], 77)!
  assert.deepEqual(usageOf(bare, { ...bare, atSeconds: 80 }), {})
})

test('what is no list of statistics is none, and strange rows are left out', () => {
  for (const answer of [undefined, null, {}, 'x', 7]) {
    assert.equal(readStatistics(answer, 0), undefined)
  }
  const rows = [null, 7, {}, { framework_id: 'F' }, measured(1, -5, { mem_total_bytes: 'many' })]
  const found = readStatistics(rows, 0)!
  assert.deepEqual(
    found.map(({ cpuSeconds, memoryBytes }) => [cpuSeconds, memoryBytes]),
    [[undefined, 400]],
  )
})

const payloads = process.env.INKLING_SHARED ?? join(import.meta.dirname, '../../../../shared')
const recorded = join(payloads, 'payloads/mesos/agent_statistics_soft_limit.json')
test('a recorded answer', {
  skip: existsSync(recorded) ? false : `${recorded} is not here`,
}, () => {
  const [found] = readStatistics(JSON.parse(readFileSync(recorded, 'utf8')), 0)!
  assert.equal(found.executor, 'redpanda_redpanda-3.aca47227-7f01-d5df-b07a-c8efca476a69.0')
  const { atSeconds, cpuSeconds, ...rest } = found
  assert.deepEqual([atSeconds, cpuSeconds], [1755075360.156365, 70466.14 + 79304.05])
  assert.deepEqual(
    [rest.cpusMax, rest.memoryBytes, rest.memoryBytesMax],
    [2, 1923837952, 3145728000],
  )
})

test('agents are reached as their master is', () => {
  const agent = { id: 'S/1', hostname: 'a', ip: '10.0.0.5', host: '10.0.0.5:5051' }
  const table = [
    ['http://10.0.0.1:5050', 'http://10.0.0.5:5051/m'],
    ['https://10.0.0.1:5050/', 'https://10.0.0.5:5051/m'],
    ['https://dcos.example.com/mesos', 'https://dcos.example.com/agent/S%2F1/m'],
  ]
  for (const [base, wanted] of table) assert.equal(urlOf(agent, '/m', new URL(base))?.href, wanted)
  const base = new URL('http://10.0.0.1:5050')
  assert.equal(urlOf({ ...agent, host: undefined }, '/m', base), undefined)
  assert.equal(urlOf({ ...agent, host: 'a b' }, '/m', base), undefined)
})

type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** An agent that answers so, and how often it was asked. */
async function agentThat(t: TestContext, id: string, answer: Answer) {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.url} ${request.headers.authorization ?? '-'}`)
    answer(request, response)
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return { agent: { id, hostname: id, ip: '127.0.0.1', host } satisfies Agent, requests }
}

async function measure(t: TestContext, agents: readonly Agent[], rounds: number, login = '') {
  const { credentials } = accessOf('mesos', [`http://${login}127.0.0.1:1`], {})
  const client = new ApiClient({ credentials, hosts: [] })
  const stop = new AbortController()
  t.after(() => client.close())
  const found = new Map<string, ReadonlyMap<string, Usage>>()
  let round = 0
  const measuring = new Measuring({
    ...{ client, base: new URL('http://127.0.0.1:1') },
    rhythm: { firstMs: 0, everyMs: 20, restMs: 60_000, answerMs: 100 },
    agents: () => {
      if (++round > rounds) stop.abort()
      return agents
    },
    measured: (agent, usages) => found.set(agent, usages),
  })
  await measuring.run(stop.signal)
  return found
}

test('agents are asked again and again; who does not answer is left out for a while', async t => {
  let seconds = 100
  const json = (response: ServerResponse, body: unknown) => response.end(JSON.stringify(body))
  const good = await agentThat(t, 'good', (_, response) => {
    seconds += 10
    json(response, [measured(seconds, seconds / 10)])
  })
  const old = await agentThat(t, 'old', (request, response) => {
    if (request.url?.endsWith('.json')) json(response, [measured(1, 1)])
    else response.writeHead(404).end()
  })
  const bad = await Promise.all([
    agentThat(t, 'mute', () => {}),
    agentThat(t, 'strict', (_, response) => response.writeHead(401).end()),
    agentThat(t, 'garbled', (_, response) => response.end('<html>')),
    agentThat(t, 'cut', (_, response) => response.write('[{') && response.destroy()),
    agentThat(t, 'astray', (_, response) =>
      response.writeHead(307, { location: 'http://203.0.113.1/' }).end(),
    ),
  ])
  const agents = [good, old, ...bad].map(({ agent }) => agent)
  const found = await measure(t, agents, 3, 'me:secret@')
  assert.equal(found.get('good')?.get(executorKey('F1', 'e'))?.cpus, 0.2)
  assert.equal(found.get('old')?.get(executorKey('F1', 'e'))?.memoryBytes, 500)
  assert.deepEqual(
    bad.map(({ agent, requests }) => [found.get(agent.id)?.size, requests.length]),
    bad.map(() => [0, 1]),
  )
  assert.equal(good.requests.length, 3)
  // Whoever registers as an agent says where it is: it gets no credentials.
  assert.equal(good.requests[0], '/monitor/statistics -')
  assert.deepEqual(
    old.requests.map(each => each.split(' ')[0]),
    ['/monitor/statistics', ...Array(3).fill('/monitor/statistics.json')],
  )
})

test('what its agent measured is told with a task, unless others share its executor', async t => {
  const { agent } = await agentThat(t, 'S1', (_, response) => {
    const now = Date.now() / 1000
    response.end(
      JSON.stringify(
        ['solo', 'both'].map(executor_id => ({ ...measured(now, now / 8), executor_id })),
      ),
    )
  })
  const master = await new FakeMaster().start()
  const port = Number(agent.host.split(':')[1])
  master.agents = [{ id: 'S1', hostname: 'a1', ip: '127.0.0.1', port }]
  master.frameworks = { F1: 'jobs' }
  const task = { framework: 'F1', agent: 'S1' }
  master.tasks = [
    { id: 'solo', name: 'solo', ...task },
    { id: 'x', name: 'x', executor: 'both', ...task },
    { id: 'y', name: 'y', executor: 'both', ...task },
  ]
  const notebook = new Notebook()
  const stop = new AbortController()
  const measuring = { firstMs: 5, everyMs: 600, restMs: 60_000, answerMs: 1000 }
  const rhythm = { gatherMs: 5, restMs: 5, pollMs: 30, settleMs: 30, measuring }
  const watching = mesos(accessOf('mesos', [master.host], {}), { rhythm }).watch(
    notebook,
    stop.signal,
  )
  t.after(async () => {
    stop.abort()
    await watching
    await master.stop()
  })
  const usage = (name: string) => notebook.groups.get(`mesos:jobs:${name}`)?.instances[0].usage
  await notebook.until(() => usage('solo')?.cpus !== undefined)
  assert.equal(usage('solo')?.cpus, 0.25)
  assert.deepEqual([usage('x'), usage('y')], [undefined, undefined])
})
