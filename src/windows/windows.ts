import { bucketCount, bucketOf, sparse } from '#lib/histogram.ts'
import type { Flow } from '#model/flow.ts'
import type { NamedAddress, Transaction } from '#model/transaction.ts'
import {
  emptyCounts,
  emptyTraffic,
  type Subject,
  subjectKey,
  type Traffic,
  type Window,
  type WindowBatch,
} from '#model/window.ts'
import { Samples } from './samples.ts'

export interface WindowsOptions {
  /** The text name of a namespace number. */
  namespaceName(namespace: number): string
  /** Whether the client's port is needed to find its owner: its own second then, not shared with other ports. */
  tellsPortsApart(flow: Flow): boolean
  /** Subjects kept apart at once; more fold into one per server endpoint, and are counted. Default 20,000. */
  readonly subjectsMax?: number
}

const namesMax = 4096

/** What one subject did since the last `take`. */
class Tally {
  readonly subject: Subject
  ok = 0
  warning = 0
  error = 0
  traffic: { -readonly [key in keyof Traffic]: number } = { ...emptyTraffic }
  durations: Uint32Array | undefined
  readonly samples = new Samples()
  /** Flows that still write here. */
  flows = 0
  touched = false

  constructor(subject: Subject) {
    this.subject = subject
  }

  add(transaction: Transaction, clientPort: number): void {
    this.touched = true
    this[transaction.outcome]++
    const us = transaction.durationUs
    if (us !== undefined) {
      this.durations ??= new Uint32Array(bucketCount)
      this.durations[bucketOf(us)]++
    }
    if (this.samples.wants(transaction.outcome === 'ok', us ?? 0)) {
      this.samples.keep({ ...transaction, names: undefined, serverName: undefined, clientPort })
    }
  }

  take(): Window {
    const { ok, warning, error } = this
    const window: Window = {
      subject: this.subject,
      counts: ok + warning + error === 0 ? emptyCounts : { ok, warning, error },
      traffic: this.traffic,
      latency: this.durations ? sparse(this.durations) : [],
      samples: this.samples.take(),
    }
    this.ok = this.warning = this.error = 0
    this.traffic = { ...emptyTraffic }
    this.durations?.fill(0)
    this.touched = false
    return window
  }
}

/** Counts one flow into the windows. Opened with the flow, closed with it. */
export class FlowTally {
  readonly #windows: Windows
  readonly #flow: Flow
  #tally: Tally | undefined
  #protocol = ''
  readonly #told = {
    packets: 0,
    request: 0,
    response: 0,
    retransmissions: 0,
    lost: 0,
    isOpen: false,
  }

  constructor(windows: Windows, flow: Flow) {
    this.#windows = windows
    this.#flow = flow
  }

  add(transaction: Transaction): void {
    const { names, serverName: name } = transaction
    if (names) this.#windows.learn(names)
    if (name) this.#windows.learn([{ ip: this.#flow.server.ip, name, called: true }])
    this.#tallyOf(transaction.protocol).add(transaction, this.#flow.client.port)
  }

  /** Counts an attempt that failed, and its line of the log. */
  failed(attempt: Transaction): void {
    const tally = this.#touch()
    tally.traffic.failures++
    tally.add(attempt, this.#flow.client.port)
  }

  /** Adds the bytes and packets that the flow counted since the last call. */
  measure(): void {
    const [client, server] = this.#flow.sent
    const { traffic } = this.#touch()
    const told = this.#told
    if (!told.isOpen && isOpen(this.#flow)) {
      told.isOpen = true
      traffic.connections++
    }
    const packets = client.packets + server.packets
    const retransmissions = client.retransmissions + server.retransmissions
    const lost = client.lostBytes + server.lostBytes
    traffic.packets += packets - told.packets
    traffic.requestBytes += client.bytes - told.request
    traffic.responseBytes += server.bytes - told.response
    traffic.retransmissions += retransmissions - told.retransmissions
    traffic.lostBytes += lost - told.lost
    told.packets = packets
    told.request = client.bytes
    told.response = server.bytes
    told.retransmissions = retransmissions
    told.lost = lost
  }

  close(): void {
    this.measure()
    if (this.#tally) this.#tally.flows--
    this.#tally = undefined
    this.#protocol = ''
  }

  #touch(): Tally {
    const tally = this.#tallyOf(this.#flow.protocol ?? this.#flow.transport)
    tally.touched = true
    return tally
  }

  #tallyOf(protocol: string): Tally {
    if (this.#tally && this.#protocol === protocol) return this.#tally
    if (this.#tally) this.#tally.flows--
    this.#protocol = protocol
    this.#tally = this.#windows.tallyOf(this.#flow, protocol)
    this.#tally.flows++
    return this.#tally
  }
}

/** A conversation that came about, however it ended. */
function isOpen({ state }: Flow): boolean {
  return state !== 'attempted' && state !== 'refused' && state !== 'unanswered'
}

/** Gathers transactions and traffic of all flows into one window per subject and second. */
export class Windows {
  /** Subjects that were folded because there were too many. */
  folded = 0
  /** Samples not kept. */
  droppedSamples = 0
  readonly #options: WindowsOptions
  readonly #subjectsMax: number
  #tallies = new Map<string, Tally>()
  #names = new Map<string, NamedAddress>()

  constructor(options: WindowsOptions) {
    this.#options = options
    this.#subjectsMax = options.subjectsMax ?? 20_000
  }

  open(flow: Flow): FlowTally {
    return new FlowTally(this, flow)
  }

  /** Everything counted since the last call, as the windows of the second that began at `startMs`. */
  take(startMs: number): WindowBatch {
    const windows: Window[] = []
    for (const [key, tally] of this.#tallies) {
      if (tally.touched) {
        const { seen } = tally.samples
        const window = tally.take()
        this.droppedSamples += seen - window.samples.length
        windows.push(window)
      } else if (tally.flows === 0) {
        this.#tallies.delete(key)
      }
    }
    const names = [...this.#names.values()]
    this.#names.clear()
    return { startMs, windows, names }
  }

  learn(names: readonly NamedAddress[]): void {
    for (const name of names) {
      const key = `${name.ip} ${name.name}`
      if (this.#names.size >= namesMax || (name.called && this.#names.has(key))) continue
      this.#names.set(key, name)
    }
  }

  tallyOf(flow: Flow, protocol: string): Tally {
    const subject = this.#subjectOf(flow, protocol, this.#options.tellsPortsApart(flow))
    const key = subjectKey(subject)
    const tally = this.#tallies.get(key)
    if (tally) return tally
    if (this.#tallies.size >= this.#subjectsMax) return this.#folded(flow, protocol)
    return this.#put(key, subject)
  }

  /** Too many subjects: this one shares a tally with all clients of its server, or of its protocol. */
  #folded(flow: Flow, protocol: string): Tally {
    this.folded++
    const unknown = { ip: '', port: 0 }
    const subject = { ...this.#subjectOf(flow, protocol, false), client: unknown }
    const perServer = this.#tallies.get(subjectKey(subject))
    if (perServer) return perServer
    const isRoom = this.#tallies.size < this.#subjectsMax * 1.1
    const last = isRoom ? subject : { ...subject, namespace: '', server: unknown }
    return this.#tallies.get(subjectKey(last)) ?? this.#put(subjectKey(last), last)
  }

  #put(key: string, subject: Subject): Tally {
    const tally = new Tally(subject)
    this.#tallies.set(key, tally)
    return tally
  }

  #subjectOf(flow: Flow, protocol: string, withPort: boolean): Subject {
    const { client, server, transport, local, namespace } = flow
    return {
      namespace: this.#options.namespaceName(namespace),
      local,
      transport,
      protocol,
      client: withPort ? client : { ip: client.ip, port: 0 },
      server,
    }
  }
}
