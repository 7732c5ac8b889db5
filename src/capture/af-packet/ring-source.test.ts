import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { incoming, outgoing, type Packet } from '#model/packet.ts'
import { blockTimeoutMs } from './ring.ts'
import { RingSource } from './ring-source.ts'
import {
  clientProgram,
  makeNetworks,
  noNetworks,
  serverProgram,
  type TestNetwork,
  type TwoNetworks,
} from './two-networks.ts'

const skip = noNetworks() ?? false
const port = 8080
let networks: TwoNetworks
let left: TestNetwork
let right: TestNetwork

before(async () => {
  if (skip) return
  networks = makeNetworks(`inkling-test-${process.pid}`)
  left = networks.left
  right = networks.right
  await right.start(serverProgram('0.0.0.0', port))
})
after(() => networks?.remove())

const refOf = ({ inode, path }: TestNetwork, kind: 'host' | 'container' = 'container') =>
  ({ name: inode, path, kind }) as const

/** `namespace > flags payload`: what one test wants to know of a TCP packet. */
interface Seen {
  readonly namespace: number
  readonly direction: number
  readonly loopback: boolean
  readonly flags: number
  readonly payloadBytes: number
  readonly fromPort: number
}

function describe({ bytes, start, lengthBytes, namespace, direction, loopback }: Packet): Seen {
  const segment = start + (bytes[start] & 15) * 4
  const payloadBytes = lengthBytes - (segment - start) - (bytes[segment + 12] >> 4) * 4
  const fromPort = (bytes[segment] << 8) | bytes[segment + 1]
  return { namespace, direction, loopback, flags: bytes[segment + 13], payloadBytes, fromPort }
}

/** Longer than a block may lie, and a ring's succession lasts. */
const quietMs = 3 * blockTimeoutMs

/** Drains until nothing has come for a while. */
function drainQuiet(source: RingSource, take: (packet: Packet) => void, beforeUs?: number): void {
  for (let lastMs = performance.now(); performance.now() - lastMs < quietMs; ) {
    source.wait(blockTimeoutMs)
    if (source.drain(take, 1000, beforeUs) > 0) lastMs = performance.now()
  }
}

function drainAll(source: RingSource): Seen[] {
  const seen: Seen[] = []
  const take = (packet: Packet) => {
    if (packet.bytes[packet.start] >> 4 === 4 && packet.bytes[packet.start + 9] === 6) {
      seen.push(describe(packet))
    }
  }
  drainQuiet(source, take)
  return seen
}

function attach(source: RingSource, network: TestNetwork, kind?: 'host' | 'container'): number {
  const attachment = source.attach(refOf(network, kind))
  assert.equal(attachment.kind, 'attached', JSON.stringify(attachment))
  return attachment.kind === 'attached' ? attachment.namespace : -1
}

/** Sends datagrams to nobody, one every 20 ms. */
const sparseProgram = (ip: string, port: number, count: number) => `
  const socket = require('node:dgram').createSocket('udp4')
  let left = ${count}
  const timer = setInterval(() => {
    if (left-- === 0) { clearInterval(timer); socket.close() }
    else socket.send('x', ${port}, '${ip}')
  }, 20)`

const syn = 2
const fin = 1
const threadNamespace = () => readlinkSync('/proc/thread-self/ns/net')

test('one connection is seen from both ends, each packet once', { skip }, () => {
  const home = threadNamespace()
  const source = new RingSource()
  const client = attach(source, left)
  const server = attach(source, right)
  assert.equal(threadNamespace(), home)
  assert.deepEqual([source.names.get(client), source.names.get(server)], [left.inode, right.inode])
  left.run(clientProgram(right.ip, port, 100))
  const seen = drainAll(source)
  for (const namespace of [client, server]) {
    const here = seen.filter(packet => packet.namespace === namespace)
    const sent = (from: (fromPort: number) => boolean) => here.filter(p => from(p.fromPort))
    const requests = sent(from => from !== port)
    const answers = sent(from => from === port)
    for (const side of [requests, answers]) {
      assert.equal(side.filter(({ flags }) => flags & syn).length, 1)
      assert.equal(side.filter(({ flags }) => flags & fin).length, 1)
    }
    const bytesOf = (side: Seen[]) => side.reduce((sum, packet) => sum + packet.payloadBytes, 0)
    assert.deepEqual([bytesOf(requests), bytesOf(answers)], [100, 4])
    const outward = namespace === client ? requests : answers
    const inward = namespace === client ? answers : requests
    assert.ok(outward.every(({ direction }) => direction === outgoing))
    assert.ok(inward.every(({ direction }) => direction === incoming))
    assert.ok(here.every(({ loopback }) => !loopback))
  }
  const { packets, drops, foreign } = source.counters()
  assert.deepEqual([drops, foreign], [0, 0])
  assert.ok(packets >= seen.length)
  source.close()
})

test('loopback traffic is seen once and marked', { skip }, () => {
  const source = new RingSource()
  attach(source, right)
  right.run(clientProgram('127.0.0.1', port, 10))
  const seen = drainAll(source)
  assert.equal(seen.filter(({ flags }) => flags & syn).length, 2)
  assert.equal(seen.filter(({ payloadBytes }) => payloadBytes === 10).length, 1)
  assert.ok(seen.every(({ loopback, direction }) => loopback && direction === incoming))
  source.close()
})

test('interfaces are ignored and looked at again without a new ring', { skip }, () => {
  const source = new RingSource({ hostRingBytes: 1024 * 1024 })
  const ignored = [left.interfaceIndex]
  attach(source, left, 'host')
  source.setIgnoredInterfaces(ignored)
  left.run(clientProgram(right.ip, port, 10))
  assert.equal(drainAll(source).length, 0)
  source.setIgnoredInterfaces(Array.from({ length: 803 }, (_, i) => 1000 + i))
  assert.equal(source.unfiltered, 3)
  source.setIgnoredInterfaces([])
  left.run(clientProgram(right.ip, port, 10))
  assert.ok(drainAll(source).length > 0)
  source.close()
})

test('ports of our own are not looked at', { skip }, () => {
  const source = new RingSource({ excludedPorts: [port] })
  attach(source, left)
  left.run(clientProgram(right.ip, port, 10))
  assert.equal(drainAll(source).length, 0)
  source.close()
})

test('what cannot be attached is refused with a reason', { skip }, () => {
  const source = new RingSource()
  const absent = source.attach({
    name: '1',
    path: '/var/run/netns/inkling-absent',
    kind: 'container',
  })
  assert.deepEqual(absent, { kind: 'refused', reason: 'the namespace is gone' })
  const reused = source.attach({ name: '1', pid: process.pid, kind: 'container' })
  assert.equal(reused.kind, 'refused')
  const none = source.attach({ name: '1', path: '/etc/hostname', kind: 'container' })
  assert.equal(none.kind, 'refused')
  assert.equal(source.attach(refOf(left)).kind, 'attached')
  assert.deepEqual(source.attach(refOf(left)), { kind: 'attached', namespace: 1 })
  assert.equal(source.size, 1)
  source.close()
})

test('a ring that lost packets grows, and sees the next ones', { skip }, () => {
  const ringBytes = 512 * 1024
  const source = new RingSource({ ringBytes })
  attach(source, right)
  right.run(clientProgram('127.0.0.1', port, 4_000_000))
  const deadlineMs = performance.now() + 5000
  while (source.namespaces()[0].ringBytes === ringBytes) {
    assert.ok(performance.now() < deadlineMs, 'it did not grow')
    source.wait(100)
  }
  drainAll(source)
  const [{ drops, freezes }] = source.namespaces()
  assert.ok(drops > 0 && freezes > 0, `${drops} drops, ${freezes} freezes`)
  assert.equal(source.namespaces()[0].ringBytes, ringBytes * 8)
  right.run(clientProgram('127.0.0.1', port, 50))
  const seen = drainAll(source)
  assert.equal(seen.filter(({ payloadBytes }) => payloadBytes === 50).length, 1)
  assert.equal(source.counters().drops, drops)
  source.close()
})

test('a small ring keeps sparse packets for more than a second in which nobody reads', {
  skip,
}, () => {
  const source = new RingSource()
  attach(source, left)
  const count = 60
  left.run(sparseProgram(right.ip, port, count))
  const seen: number[] = []
  drainQuiet(source, ({ timeUs }) => seen.push(timeUs))
  const lastedMs = (seen[seen.length - 1] - seen[0]) / 1000
  assert.ok(lastedMs > 1100, `it lasted ${lastedMs} ms`)
  assert.deepEqual([seen.length >= count, source.counters().drops], [true, 0])
  source.close()
})

test('rings come and go without leaving descriptors or memory', { skip }, () => {
  const source = new RingSource()
  const cycle = () => {
    attach(source, left)
    source.wait(0)
    source.detach(left.inode)
  }
  for (let i = 0; i < 5; i++) cycle()
  const descriptors = readdirSync('/proc/self/fd').length
  const residentBytes = process.memoryUsage.rss()
  for (let i = 0; i < 30; i++) cycle()
  assert.equal(readdirSync('/proc/self/fd').length, descriptors)
  const grownBytes = process.memoryUsage.rss() - residentBytes
  assert.ok(grownBytes < 12 * 1024 * 1024, `${grownBytes} bytes more`)
  source.close()
  assert.equal(readdirSync('/proc/self/fd').length, descriptors - 1)
})

test('a worker blocks in wait and sees the packets of others', { skip }, async () => {
  const program = `
    const { parentPort, workerData } = require('node:worker_threads')
    import(workerData.module).then(({ RingSource }) => {
      const source = new RingSource()
      parentPort.postMessage(source.attach(workerData.ref).kind)
      let seen = 0
      for (const end = Date.now() + 10_000; seen === 0 && Date.now() < end; ) {
        source.wait(250)
        source.drain(() => seen++, 1000)
      }
      source.close()
      parentPort.postMessage(seen)
    })`
  const module = new URL('./ring-source.ts', import.meta.url).href
  const workerData = { module, ref: refOf(left) }
  const worker = new Worker(program, { eval: true, workerData })
  assert.deepEqual(await once(worker, 'message'), ['attached'])
  left.run(clientProgram(right.ip, port, 10))
  const [seen] = await once(worker, 'message')
  assert.ok(seen > 0)
  await worker.terminate()
})

test('a namespace that is deleted under the source disturbs nothing', { skip }, async () => {
  const own = makeNetworks(`inkling-gone-${process.pid}`)
  try {
    const source = new RingSource()
    const gone = attach(source, own.left)
    const kept = attach(source, right)
    await own.right.start(serverProgram('0.0.0.0', port))
    own.left.run(clientProgram(own.right.ip, port, 10))
    await own.remove()
    right.run(clientProgram('127.0.0.1', port, 10))
    const seen = drainAll(source)
    assert.ok(seen.some(({ namespace }) => namespace === gone))
    assert.ok(seen.some(({ namespace }) => namespace === kept))
    source.detach(own.left.inode)
    right.run(clientProgram('127.0.0.1', port, 10))
    assert.ok(drainAll(source).length > 0)
    assert.equal(source.names.get(gone), own.left.inode)
    assert.equal(source.size, 1)
    source.close()
  } finally {
    await own.remove()
  }
})

test('packets from a given time on wait for the next call', { skip }, () => {
  const source = new RingSource()
  attach(source, left)
  left.run(clientProgram(right.ip, port, 10))
  const middleUs = Date.now() * 1000
  left.run(clientProgram(right.ip, port, 20))
  const [before, later]: [number[], number[]] = [[], []]
  drainQuiet(source, ({ timeUs }) => before.push(timeUs), middleUs)
  drainQuiet(source, ({ timeUs }) => later.push(timeUs))
  assert.ok(before.length > 0 && before.every(timeUs => timeUs < middleUs))
  assert.ok(later.length > 0 && later.every(timeUs => timeUs >= middleUs))
  const { packets, drops } = source.counters()
  assert.deepEqual([packets, drops], [before.length + later.length, 0])
  source.close()
})
