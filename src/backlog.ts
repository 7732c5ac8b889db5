import type { Spool } from '#spool/spool.ts'
import {
  type AgentMessage,
  encodeAgentMessage,
  type Numbered,
  recallAgentMessage,
} from '#wire/agent.ts'
import { type ServerTime, shiftGroups, shiftSecond } from './server-time.ts'

export type Entry = ReturnType<Spool['secondsFor']>[number]

/** What the server lacks of a spool, in the order in which it is told: ownership from the past on, seconds newest first. */
export class Backlog {
  readonly #spool: Spool
  readonly #time: ServerTime
  #life = ''
  #told: Entry[] = []
  #seconds: Entry[] = []

  constructor(spool: Spool, time: ServerTime) {
    this.#spool = spool
    this.#time = time
  }

  /** All that this server lacks, from now on. */
  open(life: string): void {
    this.#life = life
    this.#told = this.#spool.toldFor(life).reverse()
    this.#seconds = this.#spool.secondsFor(life)
  }

  /** One more that could not be told at once. */
  add(entry: Entry): void {
    if (entry.kind === 'second') this.#seconds.push(entry)
    else this.#told.unshift(entry)
  }

  /** Who owned what comes before the seconds in which they did. */
  get hasTold(): boolean {
    return this.#told.length > 0
  }

  get seconds(): number {
    return this.#seconds.length
  }

  get bytes(): number {
    return this.#seconds.reduce((sum, { length }) => sum + length, 0)
  }

  nextTold(): Entry | undefined {
    return this.#told.pop()
  }

  /** The newest: what one looks at first. */
  nextSecond(): Entry | undefined {
    for (let entry = this.#seconds.pop(); entry; entry = this.#seconds.pop()) {
      if (!entry.segment.isGone && entry.hadBy !== this.#life) return entry
    }
    return undefined
  }

  /** The message as it is told to this server, by its clock; undefined when it is no longer there. */
  messageOf(entry: Entry): Uint8Array | undefined {
    const payload = this.#spool.read(entry)
    const message = payload && recallAgentMessage(payload)
    if (!message) return undefined
    return encodeAgentMessage(this.#asTold(entry, this.#inServerTime(entry, message)))
  }

  #asTold(entry: Entry, message: AgentMessage): AgentMessage {
    const { run } = entry.segment
    const former = run === this.#spool.run ? {} : { run }
    if (entry.kind === 'picture') return message
    const numbered: Numbered = { ...former, sequence: entry.sequence }
    const isAgain = entry.kind === 'second' && entry.hadBy !== undefined
    return { ...message, ...numbered, ...(isAgain ? { isAgain } : {}) } as AgentMessage
  }

  /** What was written before this node knew the server's time is stamped with it now. */
  #inServerTime(entry: Entry, message: AgentMessage): AgentMessage {
    const shiftMs = entry.isServerTime ? 0 : (this.#time.shiftAt(entry.skewMs) ?? 0)
    const atMs = entry.atMs + shiftMs
    if (message.type === 'groups') {
      return { ...message, atMs, groups: shiftGroups(message.groups, shiftMs) }
    }
    if (message.type === 'networks' || message.type === 'residents') return { ...message, atMs }
    if (message.type !== 'windows' || shiftMs === 0) return message
    return { ...message, batch: shiftSecond(message.batch, shiftMs) }
  }
}
