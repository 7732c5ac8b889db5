import { Backoff, type BackoffLimits, pause } from '#lib/backoff.ts'
import { codeOf, messageOf } from '#lib/fault.ts'
import { cut } from '#lib/text.ts'
import { ApiClient } from './cluster-http.ts'
import type { Access } from './cluster-login.ts'
import type { Observer } from './orchestrator.ts'

/** One visit to one of a cluster's addresses. */
export interface Visit {
  readonly base: URL
  readonly client: ApiClient
  readonly observer: Observer
  readonly signal: AbortSignal
  /** Everything was told once; from now on only changes are. Again when `version` becomes another. */
  learned(version: string): void
}

export interface LifeOptions {
  /** As people call it: `Marathon`. */
  readonly title: string
  readonly access: Access
  readonly backoff?: BackoffLimits
  readonly answerMs?: number
  /** Runs until the address is lost; then it throws the reason. */
  readonly visit: (visit: Visit) => Promise<void>
}

const defaultBackoff = { firstMs: 500, maxMs: 30_000 }
/** A visit that lasted so long was a good one: the next loss starts anew. */
const stableMs = 5_000
/** Addresses whose reasons are told. */
const reasonsMax = 4

type Standing =
  | { readonly kind: 'never' }
  | { readonly kind: 'connected' }
  | { readonly kind: 'lost'; readonly sinceMs: number }

/**
 * Goes from one address of a cluster to the next, for ever: when one is lost the others are tried at once, and only when
 * none answers is the cluster lost. What is known stays known.
 */
export class ClusterLife {
  readonly #options: LifeOptions
  readonly #backoff: Backoff
  #standing: Standing = { kind: 'never' }

  constructor(options: LifeOptions) {
    this.#options = options
    this.#backoff = new Backoff(options.backoff ?? defaultBackoff)
  }

  async watch(observer: Observer, signal: AbortSignal): Promise<void> {
    const { access, answerMs } = this.#options
    const { urls, credentials } = access
    const hosts = urls.map(url => url.host)
    const client = new ApiClient({ credentials, hosts, ...(answerMs ? { answerMs } : {}) })
    let reasons: string[] = []
    for (let at = 0; !signal.aborted; at = (at + 1) % urls.length) {
      const startMs = performance.now()
      const reason = await this.#visit(urls[at], client, observer, signal)
      if (signal.aborted) break
      if (performance.now() - startMs > stableMs && this.#standing.kind === 'connected')
        reasons = []
      reasons.push(reason)
      if (reasons.length < urls.length) continue
      this.#tellLoss(observer, reasons)
      reasons = []
      await pause(this.#backoff.nextMs(), signal)
    }
    client.close()
  }

  /** Answers why it ended. */
  async #visit(base: URL, client: ApiClient, observer: Observer, signal: AbortSignal) {
    const ended = new AbortController()
    const learned = (version: string) => this.#learned(observer, version)
    try {
      const both = AbortSignal.any([signal, ended.signal])
      await this.#options.visit({ base, client, observer, learned, signal: both })
      return `${nameOf(base)}: it ended`
    } catch (error) {
      return `${nameOf(base)}: ${reasonOf(error)}`
    } finally {
      ended.abort()
    }
  }

  #learned(observer: Observer, version: string): void {
    if (this.#standing.kind !== 'connected') this.#backoff.reset()
    this.#standing = { kind: 'connected' }
    observer.status({ kind: 'connected', version })
  }

  /** A cluster that was never there is absent; one that was is lost, since it first went. */
  #tellLoss(observer: Observer, reasons: readonly string[]): void {
    if (this.#standing.kind === 'connected') this.#standing = { kind: 'lost', sinceMs: Date.now() }
    const reason = `${this.#options.title} at ${reasons.slice(0, reasonsMax).join('; at ')}`
    observer.status(
      this.#standing.kind === 'lost'
        ? { kind: 'lost', reason, sinceMs: this.#standing.sinceMs }
        : { kind: 'absent', reason },
    )
  }
}

function nameOf(base: URL): string {
  return cut(base.origin + base.pathname.replace(/\/+$/, ''), 100)
}

const remedies: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name server does not answer',
  EHOSTUNREACH: 'there is no way to that host',
  ECONNRESET: 'it ended the connection',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is its own: name it by NODE_EXTRA_CA_CERTS',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is unknown here: name it by NODE_EXTRA_CA_CERTS',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its authority is unknown here: name it by NODE_EXTRA_CA_CERTS',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'its authority is unknown here: name it by NODE_EXTRA_CA_CERTS',
}

/** What is wrong, in words of the operator. */
function reasonOf(error: unknown): string {
  const code = codeOf(error)
  return (code !== undefined && remedies[code]) || cut(messageOf(error).trim(), 300)
}
