import type { AgentReport } from '#model/graph.ts'
import type { Network } from '#model/network.ts'
import type { Resident } from '#model/resident.ts'
import type { InstanceUsage, ServiceGroup } from '#model/service.ts'
import type { WindowBatch } from '#model/window.ts'
import type { Spool } from '#spool/spool.ts'
import {
  type Acknowledgement,
  type AgentMessage,
  encodeAgentMessage,
  type Hello,
  type Identity,
  type Welcome,
} from '#wire/agent.ts'
import { Backlog, type Entry } from './backlog.ts'
import { Line, type LineOptions } from './line.ts'
import { Ownership, type OwnershipMessage } from './ownership.ts'
import { shiftGroups } from './server-time.ts'

export interface UplinkOptions extends LineOptions {
  /** Name of this machine on the map. */
  readonly node: string
  readonly version: string
  identity(): Identity
  readonly spool: Spool
}

/** Of an agent's report, what its uplink knows. */
export type UplinkFigures = Pick<
  AgentReport,
  | 'backlogSeconds'
  | 'backlogBytes'
  | 'droppedSeconds'
  | 'droppedWindows'
  | 'clockOffsetMs'
  | 'roundTripMs'
>

/** Late seconds are told so fast, and so many at once, at most: live ones pass. */
const lateEveryMs = 50
const lateAtOnceMax = 2
const closingMs = 500
/** Messages told one at a time after one was not understood, to find out which. */
const carefulMessages = 50

/**
 * The agent's way to the server. What must not be lost goes through the spool and is told until the server has it: what
 * is live at once, what is late beside it. What is only of now is told when it can be.
 */
export class Uplink {
  readonly #options: UplinkOptions
  readonly #ownership = new Ownership()
  readonly #states = new Map<string, AgentMessage>()
  readonly #backlog: Backlog
  readonly #line: Line
  /** Told, and not yet said to be had. */
  readonly #sent = new Map<string, { readonly entry: Entry; readonly isLate: boolean }>()
  /** `greeting`: the server hears who owned what while it could not be told. `open`: it hears seconds. */
  #phase: 'away' | 'greeting' | 'open' = 'away'
  #life = ''
  #openings = 0
  #careful = 0
  #beat: NodeJS.Timeout | undefined

  constructor(options: UplinkOptions) {
    this.#options = options
    this.#backlog = new Backlog(options.spool, options.time)
    this.#line = new Line(options, {
      hello: () => this.#hello(),
      welcome: message => this.#enter(message),
      acknowledged: message => this.#acknowledged(message),
      closed: isRefused => this.#leave(isRefused),
    })
    this.#arm()
  }

  allGroups(orchestrator: string, groups: readonly ServiceGroup[]): void {
    this.#tell(this.#ownership.allGroups(orchestrator, groups))
  }

  changedGroup(orchestrator: string, group: ServiceGroup): void {
    this.#tell(this.#ownership.changedGroup(orchestrator, group))
  }

  networks(orchestrator: string, networks: readonly Network[]): void {
    this.#tell(this.#ownership.networks(orchestrator, networks))
  }

  residents(residents: readonly Resident[]): void {
    this.#tell(this.#ownership.residents(residents))
  }

  orchestrator(name: string, state: string, text: string): void {
    const message: AgentMessage = { type: 'orchestrator', name, state, text }
    this.#states.set(name, message)
    this.#say(message)
  }

  /** How often the way to a server was opened: a new one knows nothing. */
  get openings(): number {
    return this.#openings
  }

  report(
    report: Omit<AgentReport, keyof UplinkFigures>,
    usages: readonly InstanceUsage[] = [],
  ): void {
    const told = { type: 'report', report: { ...report, ...this.figures() } } as const
    this.#say(usages.length > 0 ? { ...told, usages } : told)
  }

  /** One second's windows. `isServerTime`: stamped with the server's time, not with this machine's. */
  windows(batch: WindowBatch, isServerTime: boolean): void {
    const windows = batch.windows.length
    this.#add({ kind: 'second', atMs: batch.startMs, isServerTime, windows }, sequence => {
      return { type: 'windows', sequence, batch }
    })
  }

  figures(): UplinkFigures {
    const { spool, time } = this.#options
    return {
      backlogSeconds: this.#backlog.seconds,
      backlogBytes: this.#backlog.bytes,
      droppedSeconds: spool.dropped.seconds,
      droppedWindows: spool.dropped.windows,
      clockOffsetMs: time.shiftMs,
      roundTripMs: time.roundTripMs,
    }
  }

  /** Waits a moment for what is on its way, then goes. What the server has not is told at the next start. */
  async close(): Promise<void> {
    const untilMs = performance.now() + closingMs
    while (this.#phase === 'open' && this.#sent.size > 0 && performance.now() < untilMs) {
      await new Promise(resolve => setTimeout(resolve, 10))
    }
    clearTimeout(this.#beat)
    this.#line.close()
    this.#options.spool.close()
  }

  #tell(message: OwnershipMessage): void {
    const { time } = this.#options
    const shiftMs = time.shiftMs
    const atMs = time.own.wallMs() + (shiftMs ?? 0)
    const isServerTime = shiftMs !== undefined
    this.#add({ kind: 'told', atMs, isServerTime, windows: 0 }, sequence => {
      return { ...inTime(message, shiftMs ?? 0), atMs, sequence }
    })
  }

  /** Keeps it, and tells it at once where that can be. */
  #add(
    record: Pick<Entry, 'atMs' | 'isServerTime' | 'windows'> & { kind: 'second' | 'told' },
    message: (sequence: number) => AgentMessage,
  ): void {
    const { spool, time } = this.#options
    const { entry, payload } = spool.add(
      { ...record, skewMs: time.skewMs },
      sequence => encodeAgentMessage(message(sequence)),
      () => this.#opening(record.isServerTime),
    )
    const isNext = this.#phase === 'open' && this.#careful === 0 && !this.#backlog.hasTold
    if (isNext && record.isServerTime && this.#line.hasRoom) this.#send(entry, payload, false)
    else if (this.#phase !== 'away') this.#backlog.add(entry)
  }

  /** What a segment of the spool begins with: it can be told alone. */
  #opening(isServerTime: boolean) {
    const shiftMs = isServerTime ? (this.#options.time.shiftMs ?? 0) : 0
    return {
      identity: Buffer.from(JSON.stringify(this.#options.identity())),
      pictures: this.#ownership
        .messages()
        .map(message => encodeAgentMessage(inTime(message, shiftMs))),
    }
  }

  #hello(): Omit<Hello, 'askedMs'> {
    const { node, version, spool } = this.#options
    const identity = this.#options.identity()
    const former = spool.formerRuns().map(({ run, identity: told }) => {
      return { ...(parseIdentity(told) ?? identity), run }
    })
    return { type: 'hello', node, version, run: spool.run, former, ...identity }
  }

  #enter({ life, had }: Welcome): void {
    const { spool } = this.#options
    this.#life = life
    for (const { run, ranges } of had) {
      for (const [from, to] of ranges) spool.had({ run, from, to, life })
    }
    this.#backlog.open(life)
    this.#phase = 'greeting'
    this.#pump()
    clearTimeout(this.#beat)
    this.#arm()
  }

  #acknowledged({ run, sequence }: Acknowledgement): void {
    this.#options.spool.had({ run, from: sequence, to: sequence, life: this.#life })
    this.#sent.delete(keyOf(run, sequence))
    if (this.#careful > 0) this.#careful--
  }

  #leave(isRefused: boolean): void {
    const [first] = this.#sent.values()
    if (isRefused && this.#careful > 0 && this.#sent.size === 1) {
      this.#options.spool.giveUp(first.entry)
      this.#options.log.warn('A second was dropped: the server does not understand it.')
    }
    if (isRefused) this.#careful = carefulMessages
    this.#phase = 'away'
    this.#sent.clear()
  }

  #arm(): void {
    const isBusy =
      this.#phase !== 'away' && (this.#phase === 'greeting' || this.#backlog.seconds > 0)
    const waitMs = isBusy ? lateEveryMs : this.#line.beatMs
    this.#beat = setTimeout(() => {
      this.#options.spool.age()
      this.#line.beat()
      this.#pump()
      this.#arm()
    }, waitMs)
  }

  /** Tells what waits, as far as the line has room: first who owned what, then how all is now, then late seconds. */
  #pump(): void {
    while (this.#backlog.hasTold && this.#mayTell) this.#sendLate(this.#backlog.nextTold())
    if (this.#phase === 'greeting' && !this.#backlog.hasTold && this.#line.hasRoom) this.#open()
    if (this.#phase !== 'open' || !this.#mayTell || !this.#line.isQuiet) return
    const late = [...this.#sent.values()].filter(({ isLate }) => isLate).length
    if (late < lateAtOnceMax) this.#sendLate(this.#backlog.nextSecond())
  }

  get #mayTell(): boolean {
    return this.#line.hasRoom && (this.#careful === 0 || this.#sent.size === 0)
  }

  #open(): void {
    const shiftMs = this.#options.time.shiftMs ?? 0
    for (const message of this.#ownership.messages()) {
      this.#line.send(encodeAgentMessage(inTime(message, shiftMs)))
    }
    for (const message of this.#states.values()) this.#line.send(encodeAgentMessage(message))
    this.#phase = 'open'
    this.#openings++
  }

  #sendLate(entry: Entry | undefined): void {
    if (!entry) return
    const message = this.#backlog.messageOf(entry)
    if (message) this.#send(entry, message, true)
    else this.#options.spool.giveUp(entry)
  }

  #send(entry: Entry, message: Uint8Array, isLate: boolean): void {
    if (entry.sequence > 0) {
      this.#sent.set(keyOf(entry.segment.run, entry.sequence), { entry, isLate })
    }
    this.#line.send(message)
  }

  /** What is of now, and of no worth later. */
  #say(message: AgentMessage): void {
    if (this.#phase === 'open' && this.#line.hasRoom) this.#line.send(encodeAgentMessage(message))
  }
}

const keyOf = (run: string, sequence: number) => `${run} ${sequence}`

function inTime(message: OwnershipMessage, shiftMs: number): OwnershipMessage {
  if (message.type !== 'groups') return message
  return { ...message, groups: shiftGroups(message.groups, shiftMs) }
}

function parseIdentity(told: Uint8Array | undefined): Identity | undefined {
  try {
    return told && JSON.parse(Buffer.from(told).toString())
  } catch {
    return undefined
  }
}
