import { texts } from '../texts.ts'
import type { FeedService } from './feed.ts'
import type { Selection } from './view.ts'

/**
 * A place of the map: the path of a group, outermost first, its parts joined by `/`; `service:` and an id: a service with
 * those it talks with; `instances:` and an id: each of its instances with those that one talks with; `machines:` and the
 * path of a machine: what runs there; empty: everything.
 */
export type Path = string

export const groupPrefix = 'group:'
/** The place of everything, by the machine it runs on. */
export const machinesPlace: Path = 'machines:'
const servicePrefix = 'service:'
const instancesPrefix = 'instances:'
const after = (prefix: string, text: string): string | undefined =>
  text.startsWith(prefix) ? text.slice(prefix.length) : undefined
/** The place of one service. */
export const placeOf = (id: string): Path => servicePrefix + id
export const serviceAtPlace = (at: Path): string | undefined => after(servicePrefix, at)
/** The place of the instances of one service. */
export const instancesPlaceOf = (id: string): Path => instancesPrefix + id
export const apartAtPlace = (at: Path): string | undefined => after(instancesPrefix, at)
export const pathOf = ({ group }: Pick<FeedService, 'group'>): Path => group.join('/')

const outsiders: readonly FeedService['kind'][] = ['internet', 'external']
/** The path of a service as a place counts: its group's, or that of the machine that it runs on. */
export function pathAt(at: Path, service: FeedService): Path {
  if (!isOfMachines(at) || service.kind === 'group') return pathOf(service)
  if (outsiders.includes(service.kind)) return ''
  return [machinesPlace, ...(service.node?.split('/') ?? [])].join('/')
}
export const isOfMachines = (at: Path): boolean => isWithin(at, machinesPlace)
/** The machine of which a place shows what runs there. */
export const nodeAtPlace = (at: Path): string | undefined =>
  after(`${machinesPlace}/`, at) || undefined
export const pathOfGroup = (id: string): Path | undefined => after(groupPrefix, id)

/** Where one goes from a place into what is selected there; undefined where it has no inside. */
export function into(at: Path, { kind, id }: Selection): Path | undefined {
  if (kind === 'group') return pathOfGroup(id)
  if (kind !== 'service') return undefined
  return at === placeOf(id) || at === instancesPlaceOf(id) ? instancesPlaceOf(id) : placeOf(id)
}

/** What a group is called. */
export const nameOfPlace = (path: Path): string =>
  path === machinesPlace ? texts.place.machines : path.split('/').at(-1)!

/** Whether one goes further in on the way from one place to another. */
export function isInward(from: Path, to: Path): boolean {
  if (apartAtPlace(to) !== undefined) return true
  if (serviceAtPlace(to) !== undefined) return apartAtPlace(from) === undefined
  const isOfService = (serviceAtPlace(from) ?? apartAtPlace(from)) !== undefined
  return !isOfService && isWithin(to, from)
}

/** The groups from the outermost to this one, itself included. */
export function pathsTo(path: Path): Path[] {
  const parts = path === '' ? [] : path.split('/')
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'))
}

export const isWithin = (path: Path, at: Path): boolean =>
  at === '' || path === at || path.startsWith(`${at}/`)

/** The first parts of a path; undefined when it has fewer. */
export function partOf(path: Path, depth: number): Path | undefined {
  const parts = path.split('/')
  return path === '' || parts.length < depth ? undefined : parts.slice(0, depth).join('/')
}
