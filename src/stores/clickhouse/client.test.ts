import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, type TestContext, test } from 'node:test'
import { type ClickHouse, openClickHouse } from './client.ts'
import { noEngine, type TestEngine, testEngine } from './engine/for-tests.ts'

const withEngine = { skip: noEngine }
let running: TestEngine
before(async () => {
  if (noEngine) return
  running = testEngine()
  await running.engine.settled()
})
after(() => running?.close())

/** A server of the network, that does as it is told, and a client of it. */
async function served(
  t: TestContext,
  answer: (request: IncomingMessage, body: string, response: ServerResponse) => void,
): Promise<ClickHouse> {
  const server: Server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('latin1')) body += chunk
    answer(request, body, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const client = openClickHouse({ url, user: 'ink', password: 'p:w', database: 'yesterday' })
  t.after(async () => {
    await client.close()
    server.closeAllConnections()
    server.close()
  })
  return client
}

test('a server is asked as ClickHouse wants it', async t => {
  const seen: { parameters: Record<string, string>; authorization: string; body: string }[] = []
  const client = await served(t, (request, body, response) => {
    const { searchParams } = new URL(request.url!, 'http://x')
    const parameters = Object.fromEntries(searchParams)
    delete parameters.query_id
    seen.push({ parameters, authorization: request.headers.authorization!, body })
    response.end('1\n')
  })
  const authorization = `Basic ${Buffer.from('ink:p:w').toString('base64')}`
  const answer = await client.query('SELECT {a:String}', {
    settings: { max_threads: 1 },
    params: { a: "x'y" },
  })
  assert.equal(answer.toString(), '1\n')
  await client.insert('t', ['a', 'b'], 'Native', Buffer.from([1, 200]), { token: 'batch-1' })
  assert.deepEqual(seen, [
    {
      parameters: {
        database: 'yesterday',
        max_threads: '1',
        param_a: "x\\'y",
        wait_end_of_query: '1',
      },
      authorization,
      body: 'SELECT {a:String}',
    },
    {
      parameters: {
        database: 'yesterday',
        query: 'INSERT INTO t (`a`, `b`) FORMAT Native',
        async_insert: '0',
        wait_end_of_query: '1',
        insert_deduplication_token: 'batch-1',
        deduplicate_blocks_in_dependent_materialized_views: '1',
      },
      authorization,
      body: '\u0001È',
    },
  ])
})

test('connections are kept', async t => {
  const ports = new Set<number>()
  const client = await served(t, (request, _, response) => {
    ports.add(request.socket.remotePort!)
    response.end('1\n')
  })
  for (let i = 0; i < 5; i++) await client.query('SELECT 1')
  assert.equal(ports.size, 1)
})

test('a refusal has the number and the words', async t => {
  const client = await served(t, (_, __, response) => {
    response.writeHead(500, { 'x-clickhouse-exception-code': '243' })
    response.end(
      'Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space. (NOT_ENOUGH_SPACE) (version 26.7.2.1)\n',
    )
  })
  await assert.rejects(client.query('SELECT 1'), {
    name: 'ClickHouseFault',
    kind: 'refused',
    code: 243,
    message: 'Cannot reserve 1.00 MiB, not enough space.',
  })
})

const silences: [what: string, answer: (response: ServerResponse) => void][] = [
  ['ends the connection', response => response.destroy()],
  [
    'ends it in the middle of an answer',
    response => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('1\n', () => response.destroy())
    },
  ],
  ['is another', response => response.writeHead(502).end('<html>Bad gateway</html>')],
]
for (const [what, answer] of silences) {
  test(`a server that ${what} is unreachable`, async t => {
    const client = await served(t, (_, __, response) => answer(response))
    await assert.rejects(client.query('SELECT 1'), { kind: 'unreachable', code: undefined })
    assert.equal(await client.ping(), false)
  })
}

test('so is a socket that is not there', async t => {
  const client = openClickHouse({ socketPath: '/nowhere/engine.sock' })
  t.after(() => client.close())
  await assert.rejects(client.query('SELECT 1'), { kind: 'unreachable', message: 'ENOENT' })
  assert.equal(await client.ping(), false)
})

test('a server that is silent is given up', async t => {
  const server = createServer(() => {})
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = openClickHouse({ url, silentMs: 100 })
  t.after(async () => {
    await client.close()
    server.closeAllConnections()
    server.close()
  })
  await assert.rejects(client.query('SELECT 1'), { kind: 'unreachable' })
})

test('a signal ends a query before, while it waits, and in the middle of its answer', async t => {
  let begin: (() => void) | undefined
  const client = await served(t, (_, body, response) => {
    if (body === 'half') response.write('1\n', () => setTimeout(() => begin?.(), 50))
    else begin?.()
  })
  await assert.rejects(client.query('x', { signal: AbortSignal.abort() }), { kind: 'stopped' })
  for (const sql of ['none', 'half']) {
    const leaving = new AbortController()
    begin = () => leaving.abort()
    await assert.rejects(client.query(sql, { signal: leaving.signal }), { kind: 'stopped' })
  }
})

const values: [type: string, value: unknown, told: unknown][] = [
  ['String', 'it\'s "\\" \n\t`é😀', 'it\'s "\\" \n\t`é😀'],
  ['UInt64', 9007199254740993n, '9007199254740993'],
  ['Array(String)', ["a'b", 'c\\d'], ["a'b", 'c\\d']],
  ['Array(UInt32)', [1, 2], [1, 2]],
  ['DateTime64(3)', new Date(1_767_225_600_123), '2026-01-01 00:00:00.123'],
  ['Nullable(String)', null, null],
]
for (const [type, value, told] of values) {
  test(`a value goes as ${type}`, withEngine, async () => {
    const sql = `SELECT {v:${type}} FORMAT JSONCompactEachRow`
    const settings = { output_format_json_quote_64bit_integers: 1 }
    const answer = await running.client.query(sql, { params: { v: value }, settings })
    assert.deepEqual(JSON.parse(answer.toString()), [told])
  })
}

test('a longer answer than wanted is a fault, and the next one is whole', withEngine, async () => {
  const sql = 'SELECT number FROM numbers(100000)'
  await assert.rejects(running.client.query(sql, { maxBytes: 10_000 }), { kind: 'too long' })
  assert.equal((await running.client.query(sql)).length, 588_890)
})

test('bytes come as they are', withEngine, async () => {
  const answer = await running.client.query("SELECT unhex('00FF80') AS b FORMAT RowBinary")
  assert.deepEqual([...answer], [3, 0, 255, 128])
})
