import { Agent, type AgentOptions } from 'node:http'
import { connect, type NetConnectOpts } from 'node:net'
import { Readable } from 'node:stream'
import {
  type ClickHouseClientConfigOptions,
  ClickHouseError,
  ClickHouseLogLevel,
  createClient,
} from '@clickhouse/client'
import { codeOf, messageOf } from '#lib/fault.ts'

/** Where ClickHouse is: a server's address, or the socket of an embedded engine. */
export type ClickHouseAddress = (
  | { readonly url: string; readonly user?: string; readonly password?: string }
  | { readonly socketPath: string }
) & {
  readonly database?: string
  /** Operations at once; others wait here. */
  readonly connectionsMax?: number
  /** A connection that is silent for as long is given up. */
  readonly silentMs?: number
}

/** Of ClickHouse, by its names. */
export type Settings = Readonly<Record<string, string | number | boolean>>

/** What a query may take, and how it is ended. */
export interface QueryOptions {
  readonly settings?: Settings
  /** Values of `{name:Type}` in the statement. */
  readonly params?: Readonly<Record<string, unknown>>
  /** Ends the query, here and there. */
  readonly signal?: AbortSignal
  /** A longer answer is a fault. */
  readonly maxBytes?: number
}

/** What makes an insert one that can be sent again. */
export interface InsertOptions {
  /**
   * What makes the same insert, sent again, be done once: the batch's own name. The table, and every table that a view of
   * it writes into, must have `non_replicated_deduplication_window`.
   */
  readonly token: string
  readonly settings?: Settings
  readonly signal?: AbortSignal
}

/** ClickHouse, embedded or not: what is the same for both. Every failure is a `ClickHouseFault`. */
export interface ClickHouse {
  /** The answer in the statement's FORMAT, tab-separated when it names none. */
  query(sql: string, options?: QueryOptions): Promise<Buffer>
  /** Done, or not at all, when the bytes are one block of one partition; who hears nothing sends it again, with its token. */
  insert(
    table: string,
    columns: readonly string[],
    format: string,
    bytes: Uint8Array,
    options: InsertOptions,
  ): Promise<void>
  /** Whether it answers; an embedded engine has done a query for it. */
  ping(signal?: AbortSignal): Promise<boolean>
  close(): Promise<void>
}

/**
 * Why ClickHouse did not do what it was asked. `refused`: it said so, with its own number. `unreachable`: it did not answer,
 * and may have done it. `stopped`: the caller's signal. `too long`: the answer is over `maxBytes`.
 */
export class ClickHouseFault extends Error {
  override readonly name = 'ClickHouseFault'
  readonly kind: 'refused' | 'unreachable' | 'stopped' | 'too long'
  /** Of src/Common/ErrorCodes.cpp; undefined when it was not ClickHouse that refused. */
  readonly code: number | undefined

  constructor(kind: ClickHouseFault['kind'], words: string, code?: number) {
    super(words)
    this.kind = kind
    this.code = code
  }
}

/** Numbers of refusals that a caller can act on. */
export const refusals = {
  unknownTable: 60,
  timeExceeded: 159,
  memoryExceeded: 241,
  diskFull: 243,
  answerTooLarge: 396,
} as const

const connectionsDefault = 16
const silentDefaultMs = 120_000
const answerBytesDefault = 64 << 20

/** Opens nothing yet: connections are made as they are needed, and kept. */
export function openClickHouse(address: ClickHouseAddress): ClickHouse {
  return new LibraryClient(address)
}

class LibraryClient implements ClickHouse {
  readonly #library: ReturnType<typeof createClient>
  readonly #agent: Agent | undefined

  constructor(address: ClickHouseAddress) {
    const max = address.connectionsMax ?? connectionsDefault
    if ('socketPath' in address) this.#agent = new SocketAgent(address.socketPath, max)
    this.#library = createClient({
      ...placeOf(address, this.#agent),
      database: address.database ?? 'default',
      max_open_connections: max,
      request_timeout: address.silentMs ?? silentDefaultMs,
      application: 'inkling',
      // Failures are told to the caller, once.
      log: { level: ClickHouseLogLevel.OFF },
    })
  }

  async query(sql: string, options: QueryOptions = {}): Promise<Buffer> {
    const { settings, params, signal, maxBytes = answerBytesDefault } = options
    return asked(signal, async () => {
      const { stream } = await this.#library.exec({
        query: sql,
        clickhouse_settings: { ...settings, ...wholeAnswers },
        query_params: params,
        abort_signal: signal,
      })
      return bytesOf(stream, maxBytes, signal)
    })
  }

  async insert(
    table: string,
    columns: readonly string[],
    format: string,
    bytes: Uint8Array,
    { token, settings, signal }: InsertOptions,
  ): Promise<void> {
    const names = columns.map(name => `\`${name}\``).join(', ')
    await asked(signal, async () => {
      const { stream } = await this.#library.exec({
        query: `INSERT INTO ${table} (${names}) FORMAT ${format}`,
        values: Readable.from([bytes], { objectMode: false }),
        clickhouse_settings: {
          ...settings,
          ...wholeAnswers,
          async_insert: 0,
          insert_deduplication_token: token,
          deduplicate_blocks_in_dependent_materialized_views: 1,
        },
        abort_signal: signal,
      })
      await bytesOf(stream, answerBytesDefault, signal)
    })
  }

  async ping(signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted) return false
    const { success } = await this.#library.ping({ select: false, abort_signal: signal })
    return success
  }

  async close(): Promise<void> {
    await this.#library.close()
    this.#agent?.destroy()
  }
}

/** A server answers when it has the whole: a query that fails half-way is an error then, not half an answer. */
const wholeAnswers = { wait_end_of_query: 1 } as const

function placeOf(
  address: ClickHouseAddress,
  agent: Agent | undefined,
): ClickHouseClientConfigOptions {
  if ('url' in address) {
    return { url: address.url, username: address.user, password: address.password }
  }
  return { url: 'http://engine', http_agent: agent, set_basic_auth_header: false }
}

/** Connections to one socket, kept. */
class SocketAgent extends Agent {
  readonly #path: string

  constructor(path: string, maxSockets: number) {
    const options: AgentOptions = { keepAlive: true, maxSockets }
    super(options)
    this.#path = path
  }

  override createConnection(_: NetConnectOpts) {
    return connect(this.#path)
  }
}

async function asked<T>(signal: AbortSignal | undefined, ask: () => Promise<T>): Promise<T> {
  if (signal?.aborted) throw stopped()
  try {
    return await ask()
  } catch (error) {
    if (error instanceof ClickHouseFault) throw error
    if (signal?.aborted) throw stopped()
    if (error instanceof ClickHouseError) {
      throw new ClickHouseFault('refused', error.message.trim(), Number(error.code))
    }
    throw new ClickHouseFault('unreachable', codeOf(error) ?? messageOf(error))
  }
}

const stopped = () => new ClickHouseFault('stopped', 'The caller has no need of it any more')

/** All of a stream. The library hears the signal only until an answer begins. */
async function bytesOf(
  stream: Readable,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const left = () => stream.destroy(stopped())
  signal?.addEventListener('abort', left, { once: true })
  if (signal?.aborted) left()
  try {
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > maxBytes) {
        throw new ClickHouseFault('too long', `The answer is over ${maxBytes} bytes`)
      }
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } finally {
    signal?.removeEventListener('abort', left)
  }
}
