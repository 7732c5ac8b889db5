import { texts } from '../texts.ts'
import { type FeedLink, type FeedService, indexNames, type Topology } from './feed.ts'
import type { Shown } from './filter.ts'
import {
  apartAtPlace,
  groupPrefix,
  isWithin,
  nameOfPlace,
  type Path,
  partOf,
  pathAt,
  pathOf,
  pathOfGroup,
  pathsTo,
  placeOf,
  serviceAtPlace,
} from './place.ts'

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
  /** What the filter lets pass; undefined: everything. */
  readonly shown: Shown | undefined
}

/** The place around a place; of the outermost one itself. Around a service is where it is seen for itself. */
export function around(topology: Topology, at: Path): Path {
  const apart = apartAtPlace(at)
  if (apart !== undefined) return placeOf(apart)
  const service = topology.serviceIndex.get(serviceAtPlace(at) ?? '')
  if (service !== undefined) return placeToSee(topology, levelOf(topology, ''), service)
  return serviceAtPlace(at) === undefined ? at.slice(0, Math.max(0, at.lastIndexOf('/'))) : ''
}

/** The way from the outermost place to this one, itself included. */
export function crumbsOf(
  topology: Topology,
  at: Path,
): { readonly at: Path; readonly name: string }[] {
  const apart = apartAtPlace(at)
  const id = apart ?? serviceAtPlace(at)
  const service = topology.services[topology.serviceIndex.get(id ?? '') ?? -1]
  const path = id === undefined ? at : service ? pathOf(service) : ''
  const crumbs = pathsTo(path).map(each => ({ at: each, name: nameOfPlace(each) }))
  if (id !== undefined) crumbs.push({ at: placeOf(id), name: service?.name ?? id })
  if (apart !== undefined) crumbs.push({ at, name: texts.place.instances })
  return crumbs
}

/**
 * What a place of the map shows of all that passes a filter. `before`: what was shown, so that it does not flip when one
 * service comes or goes.
 */
export function levelOf(topology: Topology, at: Path, before?: Level, shown?: Shown): Level {
  const id = serviceAtPlace(at) ?? apartAtPlace(at)
  if (id !== undefined) return levelOfService(topology, at, id, shown)
  const paths = topology.services.map(service => pathAt(at, service))
  const passes = (index: number) => shown === undefined || shown.services[index] === 1
  const inside = paths.filter((path, i) => path !== '' && isWithin(path, at) && passes(i))
  const wasFolded = before?.at === at && before.isFolded
  const isFolded = inside.length > (wasFolded ? reopenMax : openMax)
  const depth = tellingDepth(inside, at)
  const keys = paths.map((path, index) => {
    if (!passes(index)) return undefined
    if (!isWithin(path, at)) return outsideKey(topology.services[index].id, path, at)
    const part = partOf(path, depth)
    return isFolded && part !== undefined ? groupPrefix + part : topology.services[index].id
  })
  const gathered = gather(topology, keys)
  const nodes = at === '' ? gathered : withNeighbours(topology, { keys, at, gathered, shown })
  const isHere = (index: number) => isWithin(paths[index], at)
  return fold(topology, { at, depth, isFolded, nodes, shown, isHere })
}

/** A service with those it talks with: of very many, their groups. */
function levelOfService(topology: Topology, at: Path, id: string, shown: Shown | undefined): Level {
  const index = topology.serviceIndex.get(id) ?? -1
  const { incoming, outgoing, links, services } = topology
  const passes = (link: number) => shown === undefined || shown.links[link] === 1
  const callers = (incoming[index] ?? []).filter(passes).map(link => links[link].client)
  const calls = (outgoing[index] ?? []).filter(passes).map(link => links[link].server)
  const near = [...new Set([...callers, ...calls])].filter(each => each !== index)
  const isFolded = near.length > openMax
  const keyOf = (each: number) =>
    isFolded && services[each].group.length > 0
      ? groupPrefix + pathOf(services[each])
      : services[each].id
  const nodes = new Map(index < 0 ? [] : [[id, [index]]])
  for (const [key, members] of Map.groupBy(near, keyOf)) {
    nodes.set(members.length === 1 ? services[members[0]].id : key, members)
  }
  const isHere = (each: number) => each === index
  return fold(topology, { at, depth: undefined, isFolded, nodes, shown, isHere })
}

/** How many parts of a path one has to read to tell the services of a place apart: at least one more than its own. */
function tellingDepth(all: readonly Path[], at: Path): number {
  const own = at === '' ? 0 : at.split('/').length
  const paths = all.filter(path => path !== at)
  for (let depth = own + 1; ; depth++) {
    const parts = new Set(paths.map(path => partOf(path, depth)))
    const isDeeper = paths.some(path => path.split('/').length > depth)
    if (parts.size > 1 || !isDeeper) return depth
  }
}

/** By service: the outermost part of its path that tells it from others; undefined where it has none. */
export function districtsOf({ services }: Topology): readonly (Path | undefined)[] {
  const paths = services.map(pathOf)
  const depth = tellingDepth(
    paths.filter(path => path !== ''),
    '',
  )
  return paths.map(path => partOf(path, depth))
}

/** Who is elsewhere is seen as the group that is beside this place, or one of the places around it. */
function outsideKey(id: string, path: Path, at: Path): string {
  const [own, its] = [at.split('/'), path === '' ? [] : path.split('/')]
  let common = 0
  while (common < own.length && its[common] === own[common]) common++
  return its.length > common ? groupPrefix + its.slice(0, common + 1).join('/') : id
}

type Keys = readonly (string | undefined)[]

/** Services by what they stand in, in order of first appearance; a group of one is that one. */
function gather(topology: Topology, keys: Keys): Map<string, number[]> {
  const members = new Map<string, number[]>()
  keys.forEach((key, index) => {
    if (key === undefined) return
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

interface Around {
  readonly keys: Keys
  readonly at: Path
  readonly gathered: Map<string, number[]>
  readonly shown: Shown | undefined
}

/** Of those elsewhere only who calls in or is called from here. */
function withNeighbours(
  topology: Topology,
  { keys, at, gathered, shown }: Around,
): Map<string, number[]> {
  const isInside = topology.services.map(service => {
    const path = pathAt(at, service)
    return path !== '' && isWithin(path, at)
  })
  const near = new Set<string | undefined>()
  topology.links.forEach(({ client, server }, index) => {
    if (shown?.links[index] === 0) return
    if (isInside[client]) near.add(keys[server])
    if (isInside[server]) near.add(keys[client])
  })
  const isNear = ([, members]: [string, number[]]) =>
    members.some(index => isInside[index] || near.has(keys[index]))
  return new Map([...gathered].filter(isNear))
}

interface Gathered {
  readonly at: Path
  /** How many parts of a path name a district; undefined: there are none. */
  readonly depth: number | undefined
  readonly isFolded: boolean
  /** Services by the id of what they stand in. */
  readonly nodes: ReadonlyMap<string, readonly number[]>
  readonly shown: Shown | undefined
  /** A link is seen when one of its ends is here. */
  isHere(service: number): boolean
}

function fold(topology: Topology, gathered: Gathered): Level {
  const { at, depth, isFolded, nodes, shown, isHere } = gathered
  const nodeOf = new Int32Array(topology.services.length).fill(-1)
  const services: FeedService[] = []
  for (const [id, members] of nodes) {
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
    if (!isSeen || shown?.links[index] === 0) return
    const isPlain = services[client].kind !== 'group' && services[server].kind !== 'group'
    const id = isPlain ? link.id : `${services[client].id} > ${services[server].id}`
    const known = rivers.get(id)
    linkOf[index] = known ?? links.length
    if (known !== undefined) return
    rivers.set(id, links.length)
    links.push(isPlain ? { ...link, client, server } : { id, client, server, protocol: '' })
  })
  const districts = services.map(service => {
    const path = pathAt(at, service)
    const isMember = service.kind !== 'group' && path !== '' && isWithin(path, at)
    return depth !== undefined && isMember ? partOf(path, depth) : undefined
  })
  const named = indexNames({ version: topology.version, services, links })
  return { at, depth, whole: topology, topology: named, nodeOf, linkOf, districts, isFolded, shown }
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

/** The outermost place from which on this service is seen for itself: where one is, if it is seen there. */
export function placeToSee(topology: Topology, level: Level, service: number): Path {
  const node = level.nodeOf[service]
  if (node >= 0 && level.topology.services[node].id === topology.services[service].id)
    return level.at
  const path = pathOf(topology.services[service])
  for (const place of ['', ...pathsTo(path)]) {
    const { nodeOf, topology: seen } = levelOf(topology, place, undefined, level.shown)
    if (seen.services[nodeOf[service]]?.id === topology.services[service].id) return place
  }
  return path
}
