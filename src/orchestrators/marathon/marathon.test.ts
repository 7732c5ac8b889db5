import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Fault } from '#lib/fault.ts'
import { accessOf } from '../cluster-login.ts'
import { Notebook } from '../notebook.ts'
import { appOf, FakeMarathon } from './fake-marathon.ts'
import { type MarathonOptions, marathon } from './index.ts'

const rhythm = { gatherMs: 5, restMs: 5, pollMs: 30, sweepMs: 60_000, silentMs: 400, retryMs: 100 }
const quick: MarathonOptions = {
  backoff: { firstMs: 5, maxMs: 30 },
  answerMs: 300,
  rhythm,
  lookup: () => Promise.reject(new Error('no names in this test')),
}

/** Marathons, the first of which is watched unless told otherwise, until the test ends. */
async function lab(
  t: TestContext,
  options: {
    prepare?: (server: FakeMarathon, others: readonly FakeMarathon[]) => void
    count?: number
    given?: (servers: readonly FakeMarathon[]) => string[]
    environment?: NodeJS.ProcessEnv
    more?: MarathonOptions
  } = {},
) {
  const servers = await Promise.all(
    Array.from({ length: options.count ?? 1 }, () => new FakeMarathon().start()),
  )
  options.prepare?.(servers[0], servers.slice(1))
  const given = options.given?.(servers) ?? servers.map(each => each.url.href)
  const access = accessOf('marathon', given, options.environment ?? {})
  const stop = new AbortController()
  const notebook = new Notebook()
  const watching = marathon(access, { ...quick, ...options.more }).watch(notebook, stop.signal)
  t.after(async () => {
    stop.abort()
    await watching
    await Promise.all(servers.map(each => each.stop()))
  })
  const connected = () => notebook.statuses.filter(status => status.kind === 'connected').length
  await notebook.until(() => notebook.statuses.length > 0)
  return { server: servers[0], servers, notebook, connected }
}

const last = <T>(list: readonly T[]) => list[list.length - 1]

test('first everything, then connected, then what an event is about, and only that is asked', async t => {
  const { server, notebook } = await lab(t, {
    prepare: each => {
      each.apps = [appOf('/shop/vote', 2), appOf('/shop/db', 1)]
    },
  })
  assert.deepEqual(notebook.lines, ['all 2', 'status connected'])
  assert.deepEqual(notebook.statuses[0], { kind: 'connected', version: '1.10.26' })
  server.requests.length = 0
  server.apps[0] = appOf('/shop/vote', 3)
  await server.tell('status_update_event', { appId: '/shop/vote', taskStatus: 'TASK_RUNNING' }, 3)
  await notebook.until(() => notebook.lines.includes('changed marathon:/shop/vote 3'))
  const asked = server.requests.filter(line => !/deployments|queue/.test(line))
  assert.deepEqual(asked, ['GET /v2/apps/shop/vote'])
})

test('an app that goes is gone, one that is scaled to none too, one that waits for tasks is not', async t => {
  const { server, notebook } = await lab(t, {
    prepare: each => {
      each.apps = ['/a', '/b', '/c'].map(id => appOf(id, 1))
    },
  })
  server.apps = [appOf('/b', 0), { ...appOf('/c', 0), instances: 2 }]
  await server.tell('app_terminated_event', { appId: '/a' })
  await server.tell('deployment_success', { id: 'x' })
  await notebook.until(() => notebook.groups.size === 1)
  assert.equal(notebook.groups.get('marathon:/c')?.desired, 2)
})

test('heartbeats keep a stream alive in any pieces; silence, an end and a garbled stream lead to a new one', async t => {
  const { server, notebook, connected } = await lab(t, {
    prepare: each => {
      each.apps = [appOf('/a', 1)]
    },
  })
  await notebook.until(() => server.listeners === 1)
  for (let i = 0; i < 12; i++) {
    await server.send('\r', 1)
    await new Promise(resolve => setTimeout(resolve, 30))
    await server.send('\n', 1)
    await new Promise(resolve => setTimeout(resolve, 30))
  }
  assert.equal(connected(), 1, 'alive beyond the limit of silence')
  await notebook.until(() => connected() === 2, 3_000)
  await notebook.until(() => server.listeners === 1)
  server.apps[0] = appOf('/a', 2)
  server.hangUp()
  await notebook.until(() => notebook.groups.get('marathon:/a')?.instances.length === 2)
  await notebook.until(() => server.listeners === 1)
  server.apps[0] = appOf('/a', 3)
  await server.send(`event: x\r\ndata: {"half\r\n\r\n${'y'.repeat(10_000)}\r\n\r\n`, 7)
  await notebook.until(() => notebook.groups.get('marathon:/a')?.instances.length === 3)
})

for (const events of [401, 404, 405, 503, 'page'] as const) {
  test(`where the stream is refused (${events}) it asks again and again`, async t => {
    const { server, notebook } = await lab(t, {
      prepare: each => {
        each.events = events
        each.apps = [appOf('/a', 1)]
      },
    })
    const [status] = notebook.statuses
    assert.ok(status.kind === 'connected')
    assert.match(status.version, /^1\.10\.26, asked again and again: it /)
    server.apps[0] = appOf('/a', 2)
    await notebook.until(() => notebook.groups.get('marathon:/a')?.instances.length === 2)
    server.events = 'stream'
    await notebook.until(() => notebook.statuses.length === 2)
    assert.deepEqual(notebook.statuses[1], { kind: 'connected', version: '1.10.26' })
  })
}

test('a standby sends its listeners to the leader, which gets the credentials though nobody gave its address', async t => {
  const basic = `Basic ${Buffer.from('map:s3cret').toString('base64')}`
  const { server, servers, notebook } = await lab(t, {
    count: 2,
    given: ([standby]) => [`http://map:s3cret@${standby.host}`],
    prepare: (standby, [leader]) => {
      for (const each of [standby, leader]) each.authorization = basic
      standby.info = { ...standby.info, leader: leader.host }
      standby.events = { redirect: `http://${leader.host}/v2/events` }
      standby.apps = [appOf('/a', 1)]
    },
  })
  await notebook.until(() => servers[1].listeners === 1)
  assert.equal(last(servers[1].authorizations), basic)
  server.apps[0] = appOf('/a', 2)
  await servers[1].tell('status_update_event', { appId: '/a' })
  await notebook.until(() => notebook.groups.get('marathon:/a')?.instances.length === 2)
})

test('credentials do not follow a redirect to a stranger', async t => {
  const { servers, notebook } = await lab(t, {
    count: 2,
    given: ([standby]) => [`http://map:s3cret@${standby.host}`],
    prepare: (standby, [stranger]) => {
      standby.events = { redirect: `http://${stranger.host}/v2/events` }
      standby.apps = [appOf('/a', 1)]
    },
  })
  const [status] = notebook.statuses
  assert.match(JSON.stringify(status), /was not given: give that address too/)
  assert.deepEqual(servers[1].requests, [])
  assert.equal(notebook.groups.size, 1)
})

test('of several addresses the next is asked when one is lost, without a word of loss', async t => {
  const apps = [appOf('/a', 1)]
  const { servers, notebook, connected } = await lab(t, {
    count: 3,
    prepare: (first, others) => {
      for (const each of [first, ...others]) each.apps = apps
      others[0].broken = { status: 503, body: '{"message":"no leader"}' }
    },
  })
  await notebook.until(() => servers[0].listeners === 1)
  await servers[0].stop()
  await notebook.until(() => connected() === 2)
  assert.equal(servers[2].requests.includes('GET /v2/info'), true)
  assert.equal(
    notebook.statuses.some(status => status.kind !== 'connected'),
    false,
  )
  await servers[2].stop()
  await saysLost(notebook, /nobody listens there.*503.*nobody listens/)
  assert.equal(notebook.groups.size, 1, 'what is known stays known')
  await servers[0].start()
  await notebook.until(() => last(notebook.statuses).kind === 'connected')
})

function saysLost(notebook: Notebook, reason: RegExp): Promise<void> {
  return notebook.until(() => {
    const status = last(notebook.statuses)
    return status.kind === 'lost' && reason.test(status.reason)
  })
}

const troubles: [name: string, make: (server: FakeMarathon) => void, reason: RegExp][] = [
  ['is cut', each => Object.assign(each, { isCut: true }), /aborted|ended/],
  ['is mute', each => Object.assign(each, { isMute: true }), /did not answer within 0.3 s/],
  ['wants credentials', each => Object.assign(each, { authorization: 'x' }), /401.*credentials/],
  [
    'answers with a page',
    each => Object.assign(each, { broken: { status: 502, body: '<html>Bad</html>' } }),
    /answered 502 to \/v2\/\S+$/,
  ],
  [
    'answers garbage',
    each => Object.assign(each, { broken: { status: 200, body: 'OK{' } }),
    /answered 200 to \/v2\/apps: OK/,
  ],
  ['lists no apps', each => Object.assign(each, { apps: null }), /answered 200 to \/v2\/apps/],
]

for (const [name, make, reason] of troubles) {
  test(`a Marathon that ${name} takes nothing away`, async t => {
    const { server, notebook } = await lab(t, {
      prepare: each => {
        each.apps = [appOf('/a', 1)]
      },
    })
    make(server)
    server.hangUp()
    await saysLost(notebook, reason)
    assert.equal(notebook.groups.get('marathon:/a')?.instances.length, 1)
  })
}

test('behind a gateway its path stands before all others', async t => {
  const { server, notebook } = await lab(t, {
    given: ([each]) => [`http://${each.host}/service/marathon/`],
    prepare: each => {
      each.prefix = '/service/marathon'
      each.apps = [appOf('/a', 1)]
    },
  })
  assert.equal(notebook.groups.size, 1)
  assert.equal(
    server.requests.every(line => line.includes(' /service/marathon/v2/')),
    true,
  )
})

test('a token of DC/OS is sent in its form; a password gets one, once, and another when it is refused', async t => {
  const withToken = await lab(t, {
    environment: { INKLING_DCOS_TOKEN: 'abc.def.ghi' },
    prepare: each => Object.assign(each, { authorization: 'token=abc.def.ghi' }),
  })
  assert.equal(withToken.connected(), 1)
  const { server, connected, notebook } = await lab(t, {
    environment: { INKLING_DCOS_USER: 'map', INKLING_DCOS_PASSWORD: 's3cret' },
    prepare: each => {
      each.login = () => `t${each.logins.length}`
      each.authorization = 'token=t1'
    },
  })
  assert.deepEqual(server.logins, [{ uid: 'map', password: 's3cret' }])
  server.authorization = 'token=t2'
  server.hangUp()
  await notebook.until(() => connected() === 2)
  assert.equal(server.logins.length, 2)
  assert.equal(JSON.stringify(notebook.statuses).includes('s3cret'), false)
})

test('a login that is refused is not tried again soon, and the status names who, not how', async t => {
  const { server, notebook } = await lab(t, {
    environment: { INKLING_DCOS_USER: 'map', INKLING_DCOS_PASSWORD: 's3cret' },
    prepare: each => {
      each.login = () => 401
    },
  })
  await notebook.until(() => notebook.statuses.length > 3)
  assert.match(JSON.stringify(last(notebook.statuses)), /DC\/OS refuses the login of map \(401\)/)
  assert.equal(JSON.stringify(notebook.statuses).includes('s3cret'), false)
  assert.equal(server.logins.length, 1)
})

test('what the operator gave and makes no sense is one sentence without the password', () => {
  const environment = { INKLING_DCOS_USER: 'map' }
  const faults: [string[], NodeJS.ProcessEnv, RegExp][] = [
    [['zk://a:b@10.0.0.1:2181/marathon'], {}, /^--marathon zk:\/\/10.0.0.1:2181\/marathon is no/],
    [[' , '], {}, /needs the address/],
    [['http://'], {}, /is no address/],
    [['10.0.0.1:8080'], environment, /INKLING_DCOS_USER needs INKLING_DCOS_PASSWORD or/],
    [['10.0.0.1:8080'], { ...environment, INKLING_DCOS_KEY: '/none' }, /\/none cannot be read/],
    [['10.0.0.1:8080'], { ...environment, INKLING_DCOS_KEY: '/etc/passwd' }, /no private key/],
  ]
  for (const [given, env, sentence] of faults) {
    assert.throws(
      () => accessOf('marathon', given, env),
      (error: Error) => {
        assert.ok(error instanceof Fault)
        assert.match(error.message, sentence)
        return true
      },
    )
  }
  const { urls } = accessOf(
    'marathon',
    ['10.0.0.1:8080,http://m2:8080', 'https://dcos/marathon'],
    {},
  )
  assert.deepEqual(urls.map(String), [
    'http://10.0.0.1:8080/',
    'http://m2:8080/',
    'https://dcos/marathon',
  ])
})
