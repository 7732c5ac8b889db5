import { type FeedLink, type FeedService, type Frame, indexNames, type Topology } from './feed.ts'
import type { LinkColumns } from './figures.ts'

/**
 * A place of the map: the path of a group, outermost first, its parts joined by `/`; `service:` and an id: a service with
 * those it talks with; empty: everything.
 */
export type Path = string

/** More services than this in one place are shown as groups; a place shown so stays until they are a good deal fewer. */
const openMax = 60
const reopenMax = 45

/** What one sees at a place: services, and groups of services as if each were one. */
export interface Level {
  readonly at: Path
  /** How many parts of a path tell what is here apart; undefined: nothing is, it is the place of a service. */
  readonly depth: number | undefined
  /** All services and links, of which it shows a part. */
  readonly whole: Topology
  /** What stands on the map; of a group the id is `group:` and its path. */
  readonly topology: Topology
  /** By service: the index of what it stands in; -1 when it is not on the map. */
  readonly nodeOf: Int32Array
  /** By link: the index of the link it is part of; -1 when it is not on the map. */
  readonly linkOf: Int32Array
  /** By what stands on the map: the part of its path that tells it from the others here, if it has one. */
  readonly districts: readonly (Path | undefined)[]
  /** Services here are gathered into groups. */
  readonly isFolded: boolean
}

export const groupPrefix = 'group:'
const servicePrefix = 'service:'
/** The place of one service. */
export const placeOf = (id: string): Path => servicePrefix + id
export const serviceAtPlace = (at: Path): string | undefined =>
  at.startsWith(servicePrefix) ? at.slice(servicePrefix.length) : undefined
export const pathOf = ({ group }: Pick<FeedService, 'group'>): Path => group.join('/')
export const pathOfGroup = (id: string): Path | undefined =>
  id.startsWith(groupPrefix) ? id.slice(groupPrefix.length) : undefined

/** The place around a place; of the outermost one itself. Around a service is where it is seen for itself. */
export function around(topology: Topology, at: Path): Path {
  const service = topology.serviceIndex.get(serviceAtPlace(at) ?? '')
  if (service !== undefined) return placeToSee(topology, levelOf(topology, ''), service)
  return serviceAtPlace(at) === undefined ? at.slice(0, Math.max(0, at.lastIndexOf('/'))) : ''
}

/** The way from the outermost place to this one, itself included. */
export function crumbsOf(
  topology: Topology,
  at: Path,
): { readonly at: Path; readonly name: string }[] {
  const id = serviceAtPlace(at)
  const service = topology.services[topology.serviceIndex.get(id ?? '') ?? -1]
  const path = id === undefined ? at : service ? pathOf(service) : ''
  const crumbs = pathsTo(path).map(each => ({ at: each, name: each.split('/').at(-1)! }))
  return id === undefined ? crumbs : [...crumbs, { at, name: service?.name ?? id }]
}

/** Whether one goes further in on the way from one place to another. */
export const isInward = (from: Path, to: Path): boolean =>
  serviceAtPlace(to) !== undefined || (serviceAtPlace(from) === undefined && isWithin(to, from))

/** The groups from the outermost to this one, itself included. */
export function pathsTo(path: Path): Path[] {
  const parts = path === '' ? [] : path.split('/')
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'))
}

export const isWithin = (path: Path, at: Path): boolean =>
  at === '' || path === at || path.startsWith(`${at}/`)

/** What a place of the map shows. `before`: what was shown, so that it does not flip when one service comes or goes. */
export function levelOf(topology: Topology, at: Path, before?: Level): Level {
  const id = serviceAtPlace(at)
  if (id !== undefined) return levelOfService(topology, at, id)
  const paths = topology.services.map(pathOf)
  const inside = paths.filter(path => path !== '' && isWithin(path, at))
  const wasFolded = before?.at === at && before.isFolded
  const isFolded = inside.length > (wasFolded ? reopenMax : openMax)
  const depth = tellingDepth(inside, at)
  const keys = paths.map((path, index) => {
    if (!isWithin(path, at)) return outsideKey(topology.services[index], at)
    const part = partOf(path, depth)
    return isFolded && part !== undefined ? groupPrefix + part : topology.services[index].id
  })
  const gathered = gather(topology, keys)
  const shown = at === '' ? gathered : withNeighbours(topology, keys, at, gathered)
  const isHere = (index: number) => isWithin(paths[index], at)
  return fold(topology, { at, depth, isFolded, shown, isHere })
}

/** A service with those it talks with: of very many, their groups. */
function levelOfService(topology: Topology, at: Path, id: string): Level {
  const index = topology.serviceIndex.get(id) ?? -1
  const { incoming, outgoing, links, services } = topology
  const callers = (incoming[index] ?? []).map(link => links[link].client)
  const calls = (outgoing[index] ?? []).map(link => links[link].server)
  const near = [...new Set([...callers, ...calls])].filter(each => each !== index)
  const isFolded = near.length > openMax
  const keyOf = (each: number) =>
    isFolded && services[each].group.length > 0
      ? groupPrefix + pathOf(services[each])
      : services[each].id
  const shown = new Map(index < 0 ? [] : [[id, [index]]])
  for (const [key, members] of Map.groupBy(near, keyOf)) {
    shown.set(members.length === 1 ? services[members[0]].id : key, members)
  }
  return fold(topology, { at, depth: undefined, isFolded, shown, isHere: each => each === index })
}

/** How many parts of a path one has to read to tell the services of a place apart: at least one more than its own. */
function tellingDepth(paths: readonly Path[], at: Path): number {
  const own = at === '' ? 0 : at.split('/').length
  for (let depth = own + 1; ; depth++) {
    const parts = new Set(paths.map(path => partOf(path, depth)))
    const isDeeper = paths.some(path => path.split('/').length > depth)
    if (parts.size > 1 || !isDeeper) return depth
  }
}

/** The first parts of a path; undefined when it has fewer. */
export function partOf(path: Path, depth: number): Path | undefined {
  const parts = path.split('/')
  return path === '' || parts.length < depth ? undefined : parts.slice(0, depth).join('/')
}

/** Who is elsewhere is seen as the group that is beside this place, or one of the places around it. */
function outsideKey(service: FeedService, at: Path): string {
  const [own, its] = [at.split('/'), service.group]
  let common = 0
  while (common < own.length && its[common] === own[common]) common++
  return its.length > common ? groupPrefix + its.slice(0, common + 1).join('/') : service.id
}

/** Services by what they stand in, in order of first appearance; a group of one is that one. */
function gather(topology: Topology, keys: readonly string[]): Map<string, number[]> {
  const members = new Map<string, number[]>()
  keys.forEach((key, index) => {
    const known = members.get(key)
    if (known) known.push(index)
    else members.set(key, [index])
  })
  const entries = [...members].map(([key, all]): [string, number[]] => [
    all.length === 1 ? topology.services[all[0]].id : key,
    all,
  ])
  return new Map(entries)
}

/** Of those elsewhere only who calls in or is called from here. */
function withNeighbours(
  topology: Topology,
  keys: readonly string[],
  at: Path,
  gathered: Map<string, number[]>,
): Map<string, number[]> {
  const isInside = topology.services.map(
    service => service.group.length > 0 && isWithin(pathOf(service), at),
  )
  const near = new Set<string>()
  for (const { client, server } of topology.links) {
    if (isInside[client]) near.add(keys[server])
    if (isInside[server]) near.add(keys[client])
  }
  const isShown = ([, members]: [string, number[]]) =>
    members.some(index => isInside[index] || near.has(keys[index]))
  return new Map([...gathered].filter(isShown))
}

interface Shown {
  readonly at: Path
  /** How many parts of a path name a district; undefined: there are none. */
  readonly depth: number | undefined
  readonly isFolded: boolean
  readonly shown: ReadonlyMap<string, readonly number[]>
  /** A link is seen when one of its ends is here. */
  isHere(service: number): boolean
}

function fold(topology: Topology, { at, depth, isFolded, shown, isHere }: Shown): Level {
  const nodeOf = new Int32Array(topology.services.length).fill(-1)
  const services: FeedService[] = []
  for (const [id, members] of shown) {
    for (const member of members) nodeOf[member] = services.length
    const [first] = members.map(index => topology.services[index])
    services.push(members.length === 1 ? first : groupService(id, members, topology))
  }
  const linkOf = new Int32Array(topology.links.length).fill(-1)
  const links: FeedLink[] = []
  const rivers = new Map<string, number>()
  topology.links.forEach((link, index) => {
    const [client, server] = [nodeOf[link.client], nodeOf[link.server]]
    const isSeen = client >= 0 && server >= 0 && (isHere(link.client) || isHere(link.server))
    if (!isSeen) return
    const isPlain = services[client].kind !== 'group' && services[server].kind !== 'group'
    const id = isPlain ? link.id : `${services[client].id} > ${services[server].id}`
    const known = rivers.get(id)
    linkOf[index] = known ?? links.length
    if (known !== undefined) return
    rivers.set(id, links.length)
    links.push(isPlain ? { ...link, client, server } : { id, client, server, protocol: '' })
  })
  const districts = services.map(service => {
    const path = pathOf(service)
    const isMember = service.kind !== 'group' && path !== '' && isWithin(path, at)
    return depth !== undefined && isMember ? partOf(path, depth) : undefined
  })
  const named = indexNames({ version: topology.version, services, links })
  return { at, depth, whole: topology, topology: named, nodeOf, linkOf, districts, isFolded }
}

/** A group as if it were one service. */
function groupService(id: string, members: readonly number[], { services }: Topology): FeedService {
  const path = pathOfGroup(id)!
  const all = members.map(index => services[index])
  const watched = (how: FeedService['watched']) => all.every(each => each.watched === how)
  return {
    id,
    name: path.split('/').at(-1)!,
    kind: 'group',
    role: 'plain',
    group: path.split('/'),
    instances: all.reduce((sum, { instances }) => sum + instances, 0),
    health: all.some(({ health }) => health === 'unhealthy') ? 'unhealthy' : 'unknown',
    watched: watched('wholly') ? 'wholly' : watched('no') ? 'no' : 'partly',
    away: [...new Set(all.flatMap(({ away }) => away))],
  }
}

/** Figures of all links as those of what stands on the map. Latencies do not add up: the median is weighted, p99 the worst. */
export function foldColumns({ linkOf, topology }: Level, from: LinkColumns): LinkColumns {
  const count = topology.links.length
  const columns = () => new Float64Array(count)
  const [requests, errors, errorShare, warningShare] = [columns(), columns(), columns(), columns()]
  const [p50Us, p99Us, bytes] = [columns(), columns(), columns()]
  linkOf.forEach((to, i) => {
    if (to < 0) return
    requests[to] += from.requests[i]
    errors[to] += from.errors[i]
    warningShare[to] += from.warningShare[i] * from.requests[i]
    p50Us[to] += from.p50Us[i] * from.requests[i]
    p99Us[to] = Math.max(p99Us[to], from.p99Us[i])
    bytes[to] += from.bytes[i]
  })
  for (let i = 0; i < count; i++) {
    const all = Math.max(requests[i], Number.MIN_VALUE)
    errorShare[i] = errors[i] / all
    warningShare[i] /= all
    p50Us[i] /= all
  }
  return { requests, errors, errorShare, warningShare, p50Us, p99Us, bytes }
}

/** One second of all links as one of what stands on the map. */
export function foldFrame({ linkOf, topology }: Level, frame: Frame): Frame {
  const column = () => new Float32Array(topology.links.length)
  const [ok, warning, error, p50Us, p99Us, bytes] = Array.from({ length: 6 }, column)
  linkOf.forEach((to, i) => {
    if (to < 0) return
    const requests = frame.ok[i] + frame.warning[i] + frame.error[i]
    ok[to] += frame.ok[i]
    warning[to] += frame.warning[i]
    error[to] += frame.error[i]
    p50Us[to] += frame.p50Us[i] * requests
    p99Us[to] = Math.max(p99Us[to], frame.p99Us[i])
    bytes[to] += frame.bytes[i]
  })
  for (let i = 0; i < p50Us.length; i++) {
    const requests = ok[i] + warning[i] + error[i]
    p50Us[i] = requests > 0 ? p50Us[i] / requests : 0
  }
  return { version: frame.version, timeMs: frame.timeMs, ok, warning, error, p50Us, p99Us, bytes }
}

/** The outermost place from which on this service is seen for itself: where one is, if it is seen there. */
export function placeToSee(topology: Topology, level: Level, service: number): Path {
  const node = level.nodeOf[service]
  if (node >= 0 && level.topology.services[node].id === topology.services[service].id)
    return level.at
  const path = pathOf(topology.services[service])
  for (const place of ['', ...pathsTo(path)]) {
    const { nodeOf, topology: seen } = levelOf(topology, place)
    if (seen.services[nodeOf[service]]?.id === topology.services[service].id) return place
  }
  return path
}
