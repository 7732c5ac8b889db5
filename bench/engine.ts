import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClickHouse, openClickHouse } from '#stores/clickhouse/client.ts'
import { Engine } from '#stores/clickhouse/engine/supervisor.ts'
import { encodeNative, lowCardinality } from '#stores/clickhouse/native.ts'
import { median, report } from './figures.ts'

/**
 * What a batch of windows costs on its way into the embedded engine, as a block in Native and beside it as lines of JSON,
 * and what the way there and back costs a query: `node bench/engine.ts`.
 */
const runs = 11
const sizes = [1000, 10_000, 100_000]
const histogramKeys = 3
/** Linux counts a process's time in ticks of 10 ms: USER_HZ of times(2). */
const tickMs = 10

interface Batch {
  readonly rows: number
  readonly times: Uint32Array
  readonly clients: readonly string[]
  readonly servers: readonly string[]
  readonly calls: Uint32Array
  readonly errors: Uint32Array
  readonly bytes: Float64Array
  readonly latencies: Float64Array
  readonly histogramEnds: Uint32Array
  readonly buckets: Int16Array
  readonly counts: Float64Array
}

const columns = ['ts', 'src', 'dst', 'proto', 'count', 'errors', 'bytes_in', 'lat_sum', 'hist']

function batchOf(rows: number): Batch {
  const each = <T>(make: (i: number) => T) => Array.from({ length: rows }, (_, i) => make(i))
  const chance = () => Math.floor(Math.random() * 1000)
  return {
    rows,
    times: Uint32Array.from({ length: rows }, (_, i) => 1_767_225_600 + (i % 10)),
    clients: each(i => `namespace-${i % 20}/client-${i % 300}`),
    servers: each(i => `namespace-${i % 20}/server-${i % 200}`),
    calls: Uint32Array.from({ length: rows }, chance),
    errors: Uint32Array.from({ length: rows }, () => (Math.random() < 0.1 ? 1 : 0)),
    bytes: Float64Array.from({ length: rows }, () => chance() * 1000),
    latencies: Float64Array.from({ length: rows }, () => chance() * 900),
    histogramEnds: Uint32Array.from({ length: rows }, (_, i) => (i + 1) * histogramKeys),
    buckets: Int16Array.from({ length: rows * histogramKeys }, (_, i) => 30 + (i % 7)),
    counts: Float64Array.from({ length: rows * histogramKeys }, chance),
  }
}

function asNative(batch: Batch): Buffer {
  return encodeNative(batch.rows, [
    { name: 'ts', type: 'DateTime', values: batch.times },
    { name: 'src', ...lowCardinality(batch.clients) },
    { name: 'dst', ...lowCardinality(batch.servers) },
    { name: 'proto', type: 'LowCardinality', words: ['http'], keys: new Uint8Array(batch.rows) },
    { name: 'count', type: 'UInt32', values: batch.calls },
    { name: 'errors', type: 'UInt32', values: batch.errors },
    { name: 'bytes_in', type: 'UInt64', values: batch.bytes },
    { name: 'lat_sum', type: 'UInt64', values: batch.latencies },
    {
      name: 'hist',
      type: 'Map',
      ends: batch.histogramEnds,
      keys: { type: 'Int16', values: batch.buckets },
      values: { type: 'UInt64', values: batch.counts },
    },
  ])
}

function asJson(batch: Batch): Buffer {
  const lines: string[] = []
  for (let i = 0; i < batch.rows; i++) {
    const hist: Record<string, number> = {}
    for (let j = i * histogramKeys; j < batch.histogramEnds[i]; j++) {
      hist[batch.buckets[j]] = batch.counts[j]
    }
    lines.push(
      JSON.stringify({
        ts: batch.times[i],
        src: batch.clients[i],
        dst: batch.servers[i],
        proto: 'http',
        count: batch.calls[i],
        errors: batch.errors[i],
        bytes_in: batch.bytes[i],
        lat_sum: batch.latencies[i],
        hist,
      }),
    )
  }
  return Buffer.from(lines.join('\n'))
}

const coreMs = () => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** Core time of the engine's process so far: fields 14 and 15 of proc(5)'s stat, counted after the name. */
function engineMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}

const folder = mkdtempSync(join(tmpdir(), 'inkling-bench-'))
const startedMs = performance.now()
const engine = new Engine({ folder })
const client = openClickHouse({ socketPath: engine.socketPath })
const figures: Record<string, number> = {}
try {
  const state = await engine.settled()
  if (state.kind !== 'ready') throw new Error(state.kind === 'down' ? state.reason : state.kind)
  figures['ms to start it'] = performance.now() - startedMs
  await inserts(client, engine.pid!)
  await wayThereAndBack(client)
} finally {
  await client.close()
  await engine.stop()
  rmSync(folder, { recursive: true })
}
report('engine', figures)

async function inserts(into: ClickHouse, pid: number): Promise<void> {
  await into.query(
    `CREATE TABLE edge (ts DateTime, src LowCardinality(String), dst LowCardinality(String),
     proto LowCardinality(String), count UInt32, errors UInt32, bytes_in UInt64, lat_sum UInt64,
     hist Map(Int16, UInt64)) ENGINE = MergeTree ORDER BY (src, dst, ts)`,
  )
  for (const rows of sizes) {
    for (const [format, encode] of [
      ['Native', asNative],
      ['JSONEachRow', asJson],
    ] as const) {
      const batches = Array.from({ length: runs }, () => batchOf(rows))
      const encodedMs = coreMs()
      const blocks = batches.map(encode)
      const encodeMs = coreMs() - encodedMs
      const before = engineMs(pid)
      const insertMs: number[] = []
      for (const [run, block] of blocks.entries()) {
        const insertedMs = performance.now()
        await into.insert('edge', columns, format, block, { token: `${format}-${rows}-${run}` })
        insertMs.push(performance.now() - insertedMs)
      }
      const perRow = 1000 / rows / runs
      const name = `${rows} rows, ${format}`
      figures[`${name}: bytes a row`] = blocks[0].length / rows
      figures[`${name}: µs of a core a row to encode`] = encodeMs * perRow
      figures[`${name}: µs of a core a row in the engine`] = (engineMs(pid) - before) * perRow
      figures[`${name}: ms to insert`] = median(insertMs)
    }
  }
}

/** The client, and beside it a bare request. */
async function wayThereAndBack(from: ClickHouse): Promise<void> {
  const agent = new Agent({ keepAlive: true })
  const bare = () =>
    new Promise<void>((resolve, reject) => {
      const options = { socketPath: engine.socketPath, path: '/', method: 'POST', agent }
      const asked = request(options, answer => answer.resume().on('end', resolve))
      asked.on('error', reject).end('SELECT 1')
    })
  for (const [name, ask] of [
    ['by the client', () => from.query('SELECT 1')],
    ['by a bare request', bare],
  ] as const) {
    const took: number[] = []
    for (let i = 0; i < 500; i++) {
      const askedMs = performance.now()
      await ask()
      took.push(performance.now() - askedMs)
    }
    took.sort((a, b) => a - b)
    figures[`SELECT 1 ${name}: ms, median`] = median(took)
    figures[`SELECT 1 ${name}: ms, 99th percentile`] = took[Math.floor(took.length * 0.99)]
  }
  agent.destroy()
}
