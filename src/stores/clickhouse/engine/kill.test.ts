import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ClickHouseFault } from '../client.ts'
import { encodeNative, lowCardinality } from '../native.ts'
import { noEngine, type TestEngine, testEngine, textOf } from './for-tests.ts'

/** `LONG=1` takes the time for a hundred. */
const killsMax = process.env.LONG ? 100 : 20
const rows = 2000
const writers = 3
const services = Array.from({ length: rows }, (_, i) => `service-${i % 50}`)

/** Each batch has its own number in every row, so that what is lost or doubled shows. Batches lie in one partition each. */
function blockOf(batch: number): Buffer {
  return encodeNative(rows, [
    { name: 'batch', type: 'UInt32', values: new Uint32Array(rows).fill(batch) },
    { name: 'service', ...lowCardinality(services) },
    { name: 'calls', type: 'UInt64', values: Float64Array.from({ length: rows }, (_, i) => i) },
  ])
}

const schema = [
  `CREATE TABLE seconds (batch UInt32, service LowCardinality(String), calls UInt64) ENGINE = MergeTree
   PARTITION BY batch % 4 ORDER BY (service, batch) SETTINGS non_replicated_deduplication_window = 2000`,
  `CREATE TABLE sums (batch UInt32, service LowCardinality(String), calls SimpleAggregateFunction(sum, UInt64))
   ENGINE = AggregatingMergeTree ORDER BY (batch, service) SETTINGS non_replicated_deduplication_window = 2000`,
  `CREATE MATERIALIZED VIEW to_sums TO sums AS
   SELECT s.batch AS batch, s.service AS service, sum(s.calls) AS calls FROM seconds AS s GROUP BY batch, service`,
]

/** Writes batches, each until it is acknowledged; answers those. */
async function write({ client }: TestEngine, next: () => number | undefined): Promise<number[]> {
  const acknowledged: number[] = []
  const columns = ['batch', 'service', 'calls']
  for (let batch = next(); batch !== undefined; batch = next()) {
    const block = blockOf(batch)
    for (let isDone = false; !isDone; ) {
      const answer = client.insert('seconds', columns, 'Native', block, { token: `batch-${batch}` })
      isDone = await answer.then(() => true, isUnreachable)
    }
    acknowledged.push(batch)
  }
  return acknowledged
}

/** Any other failure fails the test. */
async function isUnreachable(error: unknown): Promise<false> {
  assert.ok(error instanceof ClickHouseFault && error.kind === 'unreachable', String(error))
  await sleep(20)
  return false
}

test(`killed ${killsMax} times in mid-insert: no batch lost, none doubled`, {
  skip: noEngine,
}, async t => {
  const running = testEngine({ pace: { firstMs: 10, maxMs: 40 } })
  t.after(() => running.close())
  const { engine, client, states, until } = running
  await engine.settled()
  for (const statement of schema) await client.query(statement)
  let batches = 0
  let isOver = false
  const next = () => (isOver ? undefined : batches++)
  const writing = Promise.all(Array.from({ length: writers }, () => write(running, next)))
  const reading = readAll()
  for (let kills = 0; kills < killsMax; kills++) {
    await sleep(100 + Math.random() * 200)
    const before = states.length
    process.kill(engine.pid!, 'SIGKILL')
    await until('ready', before)
  }
  isOver = true
  const acknowledged = (await writing).flat()
  await reading
  assert.deepEqual(running.losses, [])
  assert.equal(acknowledged.length, batches)
  const perBatch = (rows * (rows - 1)) / 2
  const whole = `count() = ${rows} AND sum(calls) = ${perBatch}`
  for (const [table, isWhole] of [
    ['seconds', whole],
    ['sums', `sum(calls) = ${perBatch} AND uniqExact(service) = 50`],
  ]) {
    const sql = `SELECT count(), countIf(whole) FROM (SELECT ${isWhole} AS whole FROM ${table} GROUP BY batch)`
    assert.equal(await textOf(client, sql), `${batches}\t${batches}`, table)
  }
  t.diagnostic(`${killsMax} kills, ${batches} batches of ${rows} rows acknowledged`)

  async function readAll(): Promise<void> {
    while (!isOver) {
      await textOf(client, 'SELECT service, sum(calls) FROM sums GROUP BY service').catch(
        isUnreachable,
      )
      await sleep(10)
    }
  }
})
