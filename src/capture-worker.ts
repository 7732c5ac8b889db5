import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { type SocketPlaces, tellsPortsApart } from '#attribution/owners.ts'
import { type NamespaceRef, type Passage, RingSource } from '#capture/af-packet/index.ts'
import type { CaptureCounters } from '#capture/source.ts'
import type { FlowCounters } from '#flows/counters.ts'
import type { WindowBatch } from '#model/window.ts'
import { Windows } from '#windows/windows.ts'
import { CurrentSecond } from './current-second.ts'
import { Pipeline } from './pipeline.ts'

/** What the agent tells its capture thread. */
export type CaptureOrder =
  | { readonly type: 'attach'; readonly namespace: NamespaceRef }
  | { readonly type: 'detach'; readonly name: string }
  | {
      readonly type: 'host'
      readonly addresses: readonly string[]
      readonly ignoredInterfaces: readonly number[]
      /** What is looked at nevertheless. */
      readonly passages: readonly Passage[]
      /** Namespaces in which one container lives alone. */
      readonly single: readonly string[]
    }
  /** What to add to this machine's clock to have the server's: its seconds are the ones that are closed. */
  | { readonly type: 'clock'; readonly shiftMs: number }
  | { readonly type: 'stop' }

/** What the capture thread tells. */
export type CaptureNews =
  | {
      readonly type: 'second'
      readonly batch: WindowBatch
      readonly counters: WorkerCounters
      /** What was added to the clock; undefined when the server's is not known yet. */
      readonly shiftMs: number | undefined
    }
  | { readonly type: 'refused'; readonly name: string; readonly reason: string }
  | { readonly type: 'fault'; readonly text: string }

export interface WorkerCounters {
  readonly capture: CaptureCounters
  readonly flows: FlowCounters
  readonly namespaces: number
  readonly droppedSamples: number
  readonly foldedWindows: number
  /** Interfaces that were too many for the kernel's filter. */
  readonly unfiltered: number
}

export interface CaptureSettings {
  readonly hostNamespace: string
  /** TCP ports whose packets are not looked at: Inkling's own. */
  readonly excludedPorts: readonly number[]
}

const waitMs = 100
const packetsPerTurn = 20_000
/** To begin with: rings grow when their traffic asks for it. */
const hostRingBytes = 4 * 1024 * 1024
const faultsMax = 20

const nobody = new Int32Array(new SharedArrayBuffer(4))

/** Blocks this thread. */
function rest(ms: number): void {
  if (ms > 0) Atomics.wait(nobody, 0, 0, ms)
}

/** The hot loop of a node: wait, drain, once a second tell. Runs in a thread of its own and blocks in `wait`. */
function run(settings: CaptureSettings): void {
  const port = parentPort!
  const tell = (news: CaptureNews) => port.postMessage(news)
  const { hostNamespace, excludedPorts } = settings
  const source = new RingSource({ excludedPorts, hostRingBytes })
  let places: SocketPlaces = { hostNamespace, addresses: new Set(), isSingle: () => false }
  let faults = 0
  let shiftMs: number | undefined
  const nowMs = () => Date.now() + (shiftMs ?? 0)
  const nameOf = (namespace: number) => source.names.get(namespace) ?? ''
  const windows = new Windows({
    namespaceName: nameOf,
    tellsPortsApart: flow => tellsPortsApart(flow, nameOf(flow.namespace), places),
  })
  const pipeline = new Pipeline({
    raw: false,
    windows,
    fault: (protocol, reason) => {
      if (faults++ < faultsMax) tell({ type: 'fault', text: `${protocol}: ${reason}` })
    },
  })
  const add = pipeline.flows.add.bind(pipeline.flows)

  const obey = (order: CaptureOrder): boolean => {
    if (order.type === 'attach') {
      const attached = source.attach(order.namespace)
      if (attached.kind === 'refused') {
        tell({ type: 'refused', name: order.namespace.name, reason: attached.reason })
      }
    }
    if (order.type === 'detach') source.detach(order.name)
    if (order.type === 'clock') shiftMs = order.shiftMs
    if (order.type === 'host') {
      const single = new Set(order.single)
      const isSingle = (namespace: string) => single.has(namespace)
      places = { hostNamespace, addresses: new Set(order.addresses), isSingle }
      source.setIgnoredInterfaces(order.ignoredInterfaces, order.passages)
    }
    return order.type !== 'stop'
  }

  const closeSecond = (startMs: number) => {
    pipeline.flows.tick((startMs + 1000 - (shiftMs ?? 0)) * 1000)
    pipeline.measure()
    const counters: WorkerCounters = {
      capture: source.counters(),
      flows: pipeline.flows.counters,
      namespaces: source.size,
      droppedSamples: windows.droppedSamples,
      foldedWindows: windows.folded,
      unfiltered: source.unfiltered,
    }
    tell({ type: 'second', batch: windows.take(startMs), counters, shiftMs })
  }

  const obeyAll = (): boolean => {
    let isRunning = true
    for (let order = receiveMessageOnPort(port); order; order = receiveMessageOnPort(port)) {
      isRunning = obey(order.message) && isRunning
    }
    return isRunning
  }

  const second = new CurrentSecond(nowMs())
  /** Whoever sees a call, wherever it is seen, puts it in the same second: that of its packets. True: there is more. */
  const drain = (): boolean => {
    const endUs = (second.endMs - (shiftMs ?? 0)) * 1000
    return source.drain(add, packetsPerTurn, endUs) >= packetsPerTurn
  }
  /** A ring in which packets of the next second lie already would not wait. */
  const wait = (atMs: number): void => {
    if (atMs < second.endMs) source.wait(Math.min(waitMs, second.endMs - atMs))
    else rest(second.waitsMs(atMs))
  }
  for (let isRunning = true, isMore = false; isRunning; isRunning = obeyAll()) {
    if (!isMore) wait(nowMs())
    const atMs = nowMs()
    isMore = drain()
    const over = second.over(atMs, !isMore)
    if (over !== undefined) closeSecond(over)
  }
  source.close()
  port.close()
}

run(workerData as CaptureSettings)
