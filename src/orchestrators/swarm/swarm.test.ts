import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { FakeEngine } from '../docker/fake-engine.ts'
import { Notebook } from '../notebook.ts'
import { FakeSwarm } from './fake-swarm.ts'
import { type SwarmOptions, swarm } from './index.ts'

const backoff = { firstMs: 10, maxMs: 50 }
const quick: SwarmOptions = { backoff, pollMs: 20, sweepMs: 60_000, lookAgainMs: 20 }

/** A fake engine in a swarm, and an orchestrator that watches it until the test ends. */
async function lab(t: TestContext, prepare: (swarm: FakeSwarm) => void, more: SwarmOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-swarm-'))
  const path = join(folder, 'docker.sock')
  const engine = new FakeEngine()
  const fake = new FakeSwarm()
  engine.swarm = fake
  fake.addNode('n1', 'alpha', '10.0.0.5')
  prepare(fake)
  await engine.start(path)
  const stop = new AbortController()
  const notebook = new Notebook()
  const environment = { DOCKER_HOST: `unix://${path}` }
  const watching = swarm({ environment, ...quick, ...more }).watch(notebook, stop.signal)
  t.after(async () => {
    stop.abort()
    await watching
    await engine.stop()
    rmSync(folder, { recursive: true })
  })
  const statuses = () => notebook.statuses.map(({ kind }) => kind).join(' ')
  const asked = (start: string) => engine.requests.filter(url => url.includes(start)).length
  return { engine, fake, notebook, statuses, asked, path }
}

const shop = (fake: FakeSwarm) => {
  fake.addService('web')
  fake.addTask('t1', 'web', '10.0.1.3')
  fake.addService('db')
  fake.addTask('t2', 'db', '10.0.1.4')
}

const text = ({ groups }: Notebook, id: string) =>
  groups
    .get(id)
    ?.instances.map(({ id, state, node }) => `${id} ${state} ${node}`)
    .join(', ')

test('a manager tells everything, as of one version of its swarm, then that it is connected', async t => {
  const { notebook, fake } = await lab(t, shop)
  await notebook.until(() => notebook.statuses.length > 0)
  assert.deepEqual(notebook.lines, ['all 2', 'status connected'])
  assert.equal(text(notebook, 'swarm:web'), 'swarm:t1 running alpha')
  const web = notebook.groups.get('swarm:web')
  assert.deepEqual(web?.cluster, { id: 'c1', version: fake.version })
  assert.deepEqual([web?.desired, web?.instances[0].task], [1, 't1'])
})

test('a swarm in which nothing happens is asked for its services only', async t => {
  const { notebook, asked } = await lab(t, shop)
  await notebook.until(() => notebook.statuses.length > 0)
  const lists = asked('/services')
  await notebook.until(() => asked('/services') > lists + 5)
  assert.deepEqual([asked('/tasks'), asked('/nodes'), asked('/networks')], [1, 1, 1])
  assert.equal(notebook.lines.length, 2)
})

test('a task that nobody told of is found by the counts of its service', async t => {
  const { notebook, fake, asked } = await lab(t, shop)
  await notebook.until(() => notebook.statuses.length > 0)
  fake.addTask('t3', 'web', '10.0.1.5', { Slot: 2 })
  await notebook.until(() => notebook.groups.get('swarm:web')?.instances.length === 2)
  assert.equal(asked('/tasks'), 2)
  assert.deepEqual(notebook.lines.slice(2), ['changed swarm:web 2'])
})

test('engines that do not count tasks are asked for them', async t => {
  const { notebook, fake } = await lab(t, fake => {
    shop(fake)
    fake.countsTasks = false
  })
  await notebook.until(() => notebook.statuses.length > 0)
  fake.addTask('t3', 'web', '10.0.1.5', { Slot: 2 })
  await notebook.until(() => notebook.groups.get('swarm:web')?.instances.length === 2)
})

test('an event makes a look at its service, and at nodes and networks when they changed', async t => {
  const { engine, notebook, fake, asked } = await lab(t, shop, { pollMs: 60_000 })
  await notebook.until(() => notebook.statuses.length > 0)
  await engine.followed()
  const task = fake.tasks.get('t1')!
  fake.change(task, { Status: { State: 'failed' }, DesiredState: 'shutdown' })
  fake.addTask('t9', 'web', '10.0.1.9')
  engine.emit('update', 'web-id', 'service', { name: 'web' })
  await notebook.until(() => text(notebook, 'swarm:web') === 'swarm:t9 running alpha')
  fake.change(fake.nodes.get('n1')!, { Status: { State: 'down', Addr: '10.0.0.5' } })
  engine.emit('update', 'n1', 'node', { 'state.new': 'down' })
  await notebook.until(() => text(notebook, 'swarm:db') === 'swarm:t2 unreachable alpha')
  assert.equal(asked('/networks'), 1)
  engine.emitText('{"Type":"network","Action":"create","Actor":{"ID":"x"}}')
  await notebook.until(() => asked('/networks') === 2)
})

test('a task that is to end holds what it held until it has ended', async t => {
  const { engine, notebook, fake } = await lab(t, shop)
  await notebook.until(() => notebook.statuses.length > 0)
  await engine.followed()
  const old = fake.tasks.get('t1')!
  fake.change(old, { DesiredState: 'shutdown' })
  fake.addTask('t5', 'web', '10.0.1.9', { Status: { State: 'preparing' } })
  engine.emit('update', 'web-id', 'service')
  const seen = () => text(notebook, 'swarm:web')
  await notebook.until(() => seen() === 'swarm:t1 running alpha, swarm:t5 starting alpha')
  assert.equal(notebook.groups.get('swarm:web')?.doing, '0 of 1 run')
  fake.change(old, { Status: { State: 'shutdown' } })
  fake.change(fake.tasks.get('t5')!, { Status: { State: 'running' } })
  await notebook.until(() => seen() === 'swarm:t5 running alpha')
  fake.tasks.delete('t1')
  fake.change(fake.tasks.get('t5')!, { DesiredState: 'shutdown', Status: { State: 'failed' } })
  await notebook.until(() => seen() === '')
})

test('a service that is removed is gone, also when another takes its name at once', async t => {
  const { notebook, fake } = await lab(t, shop)
  await notebook.until(() => notebook.statuses.length > 0)
  fake.services.delete('db-id')
  await notebook.until(() => !notebook.groups.has('swarm:db'))
  fake.services.delete('web-id')
  fake.addService('web', { ID: 'web-again-id' })
  fake.addTask('t7', 'web-again', '10.0.1.3')
  await notebook.until(() => text(notebook, 'swarm:web') === 'swarm:t7 running alpha')
})

test('a job is there while it runs', async t => {
  const { notebook, fake } = await lab(t, shop)
  await notebook.until(() => notebook.statuses.length > 0)
  fake.addService('job', {}, { Mode: { ReplicatedJob: {} } })
  const task = fake.addTask('j1', 'job', '10.0.1.8', { DesiredState: 'complete' })
  await notebook.until(() => text(notebook, 'swarm:job') === 'swarm:j1 running alpha')
  fake.change(task, { Status: { State: 'complete' } })
  await notebook.until(() => !notebook.groups.has('swarm:job'))
})

test('a worker says once that it is none who knows, and tells when it is promoted', async t => {
  const { notebook, fake, statuses, asked } = await lab(t, fake => {
    shop(fake)
    fake.isManager = false
  })
  await notebook.until(() => asked('/info') > 3)
  assert.equal(statuses(), 'absent')
  assert.deepEqual(notebook.lines, ['status absent'])
  const [status] = notebook.statuses
  assert.match(status.kind === 'absent' ? status.reason : '', /is a worker \(n1\)/)
  fake.isManager = true
  await notebook.until(() => statuses() === 'absent connected')
  assert.equal(notebook.groups.size, 2)
})

test('an engine without a swarm, or with one that is locked, says so', async t => {
  for (const [state, reason] of [
    ['inactive', /is in no swarm/],
    ['', /is in no swarm/],
    ['locked', /docker swarm unlock/],
    ['pending', /about to join/],
  ] as const) {
    const { notebook } = await lab(t, fake => {
      fake.isManager = false
      fake.nodeState = state
    })
    await notebook.until(() => notebook.statuses.length > 0)
    const [status] = notebook.statuses
    assert.match(status.kind === 'absent' ? status.reason : '', reason)
  }
})

test('a manager that is demoted is lost since then; what it knew stays, until it is one again', async t => {
  const { notebook, fake, statuses } = await lab(t, shop)
  await notebook.until(() => notebook.statuses.length > 0)
  fake.managers = 3
  fake.isManager = false
  await notebook.until(() => notebook.statuses.length > 2)
  const [, ...lost] = notebook.statuses
  const since = lost.map(status => (status.kind === 'lost' ? status.sinceMs : 0))
  assert.equal(new Set(since).size, 1)
  assert.match(lost.at(-1)?.kind === 'lost' ? JSON.stringify(lost.at(-1)) : '', /is a worker/)
  assert.equal(text(notebook, 'swarm:web'), 'swarm:t1 running alpha')
  fake.isManager = true
  await notebook.until(() => statuses().endsWith('connected'))
  assert.equal(notebook.lines.filter(line => line.startsWith('changed')).length, 0)
})

test('a swarm whose only manager left it is no more', async t => {
  const { notebook, fake, statuses } = await lab(t, shop)
  await notebook.until(() => notebook.statuses.length > 0)
  fake.isManager = false
  fake.nodeState = 'inactive'
  await notebook.until(() => notebook.groups.size === 0)
  await notebook.until(() => statuses().endsWith('absent'))
  Object.assign(fake, { isManager: true, nodeState: 'active', cluster: 'c2' })
  await notebook.until(() => notebook.groups.get('swarm:web')?.cluster?.id === 'c2')
})

test('without a leader, or with half an answer, the last truth stays', async t => {
  const { engine, notebook, fake, statuses } = await lab(t, shop)
  await notebook.until(() => notebook.statuses.length > 0)
  const message = 'rpc error: code = Unknown desc = The swarm does not have a leader.'
  for (const path of ['/services', '/tasks', '/nodes']) {
    for (const answer of [
      { status: 503, body: { message } },
      { status: 200, body: 'half' },
    ]) {
      fake.refusals.set(path, answer)
      fake.addTask(`x${fake.version}`, 'web', '10.0.1.77')
      engine.emit('update', 'n1', 'node')
      await notebook.until(() => statuses().endsWith('lost'))
      fake.refusals.clear()
      await notebook.until(() => statuses().endsWith('connected'))
    }
  }
  await engine.stop()
  await notebook.until(() => statuses().endsWith('lost'))
  assert.equal(notebook.groups.size, 2)
  assert.equal(notebook.lines.filter(line => / 0$/.test(line)).length, 0)
})

test('ten thousand tasks are asked for in many small answers, and then not again', async t => {
  const { notebook, fake, asked } = await lab(t, fake => {
    for (let service = 0; service < 200; service++) {
      fake.addService(`s${service}`)
      for (let task = 0; task < 50; task++) {
        fake.addTask(`t${service}-${task}`, `s${service}`, '10.0.1.3', { Slot: task })
      }
    }
  })
  await notebook.until(() => notebook.statuses.length > 0, 20_000)
  const tasks = [...notebook.groups.values()].flatMap(({ instances }) => instances).length
  assert.deepEqual([notebook.groups.size, tasks, asked('/tasks')], [200, 10_000, 20])
  const lists = asked('/services')
  fake.addTask('one-more', 's7', '10.0.1.4')
  await notebook.until(() => notebook.groups.get('swarm:s7')?.instances.length === 51, 20_000)
  assert.equal(asked('/tasks'), 21)
  assert.ok(asked('/services') > lists)
})
