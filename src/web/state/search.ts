import type { Topology } from './feed.ts'
import { isNamed } from './filter.ts'
import type { Selection } from './view.ts'

/** Results that are listed; the count says how many there are. */
export const resultsMax = 12

export interface SearchResult {
  readonly target: Selection
  readonly name: string
  /** Where it belongs: the group of a service, the protocol of a link; of a node nothing. */
  readonly place: string
}

export interface SearchResults {
  readonly results: readonly SearchResult[]
  readonly count: number
  /** Indexes of all services found: what the map highlights. */
  readonly services: ReadonlySet<number>
}

interface Scored extends SearchResult {
  readonly score: number
}

/**
 * Services, nodes and links whose name holds the letters of `text` in order; whole words and beginnings first, services
 * before nodes, nodes before links. undefined for an empty text. `nodes`: names of those that are known.
 */
export function search(
  topology: Topology,
  text: string,
  nodes: readonly string[] = [],
): SearchResults | undefined {
  const wanted = text.trim().toLowerCase()
  if (!wanted) return undefined
  const services = new Set<number>()
  const found: Scored[] = []
  topology.services.forEach((service, index) => {
    const place = service.group.join(' / ')
    const score = Math.max(match(service.name, wanted), 0.6 * match(place, wanted))
    if (score <= 0) return
    services.add(index)
    found.push({ target: { kind: 'service', id: service.id }, name: service.name, place, score })
  })
  for (const name of nodes) {
    const score = 0.85 * match(name, wanted)
    if (score > 0) found.push({ target: { kind: 'node', id: name }, name, place: '', score })
  }
  for (const link of topology.links) {
    const name = `${topology.services[link.client]?.name} → ${topology.services[link.server]?.name}`
    const score = 0.5 * Math.max(match(name, wanted), match(link.protocol, wanted))
    if (score <= 0) continue
    found.push({ target: { kind: 'link', id: link.id }, name, place: link.protocol, score })
  }
  found.sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1))
  return { results: found.slice(0, resultsMax), count: found.length, services }
}

/** Whether a filter by that name lets anything pass. */
export const isPartOfNames = (topology: Topology, text: string): boolean =>
  text.trim() !== '' && topology.services.some(service => isNamed(service, text))

/** 0: no match; 1: the whole name. A part scores by where it begins, scattered letters by how close they are. */
export function match(name: string, wanted: string): number {
  const text = name.toLowerCase()
  if (text === wanted) return 1
  const at = text.indexOf(wanted)
  if (at === 0) return 0.9
  if (at > 0) return /[\W_]/.test(text[at - 1]) ? 0.8 : 0.7
  const span = scatteredSpan(text, wanted)
  return span === undefined ? 0 : (0.5 * wanted.length) / span
}

/** Length of the stretch that holds all letters in order, if it is at most three times as long as they are. */
function scatteredSpan(text: string, wanted: string): number | undefined {
  let first = -1
  let at = -1
  for (const letter of wanted) {
    at = text.indexOf(letter, at + 1)
    if (at < 0) return undefined
    if (first < 0) first = at
  }
  const span = at - first + 1
  return wanted.length > 1 && span <= 3 * wanted.length ? span : undefined
}
