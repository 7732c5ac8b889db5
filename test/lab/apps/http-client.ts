import { Agent, request } from 'node:http'
import { type Call, httpOutcome, nowUs } from './truth-log.ts'

const timeoutMs = 5000

export interface HttpClientOptions {
  readonly names: Pick<Call, 'client' | 'server'>
  readonly keepAlive: boolean
  record(call: Call): void
}

/** Calls a server over HTTP/1.1; gives the status, or undefined when there was no answer. Records each call. */
export function openHttp({ names, keepAlive, record }: HttpClientOptions) {
  const agent = new Agent({ keepAlive, maxSockets: 32, timeout: timeoutMs })
  return (method: string, url: string): Promise<number | undefined> =>
    new Promise(resolve => {
      const { pathname: resource } = new URL(url)
      const atUs = nowUs()
      const finish = (status: number | undefined, wasSent: boolean) => {
        const outcome = status === undefined ? 'error' : httpOutcome(status)
        if (wasSent)
          record({
            atUs,
            ...names,
            protocol: 'http',
            method,
            resource,
            status: status?.toString(),
            outcome,
          })
        resolve(status)
      }
      const call = request(url, {
        method,
        agent,
        family: 4,
        timeout: timeoutMs,
        headers: { 'content-length': 0 },
      })
      call.on('response', response => {
        response.resume()
        response.on('end', () => finish(response.statusCode, true))
        response.on('error', () => finish(undefined, true))
      })
      call.on('timeout', () => call.destroy(new Error('timeout')))
      call.on('error', () => finish(undefined, call.socket?.remoteAddress !== undefined))
      call.end()
    })
}
