import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { ServiceGroup } from '#model/service.ts'
import { accessOf } from '#orchestrators/cluster-login.ts'
import { marathon } from '#orchestrators/marathon/index.ts'
import { mesos } from '#orchestrators/mesos/index.ts'
import { Notebook } from '#orchestrators/notebook.ts'
import type { Machine } from './machines.ts'
import { taskId } from './marathon-words.ts'
import { MesosFront } from './mesos-front.ts'
import { type App, isFrom, namesNetworks, type Task, type Versions } from './mesos-words.ts'

// What the stand-in says in each version, and what is understood of it: no containers here.

const pairs: readonly Versions[] = [
  { marathon: '0.13.1', mesos: '0.28.2' },
  { marathon: '0.15.3', mesos: '0.28.2' },
  { marathon: '1.1.1', mesos: '1.0.1' },
  { marathon: '1.3.10', mesos: '1.1.0' },
  { marathon: '1.4.9', mesos: '1.3.0' },
  { marathon: '1.5.6', mesos: '1.4.0' },
  { marathon: '1.8.222', mesos: '1.7.2' },
  { marathon: '1.11.24', mesos: '1.11.0' },
]

const agents = ['10.66.0.11', '10.66.0.12'].map((address, i) => ({
  agent: { name: `n${i + 1}`, address } as Machine,
  fake: { id: `S${i}`, hostname: address, ip: address },
}))
const uuid = '8cad6a69-6ca8-11e7-beb2-0e2beceebfcc'
const containerId = '3f1b0c52-0d2c-4a55-9a7b-0242ac110002'
const empty = {
  image: 'shop/app:1',
  args: [],
  env: {},
  volumes: [],
  parameters: [],
  requirePorts: false,
}
const usual = { ...empty, version: '2026-01-01T00:00:00.000Z' }

const bridge: App = {
  ...usual,
  id: '/shop/production/vote',
  network: { mode: 'bridge' },
  ports: [80],
}
const host: App = { ...usual, id: '/shop/production/lb', network: { mode: 'host' }, ports: [0] }
const named: App = {
  ...{ ...usual, id: '/shop/production/db', ports: [5432] },
  network: { mode: 'container', name: 'routed', isPublished: true },
}
const wide: App = {
  ...{ ...usual, id: '/shop/production/redis', ports: [6379] },
  network: { mode: 'container', name: 'wire', isPublished: false },
}
const report: App = { ...bridge, id: 'report', framework: 'batch' }

/** A task that runs on an agent, as `Mesos` would have launched it. */
function taskOf(versions: Versions, app: App, port: number, ip: string, on = 0): Task {
  const { agent, fake } = agents[on]
  const own = uuid.replace('8cad6a69', `${on}${String(port).padStart(7, '0')}`)
  return {
    id: app.framework === undefined ? taskId(versions, app.id, own) : `ct:1:0:${app.id}:`,
    ...{ containerId, app, agent, hostname: fake.hostname, agentId: fake.id },
    ...{ hostPorts: port === 0 ? [] : [port], stagedMs: 1_760_000_000_000 },
    ...{ startedMs: 1_760_000_001_000, state: 'TASK_RUNNING', ip },
  }
}

const tasksOf = (versions: Versions): Task[] => [
  taskOf(versions, bridge, 31000, '172.17.0.2'),
  taskOf(versions, bridge, 31000, '172.17.0.2', 1),
  taskOf(versions, host, 31001, agents[0].agent.address),
  taskOf(versions, named, 31002, '172.31.1.2'),
  taskOf(versions, wide, 0, '10.67.0.16'),
  taskOf(versions, report, 31003, '172.17.0.3'),
]
const apps = [bridge, host, named, wide, report]

/** `10.66.0.11:31000>80 9.0.1.2@dcos`, of all instances. */
const heldBy = ({ instances }: ServiceGroup): string =>
  instances
    .flatMap(({ published, addresses }) => [
      ...published.map(({ ip, port, targetPort }) => `${ip}:${port}>${targetPort}`),
      ...addresses.map(({ ip, network }) => `${ip}@${network}`),
    ])
    .sort()
    .join(' ')

const picture = ({ groups }: Notebook): Record<string, string> =>
  Object.fromEntries([...groups].sort().map(([id, group]) => [id, heldBy(group)]))

/** What Marathon's apps hold, whoever tells. */
function marathons(versions: Versions): Record<string, string> {
  const hasNames = namesNetworks(versions)
  return {
    'marathon:/shop/production/db': `10.66.0.11:31002>5432${hasNames ? ' 172.31.1.2@routed' : ''}`,
    'marathon:/shop/production/lb': '10.66.0.11:31001>31001',
    'marathon:/shop/production/redis': hasNames ? '10.67.0.16@wire' : '',
    'marathon:/shop/production/vote': '10.66.0.11:31000>80 10.66.0.12:31000>80',
  }
}
const batch = { 'mesos:batch:report': '10.66.0.11:31003>80' }

const rhythm = { gatherMs: 5, restMs: 5 }
const backoff = { firstMs: 5, maxMs: 50 }

async function lab(t: TestContext, versions: Versions) {
  const front = new MesosFront(versions)
  await front.start(agents.map(({ fake }) => fake))
  await front.register('marathon')
  await front.register('batch')
  front.show(apps, tasksOf(versions), [])
  const stop = new AbortController()
  const [told, mastered, whole] = [new Notebook(), new Notebook(), new Notebook()]
  const access = accessOf('mesos', front.mesosUrls, {})
  const settleMs = 50
  const quick = { backoff, rhythm: { ...rhythm, pollMs: 200, settleMs } }
  const watching = [
    marathon(accessOf('marathon', front.marathonUrls, {}), {
      ...{ backoff, rhythm: { ...rhythm, pollMs: 60_000 } },
    }).watch(told, stop.signal),
    mesos(access, { ...quick, isMarathonWatched: true }).watch(mastered, stop.signal),
    mesos(access, quick).watch(whole, stop.signal),
  ]
  t.after(async () => {
    stop.abort()
    await Promise.all(watching)
    await front.stop()
  })
  for (const notebook of [told, mastered, whole])
    await notebook.until(() => notebook.statuses.length > 0)
  return { front, told, mastered, whole }
}

for (const versions of pairs) {
  const name = `Marathon ${versions.marathon} on Mesos ${versions.mesos}`

  test(`${name}: everybody holds what it holds`, async t => {
    const { told, mastered, whole } = await lab(t, versions)
    assert.deepEqual(picture(told), marathons(versions), 'as Marathon tells')
    assert.deepEqual(picture(mastered), batch, 'what only the master tells')
    assert.deepEqual(picture(whole), { ...marathons(versions), ...batch }, 'without Marathon')
    const [instance] = mastered.groups.get('mesos:batch:report')!.instances
    const containers = isFrom(versions.mesos, '1.2') ? [`mesos:${containerId}`] : undefined
    assert.deepEqual(instance.containers, containers)
  })

  test(`${name}: a task that comes and goes is told by its events`, async t => {
    const { front, told, whole } = await lab(t, versions)
    const tasks = tasksOf(versions)
    const more = { ...taskOf(versions, bridge, 31004, '172.17.0.4', 1), state: 'TASK_STAGING' }
    const deployment = { id: uuid, app: bridge.id, action: 'ScaleApplication', version: '2026' }
    const ports = (notebook: Notebook) => picture(notebook)[`marathon:${bridge.id}`] ?? ''
    const all = '10.66.0.11:31000>80 10.66.0.12:31000>80 10.66.0.12:31004>80'
    front.show(apps, [...tasks, more], [deployment])
    await front.tellDeployment(deployment, 'deployment_info')
    await front.tellTask(more)
    const running = { ...more, state: 'TASK_RUNNING' }
    front.show(apps, [...tasks, running], [deployment])
    await front.tellTask(running)
    for (const notebook of [told, whole]) await notebook.until(() => ports(notebook) === all)
    const doing = () => told.groups.get(`marathon:${bridge.id}`)?.doing
    await told.until(() => doing() === 'scaling, 3 of 3')
    front.show(apps, tasks.slice(1), [])
    const [killed] = tasks
    await front.tellTask({ ...killed, state: 'TASK_KILLED' })
    await front.tellTask({ ...running, state: 'TASK_KILLED' })
    await front.tellDeployment(deployment, 'deployment_success')
    const left = '10.66.0.12:31000>80'
    for (const notebook of [told, whole]) await notebook.until(() => ports(notebook) === left)
    await told.until(() => doing() === undefined)
  })

  test(`${name}: another leader takes nothing away, and is listened to`, async t => {
    const { front, told, mastered, whole } = await lab(t, versions)
    const before = [told, mastered, whole].map(picture)
    const seen = [told, mastered, whole].map(({ lines }) => lines.length)
    await front.elect(100)
    for (const [i, { lines }] of [told, mastered, whole].entries()) {
      const since = lines.slice(seen[i])
      const emptied = since.filter(line => /^changed .* 0$|^all 0$/.test(line))
      assert.deepEqual(emptied, [])
    }
    assert.deepEqual([told, mastered, whole].map(picture), before)
    const gone = tasksOf(versions)
    const report = gone.pop()!
    front.show(apps, gone, [])
    await front.tellTask({ ...report, state: 'TASK_KILLED' })
    for (const notebook of [mastered, whole])
      await notebook.until(() => !notebook.groups.has('mesos:batch:report'))
  })
}
