/** `warning`: the client's fault or degraded (HTTP 4xx). `error`: the server's fault (5xx, SQL error, reset, timeout). */
export type Outcome = 'ok' | 'warning' | 'error'
export const outcomes: readonly Outcome[] = ['ok', 'warning', 'error']

/** A name of an address. */
export interface NamedAddress {
  readonly ip: string
  readonly name: string
  /** Only a client called it so (TLS server name); unset when a DNS answer gave the name, who knows better. */
  readonly called?: true
}

/** One request and its response, or lack of one. What wants no response (a published message) is one by itself. */
export interface Transaction {
  readonly protocol: string
  /** `GET`, `SELECT`, `HGET`, `A`: the verb as a person of the trade would say it. */
  readonly method: string
  /** `/cart?id=?`, `SELECT * FROM t WHERE id = ?`, the key, the name asked: literals replaced unless raw. */
  readonly resource: string
  /** `200`, `OK`, `ERR`, `NXDOMAIN`; undefined when never answered: see `silence`. */
  readonly status: string | undefined
  readonly outcome: Outcome
  /** First byte of the request, microseconds since the epoch. */
  readonly startUs: number
  /** First byte of the request to last byte of the response; undefined when never answered. */
  readonly durationUs: number | undefined
  readonly requestBytes: number
  readonly responseBytes: number
  /** Part of it was hidden by lost bytes. */
  readonly gap: boolean
  /** Names that this transaction taught (DNS answers). */
  readonly names?: readonly NamedAddress[]
  /** The host name by which the client called the server, who answered to it. */
  readonly serverName?: string
  /** The trace that the request says it is part of: 32 small hexadecimal digits. */
  readonly traceId?: string
}

/** Why a transaction has no status: none was wanted, it was among lost bytes, or it never came. */
export type Silence = 'oneWay' | 'lost' | 'unanswered'

export function silence({ outcome, gap }: Pick<Transaction, 'outcome' | 'gap'>): Silence {
  if (outcome === 'error') return 'unanswered'
  return gap ? 'lost' : 'oneWay'
}
