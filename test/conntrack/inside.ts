// Runs in a network namespace with translations: connects through them, and prints what connection tracking says of each
// connection by netlink and by its file, as JSON.
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Conntrack } from '#attribution/conntrack/conntrack.ts'
import type { Original } from '#attribution/conntrack/translation.ts'
import type { Endpoint } from '#model/endpoint.ts'
import { called } from './rules.ts'

export interface Told {
  readonly to: string
  readonly true: Original
  readonly seen: Original
  readonly netlink: Original | undefined
  /** Undefined where this kernel has no such file. */
  readonly file: Original | undefined
  readonly hasFile: boolean
}

const path = '/proc/net/nf_conntrack'
const refuse = () => 'EPERM'
const byNetlink = new Conntrack({ path: '/nowhere' })
const byFile = new Conntrack({ open: refuse, path })

const local = (socket: Socket): Endpoint => ({ ip: socket.localAddress!, port: socket.localPort! })
const remote = (socket: Socket): Endpoint => ({
  ip: socket.remoteAddress!,
  port: socket.remotePort!,
})

const told: Told[] = []
for (const { ip, port, served } of called) {
  const server = createServer().listen(served, ip.includes(':') ? '::1' : '127.0.0.1')
  await once(server, 'listening')
  const client = connect(port, ip)
  const [[accepted]] = await Promise.all([once(server, 'connection'), once(client, 'connect')])
  const seen = { client: remote(accepted), server: local(accepted) }
  const ask = async (conntrack: Conntrack) => {
    // The first question finds out that there are zones, or that the file is to be read.
    conntrack.original('tcp', seen.client, seen.server)
    await conntrack.refresh(Date.now() + 120_000 * (told.length + 1))
    return conntrack.original('tcp', seen.client, seen.server)
  }
  told.push({
    to: `${ip} ${port}`,
    true: { client: local(client), server: remote(client) },
    seen,
    netlink: await ask(byNetlink),
    file: await ask(byFile),
    hasFile: existsSync(path),
  })
  client.destroy()
  server.close()
  await sleep(10)
}
console.log(JSON.stringify(told))
