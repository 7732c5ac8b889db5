import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Packr } from 'msgpackr'
import { emptyWindow, type Sample } from '#model/window.ts'
import { decodeAgentMessage, encodeAgentMessage, recallAgentMessage } from './agent.ts'
import { decodeFrame, encodeFrame, type LiveFrame } from './live.ts'

const column = (...values: number[]) => Float32Array.from(values)

function frameOf(values: number[]): LiveFrame {
  const all = () => column(...values)
  return {
    version: 7,
    timeMs: 1_790_000_000_123,
    ok: all(),
    warning: all(),
    error: all(),
    p50Us: all(),
    p99Us: all(),
    bytes: all(),
  }
}

test('a frame comes back within 4.5 %, none stays none', () => {
  const frame = frameOf([0, 1, 2, 3, 10, 11, 127, 1000, 54_321, 30_000_000])
  const back = decodeFrame(encodeFrame(frame).buffer)
  assert.ok(back)
  assert.equal(back.timeMs, frame.timeMs)
  assert.equal(back.version, 7)
  for (const name of ['ok', 'warning', 'error', 'p50Us', 'p99Us', 'bytes'] as const) {
    frame[name].forEach((value, i) => {
      const error = Math.abs(back[name][i] - value) / (value || 1)
      assert.ok(error <= 0.045, `${name} ${value} became ${back[name][i]}`)
    })
  }
})

test('the frame’s codes rise with the value, and its ends hold', () => {
  const values = Array.from({ length: 200 }, (_, i) => 1.1 ** i)
  const back = decodeFrame(encodeFrame(frameOf(values)).buffer)!
  for (let i = 1; i < values.length; i++) assert.ok(back.ok[i] >= back.ok[i - 1])
  assert.ok(back.ok[199] > 60_000_000)
})

test('bytes that are no frame are refused', () => {
  const bytes = encodeFrame(frameOf([1, 2]))
  for (let end = 0; end < bytes.length; end++) {
    assert.equal(decodeFrame(bytes.slice(0, end).buffer), undefined)
  }
  bytes[0] ^= 1
  assert.equal(decodeFrame(bytes.buffer), undefined)
})

const windowOf = () =>
  emptyWindow({
    namespace: '4026531840',
    local: 'client',
    transport: 'tcp',
    protocol: 'http',
    client: { ip: '10.0.0.1', port: 0 },
    server: { ip: '10.0.0.2', port: 80 },
  })

test('an agent’s message comes back as it was', () => {
  const names = [
    { ip: '10.0.0.2', name: 'api' },
    { ip: '198.51.100.7', name: 'api.example.com', called: true as const },
  ]
  const batch = { startMs: 1_790_000_000_000, windows: [windowOf()], names }
  const message = { type: 'windows', sequence: 3, batch } as const
  assert.deepEqual(decodeAgentMessage(encodeAgentMessage(message)), { message })
})

const sampleOf = (more: object): Sample => ({
  ...{ protocol: 'http', method: 'GET', resource: '/', status: '200', outcome: 'ok' },
  ...{ startUs: 1, durationUs: 2, requestBytes: 3, responseBytes: 4, gap: false, clientPort: 5 },
  ...more,
})

/** A second of an agent in which one request was sampled, as bytes. */
const secondOf = (sample: Sample) => {
  const windows = [{ ...windowOf(), samples: [sample] }]
  const batch = { startMs: 0, windows, names: [] }
  return encodeAgentMessage({ type: 'windows', sequence: 1, batch })
}

/** What came of the request. */
function heardOf(bytes: Uint8Array): Sample {
  const decoded = decodeAgentMessage(bytes)
  assert.ok('message' in decoded && decoded.message.type === 'windows')
  return decoded.message.batch.windows[0].samples[0]
}

test('the trace of a request is told, also when it was kept; of an agent that knows of none there is none', () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  assert.equal(heardOf(secondOf(sampleOf({ traceId }))).traceId, traceId)
  const kept = recallAgentMessage(secondOf(sampleOf({ traceId })))
  assert.equal(heardOf(encodeAgentMessage(kept!)).traceId, traceId)
  assert.deepEqual(heardOf(secondOf(sampleOf({}))), sampleOf({}))
  assert.equal(heardOf(secondOf(sampleOf({ traceId: undefined }))).traceId, undefined)
})

test('a trace that is none is told by nobody', () => {
  for (const traceId of ['', '4bf9', 'A'.repeat(32), '0'.repeat(32), 'a'.repeat(10_000), 7]) {
    assert.ok('fault' in decodeAgentMessage(secondOf(sampleOf({ traceId }))), String(traceId))
  }
})

test('a window counts in whole numbers, and has no more buckets than there are', () => {
  const told = (more: object) =>
    decodeAgentMessage(
      new Packr({ useRecords: false }).pack({
        type: 'windows',
        sequence: 1,
        batch: { startMs: 0, windows: [{ ...windowOf(), ...more }], names: [] },
      }),
    )
  const { traffic } = windowOf()
  assert.ok('message' in told({}))
  assert.ok('fault' in told({ counts: { ok: 0.5, warning: 0, error: 0 } }))
  assert.ok('fault' in told({ traffic: { ...traffic, packets: -1 } }))
  assert.ok('fault' in told({ latency: Array(10_000).fill(1) }))
})

test('who keeps a name that a message taught does not keep the message', () => {
  const others = Array.from({ length: 150 }, (_, i) => ({
    ip: `10.1.${i >> 8}.${i & 255}`,
    name: `other-${i}.example.com`,
  }))
  const kept: string[] = []
  const names = (i: number) => [{ ip: '198.51.100.7', name: `api-${i}.example.com` }]
  const before = heapBytes()
  for (let i = 0; i < 2000; i++) {
    const batch = { startMs: 0, windows: [], names: [...names(i), ...others] }
    const decoded = decodeAgentMessage(encodeAgentMessage({ type: 'windows', sequence: 1, batch }))
    assert.ok('message' in decoded && decoded.message.type === 'windows')
    kept.push(decoded.message.batch.names[0].name)
  }
  const keptBytes = heapBytes() - before
  assert.equal(kept[7], 'api-7.example.com')
  assert.ok(keptBytes < 2_000_000, `${keptBytes} bytes for 2,000 names`)
})

/** What lives. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

test('a message that is none is a reason, never a throw', () => {
  const packr = new Packr({ useRecords: false })
  const bad = [
    new Uint8Array(0),
    new Uint8Array([0xc1]),
    packr.pack({ type: 'windows', sequence: 0 }),
    packr.pack({ type: 'what' }),
    packr.pack(null),
    packr.pack({ type: 'hello', node: '', run: 'x' }),
  ]
  for (const bytes of bad) assert.ok('fault' in decodeAgentMessage(bytes))
})
