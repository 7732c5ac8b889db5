import type { Instance, PublishedPort, Service, ServiceGroup } from '#model/service.ts'

/** Who held something, when: `toMs` is Infinity while it still does. */
export interface Tenure {
  readonly service: Service
  readonly instance: Instance
  readonly network: string
  readonly fromMs: number
  toMs: number
}

/** An address stays with its last owner this long after release: packets and events arrive late. */
const graceMs = 30_000
/** Times are starts of seconds: who came within one held it in that second. */
const secondMs = 1000
/** Tenures over for longer are forgotten. */
const keptMs = 15 * 60_000
/** Tenures remembered per address: more than any address changes hands within `keptMs` in earnest. */
const perKeyMax = 64

/**
 * Ownership over time: which instance held an address, a network namespace or a published port, when. Addresses are
 * reused, so each key has a list of time ranges, newest last, never one owner.
 */
export class Tenures {
  readonly #held = new Map<string, Tenure[]>()
  readonly #groups = new Map<string, ServiceGroup>()
  readonly #instances = new Map<string, { service: Service; instance: Instance; goneMs: number }>()

  /** All groups of one source (a node's orchestrator): those it told before and no longer tells are gone. */
  all(source: string, groups: readonly ServiceGroup[], nowMs: number): void {
    const told = new Set(groups.map(group => `${source} ${group.service.id}`))
    for (const [key, group] of [...this.#groups]) {
      if (key.startsWith(`${source} `) && !told.has(key)) {
        this.changed(source, { service: group.service, instances: [] }, nowMs)
      }
    }
    for (const group of groups) this.changed(source, group, nowMs)
  }

  /** One group, whole. Instances that it no longer has let go of all they held. */
  changed(source: string, group: ServiceGroup, nowMs: number): void {
    const key = `${source} ${group.service.id}`
    const before = this.#groups.get(key)
    if (group.instances.length > 0) this.#groups.set(key, group)
    else this.#groups.delete(key)
    for (const instance of before?.instances ?? []) this.#update(source, instance, group, nowMs)
    for (const instance of group.instances) this.#take(source, group.service, instance, nowMs)
  }

  /** Groups as last told, of all sources. */
  groups(): Iterable<ServiceGroup> {
    return this.#groups.values()
  }

  instance(id: string): { readonly service: Service; readonly instance: Instance } | undefined {
    return this.#instances.get(id)
  }

  /** Who held `ip` on this node at that time; `networks` are those of the observer, asked first. */
  ofAddress(node: string, ip: string, atMs: number, networks: readonly string[] = []) {
    const tenures = this.#at(`${node} ip ${ip}`, atMs)
    return tenures.find(tenure => networks.includes(tenure.network)) ?? tenures[0]
  }

  /** All who live in a network namespace, oldest first. */
  ofNamespace(node: string, namespace: string, atMs: number): Tenure[] {
    return this.#at(`${node} ns ${namespace}`, atMs).reverse()
  }

  /** Who is reached through a port of the node, and at which port of its own. */
  ofPublished(node: string, ip: string, port: number, atMs: number) {
    const tenures = this.#at(`${node} port ${port}`, atMs)
    for (const tenure of tenures) {
      const published = tenure.instance.published.find(
        each => each.port === port && binds(each, ip),
      )
      if (published) return { tenure, targetPort: published.targetPort }
    }
    return undefined
  }

  /** Forgets what ended long ago. */
  prune(nowMs: number): void {
    for (const [key, tenures] of this.#held) {
      const kept = tenures.filter(tenure => tenure.toMs > nowMs - keptMs)
      if (kept.length === 0) this.#held.delete(key)
      else if (kept.length < tenures.length) this.#held.set(key, kept)
    }
    for (const [id, { goneMs }] of this.#instances) {
      if (goneMs < nowMs - keptMs) this.#instances.delete(id)
    }
  }

  /** Ends what an instance held before and no longer holds. */
  #update(source: string, before: Instance, group: ServiceGroup, nowMs: number): void {
    const now = group.instances.find(instance => instance.id === before.id)
    const known = this.#instances.get(before.id)
    if (!now && known) known.goneMs = nowMs
    const kept = new Set(now ? keysOf(source, group.service, now).map(([key]) => key) : [])
    for (const [key] of keysOf(source, group.service, before)) {
      if (kept.has(key)) continue
      for (const tenure of this.#held.get(key) ?? []) {
        if (tenure.instance.id === before.id && tenure.toMs === Infinity) tenure.toMs = nowMs
      }
    }
  }

  #take(source: string, service: Service, instance: Instance, nowMs: number): void {
    this.#instances.set(instance.id, { service, instance, goneMs: Infinity })
    for (const [key, network] of keysOf(source, service, instance)) {
      const tenures = this.#held.get(key) ?? []
      const current = tenures.findIndex(
        tenure => tenure.instance.id === instance.id && tenure.toMs === Infinity,
      )
      const fromMs = current >= 0 ? tenures[current].fromMs : Math.min(instance.sinceMs, nowMs)
      if (current >= 0) tenures.splice(current, 1)
      tenures.push({ service, instance, network, fromMs, toMs: Infinity })
      tenures.sort((a, b) => a.fromMs - b.fromMs)
      if (tenures.length > perKeyMax) tenures.shift()
      this.#held.set(key, tenures)
    }
  }

  /**
   * Holders in the second that began at `atMs`, newest first: those at its start, else who came during it; failing
   * them, the last who let go within the grace.
   */
  #at(key: string, atMs: number): Tenure[] {
    const tenures = this.#held.get(key)
    if (!tenures) return []
    const holders = tenures.filter(tenure => tenure.fromMs <= atMs && atMs < tenure.toMs).reverse()
    if (holders.length > 0) return holders
    const next = tenures.find(tenure => tenure.fromMs > atMs && tenure.fromMs < atMs + secondMs)
    if (next) return [next]
    const late = tenures.filter(tenure => atMs >= tenure.toMs && atMs < tenure.toMs + graceMs)
    if (late.length > 0) return late.slice(-1)
    const early = tenures.find(tenure => tenure.fromMs > atMs && tenure.fromMs - graceMs < atMs)
    return early ? [early] : []
  }
}

/** What an instance holds, as keys with the network they are in. `source` begins with the node's name. */
function keysOf(
  source: string,
  { kind }: Service,
  instance: Instance,
): [key: string, network: string][] {
  const node = source.split(' ')[0]
  const keys: [string, string][] = instance.addresses.map(({ ip, network }) => [
    `${node} ip ${ip}`,
    network,
  ])
  // A process lives in a namespace with others: its sockets tell what is its own.
  if (instance.namespace && kind !== 'process') keys.push([`${node} ns ${instance.namespace}`, ''])
  for (const { port } of instance.published) keys.push([`${node} port ${port}`, ''])
  return keys
}

function binds(published: PublishedPort, ip: string): boolean {
  return (
    published.ip === '' ||
    published.ip === '0.0.0.0' ||
    published.ip === '::' ||
    published.ip === ip
  )
}
