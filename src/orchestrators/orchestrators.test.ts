import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { clusterOrchestrators } from './clusters.ts'
import { type FakeContainer, FakeEngine, recorded } from './docker/fake-engine.ts'
import { orchestrators } from './index.ts'
import { smallCluster } from './kubernetes/fake-objects.ts'
import { appOf, FakeMarathon } from './marathon/fake-marathon.ts'
import { FakeMaster } from './mesos/fake-master.ts'
import { Notebook } from './notebook.ts'
import type { Observer, Orchestrator } from './orchestrator.ts'
import { ProcessSockets } from './process/index.ts'
import { FakeSwarm } from './swarm/fake-swarm.ts'

/** Each member in a world in which it has something to tell. */
async function world(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-suite-'))
  const path = join(folder, 'docker.sock')
  const engine = new FakeEngine()
  for (const container of recorded('inspect') as FakeContainer[]) engine.put(container)
  engine.networks = recorded('networks')
  engine.swarm = new FakeSwarm()
  engine.swarm.addService('web')
  engine.swarm.addTask('t1', 'web', '10.0.1.3')
  await engine.start(path)
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const sockets = new ProcessSockets({ openTap: () => 'not in this test' })
  sockets.start()
  const marathon = await new FakeMarathon().start()
  marathon.apps = [appOf('/shop/vote', 2), appOf('/shop/db', 1)]
  const mesos = await new FakeMaster().start()
  const agent = '10.0.0.1'
  mesos.agents = [agent]
  mesos.frameworks = { F: 'cassandra' }
  mesos.tasks = [{ id: 'node-0', name: 'node', framework: 'F', agent, ip: '9.0.0.1' }]
  const api = smallCluster()
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, kubeconfigOf(await api.start()))
  t.after(async () => {
    await Promise.all([marathon.stop(), mesos.stop(), api.stop()])
    sockets.close()
    listener.close()
    await engine.stop()
    rmSync(folder, { recursive: true })
  })
  const options = {
    sockets,
    environment: { DOCKER_HOST: `unix://${path}` },
    backoff: { firstMs: 5, maxMs: 20 },
  }
  const given: Record<string, string[]> = {
    ...{ marathon: [marathon.host], mesos: [mesos.host], kubernetes: [kubeconfig] },
  }
  const open = () => [
    ...orchestrators.map(member => member.open(options)),
    ...clusterOrchestrators.flatMap(member =>
      given[member.name] ? [member.open(given[member.name], {}, new Set())] : [],
    ),
  ]
  return { open }
}

function kubeconfigOf(server: string): string {
  return JSON.stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c' } }],
    clusters: [{ name: 'c', cluster: { server } }],
  })
}

test('the lists name the folders, and each member is called as its folder', async t => {
  const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => entry.name)
  const members = [...orchestrators, ...clusterOrchestrators]
  assert.deepEqual(members.map(member => member.name).sort(), folders.sort())
  const opened = (await world(t)).open().map(orchestrator => orchestrator.name)
  assert.deepEqual(
    opened,
    members.map(member => member.name),
  )
})

test('first everything, once, then a status; every group is whole and its ids are its own', async t => {
  for (const member of (await world(t)).open()) {
    const notebook = new Notebook()
    await during(member, notebook, () => notebook.statuses.length > 0)
    const lines = notebook.lines.filter(line => !line.startsWith('networks'))
    assert.match(lines[0], /^all \d+$/, member.name)
    assert.equal(notebook.statuses[0].kind, 'connected', member.name)
    const groups = [...notebook.groups.values()]
    const ids = groups.flatMap(group => group.instances.map(instance => instance.id))
    assert.ok(ids.length > 0, member.name)
    assert.equal(new Set(ids).size, ids.length, member.name)
    for (const id of ids) assert.match(id, /^(docker|process|swarm|kubernetes|marathon|mesos):/)
    assert.deepEqual(JSON.parse(JSON.stringify(groups)), groups, 'plain values: they travel')
  }
})

test('a second watch tells everything again', async t => {
  for (const member of (await world(t)).open()) {
    const texts: string[] = []
    for (let round = 0; round < 2; round++) {
      const notebook = new Notebook()
      await during(member, notebook, () => notebook.statuses.length > 0)
      texts.push(notebook.text())
    }
    assert.equal(texts[1], texts[0], member.name)
  }
})

test('a watch ends when it is told to, at once, and tells nothing afterwards', async t => {
  for (const member of (await world(t)).open()) {
    const early = new Notebook()
    await member.watch(early, AbortSignal.abort())
    assert.deepEqual(early.lines, [], member.name)
    const late = new Notebook()
    await during(member, late, () => late.statuses.length > 0)
    const { length } = late.lines
    await new Promise(resolve => setTimeout(resolve, 100))
    assert.equal(late.lines.length, length, member.name)
  }
})

test('an observer that asks for no networks is not told them', async t => {
  for (const member of (await world(t)).open()) {
    const notebook = new Notebook()
    const observer: Observer = {
      all: groups => notebook.all(groups),
      changed: group => notebook.changed(group),
      status: status => notebook.status(status),
    }
    const stop = new AbortController()
    const watching = member.watch(observer, stop.signal)
    await notebook.until(() => notebook.statuses.length > 0)
    stop.abort()
    await watching
    assert.equal(notebook.statuses[0].kind, 'connected', member.name)
  }
})

/** Watches until `claim` holds; the watch must then end within a second. */
async function during(orchestrator: Orchestrator, notebook: Notebook, claim: () => boolean) {
  const stop = new AbortController()
  const watching = orchestrator.watch(notebook, stop.signal)
  await notebook.until(claim)
  stop.abort()
  const late = new Promise((_, reject) =>
    setTimeout(reject, 1_000, new Error('it did not end')).unref(),
  )
  await Promise.race([watching, late])
}
