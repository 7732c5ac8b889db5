import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { connect, silenceMaxMs, type Wire, waitMs } from './connect.ts'
import { frameOf, namesOf } from './fixtures.ts'
import type { Reach } from './page.ts'

/** Stands in for the browser's socket. */
class Socket {
  static all: Socket[] = []
  binaryType = ''
  closed = false
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: (() => void) | null = null
  constructor() {
    Socket.all.push(this)
  }
  close() {
    this.closed = true
  }
}

function start(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  Socket.all = []
  t.mock.property(globalThis as { WebSocket: unknown }, 'WebSocket', Socket)
  const reaches: Reach[] = []
  const heard: string[] = []
  const frame = frameOf([[1]])
  const connection = connect(
    'ws://here',
    {
      decodeText: text =>
        text === 'names'
          ? { type: 'topology', ...namesOf('web>db') }
          : (parsed(text) as ReturnType<Wire['decodeText']>),
      decodeFrame: bytes => (bytes.byteLength > 0 ? frame : undefined),
    },
    {
      names: () => heard.push('names'),
      status: () => heard.push('status'),
      places: () => heard.push('places'),
      frame: () => heard.push('frame'),
      reach: reach => reaches.push(reach),
    },
  )
  return { connection, reaches, heard, newest: () => Socket.all.at(-1)! }
}

/** Messages with nothing but their type. */
const parsed = (text: string) => (text.startsWith('{"type"') ? JSON.parse(text) : undefined)

test('a message of a type that the page does not know is left out', t => {
  const { newest, heard } = start(t)
  for (const type of ['weather', 'places', 'status'])
    newest().onmessage?.({ data: JSON.stringify({ type }) })
  assert.deepEqual(heard, ['places', 'status'])
})

test('the wait doubles up to ten seconds', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 9].map(attempt => waitMs(attempt, 0)),
    [500, 1000, 2000, 4000, 8000, 10_000, 10_000],
  )
  assert.equal(waitMs(0, 1), 400)
})

test('a lost connection is made again, and the loss is dated from its first moment', t => {
  const { reaches, newest } = start(t)
  newest().onclose?.()
  const first = reaches.at(-1)
  assert.equal(first?.kind, 'waiting')
  t.mock.timers.tick(500)
  assert.equal(Socket.all.length, 2)
  newest().onclose?.()
  const second = reaches.at(-1)
  assert.ok(first?.kind === 'waiting' && second?.kind === 'waiting')
  assert.equal(second.sinceMs, first.sinceMs)
  assert.ok(second.untilMs - Date.now() >= 800, 'longer than the first wait')
  newest().onmessage?.({ data: 'names' })
  assert.equal(reaches.at(-1)?.kind, 'open')
})

test('retrying now leaves the old attempt behind', t => {
  const { connection, newest } = start(t)
  const old = newest()
  old.onclose?.()
  connection.retry()
  assert.equal(Socket.all.length, 2)
  t.mock.timers.tick(60_000)
  assert.equal(old.onclose, null)
})

test('a connection that says nothing is taken for dead', t => {
  const { newest, reaches } = start(t)
  const silent = newest()
  silent.onopen?.()
  t.mock.timers.tick(silenceMaxMs + 1)
  assert.ok(silent.closed)
  assert.equal(reaches.at(-1)?.kind, 'waiting')
})

test('what is no message is passed over', t => {
  const { heard, newest } = start(t)
  newest().onmessage?.({ data: '{' })
  newest().onmessage?.({ data: new ArrayBuffer(0) })
  assert.deepEqual(heard, [])
  newest().onmessage?.({ data: 'names' })
  newest().onmessage?.({ data: new ArrayBuffer(8) })
  assert.deepEqual(heard, ['names', 'frame'])
})

test('a closed feed stays closed', t => {
  const { connection } = start(t)
  connection.close()
  t.mock.timers.tick(60_000)
  assert.equal(Socket.all.length, 1)
})
