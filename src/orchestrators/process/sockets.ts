import { networkInterfaces } from 'node:os'
import { messageOf } from '#lib/fault.ts'
import { type Libc, openLibc } from '#lib/libc.ts'
import { type Endpoint, format as formatEndpoint } from '#model/endpoint.ts'
import type { Transport } from '#model/flow.ts'
import type { ServiceGroup } from '#model/service.ts'
import { Answers } from './answers.ts'
import { type Connection, type ConnectionTap, openTap } from './connections.ts'
import { Descriptors } from './descriptors.ts'
import { isProxyName, type ProxyTarget } from './docker-proxy.ts'
import { Identities, type Identity } from './identity.ts'
import { threadName } from './name.ts'
import { hostKey, Namespaces } from './namespaces.ts'
import { Talkers } from './talkers.ts'

/** A question: who holds the socket with this local end? */
export interface SocketQuestion {
  readonly transport: Transport
  /** Inode of the network namespace it is in, as text; the host's when undefined. */
  readonly namespace?: string
  readonly local: Endpoint
  /** The other end; undefined asks for whoever waits on the local one. */
  readonly remote?: Endpoint
}

export interface Owner {
  /** `docker:<64 hex>` or `mesos:<id>` when it runs in a container, else `process:<pid>:<start ticks>` or `process:brief:<name>`. */
  readonly instance: string
  /** It is Docker's userland proxy, which speaks for others: for this container, or one that is gone as the proxy is. */
  readonly proxy?: ProxyTarget | 'gone'
}

export interface SocketsOptions {
  readonly procRoot?: string
  /** Of nested containers the innermost known one is meant. */
  readonly isKnown?: (instance: string) => boolean
  /** Opens the watch over new connections; a reason in words when that cannot be. */
  readonly openTap?: (libc: Libc, procRoot: string) => ConnectionTap | string
}

/** What was seen, and what was lost to limits, since the start. */
export interface SocketCounters {
  readonly connections: number
  /** Connections that the kernel could not tell because we were late. */
  readonly lostConnections: number
  /** Answers dropped before their time because too many were kept. */
  readonly evictedAnswers: number
  /** Sockets not looked for because too many were wanted. */
  readonly refusedSearches: number
  /** Times a process was told under a common name because there were too many. */
  readonly foldedProcesses: number
}

type Answer =
  | { readonly kind: 'process'; readonly identity: Identity }
  | { readonly kind: 'brief'; readonly name: string }

/** How often new connections are read: soon again while there are some, seldom while there are none. */
const busyMs = 100
const quietMs = 250
/** Connections read in one turn: the rest waits in the kernel's buffer. */
const drainMax = 8_192
const refreshMs = 1_000
/** Listeners, ended processes and old answers are looked at so often. */
const sweepMs = 5_000
/** Answers kept, and how long: a flow is asked for when it is counted, up to a minute after it began. */
const answersMax = 65_536
const answerMs = 60_000
/** Questions whose socket was found and whose owner is still sought. */
const openQuestionsMax = 4_096
/** One slice of a search for owners, and the share of one core that searching may take. */
const searchMs = 10
/** Once, at the start, there is more to look for and nothing to hold up. */
const firstSearchMs = 250
const searchShare = 0.01
/** No rest is longer: on a machine under load a slice takes long without costing much. */
const searchRestMs = 2_000
/** Connections of processes that were gone before their namespace could be read. */
const unknownKey = '?'
/** Where Linux begins to give out ports by itself: a UDP socket there waits for an answer, not for a caller. */
const ephemeralPort = 32_768

/** The addresses of the network namespace we run in. */
export function hostAddresses(): ReadonlySet<string> {
  const addresses = new Set<string>()
  for (const list of Object.values(networkInterfaces())) {
    for (const { address } of list ?? []) addresses.add(address.replace(/%.*/, ''))
  }
  return addresses
}

/**
 * Who holds which socket on this node. Answers come, in this order, from connections watched as they were made, from
 * who waits on the local port, and from the kernel's answer about this one socket. Nothing is polled that nobody asks
 * for: an idle node costs a look at the buffer of new connections and, every few seconds, at the list of listeners.
 */
export class ProcessSockets {
  readonly #procRoot: string
  readonly #isKnown: (instance: string) => boolean
  readonly #openTap: (libc: Libc, procRoot: string) => ConnectionTap | string
  readonly #identities: Identities
  readonly #descriptors: Descriptors
  readonly #talkers: Talkers
  readonly #answers = new Answers<Answer>(answersMax, answerMs)
  readonly #open = new Map<string, number>()
  readonly #namespaces: Namespaces
  #timer: NodeJS.Timeout | undefined
  #named: ReadonlySet<number> = new Set()
  #tap: ConnectionTap | undefined
  #notice: string | undefined
  #connections = 0
  #searchAtMs = 0
  #refreshedMs = 0
  #sweptMs = Number.NEGATIVE_INFINITY

  constructor(options: SocketsOptions = {}) {
    this.#procRoot = options.procRoot ?? '/proc'
    this.#isKnown = options.isKnown ?? (() => false)
    this.#openTap = options.openTap ?? openTap
    this.#identities = new Identities(this.#procRoot)
    this.#descriptors = new Descriptors(this.#procRoot)
    this.#talkers = new Talkers(this.#procRoot)
    this.#namespaces = new Namespaces(this.#procRoot)
  }

  /** Opens what this machine allows; what it does not is said in `notice`. Does not throw. */
  start(): void {
    let libc: Libc
    try {
      libc = openLibc()
    } catch (error) {
      this.#notice = `Processes cannot be told: ${messageOf(error)}`
      return
    }
    this.#namespaces.start(libc)
    const tap = this.#openTap(libc, this.#procRoot)
    if (typeof tap === 'string') this.#notice = `Brief host processes may stay unnamed: ${tap}`
    else this.#tap = tap
    this.refresh(Date.now())
    this.#search(Date.now(), firstSearchMs)
    this.#nameListeners(Date.now())
    this.#turn(Date.now())
  }

  /** In the operator's words, what is missing here; undefined when nothing is. */
  get notice(): string | undefined {
    return this.#notice
  }

  /** Other namespaces that may be asked about, by inode, with the pids of those who live there, the lasting ones first. */
  setNamespaces(pids: ReadonlyMap<string, readonly number[]>): void {
    this.#namespaces.setPids(pids)
  }

  /** Who holds this socket; undefined when that is not known (yet: asking again later may help). */
  ownerOf(question: SocketQuestion, nowMs: number = Date.now()): Owner | undefined {
    const key = this.#namespaces.keyOf(question.namespace)
    const answer =
      this.#answered(key, question) ??
      this.#waiting(key, question, nowMs) ??
      this.#asked(key, question, nowMs)
    return answer === undefined ? undefined : this.#ownerFrom(answer, nowMs)
  }

  /** No socket of that namespace has this local end, nor waits on it: what it says is somebody else's. */
  isUnheld({ namespace, transport, local, remote }: SocketQuestion, nowMs = Date.now()): boolean {
    const sockets = this.#namespaces.of(this.#namespaces.keyOf(namespace), nowMs)
    if (sockets === undefined || remote === undefined) return false
    sockets.refresh(refreshMs, nowMs)
    return !sockets.waitingOn(transport, local) && !sockets.find(transport, local, remote)
  }

  /** Looks for owners that are still sought, and at who waits; called every second by itself. */
  refresh(nowMs: number): void {
    this.#refreshedMs = nowMs
    this.#drain(nowMs)
    if (nowMs - this.#sweptMs >= sweepMs) {
      this.#sweptMs = nowMs
      this.#namespaces.of(hostKey, nowMs)?.refresh(sweepMs, nowMs)
      this.#namespaces.prune(nowMs)
      this.#answers.prune(nowMs)
      this.#talkers.sweep(nowMs)
    }
    this.#nameListeners(nowMs)
  }

  /** The processes named so far, as groups: all, or those changed since they were last asked for. */
  groups(): readonly ServiceGroup[] {
    return this.#talkers.groups()
  }

  changes(): readonly ServiceGroup[] {
    return this.#talkers.changes()
  }

  counters(): SocketCounters {
    return {
      connections: this.#connections,
      lostConnections: this.#tap?.lost() ?? 0,
      evictedAnswers: this.#answers.evicted,
      refusedSearches: this.#descriptors.refused,
      foldedProcesses: this.#talkers.folded,
    }
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#namespaces.close()
    this.#tap?.close()
    this.#tap = undefined
  }

  #answered(key: string, question: SocketQuestion): Answer | undefined {
    const { transport, local, remote } = question
    if (remote === undefined) return undefined
    const ends = endsOf(transport, local, remote)
    return (
      this.#answers.get(key + ends) ??
      (key === hostKey ? this.#answers.get(unknownKey + ends) : undefined)
    )
  }

  /** A server's connections belong to whoever waits on its port: no need to look at each. */
  #waiting(key: string, { transport, local }: SocketQuestion, nowMs: number): Answer | undefined {
    const sockets = this.#namespaces.of(key, nowMs)
    sockets?.refresh(sweepMs, nowMs)
    const socket = sockets?.waitingOn(transport, local)
    return socket === undefined ? undefined : this.#holder(socket.inode, nowMs, key)
  }

  #asked(key: string, question: SocketQuestion, nowMs: number): Answer | undefined {
    const { transport, local, remote } = question
    if (remote === undefined) return undefined
    const socket = this.#namespaces.of(key, nowMs)?.find(transport, local, remote)
    if (socket === undefined || socket.inode === 0) return undefined
    const answer = this.#holder(socket.inode, nowMs, key)
    const ends = key + endsOf(transport, local, remote)
    if (answer !== undefined) this.#answers.set(ends, answer)
    else if (this.#open.size < openQuestionsMax) this.#open.set(ends, socket.inode)
    return answer
  }

  #holder(inode: number, nowMs: number, key = hostKey): Answer | undefined {
    const near = this.#namespaces.pidsIn(key)
    const pid = this.#descriptors.ownerOf(inode, nowMs, near)
    if (pid === undefined) return undefined
    const identity = this.#identities.of(pid, nowMs)
    if (identity === undefined) this.#descriptors.forget(inode)
    return identity && { kind: 'process', identity }
  }

  #ownerFrom(answer: Answer, nowMs: number): Owner {
    if (answer.kind === 'brief') {
      const instance = this.#talkers.briefOf(answer.name, nowMs)
      return isProxyName(answer.name) ? { instance, proxy: 'gone' } : { instance }
    }
    const { identity } = answer
    const { containers } = identity
    const container = containers.find(id => this.#isKnown(id)) ?? containers[0]
    const instance = container ?? this.#talkers.instanceOf(identity, nowMs)
    const proxy = identity.proxy ?? (isProxyName(identity.name) ? 'gone' : undefined)
    return proxy === undefined ? { instance } : { instance, proxy }
  }

  #turn(nowMs: number): void {
    const isBusy = this.#drain(nowMs) > 0 || this.#descriptors.wanted > 0
    if (performance.now() >= this.#searchAtMs) this.#search(nowMs, searchMs)
    if (nowMs - this.#refreshedMs >= refreshMs) this.refresh(nowMs)
    this.#timer = setTimeout(() => this.#turn(Date.now()), isBusy ? busyMs : quietMs).unref()
  }

  /** Watched connections: whose they are is read at once, since brief processes do not wait. */
  #drain(nowMs: number): number {
    const count = this.#tap?.drain(made => this.#remember(made, nowMs), drainMax) ?? 0
    this.#connections += count
    return count
  }

  #remember({ pid, comm, local, remote }: Connection, nowMs: number): void {
    const identity = this.#identities.of(pid, nowMs, comm)
    const ends = endsOf('tcp', local, remote)
    if (identity === undefined) {
      this.#answers.set(unknownKey + ends, { kind: 'brief', name: threadName(comm) })
      return
    }
    const key =
      identity.namespace === undefined ? unknownKey : this.#namespaces.keyOf(identity.namespace)
    this.#answers.set(key + ends, { kind: 'process', identity })
  }

  /** Who listens on the host is told even before anybody calls; each listener is looked at once. */
  #nameListeners(nowMs: number): void {
    const named = new Set<number>()
    for (const { inode, transport, local } of this.#namespaces.of(hostKey, nowMs)?.waiting() ??
      []) {
      if (transport === 'udp' && local.port >= ephemeralPort) continue
      const answer = this.#named.has(inode) ? undefined : this.#holder(inode, nowMs)
      if (answer !== undefined) this.#ownerFrom(answer, nowMs)
      if (answer !== undefined || this.#named.has(inode)) named.add(inode)
    }
    this.#named = named
  }

  /** A slice of the search, then a rest in proportion to what it cost. */
  #search(nowMs: number, budgetMs: number): void {
    if (this.#descriptors.wanted === 0) return
    const spentMs = this.#descriptors.search(budgetMs, nowMs, this.#talkers.pids())
    this.#searchAtMs = performance.now() + Math.min(spentMs / searchShare, searchRestMs)
    for (const [ends, inode] of this.#open) {
      const answer = this.#holder(inode, nowMs)
      if (answer !== undefined) this.#answers.set(ends, answer)
      if (answer !== undefined || !this.#descriptors.isWanted(inode)) this.#open.delete(ends)
    }
  }
}

function endsOf(transport: Transport, local: Endpoint, remote: Endpoint): string {
  return `|${transport}|${formatEndpoint(local)}|${formatEndpoint(remote)}`
}
