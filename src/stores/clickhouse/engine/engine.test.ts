import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { type IncomingHttpHeaders, request } from 'node:http'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ClickHouseFault } from '../client.ts'
import { encodeNative } from '../native.ts'
import { noEngine, type TestEngine, testEngine, textOf } from './for-tests.ts'

const withEngine = { skip: noEngine }
const connectionsMax = 4
let running: TestEngine

before(async () => {
  if (noEngine) return
  running = testEngine({ limits: { connectionsMax } })
  await running.engine.settled()
})
after(() => running?.close())

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** One request on a connection of its own, as any client of ClickHouse sends it. */
function ask(method: string, path: string, body = '', headers = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { socketPath } = running.engine
    const asked = request({ socketPath, method, path, headers, agent: false }, async answer => {
      let text = ''
      for await (const chunk of answer.setEncoding('utf8')) text += chunk
      resolve({ status: answer.statusCode!, headers: answer.headers, body: text })
    })
    asked.on('error', reject).end(body)
  })
}

const slow = 'SELECT sum(sleepEachRow(0.05)) FROM numbers(1200) SETTINGS max_block_size=1'
const processes =
  "SELECT count() FROM system.processes WHERE query LIKE '%sleepEachRow%' AND query NOT LIKE '%processes%'"

/** Until no slow query runs any more. */
async function untilIdle(): Promise<void> {
  const { client } = running
  for (let i = 0; i < 100; i++) {
    if ((await textOf(client, processes)) === '0') return
    await sleep(50)
  }
  assert.fail('still running')
}

test('it answers as a server of ClickHouse does', withEngine, async () => {
  assert.deepEqual((await ask('GET', '/ping')).body, 'Ok.\n')
  const json = await ask('POST', '/?default_format=JSONEachRow&query_id=q7', 'SELECT 1 AS a')
  assert.equal(json.body, '{"a":1}\n')
  assert.equal(json.headers['x-clickhouse-format'], 'JSONEachRow')
  assert.equal(json.headers['x-clickhouse-query-id'], 'q7')
  const named = await ask('GET', `/?query=${encodeURIComponent('SELECT 2 FORMAT CSV')}`)
  assert.deepEqual([named.body, named.headers['x-clickhouse-format']], ['2\n', 'CSV'])
  const split = await ask(
    'POST',
    `/?query=SELECT&param_n=5&max_block_size=7`,
    "{n:UInt8}, getSetting('max_block_size')",
  )
  assert.equal(split.body, '5\t7\n')
  assert.equal((await ask('GET', '/nothing')).status, 404)
})

const errors: [statement: string, code: number, status: number][] = [
  ['SELEC 1', 62, 400],
  ['SELECT * FROM nothing', 60, 404],
  ['SELECT 1; SELECT 2', 62, 400],
  ['SELECT 1 SETTINGS max_execution_tim=1', 115, 404],
  ["SELECT throwIf(1, 'so')", 395, 500],
]
for (const [statement, code, status] of errors) {
  test(`${statement}: error ${code}, status ${status}`, withEngine, async () => {
    const answer = await ask('POST', '/', statement)
    assert.deepEqual(
      [answer.status, answer.headers['x-clickhouse-exception-code']],
      [status, `${code}`],
    )
    assert.match(
      answer.body,
      new RegExp(`^Code: ${code}\\. DB::Exception: .*\\(version .*\\)\\n$`, 's'),
    )
  })
}

test('a request by GET changes nothing', withEngine, async () => {
  const query = encodeURIComponent('CREATE TABLE g (a UInt8) ENGINE = Memory')
  const answer = await ask('GET', `/?query=${query}`)
  assert.deepEqual([answer.status, answer.headers['x-clickhouse-exception-code']], [500, '164'])
})

test('only its user may open the socket', withEngine, () => {
  assert.equal(statSync(running.engine.socketPath).mode & 0o777, 0o600)
})

test(
  'a query that failed half-way leaves no rows, settings or values for the next',
  withEngine,
  async () => {
    const { client } = running
    const failing = () =>
      client
        .query('SELECT number, throwIf(number = 100000) FROM numbers(1000000)', {
          settings: { max_block_size: 5000, max_threads: 1 },
          params: { left: 'behind' },
        })
        .then(() => assert.fail('it should fail'))
        .catch(error => assert.equal(error.code, 395, error.message))
    const good = async (i: number) => {
      const answer = await textOf(client, `SELECT ${i}, getSetting('max_threads')`)
      assert.equal(answer, `${i}\t2`)
      await assert.rejects(client.query('SELECT {left:String}'), { code: 456 })
    }
    for (let i = 0; i < 300; i += 2 * connectionsMax) {
      const both = Array.from({ length: 2 * connectionsMax }, (_, j) => [failing(), good(i + j)])
      await Promise.all(both.flat())
    }
  },
)

test('what fails half-way is an error, not half an answer', withEngine, async () => {
  const answer = await ask('POST', '/', 'SELECT throwIf(number = 900000) FROM numbers(1000000)')
  assert.equal(answer.status, 500)
  assert.match(answer.body, /^Code: 395/)
})

test(
  'as many operations at once as there are connections; the others wait',
  withEngine,
  async () => {
    const { client } = running
    const leaving = new AbortController()
    const asked = Array.from({ length: 10 }, () => client.query(slow, { signal: leaving.signal }))
    const all = Promise.allSettled(asked)
    await sleep(300)
    // Looks past the queue: a ping has a connection of its own.
    assert.ok(await client.ping())
    leaving.abort()
    for (const result of await all) {
      assert.equal(result.status === 'rejected' && result.reason.kind, 'stopped')
    }
    await untilIdle()
    const many = await Promise.all(
      Array.from({ length: 20 }, () =>
        textOf(client, 'SELECT count(), sleep(0.05) FROM system.processes').then(text =>
          Number(text.split('\t')[0]),
        ),
      ),
    )
    assert.ok(Math.max(...many) <= connectionsMax, `${many}`)
  },
)

test('a query whose client goes away is cancelled', withEngine, async () => {
  const { client } = running
  const leaving = new AbortController()
  const asked = client.query(slow, { signal: leaving.signal })
  const refused = assert.rejects(asked, { kind: 'stopped' })
  while ((await textOf(client, processes)) === '0') await sleep(10)
  leaving.abort()
  await refused
  await untilIdle()
})

const limits: [what: string, sql: string, settings: Record<string, number>, code: number][] = [
  ['time', slow, { max_execution_time: 1 }, 159],
  ['rows', 'SELECT number FROM numbers(100000)', { max_result_rows: 1000 }, 396],
  ['bytes', 'SELECT number FROM numbers(100000)', { max_result_bytes: 10_000 }, 396],
  [
    'memory',
    'SELECT groupArray(number) FROM numbers(10000000) FORMAT Null',
    { max_memory_usage: 10 << 20 },
    241,
  ],
]
for (const [what, sql, settings, code] of limits) {
  test(`a query has a limit of ${what}`, withEngine, async () => {
    await assert.rejects(running.client.query(sql, { settings }), { kind: 'refused', code })
  })
}

test('limits and caps are set for queries that name none', withEngine, async () => {
  const { client } = running
  const names = [
    'max_threads',
    'max_execution_time',
    'max_result_rows',
    'max_result_bytes',
    'max_memory_usage',
    'async_insert',
  ]
  const settings = await textOf(
    client,
    `SELECT ${names.map(name => `getSetting('${name}')`).join()} FORMAT JSONCompactEachRow`,
  )
  assert.deepEqual(JSON.parse(settings), [2, 30, 2_000_000, 134_217_728, 268_435_456, false])
  const caps = await textOf(
    client,
    `SELECT value FROM system.server_settings WHERE name IN
     ('max_server_memory_usage', 'mark_cache_size', 'primary_index_cache_size', 'index_mark_cache_size')
     ORDER BY name`,
  )
  assert.deepEqual(caps.split('\n'), ['8388608', '33554432', '335544320', '33554432'])
})

test('threads of libuv are left for files and sockets', {
  skip: noEngine || process.platform !== 'linux',
}, () => {
  const environment = readFileSync(`/proc/${running.engine.pid}/environ`, 'latin1').split('\0')
  assert.ok(environment.includes(`UV_THREADPOOL_SIZE=${connectionsMax + 8}`))
})

test('all memory has a cap: a query past it fails, the engine lives', withEngine, async () => {
  const sql = 'SELECT groupArray(number) FROM numbers(100000000) FORMAT Null'
  const settings = { max_memory_usage: 0, max_bytes_before_external_group_by: 0 }
  await assert.rejects(running.client.query(sql, { settings }), { kind: 'refused', code: 241 })
  assert.equal(await textOf(running.client, 'SELECT 1'), '1')
})

test('an insert is done once, whatever its format, and leaves no file', withEngine, async () => {
  const { client, folder } = running
  await client.query(
    `CREATE TABLE once (n UInt32) ENGINE = MergeTree ORDER BY n
     SETTINGS non_replicated_deduplication_window = 100`,
  )
  const block = (n: number) =>
    encodeNative(1, [{ name: 'n', type: 'UInt32', values: Uint32Array.of(n) }])
  await client.insert('once', ['n'], 'Native', block(1), { token: 'a' })
  await client.insert('once', ['n'], 'Native', block(1), { token: 'a' })
  await client.insert('once', ['n'], 'Native', block(1), { token: 'b' })
  await client.insert('once', ['n'], 'JSONEachRow', Buffer.from('{"n":2}'), { token: 'c' })
  await client.insert('once', ['n'], 'JSONEachRow', Buffer.from('{"n":2}'), { token: 'c' })
  await ask('POST', '/', 'INSERT INTO once VALUES (3), (4)')
  await ask('POST', '/?query=INSERT%20INTO%20once%20VALUES', '(5)')
  assert.equal(
    await textOf(client, 'SELECT groupArray(n) FROM (SELECT n FROM once ORDER BY n)'),
    '[1,1,2,3,4,5]',
  )
  await assert.rejects(
    client.insert('once', ['n'], 'Native', Buffer.from('no block'), { token: 'd' }),
    ClickHouseFault,
  )
  assert.deepEqual(readdirSync(join(folder, 'incoming')), [])
})
