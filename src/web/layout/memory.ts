import { type Arrangement, bounded, type Spot } from '#model/arrangement.ts'
import { cell, type LayoutGraph, type Place } from './graph.ts'

/** How much was known when a picture was laid out. */
export interface Age {
  readonly nodes: number
  readonly links: number
}

/** Where everyone stands in one place of the map. */
export interface Memory {
  readonly places: ReadonlyMap<string, Place>
  /** Who was put where they stand by hand: nobody but a hand moves them, here or gone. */
  readonly hands: ReadonlySet<string>
  /** Who was there when it was last laid out. */
  readonly here: ReadonlySet<string>
  readonly begun: Age
  /** Somebody has arranged it: it is not begun anew by itself. */
  readonly isArranged: boolean
}

export const nothing: Memory = {
  places: new Map(),
  hands: new Set(),
  here: new Set(),
  begun: { nodes: 0, links: 0 },
  isArranged: false,
}

const smallMax = 120
const growth = 1.5
/** Places of services that are gone are kept, so that they come back where they were: this many at most. */
const goneMax = 1000

/**
 * Whether the picture should be begun anew: most of it is not what was laid out, or it was laid out half blind (few
 * links were known) or is small enough that nobody has learnt it by heart.
 */
export function outgrown(then: Age, now: Age): boolean {
  if (now.nodes > then.nodes * growth) return true
  const blind = then.links < then.nodes * 0.5
  return (blind || now.nodes <= smallMax) && now.links > Math.max(2, then.links * growth)
}

/** Whether what is remembered says little of what is there: then only hands are followed. */
export function isStale(
  { places, begun, isArranged }: Memory,
  { nodes, links }: LayoutGraph,
): boolean {
  if (!isArranged) return outgrown(begun, { nodes: nodes.length, links: links.length })
  const known = nodes.reduce((sum, { id }) => sum + (places.has(id) ? 1 : 0), 0)
  return known * 2 < nodes.length
}

/**
 * The places to remember after an answer: where everyone is now, and where those who are gone were, unless somebody
 * stands there now (what hands have placed is kept in any case). Oldest first are forgotten.
 */
export function remembered(
  before: Pick<Memory, 'places' | 'hands'>,
  graph: LayoutGraph,
  positions: Float32Array,
): Map<string, Place> {
  const now = new Map(
    graph.nodes.map(({ id }, i) => [id, { x: positions[i * 2], y: positions[i * 2 + 1] }]),
  )
  const standing = [...now.values()]
  const isFree = ({ x, y }: Place) =>
    standing.every(
      other => Math.abs(other.x - x) >= cell.width - 1 || Math.abs(other.y - y) >= cell.height - 1,
    )
  const gone = [...before.places].filter(([id]) => !now.has(id))
  const byHand = gone.filter(([id]) => before.hands.has(id))
  const rest = gone.filter(([id, place]) => !before.hands.has(id) && isFree(place))
  return new Map([...rest.slice(-goneMax), ...byHand, ...now])
}

/** Places that are other now: `undefined` forgets one. */
export type Spots = ReadonlyMap<string, Spot | undefined>

/** What is remembered after somebody has changed it. */
export function changed(before: Memory, spots: Spots): Memory {
  const places = new Map(before.places)
  const hands = new Set(before.hands)
  for (const [id, spot] of spots) {
    if (spot) places.set(id, { x: spot.x, y: spot.y })
    else places.delete(id)
    if (spot?.hand) hands.add(id)
    else hands.delete(id)
  }
  return { ...before, places, hands, isArranged: true }
}

/** What another viewer has arranged: hands are those of the arrangement; whoever is not in it stays. */
export function adopted(before: Memory, arrangement: Arrangement): Memory {
  const arranged = new Map(Object.entries(arrangement))
  const letGo = [...before.hands].flatMap(id =>
    arranged.has(id) ? [] : [[id, before.places.get(id)] as const],
  )
  return changed(before, new Map([...letGo, ...arranged]))
}

/** What others should know of it: where those stand who are here, and whom hands have placed. */
export function arrangementOf(memory: Memory): Arrangement {
  const ids = new Set([...memory.hands, ...memory.here])
  return bounded([...spotsOf(memory, ids)].flatMap(([id, spot]) => (spot ? [[id, spot]] : [])))
}

/** Where these stand. */
export function spotsOf(
  { places, hands }: Memory,
  ids: Iterable<string>,
): Map<string, Spot | undefined> {
  return new Map(
    Array.from(ids, id => {
      const place = places.get(id)
      const hand = hands.has(id) ? ({ hand: true } as const) : {}
      return [id, place && { x: place.x, y: place.y, ...hand }]
    }),
  )
}
