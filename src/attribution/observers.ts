import { isLoopback } from '#lib/ip.ts'
import { format } from '#model/endpoint.ts'
import type { Instance } from '#model/service.ts'
import type { Subject } from '#model/window.ts'
import type { End } from './attribute.ts'
import { isPassedOn, type NodePlace } from './places.ts'
import { Spoken } from './spoken.ts'

/** An observer that said nothing of a conversation for this long gives way to another. */
const silentMs = 3_000
const conversationsMax = 100_000
/** An agent that was cut off tells of seconds this old: who spoke for them meanwhile must be known. */
const keptMs = 16 * 60_000
/** What a node tells of a second, it tells within this time, unless it was cut off. */
const lateMs = 20_000
const pruneEveryMs = 10_000

interface Observation {
  observer: string
  quality: number
  lastMs: number
  readonly spoken: Spoken
}

/**
 * One conversation is often seen in several places: in the client's namespace, in the server's, and as translated
 * copies on the node. Each call counts once: of all observers the best one counts, the others are heard and dropped.
 */
export class Observers {
  /** Conversations forgotten because there were too many. */
  forgotten = 0
  readonly #best = new Map<string, Observation>()
  /** When a caller last called a service by an address that leads to any of its instances. */
  readonly #virtually = new Map<string, number>()
  /** The newest second in which a caller's calls of a service counted where they passed or were answered. */
  readonly #answered = new Map<string, number>()
  #prunedMs = 0

  /** Whether this observation of the conversation counts. Ask in order of falling `precedence` within a second. */
  counts(subject: Subject, client: End, server: End, place: NodePlace, atMs: number): boolean {
    const pair = `${callerOf(subject, client, place)}>${server.service.id}`
    const isOnItsWay = !server.isVirtual && isPassing(subject, place)
    if (server.isVirtual ? this.#isAnswered(pair, atMs) : isOnItsWay && this.#isVirtual(pair, atMs))
      return false
    const counts = this.#isBest(subject, client, server, place, atMs)
    if (counts && isOnItsWay)
      this.#answered.set(pair, Math.max(this.#answered.get(pair) ?? 0, atMs))
    return counts
  }

  #isBest(subject: Subject, client: End, server: End, place: NodePlace, atMs: number): boolean {
    const key = conversationOf(subject, client, server, place)
    const observer = `${place.node} ${subject.namespace} ${subject.local}`
    const offered = quality(subject, place)
    const best = this.#best.get(key) ?? this.#open(key, observer)
    if (atMs <= best.lastMs) return speaksFor(best.spoken, observer, atMs)
    if (best.observer !== observer) {
      const isSilent = atMs - best.lastMs > silentMs
      if (!isSilent && offered < best.quality) return false
      best.quality = offered
      best.observer = observer
    } else best.quality = Math.max(best.quality, offered)
    best.lastMs = atMs
    best.spoken.add(observer, atMs, silentMs)
    return true
  }

  prune(nowMs: number): void {
    if (nowMs - this.#prunedMs < pruneEveryMs) return
    this.#prunedMs = nowMs
    for (const [key, { lastMs }] of this.#best) {
      if (nowMs - lastMs > keptMs) this.#best.delete(key)
    }
    for (const [key, lastMs] of this.#answered) {
      if (nowMs - lastMs > lateMs) this.#answered.delete(key)
    }
    for (const [key, lastMs] of this.#virtually) {
      if (nowMs - lastMs > keptMs) this.#virtually.delete(key)
    }
  }

  /**
   * Who calls a service by its virtual address sees that address; the instance that answers sees the caller. Both are
   * one call, which counts where it is made.
   */
  #isVirtual(pair: string, atMs: number): boolean {
    const lastMs = this.#virtually.get(pair)
    return lastMs !== undefined && atMs - lastMs <= keptMs
  }

  /** It was made, and told after it was counted already where it passed or was answered. */
  #isAnswered(pair: string, atMs: number): boolean {
    this.#virtually.set(pair, Math.max(this.#virtually.get(pair) ?? 0, atMs))
    return atMs <= (this.#answered.get(pair) ?? Number.NEGATIVE_INFINITY)
  }

  #open(key: string, observer: string): Observation {
    for (const oldest of this.#best.keys()) {
      if (this.#best.size < conversationsMax) break
      this.#best.delete(oldest)
      this.forgotten++
    }
    const spoken = new Spoken()
    const opened = { observer, quality: 0, lastMs: Number.NEGATIVE_INFINITY, spoken }
    this.#best.set(key, opened)
    return opened
  }
}

/**
 * What was counted of a second stays counted once, however late a better observer tells of it; a second that nobody
 * spoke for is whose tells of it, however late.
 */
function speaksFor(spoken: Spoken, observer: string, atMs: number): boolean {
  const speaker = spoken.at(atMs)
  if (speaker !== undefined) return speaker === observer
  spoken.add(observer, atMs, silentMs)
  return true
}

/**
 * How well an observer sees: recognised bytes before unrecognised, then the client's own namespace, the server's own,
 * the node's, and last what only passes there (which may be a translated copy).
 */
export function quality(subject: Subject, place: NodePlace): number {
  const isRecognised = subject.protocol !== subject.transport
  return (isRecognised ? 8 : 0) + nearness(subject, place)
}

function nearness(subject: Subject, place: NodePlace): number {
  const isHost = subject.namespace === place.hostNamespace
  if (!isPassing(subject, place)) return isHost ? 3 : 4
  if (isForwarded(subject, place)) return 0
  return isHost ? 1 : 2
}

/** In which order a second is told: what enters at an address of the node before what became of it there. */
export function precedence(subject: Subject, place: NodePlace): number {
  const { namespace, local, server } = subject
  const isHost = namespace === place.hostNamespace
  const isEntry = isHost && local === 'server' && place.addresses.has(server.ip)
  return quality(subject, place) + (isEntry ? 4 : 0)
}

/** Not where the call is made: on its way, or where it is answered. */
function isPassing(subject: Subject, place: NodePlace): boolean {
  const isClientSide =
    (subject.local === 'client' || subject.local === 'both') && !isPassedOn(subject, place)
  return !isClientSide || isForwarded(subject, place)
}

/** It leaves the node, and is not the node's own: somebody's who lives there, or passes. */
function isForwarded({ namespace, local, client }: Subject, place: NodePlace): boolean {
  if (namespace !== place.hostNamespace || local === 'server') return false
  return !isLoopback(client.ip) && !place.addresses.has(client.ip)
}

/**
 * The same for every observer: who calls, and the server's own port after translation. A caller is its address, which
 * all observers see, wherever that is one's own; behind an address of the node or of loopback stand many.
 */
function conversationOf(subject: Subject, client: End, server: End, place: NodePlace): string {
  const called = server.instance
    ? `${nameOf(server.instance)}:${server.endpoint.port}`
    : format(server.endpoint)
  return `${callerOf(subject, client, place)}>${called}/${subject.transport}`
}

function callerOf(subject: Subject, client: End, place: NodePlace): string {
  const { ip } = subject.client
  const isShared = isLoopback(ip) || place.addresses.has(ip)
  return `${place.node}|${isShared ? (client.instance ? nameOf(client.instance) : client.service.id) : ip}`
}

/** A task's engine and its orchestrator each have an instance of it: they are one. */
const nameOf = ({ task, id }: Instance): string => task ?? id
