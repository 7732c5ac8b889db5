import { appendFileSync } from 'node:fs'

/** One call as its client saw it: what Inkling should find out from the packets alone. */
export interface Call {
  /** First byte of the request, microseconds since the epoch. */
  readonly atUs: number
  /** Services as Inkling names them: `compose:shop:vote`. */
  readonly client: string
  readonly server: string
  readonly protocol: string
  readonly method: string
  readonly resource?: string
  /** Undefined when it was never answered. */
  readonly status?: string
  readonly outcome: 'ok' | 'warning' | 'error'
}

/** Appends calls, one JSON line each, to the file that the lab gave this program in TRUTH. */
export function openTruthLog(path = process.env.TRUTH): (call: Call) => void {
  if (!path) return () => {}
  // Synchronous: a container that is killed must have told of every call it finished.
  return call => appendFileSync(path, `${JSON.stringify(call)}\n`)
}

export const nowUs = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000)

/** What an HTTP status means to its client. */
export function httpOutcome(status: number): Call['outcome'] {
  if (status >= 500) return 'error'
  return status >= 400 ? 'warning' : 'ok'
}

/** A setting that the lab must have given. */
export function setting(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set`)
  return value
}

/** Where another service is: as the lab says (`DB_AT=10.0.0.1:31000`), or by its usual name. */
export function placeOf(service: string, usual: string): { hostname: string; port: number } {
  const [hostname, port] = (process.env[`${service}_AT`] ?? usual).split(':')
  return { hostname, port: Number(port) }
}
