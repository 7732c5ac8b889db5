import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type WebSocket, WebSocketServer } from 'ws'
import { Spool } from '#spool/spool.ts'
import {
  type AgentMessage,
  decodeAgentMessage,
  encodeServerMessage,
  type Hello,
  type WindowsMessage,
} from '#wire/agent.ts'
import type { Log } from '../src/log.ts'
import { type OwnClock, ownClock, ServerTime } from '../src/server-time.ts'
import { Uplink } from '../src/uplink.ts'
import { parties, secondOf } from './outage/seconds.ts'

const root = mkdtempSync(join(tmpdir(), 'inkling-uplink-'))
/** What is still open when a test fails. */
const opened = new Set<{ close(): Promise<void> }>()
after(async () => {
  for (const each of opened) await each.close()
  rmSync(root, { recursive: true, force: true })
})

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

async function until(ask: () => boolean, what: string): Promise<void> {
  for (const endMs = Date.now() + 15_000; Date.now() < endMs; await sleep(10)) if (ask()) return
  throw new Error(`waited in vain for ${what}`)
}

interface Heard {
  readonly message: Exclude<AgentMessage, Hello>
  readonly atMs: number
}

/** A server that does what a test tells it to. */
class FakeServer {
  life = 'life-1'
  /** What it says its clock says. */
  aheadMs = 0
  acknowledges = true
  /** Of these it says that it does not understand them. */
  refuses: (message: WindowsMessage) => boolean = () => false
  had: { run: string; ranges: [number, number][] }[] = []
  hello: Hello | undefined
  heard: Heard[] = []
  socket: WebSocket | undefined
  readonly #server: WebSocketServer

  constructor(port = 0) {
    this.#server = new WebSocketServer({ port, host: '127.0.0.1' })
    opened.add(this)
    this.#server.on('connection', socket => {
      this.socket = socket
      socket.on('message', (bytes: Buffer) => this.#hear(bytes, socket))
    })
  }

  async listening(): Promise<URL> {
    if (!this.#server.address()) await once(this.#server, 'listening')
    return new URL(`http://127.0.0.1:${this.port}`)
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address ? address.port : 0
  }

  get seconds(): WindowsMessage[] {
    return this.heard.flatMap(({ message }) => (message.type === 'windows' ? [message] : []))
  }

  get told(): string[] {
    return this.heard.map(({ message }) => shortOf(message)).filter(text => text !== 'clock')
  }

  /** Ends all connections and accepts no more. */
  async close(): Promise<void> {
    opened.delete(this)
    for (const socket of this.#server.clients) socket.terminate()
    await new Promise(resolve => this.#server.close(resolve))
  }

  #hear(bytes: Buffer, socket: WebSocket): void {
    const nowMs = Date.now() + this.aheadMs
    const decoded = decodeAgentMessage(bytes)
    assert.ok('message' in decoded, 'fault' in decoded ? decoded.fault : '')
    const { message } = decoded
    const { life, had } = this
    if (message.type === 'hello') {
      const { askedMs } = message
      this.hello = message
      const clock = { askedMs, receivedMs: nowMs, answeredMs: nowMs }
      socket.send(encodeServerMessage({ type: 'welcome', life, had, ...clock }))
      return
    }
    if (message.type === 'windows' && this.refuses(message)) {
      socket.close(1007)
      return
    }
    this.heard.push({ message, atMs: Date.now() })
    if (message.type === 'clock') {
      socket.send(encodeServerMessage({ ...message, receivedMs: nowMs, answeredMs: nowMs }))
    }
    if (!this.acknowledges || !('sequence' in message) || message.sequence === undefined) return
    const run = message.run ?? this.hello!.run
    const { sequence } = message
    socket.send(encodeServerMessage({ type: 'acknowledged', run, sequence }))
  }
}

/** `second 5`, `docker one web`, `docker all web redis now`. */
function shortOf(message: Exclude<AgentMessage, Hello>): string {
  if (message.type === 'windows') {
    return `second ${message.sequence}${message.isAgain ? ' again' : ''}`
  }
  if (message.type !== 'groups') return message.type
  const names = message.groups.map(({ service }) => service.name).join(' ')
  const when = message.atMs === undefined ? 'now' : 'then'
  return `${message.orchestrator} ${message.isAll ? 'all' : 'one'} ${names} ${when}`
}

const quiet: Log = { info() {}, warn() {}, error() {} }

let folders = 0

function uplinkTo(server: URL, more: { folder?: string; run?: string; own?: OwnClock } = {}) {
  const { folder = join(root, String(++folders)), run = 'r1', own = ownClock } = more
  const spool = new Spool({ run, folder, clock: own })
  const time = new ServerTime(own)
  const identity = () => ({ hostNamespace: `host-${run}`, addresses: [] })
  const options = { server, token: 't', node: 'n1', version: 'v', log: quiet }
  const uplink = new Uplink({ ...options, identity, spool, time })
  opened.add(uplink)
  return { uplink, spool, time, folder }
}

const startMs = Math.floor(Date.now() / 1000) * 1000 - 400_000
const second = (number: number, weight = 1) => secondOf(startMs + number * 1000, number, weight)
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)

test('after a cut: who owned what then, how all is now, then seconds, the newest first', async () => {
  const first = new FakeServer()
  const url = await first.listening()
  const { uplink } = uplinkTo(url)
  const [web, redis] = parties
  uplink.allGroups('docker', [web])
  await until(() => first.told.length > 0, 'the first groups')
  uplink.windows(second(1), true)
  await until(() => first.seconds.length === 1, 'the first second')
  const picture = ['docker all web then', 'docker all web then']
  assert.deepEqual(first.told, [...picture, 'docker all web now', 'second 2'])
  await first.close()
  await sleep(50)
  uplink.windows(second(2), true)
  uplink.changedGroup('docker', redis)
  uplink.windows(second(3), true)
  uplink.changedGroup('docker', { ...web, instances: [] })
  uplink.windows(second(4), true)
  const again = new FakeServer(Number(url.port))
  again.had = [{ run: 'r1', ranges: [[1, 2]] }]
  await again.listening()
  await until(() => again.seconds.length === 3, 'the seconds')
  const told = ['docker one redis then', 'docker one web then', 'docker all redis now']
  assert.deepEqual(again.told, [...told, 'second 7', 'second 5', 'second 3'])
  await uplink.close()
  await again.close()
})

test('a server that forgot hears it all again, from the picture at the beginning on', async () => {
  const first = new FakeServer()
  const url = await first.listening()
  const { uplink } = uplinkTo(url)
  uplink.allGroups('docker', parties)
  for (const number of [1, 2]) uplink.windows(second(number), true)
  await until(() => first.seconds.length === 2, 'two seconds')
  await sleep(50)
  await first.close()
  uplink.windows(second(3), true)
  const other = new FakeServer(Number(url.port))
  other.life = 'life-2'
  await other.listening()
  await until(() => other.seconds.length === 3, 'all seconds')
  assert.deepEqual(other.told, [
    'docker all web redis then',
    'docker all web redis then',
    'docker all web redis now',
    ...['second 4', 'second 3 again', 'second 2 again'],
  ])
  await uplink.close()
  await other.close()
})

test('what a former run left is told under its name, before and beside its successor’s', async () => {
  const nobody = new URL('http://127.0.0.1:1')
  const { uplink: killed, folder } = uplinkTo(nobody, { run: 'former' })
  killed.allGroups('docker', parties)
  for (const number of [1, 2]) killed.windows(second(number), true)
  await killed.close()
  const server = new FakeServer()
  const { uplink } = uplinkTo(await server.listening(), { folder, run: 'present' })
  uplink.windows(second(3), true)
  await until(() => server.seconds.length === 3, 'all seconds')
  assert.deepEqual(server.hello?.former, [
    { run: 'former', hostNamespace: 'host-former', addresses: [] },
  ])
  const told = server.seconds.map(({ run = 'present', sequence }) => `${run} ${sequence}`)
  assert.deepEqual(told, ['present 1', 'former 3', 'former 2'])
  await until(() => uplink.figures().backlogSeconds === 0, 'an empty backlog')
  await uplink.close()
  await server.close()
})

test('a server that does not read fills the spool, not the memory; then it hears each second once', async () => {
  const server = new FakeServer()
  const { uplink } = uplinkTo(await server.listening())
  await until(() => server.hello !== undefined, 'a hello')
  await sleep(50)
  server.socket!.pause()
  await sleep(50)
  const before = process.memoryUsage().rss
  const count = 150
  for (const number of numbers(1, count)) {
    uplink.windows(second(number, 900), true)
    if (number % 5 === 0) await sleep(1)
  }
  const { backlogSeconds, backlogBytes } = uplink.figures()
  assert.ok(backlogSeconds > count - 60, `${backlogSeconds} of ${count} wait`)
  assert.ok(backlogBytes > 0)
  const grown = (process.memoryUsage().rss - before) / 2 ** 20
  console.log(
    `${count} seconds of 120 KB: ${grown.toFixed(0)} MiB more resident, ${backlogSeconds} wait on disk`,
  )
  server.socket!.resume()
  await until(() => server.seconds.length === count, 'all seconds')
  const told = server.seconds.map(({ sequence }) => sequence)
  assert.deepEqual(
    [...told].sort((a, b) => a - b),
    numbers(1, count),
  )
  await uplink.close()
  await server.close()
})

test('what is live is told at once, while late seconds are told beside it', async () => {
  const nobody = new URL('http://127.0.0.1:1')
  const { uplink: killed, folder } = uplinkTo(nobody, { run: 'former' })
  for (const number of numbers(1, 100)) killed.windows(second(number, 200), true)
  await killed.close()
  const server = new FakeServer()
  const { uplink } = uplinkTo(await server.listening(), { folder, run: 'present' })
  await until(() => server.seconds.length > 3, 'some late seconds')
  const waits: number[] = []
  for (const number of numbers(1, 20)) {
    const atMs = Date.now()
    uplink.windows(second(200 + number, 200), true)
    const isIt = ({ message }: Heard) =>
      message.type === 'windows' && message.run === undefined && message.sequence === number
    await until(() => server.heard.some(isIt), `live second ${number}`)
    waits.push(server.heard.find(isIt)!.atMs - atMs)
    await sleep(50)
  }
  const late = server.seconds.filter(({ run }) => run === 'former').length
  const typical = waits.sort((a, b) => a - b)[10]
  assert.ok(late > 5 && late < 100, `${late} late ones meanwhile`)
  assert.ok(typical < 100, `${typical} ms`)
  await until(() => server.seconds.length === 120, 'all seconds')
  await uplink.close()
  await server.close()
})

test('a second that the server cannot read is dropped, alone', async () => {
  const server = new FakeServer()
  server.refuses = ({ batch }) => batch.startMs === startMs + 7000
  const { uplink, spool } = uplinkTo(await server.listening())
  await until(() => server.hello !== undefined, 'a hello')
  await sleep(50)
  for (const number of numbers(1, 12)) uplink.windows(second(number), true)
  await until(() => new Set(server.seconds.map(({ sequence }) => sequence)).size === 11, 'the rest')
  const told = new Set(server.seconds.map(({ sequence }) => sequence))
  assert.deepEqual(
    [...told].sort((a, b) => a - b),
    numbers(1, 12).filter(number => number !== 7),
  )
  await until(() => spool.dropped.seconds === 1, 'the drop')
  assert.equal(spool.dropped.windows, 1)
  await uplink.close()
  await server.close()
})

test('seconds of a machine whose clock is wrong are the server’s, also those before it was asked', async () => {
  const wrongMs = -90_300
  const own = { wallMs: () => Date.now() + wrongMs, steadyMs: ownClock.steadyMs }
  const { uplink, time } = uplinkTo(new URL('http://127.0.0.1:1'), { own })
  assert.equal(time.shiftMs, undefined)
  await uplink.close()
  const server = new FakeServer()
  const url = await server.listening()
  await server.close()
  const { uplink: early, time: known } = uplinkTo(url, { own })
  const beforeMs = Math.floor((Date.now() + wrongMs) / 1000) * 1000
  early.windows(secondOf(beforeMs, 1), false)
  early.allGroups('docker', [
    { ...parties[0], instances: [{ ...parties[0].instances[0], sinceMs: beforeMs }] },
  ])
  const later = new FakeServer(Number(url.port))
  await later.listening()
  await until(() => later.seconds.length === 1, 'the second')
  const [{ batch }] = later.seconds
  assert.equal(batch.startMs % 1000, 0)
  assert.ok(Math.abs(batch.startMs - (beforeMs - wrongMs)) <= 500, `${batch.startMs - beforeMs}`)
  const sampleMs = batch.windows[0].samples[0].startUs / 1000
  assert.ok(Math.abs(sampleMs - (beforeMs - wrongMs)) < 20)
  assert.ok(Math.abs(known.shiftMs! + wrongMs) < 20, String(known.shiftMs))
  assert.ok(Math.abs(early.figures().clockOffsetMs! + wrongMs) < 20)
  for (const { message } of later.heard) {
    if (message.type !== 'groups') continue
    const { sinceMs } = message.groups[0].instances[0]
    assert.ok(Math.abs(sinceMs - (beforeMs - wrongMs)) < 20, `${message.atMs} ${sinceMs}`)
    if (message.atMs !== undefined) assert.ok(Math.abs(message.atMs - Date.now()) < 5000)
  }
  await early.close()
  await later.close()
})

test('clocks that agree are left alone; one that is set meanwhile is followed', async () => {
  const server = new FakeServer()
  const own = { wrongMs: 0, wallMs: () => Date.now() + own.wrongMs, steadyMs: ownClock.steadyMs }
  const { uplink, time } = uplinkTo(await server.listening(), { own })
  await until(() => time.shiftMs !== undefined, 'an answer')
  assert.equal(time.shiftMs, 0)
  own.wrongMs = 5000
  assert.ok(Math.abs(time.shiftMs! + 5000) < 5, 'our own clock was set')
  own.wrongMs = 0
  server.aheadMs = 70_000
  await until(() => Math.abs(time.shiftMs! - 70_000) < 20, 'the server’s clock was set')
  await uplink.close()
  await server.close()
})
