import { randomUUID } from 'node:crypto'
import type { WebSocket } from 'ws'
import type { AgentReport, AgentState } from '#model/graph.ts'
import type { InstanceUsage } from '#model/service.ts'
import type { WindowBatch } from '#model/window.ts'
import {
  type AgentMessage,
  decodeAgentMessage,
  encodeServerMessage,
  type GroupsMessage,
  type Hello,
  type Identity,
  type NetworksMessage,
  type ResidentsMessage,
  type WindowsMessage,
} from '#wire/agent.ts'
import { LateLane } from './late-lane.ts'
import { Ledger } from './ledger.ts'

/** A node, and what its namespaces and addresses mean. */
export interface AgentPlace extends Identity {
  readonly node: string
}

/** What the server does with what agents tell. Each is told once; `isNew` is false when a server before this one had it. */
export interface AgentListener {
  /** What the node's addresses mean in the windows that follow. */
  place(place: AgentPlace): void
  windows(node: string, batch: WindowBatch, isNew: boolean): void
  groups(node: string, message: GroupsMessage): void
  networks(node: string, message: NetworksMessage): void
  residents(node: string, message: ResidentsMessage): void
  /** What instances of the node take now: of the others it is as it was told before. */
  usages(node: string, usages: readonly InstanceUsage[]): void
  /** The node is away for long: what its orchestrators told nobody knows any more. */
  forget(node: string, orchestrators: ReadonlySet<string>): void
  fault(node: string, text: string): void
}

export interface OrchestratorSay {
  readonly name: string
  readonly state: string
  readonly text: string
}

interface Known {
  connection: Connection | undefined
  lastMs: number
  /** Start of the newest second it told of. */
  toldMs: number
  report: AgentReport | undefined
  readonly orchestrators: Map<string, OrchestratorSay>
  /** Orchestrators that told of groups. */
  readonly tellers: Set<string>
}

interface Connection {
  readonly socket: WebSocket
  /** Bytes that have come in: a long message that is still coming is a sign of life. */
  received(): number
  receivedBefore: number
}

/** Agents that are gone for longer are no longer shown, nor what only they told of. */
const forgottenMs = 15 * 60_000
/** Of a connection that lives something comes each second. */
const silentMs = 15_000
/** Seconds that are older may wait. */
const lateMs = 5_000
const agentsMax = 2000

/** All agents that report or reported: takes what each tells, once. */
export class Agents {
  /** New whenever the server starts with nothing: what agents told its predecessor it does not have. */
  readonly life = randomUUID()
  readonly #known = new Map<string, Known>()
  readonly #ledger = new Ledger()
  readonly #late = new LateLane()
  readonly #listener: AgentListener
  readonly #now: () => number

  constructor(listener: AgentListener, now: () => number) {
    this.#listener = listener
    this.#now = now
  }

  /** Serves one connection until it closes. A message that is none ends it. */
  accept(socket: WebSocket, received: () => number = () => 0): void {
    const connection: Connection = { socket, received, receivedBefore: 0 }
    let hello: Hello | undefined
    socket.on('error', () => socket.terminate())
    socket.on('close', () => hello && this.#leave(hello.node, connection))
    socket.on('message', (bytes: Buffer) => {
      const nowMs = this.#now()
      const decoded = decodeAgentMessage(bytes)
      if ('fault' in decoded) {
        this.#listener.fault(hello?.node ?? 'an agent', decoded.fault)
        return socket.close(1007, 'message not understood')
      }
      const { message } = decoded
      if (message.type === 'hello') hello = this.#greet(message, connection, nowMs)
      else if (hello) this.#take(hello, message, connection, nowMs)
      if (!hello) socket.close(1008, 'say hello first')
    })
  }

  states(): AgentState[] {
    const states: AgentState[] = []
    for (const [node, { report, connection, lastMs }] of this.#known) {
      const nothing = emptyReport(node)
      states.push({ ...(report ?? nothing), connected: connection !== undefined, lastMs })
    }
    return states
  }

  /** Nodes whose agents do not report. */
  away(): ReadonlySet<string> {
    const away = [...this.#known].filter(([, { connection }]) => !connection)
    return new Set(away.map(([node]) => node))
  }

  /** Whether every connected agent has told of the second that began at `startMs`. */
  haveTold(startMs: number): boolean {
    return [...this.#known.values()].every(
      ({ connection, toldMs }) => !connection || toldMs >= startMs,
    )
  }

  orchestrators(): OrchestratorSay[] {
    return [...this.#known.values()].flatMap(({ orchestrators }) => [...orchestrators.values()])
  }

  /** Ends connections over which nothing comes, and forgets who is gone for long; call it each second. */
  age(nowMs: number): void {
    for (const [node, { connection, lastMs, tellers }] of this.#known) {
      if (connection) this.#look(connection, lastMs, nowMs)
      else if (lastMs < nowMs - forgottenMs) {
        this.#known.delete(node)
        this.#listener.forget(node, tellers)
      }
    }
  }

  close(): void {
    this.#late.close()
    for (const { connection } of this.#known.values()) {
      connection?.socket.close(1001, 'the server stops')
    }
  }

  #look(connection: Connection, lastMs: number, nowMs: number): void {
    if (lastMs > nowMs - silentMs) return
    const received = connection.received()
    if (received > connection.receivedBefore) connection.receivedBefore = received
    else connection.socket.terminate()
  }

  #greet(hello: Hello, connection: Connection, nowMs: number): Hello | undefined {
    const before = this.#known.get(hello.node)
    if (!before && this.#known.size >= agentsMax) return undefined
    before?.connection?.socket.close(1000, 'replaced by a newer connection')
    this.#known.set(hello.node, {
      connection,
      lastMs: nowMs,
      toldMs: before?.toldMs ?? 0,
      report: before?.report,
      orchestrators: before?.orchestrators ?? new Map(),
      tellers: before?.tellers ?? new Set(),
    })
    const runs = [hello.run, ...hello.former.map(({ run }) => run)]
    const welcome = {
      type: 'welcome',
      life: this.life,
      had: runs.map(run => ({ run, ranges: this.#ledger.rangesOf(hello.node, run) })),
      ...{ askedMs: hello.askedMs, receivedMs: nowMs, answeredMs: this.#now() },
    } as const
    connection.socket.send(encodeServerMessage(welcome))
    return hello
  }

  #take(
    hello: Hello,
    message: Exclude<AgentMessage, Hello>,
    connection: Connection,
    nowMs: number,
  ): void {
    const known = this.#known.get(hello.node)
    if (!known || known.connection !== connection) return
    known.lastMs = nowMs
    const { socket } = connection
    const { node } = hello
    if (message.type === 'windows') this.#hear(hello, known, message, socket)
    if (message.type === 'report') {
      known.report = message.report
      if (message.usages) this.#listener.usages(node, message.usages)
    }
    if (message.type === 'orchestrator') {
      const { name, state, text } = message
      known.orchestrators.set(name, { name, state, text })
    }
    if (message.type === 'groups') {
      known.tellers.add(message.orchestrator)
      this.#once(hello, message, socket, () => this.#listener.groups(node, message))
    }
    if (message.type === 'networks') {
      this.#once(hello, message, socket, () => this.#listener.networks(node, message))
    }
    if (message.type === 'residents') {
      this.#once(hello, message, socket, () => this.#listener.residents(node, message))
    }
    if (message.type === 'clock') {
      const answer = { ...message, receivedMs: nowMs, answeredMs: this.#now() }
      socket.send(encodeServerMessage(answer))
    }
  }

  /** What is live is taken at once, what is late when there is time for it. */
  #hear(hello: Hello, known: Known, message: WindowsMessage, socket: WebSocket): void {
    const { batch, isAgain, run } = message
    known.toldMs = Math.max(known.toldMs, batch.startMs)
    const then = hello.former.find(each => each.run === run) ?? hello
    const take = () =>
      this.#once(hello, message, socket, () => {
        this.#place(hello, then)
        this.#listener.windows(hello.node, batch, !isAgain)
        if (then !== hello) this.#place(hello, hello)
      })
    if (batch.startMs > this.#now() - lateMs) take()
    else this.#late.add(take)
  }

  /** Takes what is not known yet, then says that it is: never before. */
  #once(
    { node, run: current }: Hello,
    { run = current, sequence }: { readonly run?: string; readonly sequence?: number },
    socket: WebSocket,
    take: () => void,
  ): void {
    if (sequence === undefined) {
      take()
      return
    }
    if (!this.#ledger.has(node, run, sequence)) {
      take()
      this.#ledger.take(node, run, sequence)
    }
    socket.send(encodeServerMessage({ type: 'acknowledged', run, sequence }), () => undefined)
  }

  #place({ node }: Hello, { hostNamespace, addresses }: Identity): void {
    this.#listener.place({ node, hostNamespace, addresses })
  }

  #leave(node: string, connection: Connection): void {
    const known = this.#known.get(node)
    if (known?.connection === connection) known.connection = undefined
  }
}

function emptyReport(node: string): AgentReport {
  return {
    node,
    version: '',
    namespaces: 0,
    packets: 0,
    drops: 0,
    flows: 0,
    evictedFlows: 0,
    droppedSamples: 0,
    foldedWindows: 0,
    cpuShare: 0,
    residentBytes: 0,
    backlogSeconds: 0,
    backlogBytes: 0,
    droppedSeconds: 0,
    droppedWindows: 0,
    notices: [],
  }
}
