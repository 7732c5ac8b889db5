import type { WebSocket } from 'ws'
import type { AgentReport, AgentState } from '#model/graph.ts'
import type { WindowBatch } from '#model/window.ts'
import {
  type AgentMessage,
  decodeAgentMessage,
  encodeAcknowledgement,
  type GroupsMessage,
  type Hello,
  type NetworksMessage,
} from '#wire/agent.ts'

/** What the server does with what agents tell. `hello` comes before anything else of a connection. */
export interface AgentListener {
  windows(hello: Hello, batch: WindowBatch): void
  groups(hello: Hello, message: GroupsMessage): void
  networks(hello: Hello, message: NetworksMessage): void
  fault(node: string, text: string): void
}

export interface OrchestratorSay {
  readonly name: string
  readonly state: string
  readonly text: string
}

interface Known {
  run: string
  sequence: number
  socket: WebSocket | undefined
  lastMs: number
  /** Start of the newest second it told of. */
  toldMs: number
  report: AgentReport | undefined
  readonly orchestrators: Map<string, OrchestratorSay>
}

/** Agents that are gone for longer are no longer shown. */
const forgottenMs = 15 * 60_000
const agentsMax = 2000

/** All agents that report or reported: takes their messages in order, each batch once. */
export class Agents {
  readonly #known = new Map<string, Known>()
  readonly #listener: AgentListener
  readonly #now: () => number

  constructor(listener: AgentListener, now: () => number) {
    this.#listener = listener
    this.#now = now
  }

  /** Serves one connection until it closes. A message that is none ends it. */
  accept(socket: WebSocket): void {
    let hello: Hello | undefined
    socket.on('error', () => socket.terminate())
    socket.on('close', () => hello && this.#leave(hello.node, socket))
    socket.on('message', (bytes: Buffer) => {
      const decoded = decodeAgentMessage(bytes)
      if ('fault' in decoded) {
        this.#listener.fault(hello?.node ?? 'an agent', decoded.fault)
        return socket.close(1007, 'message not understood')
      }
      const { message } = decoded
      if (message.type === 'hello') hello = this.#greet(message, socket)
      else if (hello) this.#take(hello, message, socket)
      if (!hello) socket.close(1008, 'say hello first')
    })
  }

  states(): AgentState[] {
    const states: AgentState[] = []
    for (const [node, { report, socket, lastMs }] of this.#known) {
      const nothing = emptyReport(node)
      states.push({ ...(report ?? nothing), connected: socket !== undefined, lastMs })
    }
    return states
  }

  /** Whether every connected agent has told of the second that began at `startMs`. */
  haveTold(startMs: number): boolean {
    return [...this.#known.values()].every(({ socket, toldMs }) => !socket || toldMs >= startMs)
  }

  orchestrators(): OrchestratorSay[] {
    return [...this.#known.values()].flatMap(({ orchestrators }) => [...orchestrators.values()])
  }

  age(nowMs: number): void {
    for (const [node, { socket, lastMs }] of this.#known) {
      if (!socket && lastMs < nowMs - forgottenMs) this.#known.delete(node)
    }
  }

  close(): void {
    for (const { socket } of this.#known.values()) socket?.close(1001, 'the server stops')
  }

  #greet(hello: Hello, socket: WebSocket): Hello | undefined {
    const before = this.#known.get(hello.node)
    if (!before && this.#known.size >= agentsMax) return undefined
    before?.socket?.close(1000, 'replaced by a newer connection')
    const isSameRun = before?.run === hello.run
    const sequence = isSameRun ? before.sequence : 0
    this.#known.set(hello.node, {
      run: hello.run,
      sequence,
      socket,
      lastMs: this.#now(),
      toldMs: before?.toldMs ?? 0,
      report: before?.report,
      orchestrators: before?.orchestrators ?? new Map(),
    })
    socket.send(encodeAcknowledgement({ type: 'acknowledged', sequence }))
    return hello
  }

  #take(hello: Hello, message: Exclude<AgentMessage, Hello>, socket: WebSocket): void {
    const known = this.#known.get(hello.node)
    if (!known || known.socket !== socket) return
    known.lastMs = this.#now()
    if (message.type === 'report') known.report = message.report
    if (message.type === 'groups') this.#listener.groups(hello, message)
    if (message.type === 'networks') this.#listener.networks(hello, message)
    if (message.type === 'orchestrator') {
      const { name, state, text } = message
      known.orchestrators.set(name, { name, state, text })
    }
    if (message.type === 'windows') {
      const { sequence, batch } = message
      if (sequence > known.sequence) {
        known.sequence = sequence
        known.toldMs = Math.max(known.toldMs, batch.startMs)
        this.#listener.windows(hello, batch)
      }
      socket.send(encodeAcknowledgement({ type: 'acknowledged', sequence: known.sequence }))
    }
  }

  #leave(node: string, socket: WebSocket): void {
    const known = this.#known.get(node)
    if (known?.socket === socket) known.socket = undefined
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
    notices: [],
  }
}
