import { Worker } from 'node:worker_threads'
import { listForwardingInterfaces, listPassages } from '#capture/af-packet/interfaces.ts'
import { listNamespaces, namespaceOf } from '#capture/af-packet/namespaces.ts'
import type { Network } from '#model/network.ts'
import type { Instance } from '#model/service.ts'
import { Residents } from '#orchestrators/process/residents.ts'
import { hostAddresses } from '#orchestrators/process/sockets.ts'
import type { CaptureNews, CaptureOrder, CaptureSettings } from './capture-worker.ts'

/** How often the node's namespaces, interfaces and addresses are looked at, beside what orchestrators tell. */
const lookMs = 2_000
/** A namespace that two looks in a row did not find is gone. */
const missedMax = 2

export interface CaptureOptions {
  /** TCP ports of Inkling's own connections. */
  readonly excludedPorts: readonly number[]
  /** Where the machine's processes are. */
  readonly procRoot: string
  /** Inodes of namespaces that are not this node's to watch. */
  readonly ignoredNamespaces: readonly string[]
}

/** Keeps the capture thread pointed at every network namespace of the node, as they come and go. */
export class Capture {
  readonly hostNamespace = namespaceOf('self') ?? ''
  /** Which containers live where, as of the last look. */
  readonly residents: Residents
  readonly #worker: Worker
  /** Attached namespaces, and how many looks in a row missed each. */
  readonly #attached = new Map<string, number>()
  /** The namespaces of all containers, one entry a container, by the orchestrator that told of them. */
  readonly #homes = new Map<string, readonly string[]>()
  readonly #ignored: ReadonlySet<string>
  readonly #procRoot: string
  readonly #hearResidents: () => void
  #pids: ReadonlyMap<string, readonly number[]> = new Map()
  #single: ReadonlySet<string> = new Set()
  #addresses: ReadonlySet<string> = hostAddresses()
  #ignoredInterfaces: readonly number[] = []
  /** Balancers on the node's own networks, by the orchestrator that told of them. */
  readonly #balancersTold = new Map<string, readonly string[]>()
  #balancers: ReadonlySet<string> = new Set()
  #host = ''
  #shiftMs: number | undefined

  constructor(
    { excludedPorts, ignoredNamespaces, procRoot }: CaptureOptions,
    hear: (news: CaptureNews) => void,
    hearResidents: () => void = () => undefined,
  ) {
    this.residents = new Residents(procRoot, this.hostNamespace)
    this.#hearResidents = hearResidents
    this.#ignored = new Set(ignoredNamespaces)
    this.#procRoot = procRoot
    const workerData: CaptureSettings = { excludedPorts, hostNamespace: this.hostNamespace }
    this.#worker = new Worker(new URL('./capture-worker.ts', import.meta.url), { workerData })
    this.#worker.on('message', (news: CaptureNews) => {
      if (news.type === 'refused') this.#attached.delete(news.name)
      hear(news)
    })
  }

  /** Runs until the signal aborts; rejects when the capture thread dies. */
  async run(signal: AbortSignal): Promise<void> {
    this.#look()
    const timer = setInterval(() => this.#look(), lookMs)
    try {
      await new Promise<void>((resolve, reject) => {
        this.#worker.once('error', reject)
        this.#worker.once('exit', () => resolve())
        const stop = () => this.#tell({ type: 'stop' })
        if (signal.aborted) stop()
        signal.addEventListener('abort', stop, { once: true })
      })
    } finally {
      clearInterval(timer)
    }
  }

  /** Addresses of the host's namespace, as of the last look. */
  get addresses(): ReadonlySet<string> {
    return this.#addresses
  }

  /** Balancers that the node itself speaks with: who they call on its behalf is seen elsewhere. */
  get balancers(): ReadonlySet<string> {
    return this.#balancers
  }

  /** Namespaces to the processes that live there, the oldest first, as of the last look. */
  get pids(): ReadonlyMap<string, readonly number[]> {
    return this.#pids
  }

  /** Seconds are those of a clock that is this much ahead of this machine's. */
  follow(shiftMs: number | undefined): void {
    if (shiftMs === undefined || shiftMs === this.#shiftMs) return
    this.#shiftMs = shiftMs
    this.#tell({ type: 'clock', shiftMs })
  }

  /** True when one container lives alone in a namespace, or those of one pod. */
  isSingle(namespace: string): boolean {
    return this.#single.has(namespace)
  }

  /** All containers that an orchestrator tells of: their namespaces are captured at once. */
  expect(orchestrator: string, containers: readonly Instance[]): void {
    const homes: string[] = []
    for (const { namespace, pid, state } of containers) {
      if (!namespace || !pid || state === 'exited') continue
      homes.push(namespace)
      this.#attach(namespace, pid)
    }
    this.#homes.set(orchestrator, homes)
    this.#findSingle()
    this.#tellHost()
  }

  /** By who is told to live there and by who is found there: not every runtime tells. */
  #findSingle(): void {
    const told = Map.groupBy([...this.#homes.values()].flat(), home => home)
    const parties = this.residents.parties()
    const all = [...told.keys(), ...parties.keys()]
    const isAlone = (home: string) =>
      Math.max(told.get(home)?.length ?? 0, parties.get(home) ?? 0) === 1
    this.#single = new Set(all.filter(home => home !== this.hostNamespace && isAlone(home)))
  }

  /** All networks that an orchestrator tells of: what the node says to a balancer on one of its own is captured. */
  meet(orchestrator: string, networks: readonly Network[]): void {
    const own = networks.filter(({ isShared }) => !isShared)
    this.#balancersTold.set(
      orchestrator,
      own.flatMap(({ balancers = [] }) => balancers),
    )
    this.#balancers = new Set([...this.#balancersTold.values()].flat())
    this.#tellHost()
  }

  #look(): void {
    this.#addresses = hostAddresses()
    this.#ignoredInterfaces = listForwardingInterfaces()
    const found = listNamespaces(this.#procRoot)
    const watched = found.filter(({ inode }) => !this.#ignored.has(inode))
    if (this.residents.look(watched)) {
      this.#findSingle()
      // Who lives there must be known before anything is seen there.
      this.#hearResidents()
    }
    this.#tellHost()
    this.#pids = new Map(found.map(({ inode, pids }) => [inode, pids]))
    for (const { inode, pid } of found) this.#attach(inode, pid)
    const names = new Set(found.map(({ inode }) => inode))
    for (const [name, missed] of this.#attached) {
      if (names.has(name)) this.#attached.set(name, 0)
      else if (missed + 1 < missedMax) this.#attached.set(name, missed + 1)
      else this.#detach(name)
    }
  }

  #tellHost(): void {
    const addresses = [...this.#addresses]
    const ignoredInterfaces = this.#ignoredInterfaces
    const passages = listPassages([...this.#balancers], ignoredInterfaces)
    const single = [...this.#single]
    const host = JSON.stringify([addresses, ignoredInterfaces, passages, single])
    if (host === this.#host) return
    this.#host = host
    this.#tell({ type: 'host', addresses, ignoredInterfaces, passages, single })
  }

  #attach(name: string, pid: number): void {
    if (this.#attached.has(name) || this.#ignored.has(name)) return
    this.#attached.set(name, 0)
    const kind = name === this.hostNamespace ? 'host' : 'container'
    this.#tell({
      type: 'attach',
      namespace: { name, path: `${this.#procRoot}/${pid}/ns/net`, kind },
    })
  }

  #detach(name: string): void {
    this.#attached.delete(name)
    this.#tell({ type: 'detach', name })
  }

  #tell(order: CaptureOrder): void {
    this.#worker.postMessage(order)
  }
}
