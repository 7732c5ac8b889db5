import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { openLibc } from '#lib/libc.ts'
import type { Endpoint } from '#model/endpoint.ts'
import { namespaceOf } from '../proc.ts'
import { type Connection, openTap } from './connections.ts'
import { startOf } from './identity.ts'
import {
  hostAddresses,
  type Owner,
  ProcessSockets,
  type SocketQuestion,
  type SocketsOptions,
} from './index.ts'

const linux = process.platform === 'linux' ? {} : { skip: 'sockets are told by Linux only' }
const root =
  process.platform === 'linux' && process.getuid?.() === 0
    ? {}
    : { skip: 'watching connections and other namespaces needs root' }

const me = `process:${process.pid}:${startOf('/proc', process.pid)}`
const untapped: SocketsOptions = { openTap: () => 'not in this test' }

function open(t: TestContext, options: SocketsOptions = {}): ProcessSockets {
  const sockets = new ProcessSockets(options)
  sockets.start()
  t.after(() => sockets.close())
  return sockets
}

/** Asks until there is an answer, as the agent does. */
async function ask(sockets: ProcessSockets, question: SocketQuestion): Promise<Owner | undefined> {
  for (let i = 0; i < 100; i++) {
    const owner = sockets.ownerOf(question)
    if (owner !== undefined) return owner
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  return undefined
}

async function listen(t: TestContext, host = '127.0.0.1') {
  const held: Socket[] = []
  const server = createServer(socket => {
    socket.on('error', () => socket.destroy())
    held.push(socket)
  })
  server.listen(0, host)
  await once(server, 'listening')
  t.after(() => {
    for (const socket of held) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, held }
}

async function dial(
  t: TestContext,
  port: number,
  host = '127.0.0.1',
): Promise<[Endpoint, Endpoint]> {
  const socket = connect(port, host)
  await once(socket, 'connect')
  t.after(() => socket.destroy())
  return [
    { ip: socket.localAddress!, port: socket.localPort! },
    { ip: socket.remoteAddress!, port: socket.remotePort! },
  ]
}

for (const host of ['127.0.0.1', '::1']) {
  test(
    `both ends of a connection to ${host} are ours, without the kernel’s watch`,
    linux,
    async t => {
      const { port } = await listen(t, host)
      const sockets = open(t, untapped)
      const [local, remote] = await dial(t, port, host)
      assert.deepEqual(await ask(sockets, { transport: 'tcp', local, remote }), { instance: me })
      const server = { transport: 'tcp', local: remote, remote: local } as const
      assert.deepEqual(await ask(sockets, server), { instance: me })
      assert.deepEqual(await ask(sockets, { transport: 'tcp', local: remote }), { instance: me })
    },
  )
}

test('a listener on all addresses answers for each of them, of both families', linux, async t => {
  const { port } = await listen(t, '::')
  const sockets = open(t, untapped)
  for (const ip of ['127.0.0.1', '::1']) {
    assert.deepEqual(await ask(sockets, { transport: 'tcp', local: { ip, port } }), {
      instance: me,
    })
  }
})

test('a UDP socket has an owner, by its port', linux, async t => {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.after(() => socket.close())
  const local = { ip: '127.0.0.1', port: socket.address().port }
  const question = { transport: 'udp', local, remote: { ip: '127.0.0.1', port: 9 } } as const
  assert.deepEqual(await ask(open(t, untapped), question), { instance: me })
})

test('a connection that ended while its owner was sought is still answered', linux, async t => {
  const { port, held } = await listen(t)
  const sockets = open(t, untapped)
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const local = { ip: '127.0.0.1', port: socket.localPort! }
  const question = { transport: 'tcp', local, remote: { ip: '127.0.0.1', port } } as const
  assert.deepEqual(await ask(sockets, question), { instance: me })
  socket.destroy()
  held[0]?.destroy()
  assert.deepEqual(sockets.ownerOf(question), { instance: me })
})

test('what nobody holds has no owner', linux, t => {
  const sockets = open(t, untapped)
  const nobody = { ip: '127.0.0.1', port: 1 }
  assert.equal(sockets.ownerOf({ transport: 'tcp', local: nobody, remote: nobody }), undefined)
  assert.equal(sockets.ownerOf({ transport: 'udp', local: nobody }), undefined)
  const unknown = { transport: 'tcp', namespace: '42', local: nobody } as const
  assert.equal(sockets.ownerOf(unknown), undefined)
  const nonsense = { transport: 'tcp', local: { ip: 'x', port: 0 }, remote: nobody } as const
  assert.equal(sockets.ownerOf(nonsense), undefined)
})

test('whoever listens is told as a service before anybody calls', linux, async t => {
  await listen(t)
  const sockets = open(t, untapped)
  const group = sockets.groups().find(({ service }) => service.id === 'process:sockets.test.ts')
  assert.deepEqual(
    group?.instances.map(instance => instance.id),
    [me],
  )
  assert.equal(group?.instances[0].namespace, namespaceOf('/proc', 'self'))
  assert.ok(Math.abs(group.instances[0].sinceMs - (Date.now() - process.uptime() * 1000)) < 5_000)
})

test('what cannot be watched is said, and all else works', linux, t => {
  assert.match(open(t, untapped).notice ?? '', /not in this test/)
})

test('a proxy that is gone before it is read is one all the same, by its name', linux, t => {
  const local = { ip: '10.0.0.5', port: 4000 }
  const remote = { ip: '172.17.0.2', port: 80 }
  const made = ['docker-proxy', 'curl'].map((comm, i) => ({
    ...{ pid: 4_000_000 + i, comm, local: { ...local, port: 4000 + i }, remote },
  }))
  const tap = () => ({
    drain: (done: (connection: Connection) => void) => made.splice(0).map(done).length,
    lost: () => 0,
    close: () => {},
  })
  const sockets = open(t, { openTap: tap })
  const owner = (port: number) => {
    return sockets.ownerOf({ transport: 'tcp', local: { ...local, port }, remote })
  }
  assert.equal(owner(4000)?.proxy, 'gone')
  assert.deepEqual(owner(4001), { instance: 'process:brief:curl' })
})

/** A child that connects, says hello, and is gone. */
async function briefChild(port: number): Promise<{ pid: number; local: Endpoint }> {
  const script = `const s = require('net').connect(${port}, '127.0.0.1', () => {
    console.log(s.localPort); s.destroy() })`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', chunk => {
    text += chunk
  })
  await once(child, 'close')
  return { pid: child.pid!, local: { ip: '127.0.0.1', port: Number(text) } }
}

test('the owner of a connection is known after its process is gone', root, async t => {
  const { port } = await listen(t)
  const sockets = open(t)
  assert.equal(sockets.notice, undefined)
  const { local } = await briefChild(port)
  const remote = { ip: '127.0.0.1', port }
  const owner = await ask(sockets, { transport: 'tcp', local, remote })
  const group = sockets.groups().find(({ service }) => service.id === 'process:node')
  const ids = group?.instances.map(instance => instance.id) ?? []
  assert.ok(owner && ids.includes(owner.instance), `${owner?.instance} among ${ids}`)
  assert.ok(sockets.counters().connections > 0)
  assert.equal(sockets.counters().lostConnections, 0)
})

test(
  'refused attempts are told too, and the kernel says who was lost when we are late',
  root,
  async t => {
    const tap = openTap(openLibc(), '/proc')
    assert.ok(typeof tap !== 'string', String(tap))
    t.after(() => tap.close())
    const mine: Endpoint[] = []
    const read = () =>
      tap.drain(({ pid, remote }) => {
        if (pid === process.pid) mine.push(remote)
      }, 100_000)
    const attempt = connect(1, '127.0.0.1')
    await assert.rejects(once(attempt, 'connect'))
    read()
    assert.deepEqual(mine, [{ ip: '127.0.0.1', port: 1 }])
    for (let round = 0; round < 40; round++) {
      await Promise.all(
        Array.from({ length: 100 }, () => once(connect(1, '127.0.0.1'), 'connect').catch(() => {})),
      )
    }
    read()
    assert.ok(tap.lost() > 0, 'a quarter of a megabyte holds some 3,000 connections')
    assert.ok(mine.length + tap.lost() >= 4_001, `${mine.length} read, ${tap.lost()} lost`)
  },
)

test('a listener in another namespace is found there, and only there', root, async t => {
  const port = 39_217
  const script = `require('net').createServer().listen(${port}, () => console.log('up'))`
  const child: ChildProcess = spawn('unshare', ['--net', process.execPath, '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  await once(child.stdout!, 'data')
  const namespace = namespaceOf('/proc', child.pid!)!
  const sockets = open(t)
  const local = { ip: '127.0.0.1', port }
  assert.equal(sockets.ownerOf({ transport: 'tcp', namespace, local }), undefined)
  sockets.setNamespaces(new Map([[namespace, [child.pid!]]]))
  const owner = await ask(sockets, { transport: 'tcp', namespace, local })
  assert.equal(owner?.instance, `process:${child.pid}:${startOf('/proc', child.pid!)}`)
  assert.equal(sockets.ownerOf({ transport: 'tcp', local }), undefined)
  const remote = { ip: '127.0.0.1', port: 4000 }
  const isUnheld = (port: number) =>
    sockets.isUnheld({ transport: 'tcp', namespace, local: { ...local, port }, remote })
  assert.deepEqual([isUnheld(port), isUnheld(port + 1)], [false, true])
  assert.equal(namespaceOf('/proc', 'self'), namespaceOf('/proc', process.pid), 'we came back')
})

test('the host’s own addresses include loopback', () => {
  assert.equal(hostAddresses().has('127.0.0.1'), true)
})
