import type { Libc } from '#lib/libc.ts'
import {
  errnoOf,
  faultName,
  messageDone,
  messageError,
  messagesOf,
  type NetlinkLine,
  openNetlink,
} from '#lib/netlink.ts'
import type { Transport } from '#model/flow.ts'
import { encodeDump, encodeQuestion, entryType, readEntry } from './messages.ts'
import { agreed, type Entry, isSame, keyOf, type Original } from './translation.ts'

/** `refused`: the kernel answers no such question, or not to us: `EPERM`. */
export type Answer =
  | { readonly kind: 'answered'; readonly original: Original | undefined }
  | { readonly kind: 'refused'; readonly reason: string }

const unanswered: Answer = { kind: 'answered', original: undefined }

const netfilterProtocol = 12 // NETLINK_NETFILTER
/** Asking takes no more of a second; who asks then is told nothing, and asks again in the next. A question takes 0.01 ms. */
const askingMsMax = 100
/**
 * A lasting connection is asked about every second, and stays what it was: translations are believed for one to two of these.
 * A closed one stays in the kernel's table for ten seconds at least, so nobody else has its ports by then.
 */
const believedMs = 3000
const believedMax = 50_000
/** Datagrams looked at for one answer: those before it are late answers to others. */
const receivesMax = 16
const receiveBytes = 64 * 1024
/** Zones that are asked beside the first, and how often and among how many entries they are looked for. */
const zonesMax = 8
const zonesEveryMs = 60_000
const zonesReceivesMax = 32
/** The kernel is too busy to answer, or lost an answer on its way (ENOBUFS); later it may not. */
const passing: ReadonlySet<string> = new Set(['EAGAIN', 'EINTR', 'ENOBUFS', 'ENOMEM', 'EBUSY'])

/** After these there may still be an answer to be had. */
const mayHaveMore: ReadonlySet<string> = new Set(['EINTR', 'ENOBUFS'])

/** Opens a way to the kernel; the reason when there is none. */
export type Opener = () => NetlinkLine | string

/** The kernel's own, in this thread's network namespace. */
export function netfilterOpener(libc: Libc): Opener {
  return () => openNetlink(libc, netfilterProtocol)
}

/**
 * The kernel's table of connections, asked about one connection at a time (nf_conntrack_netlink): a look into its hash,
 * which costs microseconds however many connections there are. Needs CAP_NET_ADMIN.
 */
export class NetlinkTable {
  /** Questions of this life that were put off because there were too many in their second. */
  postponed = 0
  readonly #open: Opener
  readonly #line: NetlinkLine
  readonly #received = Buffer.alloc(receiveBytes)
  #sequence = 0
  #spentMs = 0
  /** Translations by how they look: of late, and those of before. */
  #believed = new Map<string, Original>()
  #believedBefore = new Map<string, Original>()
  #believedAtMs = Number.NEGATIVE_INFINITY
  #hasUnanswered = false
  /** Beside zone 0. */
  #zones: readonly number[] = []
  #zonesAtMs = Number.NEGATIVE_INFINITY

  private constructor(open: Opener, line: NetlinkLine) {
    this.#open = open
    this.#line = line
  }

  /** The reason when there is no way to the kernel. */
  static open(open: Opener): NetlinkTable | string {
    const line = open()
    return typeof line === 'string' ? line : new NetlinkTable(open, line)
  }

  /** What a connection that looks so behind its translation was before; undefined when it was not translated. */
  original(transport: Transport, seen: Original): Answer {
    const key = keyOf(transport, seen)
    const believed = this.#believed.get(key) ?? this.#believedBefore.get(key)
    if (believed) return { kind: 'answered', original: believed }
    if (this.#spentMs > askingMsMax) {
      this.postponed++
      return unanswered
    }
    const startMs = performance.now()
    const answer = this.#ask(transport, seen)
    this.#spentMs += performance.now() - startMs
    if (answer.kind === 'answered' && answer.original && this.#believed.size < believedMax) {
      this.#believed.set(key, answer.original)
    }
    return answer
  }

  /** A new second. Now and then, if something was not found, zones are looked for. */
  refresh(nowMs: number): void {
    this.#spentMs = 0
    if (nowMs - this.#believedAtMs >= believedMs) {
      this.#believedAtMs = nowMs
      this.#believedBefore = this.#believed
      this.#believed = new Map()
    }
    if (!this.#hasUnanswered || nowMs - this.#zonesAtMs < zonesEveryMs) return
    this.#zonesAtMs = nowMs
    this.#hasUnanswered = false
    this.#zones = this.#findZones()
  }

  close(): void {
    this.#line.close()
  }

  #ask(transport: Transport, seen: Original): Answer {
    const found: Original[] = []
    for (const zone of [0, ...this.#zones]) {
      const entry = this.#entry(transport, seen, zone)
      if (entry.kind === 'refused') return entry
      if (entry.found && !isSame(entry.found.original, seen)) found.push(entry.found.original)
    }
    if (found.length === 0) this.#hasUnanswered = true
    return { kind: 'answered', original: agreed(found) }
  }

  #entry(transport: Transport, seen: Original, zone: number): Found {
    this.#sequence = (this.#sequence + 1) >>> 0
    const question = encodeQuestion(this.#sequence, transport, seen, zone)
    if (!question) return nothing
    const sent = this.#line.send(question)
    if (sent < 0) return failed(-sent)
    const answer = this.#receive()
    // Found by the way there instead of the way back, it is another connection.
    const isIt = answer.found && keyOf(answer.found.transport, answer.found.seen)
    return isIt === undefined || isIt === keyOf(transport, seen) ? answer : nothing
  }

  /** The answer to the last question: the kernel answers while it is asked. */
  #receive(): Found {
    for (let i = 0; i < receivesMax; i++) {
      const length = this.#line.receive(this.#received)
      if (length === 0) return nothing
      if (length < 0) {
        if (mayHaveMore.has(faultName(-length))) continue
        return failed(-length)
      }
      for (const told of messagesOf(this.#received, length)) {
        if (told.sequence !== this.#sequence) continue
        if (told.type === messageError) return failed(errnoOf(this.#received, told))
        if (told.type === messageDone) return nothing
        if (told.type !== entryType) continue
        return { kind: 'told', found: readEntry(this.#received, told.start, told.end) }
      }
    }
    return nothing
  }

  /** Zones of the first entries of the table. They are read through a line of their own: closing it ends the reading. */
  #findZones(): readonly number[] {
    const line = this.#open()
    if (typeof line === 'string') return this.#zones
    const zones = new Set<number>()
    try {
      if (line.send(encodeDump(1)) < 0) return this.#zones
      for (let i = 0; i < zonesReceivesMax; i++) {
        const length = line.receive(this.#received)
        if (length <= 0) break
        const messages = messagesOf(this.#received, length)
        for (const { type, start, end } of messages) {
          const zone = type === entryType ? readEntry(this.#received, start, end)?.zone : undefined
          if (zone && zones.size < zonesMax) zones.add(zone)
        }
        if (messages.some(({ type }) => type === messageDone || type === messageError)) break
      }
    } finally {
      line.close()
    }
    return [...zones]
  }
}

/** What the kernel said to one question in one zone. */
type Found =
  | { readonly kind: 'told'; readonly found: Entry | undefined }
  | { readonly kind: 'refused'; readonly reason: string; readonly found?: undefined }

const nothing: Found = { kind: 'told', found: undefined }

function failed(errno: number): Found {
  const reason = faultName(errno)
  if (errno === 0 || reason === 'ENOENT' || passing.has(reason)) return nothing
  return { kind: 'refused', reason }
}
