import { readlinkSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { listForwardingInterfaces } from '#capture/af-packet/interfaces.ts'
import { listNamespaces } from '#capture/af-packet/namespaces.ts'
import type { Instance } from '#model/service.ts'
import { hostAddresses } from '#orchestrators/process/sockets.ts'
import type { CaptureNews, CaptureOrder, CaptureSettings } from './capture-worker.ts'

/** How often the node's namespaces, interfaces and addresses are looked at, beside what orchestrators tell. */
const lookMs = 2_000
/** A namespace that two looks in a row did not find is gone. */
const missedMax = 2

/** Keeps the capture thread pointed at every network namespace of the node, as they come and go. */
export class Capture {
  readonly hostNamespace = namespaceOf('self')
  readonly #worker: Worker
  /** Attached namespaces, and how many looks in a row missed each. */
  readonly #attached = new Map<string, number>()
  #host = ''

  constructor(settings: Omit<CaptureSettings, 'hostNamespace'>, hear: (news: CaptureNews) => void) {
    const workerData: CaptureSettings = { ...settings, hostNamespace: this.hostNamespace }
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

  /** Instances that live now: their namespaces are captured at once. */
  expect(instances: readonly Instance[]): void {
    for (const { namespace, pid, state } of instances) {
      if (namespace && pid && state === 'running') this.#attach(namespace, pid)
    }
  }

  #look(): void {
    this.#tellHost()
    const found = listNamespaces()
    for (const { inode, pid } of found) this.#attach(inode, pid)
    const names = new Set(found.map(({ inode }) => inode))
    for (const [name, missed] of this.#attached) {
      if (names.has(name)) this.#attached.set(name, 0)
      else if (missed + 1 < missedMax) this.#attached.set(name, missed + 1)
      else this.#detach(name)
    }
  }

  #tellHost(): void {
    const addresses = [...hostAddresses()]
    const ignoredInterfaces = listForwardingInterfaces()
    const host = JSON.stringify([addresses, ignoredInterfaces])
    if (host === this.#host) return
    this.#host = host
    this.#tell({ type: 'host', addresses, ignoredInterfaces })
  }

  #attach(name: string, pid: number): void {
    if (this.#attached.has(name)) return
    this.#attached.set(name, 0)
    const kind = name === this.hostNamespace ? 'host' : 'container'
    this.#tell({ type: 'attach', namespace: { name, pid, kind } })
  }

  #detach(name: string): void {
    this.#attached.delete(name)
    this.#tell({ type: 'detach', name })
  }

  #tell(order: CaptureOrder): void {
    this.#worker.postMessage(order)
  }
}

function namespaceOf(pid: number | 'self'): string {
  return /\d+/.exec(readlinkSync(`/proc/${pid}/ns/net`))?.[0] ?? ''
}
