import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { accessOf } from '../cluster-login.ts'
import { Notebook } from '../notebook.ts'
import { FakeMaster, type FakeTask, statusOf, v1Agent, v1Task } from './fake-master.ts'
import { type MesosOptions, mesos } from './index.ts'
import { RecordIo } from './record-io.ts'

const quick: MesosOptions = {
  backoff: { firstMs: 5, maxMs: 30 },
  answerMs: 300,
  rhythm: {
    ...{ gatherMs: 5, restMs: 5, pollMs: 30, sweepMs: 60_000, settleMs: 30 },
    ...{ firstMs: 200, silentMs: 400, stillMs: 60_000 },
    measuring: { firstMs: 3_600_000, everyMs: 3_600_000, restMs: 0, answerMs: 100 },
  },
}

const uuid = '8cad6a69-6ca8-11e7-beb2-0e2beceebfcc'
const node: FakeTask = {
  id: 'node-0-server__1',
  name: 'node-0-server',
  framework: 'F1',
  agent: '10.0.0.1',
  ip: '9.0.1.1',
}
const app: FakeTask = {
  id: `shop_vote.${uuid}`,
  name: 'vote.shop',
  framework: 'F0',
  agent: '10.0.0.2',
  ip: '9.0.2.1',
}

function fill(master: FakeMaster): void {
  master.agents = ['10.0.0.1', '10.0.0.2']
  master.frameworks = { F0: 'marathon', F1: 'cassandra' }
  master.tasks = [node, app]
}

async function lab(
  t: TestContext,
  options: {
    prepare?: (master: FakeMaster, others: readonly FakeMaster[]) => void
    count?: number
    given?: (masters: readonly FakeMaster[]) => string[]
    more?: MesosOptions
  } = {},
) {
  const masters = await Promise.all(
    Array.from({ length: options.count ?? 1 }, () => new FakeMaster().start()),
  )
  fill(masters[masters.length - 1])
  options.prepare?.(masters[0], masters.slice(1))
  const given = options.given?.(masters) ?? masters.map(each => each.host)
  const stop = new AbortController()
  const notebook = new Notebook()
  const access = accessOf('mesos', given, {})
  const watching = mesos(access, { ...quick, ...options.more }).watch(notebook, stop.signal)
  t.after(async () => {
    stop.abort()
    await watching
    await Promise.all(masters.map(each => each.stop()))
  })
  await notebook.until(() => notebook.statuses.length > 0)
  return { master: masters[0], masters, notebook }
}

const last = <T>(list: readonly T[]) => list[list.length - 1]
const services = (notebook: Notebook) => [...notebook.groups.keys()].sort()
const both = ['marathon:/shop/vote', 'mesos:cassandra:node-0-server']

test('tasks of any framework are services; those of Marathon are its apps', async t => {
  const { notebook, master } = await lab(t)
  assert.deepEqual(notebook.lines, ['all 2', 'status connected'])
  assert.deepEqual(services(notebook), both)
  const group = notebook.groups.get(both[1])
  assert.deepEqual(group?.service.group, ['cassandra'])
  assert.deepEqual(group?.instances, [
    {
      id: 'mesos:F1:node-0-server__1',
      ...{ name: 'node-0-server__1', task: 'node-0-server__1', node: '10.0.0.1' },
      ...{ state: 'running', health: 'unknown', restarts: 0, sinceMs: 1_760_000_000_500 },
      addresses: [{ ip: '9.0.1.1', network: 'dcos', networkName: 'dcos' }],
      ...{ published: [], mounts: [], labels: {} },
    },
  ])
  assert.equal(notebook.groups.get(both[0])?.instances[0].id, `marathon:shop_vote.${uuid}`)
  assert.equal(master.requests.includes('GET /state'), false, 'a subscription needs no state')
})

test('where Marathon is asked itself its tasks are not told twice', async t => {
  const { notebook } = await lab(t, { more: { isMarathonWatched: true } })
  assert.deepEqual(services(notebook), [both[1]])
})

test('of two Marathons only the one called so has the paths for itself', async t => {
  const { notebook } = await lab(t, {
    prepare: master => {
      master.frameworks.F2 = 'marathon-user'
      master.tasks.push({ ...app, framework: 'F2', id: `shop_vote.${uuid.replace('8', '9')}` })
    },
  })
  assert.deepEqual(services(notebook), [...both, 'mesos:marathon-user:vote.shop'].sort())
})

test('events change the picture, in any pieces', async t => {
  const { master, notebook } = await lab(t)
  const added: FakeTask = { ...node, id: 'b', name: 'b', state: 'TASK_STAGING' }
  await master.tell({ type: 'TASK_ADDED', task_added: { task: v1Task({ ...added, ip: '' }) } }, 1)
  await notebook.until(() => notebook.groups.has('mesos:cassandra:b'))
  const instance = () => notebook.groups.get('mesos:cassandra:b')?.instances[0]
  assert.deepEqual([instance()?.state, instance()?.addresses], ['starting', []])
  const update = (state: string) =>
    master.tell({
      type: 'TASK_UPDATED',
      task_updated: {
        framework_id: { value: 'F1' },
        state,
        status: { ...statusOf({ ...added, state, ip: '9.0.1.9' }), task_id: { value: 'b' } },
      },
    })
  await update('TASK_RUNNING')
  await notebook.until(() => instance()?.addresses[0]?.ip === '9.0.1.9')
  await update('TASK_UNREACHABLE')
  await notebook.until(() => instance()?.state === 'unreachable')
  assert.equal(instance()?.addresses[0]?.ip, '9.0.1.9', 'it holds what it held')
  await master.tell({ type: 'HEARTBEAT' })
  await master.tell({ type: 'SOMETHING_NEW' })
  await update('TASK_LOST')
  await notebook.until(() => !notebook.groups.has('mesos:cassandra:b'))
  await master.tell({
    type: 'FRAMEWORK_REMOVED',
    framework_removed: { framework_info: { id: { value: 'F1' }, name: 'cassandra' } },
  })
  await notebook.until(() => notebook.groups.size === 1)
})

test('a framework that is new, of which nobody told (before 1.4), is asked for before its tasks are told', async t => {
  const { master, notebook } = await lab(t, {
    prepare: master => {
      Object.assign(master, { frameworks: { F1: 'cassandra' }, tasks: [node] })
    },
  })
  master.frameworks.F0 = 'marathon'
  master.tasks.push(app)
  await master.tell({ type: 'TASK_ADDED', task_added: { task: v1Task(app) } })
  await notebook.until(() => notebook.groups.size === 2)
  assert.deepEqual(services(notebook), both)
  assert.ok(!notebook.lines.some(line => line.includes('mesos:F0')), notebook.lines.join('\n'))
})

test('a master that was just elected has no agents: the map stays, until they come back and say otherwise', async t => {
  let nowMs = 1_000_000
  const { master, notebook } = await lab(t, { more: { now: () => nowMs } })
  Object.assign(master, { agents: [], tasks: [], frameworks: {} })
  master.hangUp()
  await notebook.until(() => notebook.lines.filter(line => line.startsWith('all')).length === 2)
  assert.deepEqual(services(notebook), both)
  Object.assign(master, { agents: ['10.0.0.1'], frameworks: { F1: 'cassandra' } })
  await master.tell({ type: 'AGENT_ADDED', agent_added: { agent: v1Agent('10.0.0.1') } })
  await notebook.until(() => notebook.groups.size === 1)
  assert.deepEqual(services(notebook), [both[0]], 'its agent is still to come back')
  nowMs += 16 * 60_000
  await master.tell({ type: 'TASK_ADDED', task_added: { task: v1Task({ ...node, id: 'n' }) } })
  await notebook.until(() => !notebook.groups.has(both[0]))
})

test('a standby redirects to the leader, who is asked though nobody gave its address', async t => {
  const { masters, notebook } = await lab(t, {
    count: 2,
    given: ([standby]) => [standby.host],
    prepare: (standby, [leader]) => {
      standby.leader = leader.host
    },
  })
  assert.deepEqual(services(notebook), both)
  assert.equal(masters[1].listeners, 1)
})

test('with credentials it goes to masters that were given and to nobody else', async t => {
  const prepare = (standby: FakeMaster, [leader]: readonly FakeMaster[]) => {
    standby.leader = leader.host
    for (const each of [standby, leader]) {
      each.authorization = `Basic ${Buffer.from('map:s3cret').toString('base64')}`
    }
  }
  const one = (master: FakeMaster) => `http://map:s3cret@${master.host}`
  const refused = await lab(t, { count: 2, given: ([standby]) => [one(standby)], prepare })
  assert.match(JSON.stringify(refused.notebook.statuses), /was not given: give that address too/)
  assert.deepEqual(refused.masters[1].requests, [])
  const given = await lab(t, { count: 2, given: masters => masters.map(one), prepare })
  assert.deepEqual(services(given.notebook), both)
})

test('up to 0.28 a standby answers as if nothing ran, and names who leads', async t => {
  const { notebook, master } = await lab(t, {
    count: 2,
    given: ([standby]) => [standby.host],
    prepare: (standby, [leader]) => {
      standby.leader = leader.host
      for (const each of [standby, leader]) each.version = '0.28.2'
    },
  })
  assert.deepEqual(services(notebook), both)
  assert.match(
    JSON.stringify(notebook.statuses),
    /0\.28\.2, asked again and again: it answered 404/,
  )
  master.leader = '127.0.0.1:1'
  assert.equal(notebook.groups.size, 2)
})

for (const subscription of [403, 404, 405, 415, 501] as const) {
  test(`where a subscription is refused (${subscription}) the state is asked for again and again`, async t => {
    const { master, notebook } = await lab(t, {
      prepare: each => {
        each.subscription = subscription
      },
    })
    master.tasks = [{ ...node, id: 'n2', name: 'other' }, app]
    await notebook.until(() => notebook.groups.has('mesos:cassandra:other'))
    assert.equal(notebook.groups.has(both[1]), false)
  })
}

const troubles: [name: string, make: (master: FakeMaster) => void, reason: RegExp][] = [
  ['recovers', each => Object.assign(each, { subscription: 503 }), /has not recovered yet/],
  ['is mute', each => Object.assign(each, { subscription: 'mute' }), /fell silent/],
  [
    'answers garbage',
    each => Object.assign(each, { broken: { status: 200, body: '5\nabc' } }),
    /answered 200 to \/state/,
  ],
  ['breaks', each => Object.assign(each, { broken: { status: 500, body: 'oops' } }), /500.*oops/],
  ['wants credentials', each => Object.assign(each, { authorization: 'x' }), /401.*credentials/],
]

for (const [name, make, reason] of troubles) {
  test(`a master that ${name} takes nothing away`, async t => {
    const { master, notebook } = await lab(t)
    make(master)
    master.hangUp()
    await notebook.until(() => {
      const status = last(notebook.statuses)
      return status.kind === 'lost' && reason.test(status.reason)
    })
    assert.deepEqual(services(notebook), both)
  })
}

test('a subscription without signs of life is given up; one of an old master may be still', async t => {
  const { master, notebook } = await lab(t)
  const connected = () => notebook.statuses.filter(status => status.kind === 'connected').length
  await notebook.until(() => connected() === 2, 3_000)
  master.heartbeat = undefined
  master.hangUp()
  await notebook.until(() => connected() === 3)
  await new Promise(resolve => setTimeout(resolve, 700))
  assert.equal(connected(), 3)
})

test('records are the same wherever the stream is cut; what is none, or too long, is an error', () => {
  const texts = ['{"a":"ü€"}', '', '{}', 'x'.repeat(300)]
  const wire = Buffer.from(texts.map(text => `${Buffer.byteLength(text)}\n${text}`).join(''))
  const expected = texts.filter(text => text !== '')
  for (let at = 0; at <= wire.length; at++) {
    const records = new RecordIo()
    const told = [...records.read(wire.subarray(0, at)), ...records.read(wire.subarray(at))]
    assert.deepEqual(told, expected, `cut at ${at}`)
  }
  for (const wrong of ['<html>', '12a\n', '999999999999\n', '9'.repeat(50), '-1\n']) {
    assert.throws(() => new RecordIo().read(Buffer.from(wrong)), /RecordIO|too long/, wrong)
  }
})
