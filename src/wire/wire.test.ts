import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Packr } from 'msgpackr'
import { emptyWindow } from '#model/window.ts'
import { decodeAgentMessage, encodeAgentMessage } from './agent.ts'
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

test('an agent’s message comes back as it was', () => {
  const window = emptyWindow({
    namespace: '4026531840',
    local: 'client',
    transport: 'tcp',
    protocol: 'http',
    client: { ip: '10.0.0.1', port: 0 },
    server: { ip: '10.0.0.2', port: 80 },
  })
  const names = [
    { ip: '10.0.0.2', name: 'api' },
    { ip: '198.51.100.7', name: 'api.example.com', called: true as const },
  ]
  const batch = { startMs: 1_790_000_000_000, windows: [window], names }
  const message = { type: 'windows', sequence: 3, batch } as const
  assert.deepEqual(decodeAgentMessage(encodeAgentMessage(message)), { message })
})

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
