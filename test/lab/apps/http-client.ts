import { Agent, type ClientRequest, request } from 'node:http'
import { type Call, httpOutcome, nowUs } from './truth-log.ts'
import { selfHeader } from './web.ts'

export interface HttpClientOptions {
  readonly names: Pick<Call, 'client' | 'server'>
  readonly keepAlive: boolean
  readonly timeoutMs?: number
  record(call: Call): void
}

/** Calls a server over HTTP/1.1; gives the status, or undefined when there was no answer. Records each call. */
export function openHttp({ names, keepAlive, record, timeoutMs = 5000 }: HttpClientOptions) {
  const agent = new Agent({ keepAlive, maxSockets: 32, timeout: timeoutMs })
  const options = { agent, family: 4, timeout: timeoutMs, headers: { 'content-length': 0 } }
  return async (method: string, url: string): Promise<number | undefined> => {
    const atUs = nowUs()
    const answer = await send(request(url, { ...options, method }))
    if (answer === 'unsent') return undefined
    const server = (typeof answer === 'object' && answer.self) || names.server
    record({ atUs, ...names, server, ...describe(answer, method, new URL(url).pathname) })
    return typeof answer === 'object' ? answer.status : undefined
  }
}

/** `self`: who answered, where the server says so. */
interface Answered {
  readonly status: number
  readonly self: string | undefined
}

/**
 * An answer, or how far it came without one. `unconnected`: refused, or nobody answered. `unsent`: no packet left at
 * all (no such name, no such neighbour).
 */
type Answer = Answered | 'unanswered' | 'unconnected' | 'unsent'

function describe(answer: Answer, method: string, resource: string) {
  if (typeof answer === 'object') {
    const { status } = answer
    return {
      protocol: 'http',
      method,
      resource,
      status: String(status),
      outcome: httpOutcome(status),
    }
  }
  const outcome = 'error' as const
  if (answer === 'unanswered') return { protocol: 'http', method, resource, outcome }
  return { protocol: 'tcp', method: 'CONNECT', outcome }
}

function send(call: ClientRequest): Promise<Answer> {
  return new Promise(resolve => {
    let isConnected = false
    call.on('socket', socket => {
      isConnected = !socket.connecting
      socket.once('connect', () => {
        isConnected = true
      })
    })
    call.on('response', response => {
      response.resume()
      const { statusCode: status, headers } = response
      const self = headers[selfHeader]?.toString()
      response.on('end', () => resolve(status ? { status, self } : 'unanswered'))
      response.on('error', () => resolve('unanswered'))
    })
    call.on('timeout', () =>
      call.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })),
    )
    call.on('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(isConnected ? 'unanswered' : connectFailure(code)),
    )
    call.end()
  })
}

/** What a connection that never stood amounts to on the wire. */
export function connectFailure(code: string | undefined): 'unconnected' | 'unsent' {
  return code === 'ECONNREFUSED' || code === 'ETIMEDOUT' ? 'unconnected' : 'unsent'
}
