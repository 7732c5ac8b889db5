import { WebSocket } from 'ws'
import { Backoff } from '#lib/backoff.ts'
import type { AgentReport } from '#model/graph.ts'
import type { Network } from '#model/network.ts'
import { isGone, type ServiceGroup } from '#model/service.ts'
import type { WindowBatch } from '#model/window.ts'
import {
  type AgentMessage,
  decodeAcknowledgement,
  encodeAgentMessage,
  type Hello,
} from '#wire/agent.ts'
import type { Log } from './log.ts'

export interface UplinkOptions {
  readonly server: URL
  readonly token: string
  hello(): Hello
  readonly log: Log
}

/** Seconds kept while the server is away; older ones are dropped and counted. */
const unacknowledgedMax = 120
const silentMs = 15_000
/** WebSocket's code for a message of the wrong form (RFC 6455, 7.4.1). */
const notUnderstood = 1007

/**
 * The agent's way to the server: connects, says hello, tells all groups, then each second's windows until they are
 * acknowledged. Reconnects by itself; what the server has already is not told twice.
 */
export class Uplink {
  /** Seconds dropped because the server was away for too long. */
  dropped = 0
  readonly #options: UplinkOptions
  readonly #backoff = new Backoff({ firstMs: 250, maxMs: 10_000 })
  readonly #groups = new Map<string, Map<string, ServiceGroup>>()
  readonly #networks = new Map<string, AgentMessage>()
  readonly #states = new Map<string, AgentMessage>()
  #unacknowledged: { sequence: number; bytes: Uint8Array }[] = []
  #sequence = 0
  #socket: WebSocket | undefined
  #isOpen = false
  #isClosed = false
  #retry: NodeJS.Timeout | undefined
  #heard = 0
  #failures = 0

  constructor(options: UplinkOptions) {
    this.#options = options
    this.#connect()
  }

  allGroups(orchestrator: string, groups: readonly ServiceGroup[]): void {
    this.#groups.set(orchestrator, new Map(groups.map(group => [group.service.id, group])))
    this.#send({ type: 'groups', orchestrator, isAll: true, groups })
  }

  changedGroup(orchestrator: string, group: ServiceGroup): void {
    const known = this.#groups.get(orchestrator) ?? new Map<string, ServiceGroup>()
    if (isGone(group)) known.delete(group.service.id)
    else known.set(group.service.id, group)
    this.#groups.set(orchestrator, known)
    this.#send({ type: 'groups', orchestrator, isAll: false, groups: [group] })
  }

  networks(orchestrator: string, networks: readonly Network[]): void {
    const message: AgentMessage = { type: 'networks', orchestrator, networks }
    this.#networks.set(orchestrator, message)
    this.#send(message)
  }

  orchestrator(name: string, state: string, text: string): void {
    const message: AgentMessage = { type: 'orchestrator', name, state, text }
    this.#states.set(name, message)
    this.#send(message)
  }

  report(report: AgentReport): void {
    this.#send({ type: 'report', report })
  }

  windows(batch: WindowBatch): void {
    const sequence = ++this.#sequence
    const bytes = encodeAgentMessage({ type: 'windows', sequence, batch })
    this.#unacknowledged.push({ sequence, bytes })
    if (this.#unacknowledged.length > unacknowledgedMax) {
      this.#unacknowledged.shift()
      this.dropped++
    }
    if (this.#isOpen) this.#socket?.send(bytes)
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#retry)
    this.#socket?.close(1000, 'the agent stops')
  }

  #connect(): void {
    const { server, token, log } = this.#options
    const url = new URL('/api/v1/agents', server)
    url.protocol = server.protocol === 'https:' || server.protocol === 'wss:' ? 'wss:' : 'ws:'
    const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } })
    this.#socket = socket
    let fault = 'closed'
    socket.on('open', () => this.#greet(socket))
    socket.on('message', (bytes: Buffer) => this.#hear(bytes))
    socket.on('error', error => {
      fault = error.message
    })
    socket.on('close', (code, reason) => {
      const wasOpen = this.#isOpen
      this.#isOpen = false
      if (this.#isClosed) return
      if (code === notUnderstood) this.#forgetOldest()
      const why = reason.toString() || fault
      if (wasOpen) log.warn(`The server at ${server.host} is away (${why}); trying again.`)
      else if (this.#failures++ === 0) log.warn(`Cannot reach ${server.host}: ${why}.`)
      this.#retry = setTimeout(() => this.#connect(), this.#backoff.nextMs())
    })
  }

  /** The server could not read it: telling it again would not help. */
  #forgetOldest(): void {
    if (this.#unacknowledged.shift()) this.dropped++
  }

  /** All that the server must know, then what it may have missed. */
  #greet(socket: WebSocket): void {
    this.#isOpen = true
    this.#heard = Date.now()
    this.#send(this.#options.hello())
    for (const message of this.#networks.values()) this.#send(message)
    for (const [orchestrator, groups] of this.#groups) {
      this.#send({ type: 'groups', orchestrator, isAll: true, groups: [...groups.values()] })
    }
    for (const message of this.#states.values()) this.#send(message)
    for (const { bytes } of this.#unacknowledged) socket.send(bytes)
  }

  #hear(bytes: Uint8Array): void {
    const heard = decodeAcknowledgement(bytes)
    if (!heard) return
    this.#backoff.reset()
    this.#failures = 0
    this.#heard = Date.now()
    this.#unacknowledged = this.#unacknowledged.filter(({ sequence }) => sequence > heard.sequence)
  }

  #send(message: AgentMessage): void {
    if (!this.#isOpen) return
    this.#socket?.send(encodeAgentMessage(message))
  }

  /** A server that acknowledges nothing for long is as good as gone: connect anew. */
  check(nowMs: number): void {
    if (this.#isOpen && this.#unacknowledged.length > 0 && nowMs - this.#heard > silentMs) {
      this.#socket?.terminate()
    }
  }
}
