import type { InstanceFlow } from '#model/instance-flow.ts'
import type { Health, Instance } from '#model/service.ts'
import { type FeedLink, type FeedService, type Frame, indexNames, type Topology } from './feed.ts'
import type { LinkColumns } from './figures.ts'
import type { Shown } from './filter.ts'
import type { Level } from './level.ts'
import { apartAtPlace } from './place.ts'

/** A service taken apart: its instances, and what each of them said and was told in the last seconds. */
export interface Apart {
  readonly service: string
  readonly instances: readonly Instance[]
  /** When what the flows tell of ended, ms since the epoch. */
  readonly atMs: number
  readonly windowMs: number
  readonly flows: readonly InstanceFlow[]
}

/** Instances that are shown for themselves, the busiest; the rest stands together as the service. */
const instancesMax = 60
const instancePrefix = 'instance:'
const flowPrefix = 'flow:'

/** The id of the instance that stands on the map under this one. */
export const instanceOf = (id: string): string | undefined =>
  id.startsWith(instancePrefix) ? id.slice(instancePrefix.length) : undefined

/** Ids may hold any letters, but a coded one holds no `@`. */
const flowId = (link: string, client: FeedService, server: FeedService): string =>
  `${flowPrefix}${encodeURIComponent(link)}@${client.id}>${server.id}`

/** The link of which this flow is a part; undefined for what is no flow. */
export function linkOfFlow(id: string): string | undefined {
  const end = id.indexOf('@')
  if (!id.startsWith(flowPrefix) || end < 0) return undefined
  try {
    return decodeURIComponent(id.slice(flowPrefix.length, end))
  } catch {
    // Somebody wrote it into the address by hand.
    return undefined
  }
}

/** What a second of the map is made of at the place of a service's instances. */
export interface ApartLevel {
  readonly level: Level
  readonly links: LinkColumns
  readonly frame: Omit<Frame, 'timeMs'>
}

/**
 * The instances of a service, each with the services that it talks with. `before`: what was shown a second ago, which is
 * the same object while nobody comes or goes.
 */
export function apartLevelOf(
  whole: Topology,
  at: string,
  apart: Apart,
  { before, shown }: { readonly before?: Level; readonly shown?: Shown | undefined } = {},
): ApartLevel {
  const flows = apart.flows.filter(({ link }) => passes(whole, link, shown))
  const nodes = new Nodes(whole, apart, flows)
  const links = new Map<string, { link: FeedLink; flows: InstanceFlow[] }>()
  for (const flow of flows) {
    const [client, server] = [nodes.indexOf(flow.client), nodes.indexOf(flow.server)]
    if (client === undefined || server === undefined) continue
    const id = flowId(flow.link, nodes.all[client], nodes.all[server])
    const known = links.get(id)
    if (known) known.flows.push(flow)
    else links.set(id, { link: { id, client, server, protocol: flow.protocol }, flows: [flow] })
  }
  const all = [...links.values()]
  const names = {
    version: whole.version,
    services: nodes.all,
    links: all.map(({ link }) => link),
  }
  const level = sameLevel(before, whole, at, shown, names) ?? {
    ...{ at, depth: undefined, whole, topology: indexNames(names), isFolded: false, shown },
    nodeOf: Int32Array.from(whole.services, ({ id }) => nodes.indexOf({ service: id }) ?? -1),
    linkOf: new Int32Array(whole.links.length).fill(-1),
    districts: nodes.districts(),
  }
  const sums = all.map(each => each.flows)
  return { level, ...figuresOf(sums, apart.windowMs, whole.version) }
}

function passes({ linkIndex }: Topology, link: string, shown: Shown | undefined): boolean {
  return shown === undefined || shown.links[linkIndex.get(link) ?? -1] === 1
}

/** What was shown, when the same names are shown still. */
function sameLevel(
  before: Level | undefined,
  whole: Topology,
  at: string,
  shown: Shown | undefined,
  names: { services: readonly FeedService[]; links: readonly FeedLink[] },
): Level | undefined {
  if (before?.whole !== whole || before.at !== at || before.shown !== shown) return undefined
  const { services, links } = before.topology
  const text = (value: unknown) => JSON.stringify(value)
  const isSame = text([services, links]) === text([names.services, names.links])
  return isSame ? before : undefined
}

/** What stands on the map: instances, those they talk with, and the service itself for what is of no known instance. */
class Nodes {
  readonly all: FeedService[] = []
  readonly #service: string
  readonly #byId = new Map<string, number>()
  readonly #hosts: (string | undefined)[] = []

  constructor(whole: Topology, { service, instances }: Apart, flows: readonly InstanceFlow[]) {
    this.#service = service
    const told = whole.services[whole.serviceIndex.get(service) ?? -1]
    if (!told) return
    for (const instance of shownOf(instances, flows)) {
      this.#add({ ...told, ...nodeOf(instance) }, instance.node)
    }
    const isAll = instances.length <= instancesMax
    const ends = flows.flatMap(({ client, server }) => [client, server])
    const isRest = (end: InstanceFlow['client']) =>
      end.service === service && this.#known(end) === undefined
    if (!isAll || ends.some(isRest)) this.#add(told, undefined)
    for (const { service: other } of ends) {
      const neighbour = whole.services[whole.serviceIndex.get(other) ?? -1]
      if (other !== service && neighbour) this.#add(neighbour, undefined)
    }
  }

  indexOf(end: InstanceFlow['client']): number | undefined {
    return this.#known(end) ?? this.#byId.get(end.service)
  }

  /** The machine of each instance, where there are several. */
  districts(): readonly (string | undefined)[] {
    const several = new Set(this.#hosts.filter(host => host !== undefined)).size > 1
    return several ? this.#hosts : this.#hosts.map(() => undefined)
  }

  #known({ service, instance }: InstanceFlow['client']): number | undefined {
    if (service !== this.#service || instance === undefined) return undefined
    return this.#byId.get(instancePrefix + instance)
  }

  #add(service: FeedService, host: string | undefined): void {
    if (this.#byId.has(service.id)) return
    this.#byId.set(service.id, this.all.length)
    this.all.push(service)
    this.#hosts.push(host)
  }
}

/** In the order in which they were told: nobody moves because another has more to do. */
function shownOf(
  instances: readonly Instance[],
  flows: readonly InstanceFlow[],
): readonly Instance[] {
  if (instances.length <= instancesMax) return instances
  const requests = new Map<string, number>()
  for (const { client, server, requestsPerSecond } of flows) {
    for (const { instance } of [client, server]) {
      if (instance) requests.set(instance, (requests.get(instance) ?? 0) + requestsPerSecond)
    }
  }
  const rate = ({ id }: Instance) => requests.get(id) ?? 0
  const chosen = new Set([...instances].sort((a, b) => rate(b) - rate(a)).slice(0, instancesMax))
  return instances.filter(instance => chosen.has(instance))
}

function nodeOf({ id, name, state, health, node }: Instance) {
  const isWell = state === 'running' || state === 'starting'
  const seen: Health = isWell ? health : 'unhealthy'
  const group = node === undefined ? [] : [node]
  return {
    id: instancePrefix + id,
    name,
    kind: 'instance',
    group,
    health: seen,
    instances: 1,
  } as const
}

/** Figures per second of what each list of flows says together. */
function figuresOf(
  sums: readonly (readonly InstanceFlow[])[],
  windowMs: number,
  version: number,
): Omit<ApartLevel, 'level'> {
  const over = Math.max(1, windowMs / 1000)
  const column = (value: (flows: readonly InstanceFlow[]) => number) => sums.map(value)
  const rate = (outcome: keyof InstanceFlow['counts']) =>
    column(flows => flows.reduce((sum, { counts }) => sum + counts[outcome], 0) / over)
  const [ok, warning, error] = [rate('ok'), rate('warning'), rate('error')]
  const requests = ok.map((each, i) => each + warning[i] + error[i])
  const bytes = column(flows => flows.reduce((sum, flow) => sum + flow.bytesPerSecond, 0))
  const p50Us = column(flows => weighted(flows))
  const p99Us = column(flows => Math.max(0, ...flows.map(flow => flow.p99Us ?? 0)))
  const share = (part: readonly number[]) =>
    Float64Array.from(part, (each, i) => (requests[i] > 0 ? each / requests[i] : 0))
  const [f64, f32] = [Float64Array, Float32Array]
  return {
    links: {
      ...{ requests: f64.from(requests), errors: f64.from(error) },
      ...{ errorShare: share(error), warningShare: share(warning) },
      ...{ p50Us: f64.from(p50Us), p99Us: f64.from(p99Us), bytes: f64.from(bytes) },
    },
    frame: {
      ...{ version, ok: f32.from(ok), warning: f32.from(warning), error: f32.from(error) },
      ...{ p50Us: f32.from(p50Us), p99Us: f32.from(p99Us), bytes: f32.from(bytes) },
    },
  }
}

/** Medians do not add up: their mean, each as often as there were requests. */
function weighted(flows: readonly InstanceFlow[]): number {
  const all = flows.reduce((sum, { requestsPerSecond }) => sum + requestsPerSecond, 0)
  const sum = flows.reduce((sum, flow) => sum + (flow.p50Us ?? 0) * flow.requestsPerSecond, 0)
  return all > 0 ? sum / all : 0
}

/** Whether this is what the place shows. */
export const isApartOf = (apart: Apart | undefined, at: string): apart is Apart =>
  apart !== undefined && apart.service === apartAtPlace(at)
