import { closeSync } from 'node:fs'
import { emptyPacket, type PacketSink } from '#model/packet.ts'
import type { CaptureCounters, Source } from '../source.ts'
import { AddressSlots } from './address-slots.ts'
import type { Program } from './assembler.ts'
import {
  buildFilter,
  defaultFilter,
  type FilterForm,
  ignoredInterfacesMax,
  nothing,
  type Passage,
  passagesMax,
} from './filter.ts'
import { openKernel } from './kernel.ts'
import { NamespaceDoor, type NamespaceRef } from './namespace-door.ts'
import { Poll } from './poll.ts'
import {
  bindRing,
  blockTimeoutMs,
  clearError,
  closeRing,
  drainRing,
  isReady,
  openRing,
  openSocket,
  type Ring,
  readStatistics,
  setFilter,
} from './ring.ts'
import { addTo, emptyTally } from './tally.ts'
import {
  captureRing,
  emptyTap,
  isTooSmall,
  ringsOf,
  type Tap,
  type TapTally,
  tallyOf,
} from './tap.ts'

/** Ring sizes are powers of two, from 512 KiB up. Their memory is taken when they are opened, traffic or not. */
export interface RingSettings {
  /** Of a container's namespace, to begin with. */
  readonly ringBytes: number
  readonly hostRingBytes: number
  /** No ring grows beyond. */
  readonly ringBytesMax: number
  /** No ring grows when all together would pass this. */
  readonly allRingsBytesMax: number
  /** TCP ports whose packets are not looked at: Inkling's own connections. */
  readonly excludedPorts: readonly number[]
  /** Interfaces of the host's namespace whose packets are seen elsewhere too. */
  readonly ignoredInterfaces: readonly number[]
  /** How much of which packets is kept; see `defaultFilter`. */
  readonly filter: Partial<FilterForm>
}

const mebibyte = 1024 * 1024
const defaultSettings: RingSettings = {
  ringBytes: mebibyte,
  hostRingBytes: 32 * mebibyte,
  ringBytesMax: 64 * mebibyte,
  allRingsBytesMax: 256 * mebibyte,
  excludedPorts: [],
  ignoredInterfaces: [],
  filter: {},
}

/** More namespaces than this are refused. */
export const namespacesMax = 1000
/** Names are remembered for this many namespaces, those that are gone included: their last flows still end. */
const namesMax = 4096
/** A ring gives way to the next after so many blocks. */
const blocksPerTurn = 4
const growthFactor = 8
const growthCheckMs = 1000
/** A ring should hold what comes in while this thread waits for the last block of a second, and then does not run at once. */
const stallSeconds = blockTimeoutMs / 1000 + 0.25
/** By then the last block of a ring that captures no more has been handed over. */
const successionMs = 2 * blockTimeoutMs + 20
const successionWaitMs = 20
/** A ring that fails this often in a row is closed: waiting for it would not wait. */
const errorsMax = 3

/** What became of a namespace that was to be captured; the reason is a sentence without its full stop. */
export type Attachment =
  | { readonly kind: 'attached'; readonly namespace: number }
  | { readonly kind: 'refused'; readonly reason: string }

/**
 * Live packets of any number of network namespaces, one ring each, for one thread, which blocks in `wait`:
 *
 *     while (running) { source.wait(100); while (source.drain(sink, 20_000) > 0) ... }
 *
 * Each namespace shows its packets as its own processes see them, once, loopback included. Rings that lose packets
 * or hold too little for their traffic grow, inside `wait`. Needs CAP_NET_RAW; for other namespaces than the thread's
 * own CAP_SYS_ADMIN and CAP_SYS_PTRACE too. Throws where there is no Linux.
 */
export class RingSource implements Source {
  readonly ended = false
  readonly #names = new Map<number, string>()
  readonly #settings: RingSettings
  readonly #kernel = openKernel()
  readonly #slots = new AddressSlots(this.#kernel)
  readonly #door = new NamespaceDoor(this.#kernel)
  readonly #poll = new Poll(this.#kernel)
  readonly #packet = emptyPacket()
  readonly #detached = emptyTally()
  #taps: readonly Tap[] = []
  #ignoredInterfaces: readonly number[]
  #passages: readonly Passage[] = []
  #turn = 0
  #namespaceLast = 0
  #growthCheckedMs = performance.now()

  constructor(settings: Partial<RingSettings> = {}) {
    this.#settings = { ...defaultSettings, ...settings }
    this.#ignoredInterfaces = this.#settings.ignoredInterfaces
  }

  /** Inode as text by the number that packets carry; those of late included. */
  get names(): ReadonlyMap<number, string> {
    return this.#names
  }

  /** How many namespaces are captured now. */
  get size(): number {
    return this.#taps.length
  }

  /** What of the node's interfaces was too much for the filter: ignored ones are seen twice, passages not at all. */
  get unfiltered(): number {
    const interfaces = Math.max(0, this.#ignoredInterfaces.length - ignoredInterfacesMax)
    return interfaces + Math.max(0, this.#passages.length - passagesMax)
  }

  /** Begins to capture a namespace. It is held until detached, even when its last process ends. Takes about 8 ms. */
  attach(ref: NamespaceRef): Attachment {
    const known = this.#taps.find(({ name }) => name === ref.name)
    if (known) return { kind: 'attached', namespace: known.namespace }
    if (this.size >= namespacesMax)
      return refused(`${namespacesMax} namespaces are captured already`)
    const opened = this.#door.open(ref)
    if (opened.kind === 'refused') return opened
    const { ringBytes, hostRingBytes } = this.#settings
    const wantedBytes = ref.kind === 'host' ? hostRingBytes : ringBytes
    const ring = this.#openRing(opened.fd, wantedBytes, this.#filterOf(ref.kind))
    if (ring && bindRing(this.#kernel, ring)) return this.#add(ref, opened.fd, ring)
    const reason = reasonOf(this.#kernel.fault())
    if (ring) closeRing(this.#kernel, this.#slots, ring)
    closeSync(opened.fd)
    return refused(reason)
  }

  /** Ends the capture of a namespace. What was not drained is lost. Takes about 24 ms. */
  detach(name: string): void {
    const tap = this.#taps.find(candidate => candidate.name === name)
    if (!tap) return
    for (const ring of ringsOf(tap)) {
      readStatistics(this.#kernel, ring)
      closeRing(this.#kernel, this.#slots, ring)
    }
    closeSync(tap.namespaceFd)
    addTo(this.#detached, tallyOf(tap))
    this.#taps = this.#taps.filter(other => other !== tap)
    this.#poll.watch(this.#taps)
  }

  /** Interfaces of the host's namespace to leave out, from now on, and what of them is taken nevertheless. */
  setIgnoredInterfaces(interfaces: readonly number[], passages: readonly Passage[] = []): void {
    this.#ignoredInterfaces = interfaces
    this.#passages = passages
    const filter = this.#filterOf('host')
    for (const tap of this.#taps) {
      if (tap.kind === 'host') setFilter(this.#kernel, captureRing(tap).fd, filter)
    }
  }

  /** Blocks this thread until packets are at hand or the time is over. Once a second it tends the rings. */
  wait(timeoutMs: number): void {
    const succeeding = this.#taps.some(({ succession }) => succession)
    this.#forgive(this.#poll.wait(succeeding ? Math.min(timeoutMs, successionWaitMs) : timeoutMs))
    const nowMs = performance.now()
    if (succeeding) this.#succeed(nowMs)
    const sinceMs = nowMs - this.#growthCheckedMs
    if (sinceMs < growthCheckMs) return
    this.#growthCheckedMs = nowMs
    this.#considerGrowth(nowMs, sinceMs / 1000)
  }

  /** Packets that came at `beforeUs` or later are left for another call. */
  drain(sink: PacketSink, packetsMax: number, beforeUs = Number.POSITIVE_INFINITY): number {
    const limits = { blocksMax: blocksPerTurn, beforeUs }
    const taps = this.#taps
    const packet = this.#packet
    let given = 0
    let idle = 0
    while (given < packetsMax && idle < taps.length) {
      this.#turn = (this.#turn + 1) % taps.length
      const { namespace, ring } = taps[this.#turn]
      packet.namespace = namespace
      const count = drainRing(ring, packet, sink, limits)
      idle = count === 0 ? idle + 1 : 0
      given += count
    }
    return given
  }

  /** Asks the kernel for its statistics. */
  counters(): CaptureCounters {
    const all = { ...this.#detached }
    for (const tally of this.namespaces()) addTo(all, tally)
    const { packets, bytes, drops, cut } = all
    return { packets, bytes, drops, cut, foreign: 0 }
  }

  /** What each namespace that is captured now has seen and lost. Asks the kernel for its statistics. */
  namespaces(): TapTally[] {
    return this.#taps.map(tap => {
      for (const ring of ringsOf(tap)) readStatistics(this.#kernel, ring)
      const { name, namespace } = tap
      return { ...tallyOf(tap), name, namespace, ringBytes: captureRing(tap).ringBytes }
    })
  }

  close(): void {
    for (const { name } of this.#taps) this.detach(name)
    this.#door.close()
  }

  #add({ name, kind }: NamespaceRef, namespaceFd: number, ring: Ring): Attachment {
    const namespace = ++this.#namespaceLast
    this.#names.set(namespace, name)
    if (this.#names.size > namesMax) this.#forgetName()
    this.#taps = [...this.#taps, emptyTap({ name, kind, namespace, namespaceFd, ring })]
    this.#poll.watch(this.#taps)
    return { kind: 'attached', namespace }
  }

  /** The oldest one that is not captured any more; there is one, as fewer are captured than remembered. */
  #forgetName(): void {
    const live = new Set(this.#taps.map(({ namespace }) => namespace))
    for (const namespace of this.#names.keys()) {
      if (live.has(namespace)) continue
      this.#names.delete(namespace)
      return
    }
  }

  #filterOf(kind: Tap['kind']): Program {
    const { excludedPorts, filter } = this.#settings
    const isHost = kind === 'host'
    const ignoredInterfaces = isHost ? this.#ignoredInterfaces : []
    const passages = isHost ? this.#passages : []
    const ignoredTcpPorts = excludedPorts
    return buildFilter({
      ...defaultFilter,
      ignoredTcpPorts,
      ...filter,
      ignoredInterfaces,
      passages,
    })
  }

  /** A ring that is filled once bound; undefined, and the kernel's fault still at hand, when there is none. */
  #openRing(namespaceFd: number, ringBytes: number, filter: Program): Ring | undefined {
    const fd = this.#door.inside(namespaceFd, () => openSocket(this.#kernel)) ?? -1
    if (fd < 0) return undefined
    const headBytes = this.#settings.filter.headBytes ?? defaultFilter.headBytes
    return openRing(this.#kernel, this.#slots, { fd, ringBytes, filter, headBytes })
  }

  /** A device that goes away may leave an error on the socket, which reading clears. */
  #forgive(failed: readonly Tap[]): void {
    for (const tap of failed) {
      for (const ring of ringsOf(tap)) clearError(this.#kernel, ring)
      tap.errors++
      if (tap.errors >= errorsMax) this.detach(tap.name)
    }
  }

  /** At most one ring grows at a time: this thread stands still meanwhile. */
  #considerGrowth(nowMs: number, seconds: number): void {
    let grown = false
    for (const tap of this.#taps) {
      for (const ring of ringsOf(tap)) readStatistics(this.#kernel, ring)
      const wanted = !grown && this.#mayGrow(tap) && isTooSmall(tap, { seconds, stallSeconds })
      tap.before = tallyOf(tap)
      tap.errors = 0
      if (wanted) grown = this.#grow(tap, nowMs)
    }
    if (grown) this.#poll.watch(this.#taps)
  }

  #mayGrow({ isLargest, succession, ring }: Tap): boolean {
    return !isLargest && !succession && ring.ringBytes < this.#settings.ringBytesMax
  }

  /**
   * The new ring captures from the moment the old one stops, so that no packet is seen twice;
   * one or two may fall between.
   */
  #grow(tap: Tap, nowMs: number): boolean {
    const { ringBytesMax, allRingsBytesMax } = this.#settings
    const ringBytes = Math.min(tap.ring.ringBytes * growthFactor, ringBytesMax)
    const others = this.#taps.flatMap(ringsOf).reduce((sum, ring) => sum + ring.ringBytes, 0)
    const hasRoom = others + ringBytes <= allRingsBytesMax
    const ring = hasRoom
      ? this.#openRing(tap.namespaceFd, ringBytes, this.#filterOf(tap.kind))
      : undefined
    tap.isLargest = !ring
    if (!ring) return false
    setFilter(this.#kernel, tap.ring.fd, nothing)
    tap.isLargest = !bindRing(this.#kernel, ring)
    if (!tap.isLargest) {
      tap.succession = { ring, sinceMs: nowMs }
      return true
    }
    setFilter(this.#kernel, tap.ring.fd, this.#filterOf(tap.kind))
    closeRing(this.#kernel, this.#slots, ring)
    return false
  }

  #succeed(nowMs: number): void {
    for (const tap of this.#taps) {
      const { ring, succession } = tap
      if (!succession || nowMs - succession.sinceMs < successionMs || isReady(ring)) continue
      readStatistics(this.#kernel, ring)
      closeRing(this.#kernel, this.#slots, ring)
      addTo(tap.closed, ring.tally)
      tap.ring = succession.ring
      tap.succession = undefined
    }
    this.#poll.watch(this.#taps)
  }
}

function refused(reason: string): Attachment {
  return { kind: 'refused', reason }
}

function reasonOf(fault: string): string {
  if (fault === 'EPERM' || fault === 'EACCES') {
    return 'permission denied: capturing needs CAP_NET_RAW, and CAP_SYS_ADMIN in other namespaces'
  }
  if (fault === 'ENOMEM' || fault === 'ENOBUFS') return 'there is no memory for its ring'
  return `the kernel refuses a packet ring (${fault})`
}
