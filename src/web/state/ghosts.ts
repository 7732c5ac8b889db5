import type { FeedService, Topology } from './feed.ts'
import type { Level } from './level.ts'
import {
  groupPrefix,
  isWithin,
  type Path,
  partOf,
  pathAt,
  pathOfGroup,
  serviceAtPlace,
} from './place.ts'

/** How long a service that is gone is still shown where it was. */
export const ghostMs = 10 * 60_000
/** Ghosts at most, the newest. */
export const ghostsMax = 200

/** Something that was on the map: since when it is gone, by this machine's clock. */
export interface Ghost {
  readonly service: FeedService
  readonly sinceMs: number
}

/** A ghost where it was on the map. */
export interface MapGhost extends Ghost {
  readonly district: string | undefined
}

/** Who is gone after the names have changed: whoever is back is not. */
export function goneAfter(
  gone: readonly Ghost[],
  before: Topology | undefined,
  now: Topology,
  nowMs: number,
): readonly Ghost[] {
  const left = before?.services.filter(({ id }) => !now.serviceIndex.has(id)) ?? []
  const isBack = gone.some(({ service }) => now.serviceIndex.has(service.id))
  if (left.length === 0 && !isBack) return gone
  const still = gone.filter(({ service }) => !now.serviceIndex.has(service.id))
  return [...still, ...left.map(service => ({ service, sinceMs: nowMs }))].slice(-ghostsMax)
}

/** Without those who have been gone long enough; the same list when there are none. */
export function withoutOld(gone: readonly Ghost[], nowMs: number): readonly Ghost[] {
  const isOld = ({ sinceMs }: Ghost) => nowMs - sinceMs >= ghostMs
  return gone.some(isOld) ? gone.filter(ghost => !isOld(ghost)) : gone
}

/** Whether it is at this place that somebody is missed. */
export const isMissedAt = (at: Path, service: FeedService): boolean =>
  service.id === serviceAtPlace(at) || isWithin(pathAt(at, service), at)

/** What is gone of a place: services, or groups of which nobody is left. */
export function ghostsAt(level: Level, gone: readonly Ghost[]): readonly MapGhost[] {
  const { at, depth, isFolded, topology } = level
  const districtOf = (service: FeedService) =>
    depth === undefined ? undefined : partOf(pathAt(at, service), depth)
  const keyOf = (service: FeedService) => {
    const part = isFolded ? districtOf(service) : undefined
    return part === undefined ? service.id : groupPrefix + part
  }
  const living = new Set(topology.services.flatMap(service => [service.id, keyOf(service)]))
  const missed = gone.filter(({ service }) => isMissedAt(at, service))
  return [...Map.groupBy(missed, ({ service }) => keyOf(service))].flatMap(([key, ghosts]) => {
    if (living.has(key)) return []
    const { service, sinceMs } = ghosts.at(-1)!
    const isGroup = ghosts.length > 1
    if (!isGroup) return [{ service, sinceMs, district: districtOf(service) }]
    return [{ service: groupGhost(key, service), sinceMs, district: undefined }]
  })
}

/** A group of which nobody is left, after one who was in it. */
function groupGhost(id: string, member: FeedService): FeedService {
  const group = pathOfGroup(id)!.split('/')
  return { ...member, id, name: group.at(-1)!, kind: 'group', group }
}
