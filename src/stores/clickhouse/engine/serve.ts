import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { pause } from '#lib/backoff.ts'
import type { Connections } from './connections.ts'
import { type EngineFault, fault, faultOf, isFull, statusOf } from './fault.ts'
import { makesRoom, type Reserve } from './reserve.ts'
import {
  type Asked,
  checkStatement,
  formatOf,
  insertFrom,
  insertOf,
  preambleOf,
  quoted,
  readAsked,
} from './statement.ts'

export interface ServeOptions {
  readonly connections: Connections
  readonly reserve: Reserve
  /** Where the data of inserts waits to be read. */
  readonly incoming: string
  readonly version: string
}

/** A statement with data in it; data as a body of its own has no bound. */
const statementBytesMax = 16 << 20
/** As much as ClickHouse takes of an address (`http_max_uri_size`). */
const addressBytesMax = 1 << 20
/** A cancelled operation is told so until it has ended: the first time, it may not have begun. */
const cancelAgainMs = 200

/** ClickHouse's HTTP interface (https://clickhouse.com/docs/interfaces/http), as far as one program needs it. */
export function serve(options: ServeOptions): Server {
  const server = createServer({ maxHeaderSize: addressBytesMax }, (request, response) => {
    answer(options, request, response).catch(error => tell(options, response, faultOf(error)))
  })
  // Whoever may open the socket is the one client; it closes what it does not need.
  server.keepAliveTimeout = 0
  server.requestTimeout = 0
  return server
}

async function answer(options: ServeOptions, request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? '/', 'http://engine')
  if (url.pathname === '/ping') return pong(options, response)
  if (url.pathname !== '/') return response.writeHead(404).end('There is no such handle\n')
  const asked = readAsked(request.method ?? 'GET', url.searchParams)
  const insert = insertOf(asked.query)
  if (request.headers['content-encoding'] !== undefined) {
    throw fault('UNSUPPORTED_MEDIA_TYPE', 'The embedded engine reads no compressed bodies')
  }
  if (insert) {
    const path = join(options.incoming, randomUUID())
    try {
      await pipeline(request, createWriteStream(path, { mode: 0o600 }))
      await run(options, asked, insertFrom(insert, path), response)
    } finally {
      await rm(path, { force: true })
    }
    return
  }
  const body = await textOf(request)
  const statement = asked.query === '' ? body : `${asked.query}\n${body}`
  checkStatement(statement)
  await run(options, asked, statement, response)
}

/** Unlike a server's, it has the engine do something: one that hangs does not answer. */
async function pong({ connections }: ServeOptions, response: ServerResponse): Promise<void> {
  await connections.beside('SELECT 1', 'TabSeparated')
  response.writeHead(200, { 'content-type': 'text/plain' }).end('Ok.\n')
}

async function run(
  options: ServeOptions,
  asked: Asked,
  statement: string,
  response: ServerResponse,
): Promise<void> {
  const tag = `inkling ${randomUUID()}`
  const leaving = new AbortController()
  const left = () => leaving.abort()
  response.once('close', left)
  const sql = `${preambleOf(asked)}/* ${tag} */ ${statement}`
  const once = async () => {
    const running = options.connections.run(sql, asked.defaultFormat, leaving.signal)
    await cancelWhenLeft(options.connections, tag, leaving.signal, running)
    return running
  }
  const done = makesRoom(statement) ? withReserve(options.reserve, once) : once()
  const bytes = await done.finally(() => response.off('close', left))
  response.writeHead(200, {
    'content-type': 'text/plain; charset=UTF-8',
    'content-length': bytes.length,
    'x-clickhouse-format': formatOf(statement, asked.defaultFormat),
    'x-clickhouse-query-id': asked.queryId ?? tag,
    'x-clickhouse-server-display-name': 'inkling',
  })
  response.end(bytes)
}

/** Does it; on a full disk, once more with the reserve given up. */
async function withReserve(reserve: Reserve, once: () => Promise<Buffer>): Promise<Buffer> {
  try {
    return await once().catch(async error => {
      if (!isFull(error) || !(await reserve.give())) throw error
      return once()
    })
  } finally {
    await reserve.take()
  }
}

/** Until it has ended: an operation whose client has gone is told to. Never waits for that (`SYNC` hangs the engine). */
async function cancelWhenLeft(
  connections: Connections,
  tag: string,
  signal: AbortSignal,
  running: Promise<unknown>,
): Promise<void> {
  const over = new AbortController()
  const ended = running.then(
    () => over.abort(),
    () => over.abort(),
  )
  await Promise.race([ended, aborted(signal)])
  while (!over.signal.aborted) {
    const kill = `KILL QUERY WHERE query LIKE ${quoted(`%${tag}%`)} ASYNC`
    await connections.beside(kill, 'Null').catch(() => undefined)
    await pause(cancelAgainMs, over.signal)
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function tell({ version }: ServeOptions, response: ServerResponse, told: EngineFault): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  response.writeHead(statusOf(told.code), {
    'content-type': 'text/plain; charset=UTF-8',
    'x-clickhouse-exception-code': String(told.code),
  })
  const hasVersion = told.message.includes('(version ')
  response.end(`${told.message}${hasVersion ? '' : ` (version ${version})`}\n`)
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > statementBytesMax) {
      throw fault('TOO_MANY_BYTES', `A statement is over ${statementBytesMax} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
