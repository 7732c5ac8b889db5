import type { FeedService, Topology } from './feed.ts'
import type { LinkColumns } from './figures.ts'
import { isWithin, machinesPlace, type Path, pathAt, pathOf, pathOfGroup } from './place.ts'

/** What is left off the map and the table. Of each list: empty, all are shown. */
export interface Filter {
  /** Names of protocols. */
  readonly protocols: readonly string[]
  /** Paths of groups: those in them, and whom they talk with. */
  readonly places: readonly string[]
  /** Links on which something went wrong lately: any trouble, or errors alone. */
  readonly trouble: 'warning' | 'error' | undefined
  /** Requests per second on a link, at least. */
  readonly rateMin: number
  /** Part of a service's name, or of its group's: those, and whom they talk with. */
  readonly name: string
  /** What is hidden, whatever else holds: ids of services, and of groups as the map has them (`group:` and a path). */
  readonly hidden: readonly string[]
}

export const emptyFilter: Filter = {
  protocols: [],
  places: [],
  trouble: undefined,
  rateMin: 0,
  name: '',
  hidden: [],
}

/** Entries of one list, and characters of one entry, that are taken from an address. */
const listMax = 100
const textMax = 512
/** A link that is shown for its rate stays until its rate is a good deal less. */
const staysFrom = 0.7

/** Services and links that pass, by index. */
export interface Shown {
  readonly services: Uint8Array
  readonly links: Uint8Array
}

/** How many of its criteria are set. */
export function criteriaOf(filter: Filter): number {
  const { protocols, places, trouble, rateMin, name, hidden } = filter
  const isSet = [protocols.length, places.length, trouble, rateMin, name, hidden.length]
  return isSet.filter(Boolean).length
}

/** Reads `?only=`, `&place=`, `&trouble=`, `&min=`, `&name=`, `&hide=`; what is not understood is left out. */
export function parseFilter(fields: URLSearchParams): Filter {
  const list = (key: string) =>
    [...new Set(fields.getAll(key))]
      .filter(each => each && each.length <= textMax)
      .slice(0, listMax)
  const trouble = fields.get('trouble')
  const rateMin = Number(fields.get('min') ?? 0)
  return {
    protocols: list('only'),
    places: list('place'),
    trouble: trouble === 'warning' || trouble === 'error' ? trouble : undefined,
    rateMin: rateMin > 0 && rateMin < 1e9 ? rateMin : 0,
    name: (fields.get('name') ?? '').slice(0, textMax),
    hidden: list('hide'),
  }
}

/** The inverse of `parseFilter`, added to `fields`. */
export function formatFilter(filter: Filter, fields: URLSearchParams): void {
  const { protocols, places, trouble, rateMin, name, hidden } = filter
  for (const each of protocols) fields.append('only', each)
  for (const each of places) fields.append('place', each)
  if (trouble) fields.set('trouble', trouble)
  if (rateMin > 0) fields.set('min', String(rateMin))
  if (name) fields.set('name', name)
  for (const each of hidden) fields.append('hide', each)
}

/** With one more in a list of it, or without it where it was in there. */
export function toggled(list: readonly string[], one: string): readonly string[] {
  return list.includes(one) ? list.filter(each => each !== one) : [...list, one].slice(-listMax)
}

/**
 * What passes; undefined: everything. `recent`: figures of the last seconds, by link; `before`: what passed a second ago,
 * which is returned again when nothing differs.
 */
export function shownBy(
  topology: Topology,
  filter: Filter,
  recent: LinkColumns,
  before?: Shown,
): Shown | undefined {
  if (criteriaOf(filter) === 0) return undefined
  const { services, links } = topology
  const isHidden = services.map(hiddenBy(filter.hidden))
  const isMeant = services.map(meantBy(filter))
  const passes = linkTest(
    filter,
    recent,
    before?.links.length === links.length ? before : undefined,
  )
  const shown = { services: new Uint8Array(services.length), links: new Uint8Array(links.length) }
  links.forEach(({ client, server, protocol }, index) => {
    const isOut = isHidden[client] || isHidden[server] || !(isMeant[client] || isMeant[server])
    if (isOut || !passes(index, protocol)) return
    shown.links[index] = shown.services[client] = shown.services[server] = 1
  })
  // Who says nothing is shown where nothing is asked of what is said.
  const isOfLinks = filter.protocols.length > 0 || filter.trouble || filter.rateMin > 0
  services.forEach((_, index) => {
    if (!isOfLinks && isMeant[index] && !isHidden[index]) shown.services[index] = 1
  })
  return before && isSame(before.services, shown.services) && isSame(before.links, shown.links)
    ? before
    : shown
}

function linkTest(
  { protocols, trouble, rateMin }: Filter,
  { requests, errorShare, warningShare }: LinkColumns,
  before: Shown | undefined,
): (index: number, protocol: string) => boolean {
  const wanted = new Set(protocols)
  return (index, protocol) => {
    if (wanted.size > 0 && !wanted.has(protocol)) return false
    const wrong = errorShare[index] + (trouble === 'warning' ? warningShare[index] : 0)
    if (trouble !== undefined && !(wrong > 0)) return false
    const least = before?.links[index] === 1 ? staysFrom * rateMin : rateMin
    return rateMin === 0 || requests[index] >= least
  }
}

function hiddenBy(hidden: readonly string[]): (service: FeedService) => boolean {
  const ids = new Set(hidden)
  const paths = hidden.map(pathOfGroup).filter(path => path !== undefined)
  return service =>
    ids.has(service.id) ||
    isInOneOf(pathOf(service), paths) ||
    isInOneOf(pathAt(machinesPlace, service), paths)
}

function meantBy({ places, name }: Filter): (service: FeedService) => boolean {
  const isThere = (service: FeedService) =>
    places.length === 0 || isInOneOf(pathOf(service), places)
  return service => isThere(service) && isNamed(service, name)
}

/** Whether its name, or its group's, holds this text. */
export function isNamed({ group, name }: FeedService, text: string): boolean {
  return `${group.join('/')}/${name}`.toLowerCase().includes(text.trim().toLowerCase())
}

const isInOneOf = (path: Path, places: readonly Path[]) =>
  path !== '' && places.some(place => isWithin(path, place))

const isSame = (a: Uint8Array, b: Uint8Array) =>
  a.length === b.length && a.every((each, index) => each === b[index])
