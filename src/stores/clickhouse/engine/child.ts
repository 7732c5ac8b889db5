// The engine's process: opens the folder, and answers on the socket for as long as the server that started it lives.
import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { messageOf } from '#lib/fault.ts'
import { openLibc } from '#lib/libc.ts'
import { type Chdb, loadChdb } from './chdb.ts'
import { Connections } from './connections.ts'
import { argumentsOf } from './limits.ts'
import { mendUnlessHeld } from './mend.ts'
import { Reserve } from './reserve.ts'
import { serve } from './serve.ts'
import { type BrokenParts, type EngineNews, type EngineOrder, stopOrder } from './told.ts'

/** A connection that has its last answer is closed after this long at most. */
const idleMs = 20
const order: EngineOrder = JSON.parse(process.argv[2])
tieToParent()
process.umask(0o077)
const chdb = loaded()
if (chdb) await live(chdb)

async function live(library: Chdb): Promise<void> {
  const connections = opened(library)
  if (!connections) return
  const reserve = new Reserve(order.reserve)
  await reserve.take()
  const version = await textOf(connections, 'SELECT version()')
  const broken = await brokenParts(connections)
  const server = serve({ connections, reserve, incoming: order.incoming, version })
  await listen(server)
  process.once('SIGTERM', () => stop(server, connections))
  process.on('message', message => {
    if (message === stopOrder) stop(server, connections)
  })
  tell({ type: 'ready', version, broken })
}

function loaded(): Chdb | undefined {
  try {
    return loadChdb()
  } catch (error) {
    refuse({ type: 'absent', words: messageOf(error) })
    return undefined
  }
}

function opened(library: Chdb): Connections | undefined {
  const { data, incoming, limits } = order
  try {
    mkdirSync(data, { recursive: true })
    mendUnlessHeld(data)
    const connections = new Connections(library, data, argumentsOf(limits), limits.connectionsMax)
    // The folder is ours from here on: what lies there is of one that has ended.
    rmSync(incoming, { recursive: true, force: true })
    mkdirSync(incoming)
    return connections
  } catch (error) {
    refuse({ type: 'closed', words: messageOf(error) })
    return undefined
  }
}

async function textOf(connections: Connections, sql: string): Promise<string> {
  return (await connections.beside(sql, 'TabSeparated')).toString().trim()
}

async function brokenParts(connections: Connections): Promise<BrokenParts[]> {
  const rows = await textOf(
    connections,
    `SELECT database || '.' || table, count(), sum(bytes_on_disk) FROM system.detached_parts
     WHERE startsWith(reason, 'broken') GROUP BY 1 ORDER BY 1`,
  )
  return rows.split('\n').flatMap(row => {
    const [table, parts, bytes] = row.split('\t')
    return table ? [{ table, parts: Number(parts), bytes: Number(bytes) }] : []
  })
}

/** Only who runs the server may open the socket. */
async function listen(server: Server): Promise<void> {
  const { socketPath } = order
  rmSync(socketPath, { force: true })
  const usual = process.umask(0o177)
  const listening = new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketPath, () => resolve())
  })
  process.umask(usual)
  await listening
  chmodSync(socketPath, 0o600)
}

/** What runs ends first; then the folder is given back. */
function stop(server: Server, connections: Connections): void {
  server.close(() => {
    connections.close()
    process.exit(0)
  })
  setInterval(() => server.closeIdleConnections(), idleMs)
}

function tell(news: EngineNews): void {
  process.send?.(news)
}

/** Tells why, and ends when that has been heard. */
function refuse(news: EngineNews): void {
  process.send?.(news, undefined, undefined, () => process.exit(1))
}

/**
 * An engine without a server would hold the folder against the next one. Its channel tells that the server is gone; on
 * Linux the kernel ends it too (prctl(2), PR_SET_PDEATHSIG), for it may hang.
 */
function tieToParent(): void {
  const end = () => process.kill(process.pid, 'SIGKILL')
  process.on('disconnect', end)
  const prctl = process.arch === 'x64' ? 157 : process.arch === 'arm64' ? 167 : undefined
  if (process.platform === 'linux' && prctl !== undefined) openLibc().syscall(prctl, 1, 9)
  if (!process.connected) end()
}
