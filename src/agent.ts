import { randomUUID } from 'node:crypto'
import { cpus, setPriority, totalmem } from 'node:os'
import { Conntrack } from '#attribution/conntrack/conntrack.ts'
import { Naming } from '#attribution/naming.ts'
import type { NodeTables } from '#attribution/owners.ts'
import { missingPrivilege } from '#capture/privilege.ts'
import { Fault } from '#lib/fault.ts'
import type { AgentReport } from '#model/graph.ts'
import { isGone, type ServiceGroup } from '#model/service.ts'
import { UsageMeter } from '#orchestrators/control-group-usage.ts'
import { orchestrators } from '#orchestrators/index.ts'
import type { Observer, OrchestratorStatus } from '#orchestrators/orchestrator.ts'
import { ProcessSockets } from '#orchestrators/process/sockets.ts'
import { Spool } from '#spool/spool.ts'
import { Capture } from './capture.ts'
import type { CaptureNews, WorkerCounters } from './capture-worker.ts'
import { Gap } from './gap.ts'
import type { Log } from './log.ts'
import { findProcRoot } from './proc-root.ts'
import { ownClock, ServerTime, shiftSamples } from './server-time.ts'
import { Uplink, type UplinkFigures } from './uplink.ts'
import { UsageNews } from './usage-news.ts'
import { version } from './version.ts'

export interface AgentOptions {
  readonly server: URL
  readonly token: string
  /** Name of this machine on the map, without blanks. */
  readonly node: string
  /** Inodes of network namespaces that are not this node's to watch. */
  readonly ignoredNamespaces: readonly string[]
  /** Who signs certificates that are believed, PEM; those that the system believes without it. */
  readonly ca?: string
  /** Where what the server has not yet is kept, and how many bytes of it; in memory alone without a folder. */
  readonly spoolFolder?: string
  readonly spoolBytesMax?: number
  readonly log: Log
}

const niceness = 10

/**
 * The flow on a node, until the signal aborts: orchestrators tell who owns what, the capture thread gives each
 * second's windows, the node's own tables name the owners of its sockets, the uplink tells the server.
 */
export async function runAgent(options: AgentOptions, signal: AbortSignal): Promise<void> {
  const missing = missingPrivilege()
  if (missing) throw new Fault(missing)
  const { node, server, token, ca, log, ignoredNamespaces } = options
  // Where processors are short, what is watched comes first.
  setPriority(niceness)
  const procRoot = findProcRoot(process.env)
  const containers = new Map<string, ReadonlySet<string>>()
  const isKnown = (id: string) =>
    capture.residents.isKnown(id) || [...containers.values()].some(ids => ids.has(id))
  const sockets = new ProcessSockets({ isKnown, procRoot })
  const conntrack = new Conntrack()
  const excludedPorts = [portOf(server)]
  const capture = new Capture(
    { excludedPorts, ignoredNamespaces, procRoot },
    news => hear(news),
    () => uplink.residents(capture.residents.all),
  )
  const identity = () => ({
    hostNamespace: capture.hostNamespace,
    addresses: [...capture.addresses],
  })
  const time = new ServerTime(ownClock)
  const { spoolFolder: folder, spoolBytesMax: bytesMax } = options
  const spool = new Spool({ run: randomUUID(), folder, bytesMax, clock: ownClock })
  const uplink = new Uplink({ server, token, ca, node, version, identity, spool, time, log })
  const notices = new Notices(log)
  const naming = new Naming()
  const unstamped = new Unstamped()
  const gap = new Gap(spool.formerUntilMs)

  const hear = (news: CaptureNews) => {
    if (news.type !== 'second') return notices.hear(news)
    sockets.setNamespaces(capture.pids)
    sockets.refresh(Date.now())
    void conntrack.refresh(Date.now())
    capture.follow(time.shiftMs)
    const batch = shiftSamples(news.batch, news.shiftMs ?? 0)
    if (news.shiftMs === undefined) unstamped.add(batch.startMs)
    gap.hear(news.batch.startMs - (news.shiftMs ?? 0), news.shiftMs)
    const named = naming.name(batch, tablesOf(capture, sockets, conntrack))
    // Whom the windows name must be known before they come.
    for (const group of sockets.changes()) uplink.changedGroup('process', group)
    for (const batch of named) uplink.windows(batch, !unstamped.has(batch.startMs))
    const own = [sockets.notice, conntrack.notice, gap.notice, capture.residents.notice]
    const usages = () => usageNews.next(performance.now(), uplink.openings)
    const texts = notices.texts(...own, filterNotice(news.counters), ...spool.notices)
    uplink.report(reportOf({ node, ...machine }, news.counters, usage(), texts), usages())
  }

  const usage = usageMeter()
  const meter = new UsageMeter(procRoot)
  const usageNews = new UsageNews(meter)
  const machine = { cpus: cpus().length, memoryBytes: totalmem() }
  sockets.start()
  // Processes that a run before this one told of are gone, or told of again.
  uplink.allGroups('process', [])
  const watches = orchestrators.map(member =>
    member
      .open({ sockets, procRoot })
      .watch(observerOf(member.name, uplink, { capture, meter }, containers), signal),
  )
  await capture.run(signal)
  await Promise.all(watches)
  sockets.close()
  meter.close()
  conntrack.close()
  await uplink.close()
}

/** What the kernel's filter could not hold; undefined when it held all. */
function filterNotice({ unfiltered }: WorkerCounters): string | undefined {
  if (unfiltered === 0) return undefined
  return `${unfiltered} interfaces of this machine are too many for the capture's filter: calls over them may be missing, or counted twice.`
}

/**
 * What an orchestrator tells goes to the server; the containers of this node also to the capture, which watches where they
 * live, and to those `known`, by orchestrator.
 */
function observerOf(
  name: string,
  uplink: Uplink,
  { capture, meter }: { readonly capture: Capture; readonly meter: UsageMeter },
  known: Map<string, ReadonlySet<string>>,
): Observer {
  const groups = new Map<string, ServiceGroup>()
  const expect = () => {
    const containers = [...groups.values()].filter(({ service }) => service.kind !== 'process')
    const instances = containers.flatMap(group => group.instances)
    const here = instances.filter(({ node }) => node === undefined)
    known.set(name, new Set(here.map(({ id }) => id)))
    capture.expect(name, here)
    if (name === 'docker') meter.expect(here)
  }
  return {
    all: all => {
      groups.clear()
      for (const group of all) groups.set(group.service.id, group)
      expect()
      uplink.allGroups(name, all)
    },
    changed: group => {
      if (isGone(group)) groups.delete(group.service.id)
      else groups.set(group.service.id, group)
      expect()
      uplink.changedGroup(name, group)
    },
    networks: networks => {
      capture.meet(name, networks)
      uplink.networks(name, networks)
    },
    status: status => uplink.orchestrator(name, status.kind, sentenceOf(status)),
  }
}

function sentenceOf(status: OrchestratorStatus): string {
  if (status.kind === 'connected') return status.version
  return status.reason
}

function tablesOf(capture: Capture, sockets: ProcessSockets, conntrack: Conntrack): NodeTables {
  return {
    hostNamespace: capture.hostNamespace,
    addresses: capture.addresses,
    balancers: capture.balancers,
    isSingle: namespace => capture.isSingle(namespace),
    ownerOf: (namespace, transport, local, remote) => {
      const owner = sockets.ownerOf({ namespace, transport, local, remote })
      return owner && { instance: owner.instance, isProxy: owner.proxy !== undefined }
    },
    isUnheld: (namespace, transport, local, remote) =>
      sockets.isUnheld({ namespace, transport, local, remote }),
    original: (transport, client, server) => conntrack.original(transport, client, server),
  }
}

/** What the operator should know, each said once in the log and kept for the page. */
class Notices {
  readonly #log: Log
  readonly #refused = new Map<string, string>()

  constructor(log: Log) {
    this.#log = log
  }

  hear(news: Exclude<CaptureNews, { type: 'second' }>): void {
    if (news.type === 'fault') this.#log.error(`A decoder failed: ${news.text}`)
    else this.#refuse(news.name, news.reason)
  }

  #refuse(name: string, reason: string): void {
    if (this.#refused.get(name) === reason) return
    this.#refused.set(name, reason)
    if (this.#refused.size > 100) this.#refused.clear()
    this.#log.warn(`Namespace ${name} is not watched: ${reason}`)
  }

  /** `more`: what other parts have to say. */
  texts(...more: readonly (string | undefined)[]): string[] {
    const all = new Set(this.#refused.values())
    for (const text of more) if (text !== undefined) all.add(text)
    return [...all].slice(0, 16)
  }
}

/** Seconds that were closed before the server's time was known: some of their windows are told later. */
class Unstamped {
  readonly #starts = new Set<number>()

  add(startMs: number): void {
    this.#starts.add(startMs)
    for (const oldest of this.#starts) if (this.#starts.size > 8) this.#starts.delete(oldest)
  }

  has(startMs: number): boolean {
    return this.#starts.has(startMs)
  }
}

interface Usage {
  readonly cpuShare: number
  readonly residentBytes: number
}

/** Own cost since the last call: share of one core, and resident memory. */
function usageMeter(): () => Usage {
  let cpu = process.cpuUsage()
  let atMs = performance.now()
  return () => {
    const spent = process.cpuUsage(cpu)
    const nowMs = performance.now()
    const cpuShare = (spent.user + spent.system) / 1000 / Math.max(nowMs - atMs, 1)
    cpu = process.cpuUsage()
    atMs = nowMs
    return { cpuShare, residentBytes: process.memoryUsage.rss() }
  }
}

function reportOf(
  machine: Pick<AgentReport, 'node' | 'cpus' | 'memoryBytes'>,
  { capture, flows, namespaces, droppedSamples, foldedWindows }: WorkerCounters,
  usage: Usage,
  notices: readonly string[],
): Omit<AgentReport, keyof UplinkFigures> {
  return {
    ...{ ...machine, version, namespaces, droppedSamples, foldedWindows, notices },
    packets: capture.packets,
    drops: capture.drops,
    flows: flows.flows,
    evictedFlows: flows.evicted,
    ...usage,
  }
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port)
  return protocol === 'https:' || protocol === 'wss:' ? 443 : 80
}
