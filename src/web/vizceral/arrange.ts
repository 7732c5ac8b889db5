import { cell } from '../layout/graph.ts'
import type { Arrangement } from './parse.ts'
import type { Place } from './place.ts'

/** How a view is laid out: as it says, else as its kind is; undefined: in layers, by the layout worker. */
export function ringOf({
  owner,
  kind,
}: Place): Extract<Arrangement, 'ring' | 'ringCenter'> | undefined {
  const wanted = owner.layout ?? (kind === 'global' ? 'ringCenter' : 'ltrTree')
  return wanted === 'ring' || wanted === 'ringCenter' ? wanted : undefined
}

/** More than this many on one ring and nobody sees a ring. */
export const ringMax = 60
/** A ring is an oval, as screens are oblong: from the top clockwise, two alone stand across. */
const flatness = 0.62

export interface Ring {
  readonly kind: 'ring' | 'ringCenter'
  readonly entry: string
  /** The screen is higher than wide: so is the ring. */
  readonly isTall: boolean
}

/** Places on a ring, in the order of names; with `ringCenter` the entry stands in its middle. */
export function ringPlaces(
  names: readonly string[],
  { kind, entry, isTall }: Ring,
): Float32Array<ArrayBuffer> {
  const places = new Float32Array(names.length * 2)
  const around = names.filter(name => kind === 'ring' || name !== entry).sort()
  const radius = Math.max(cell.width * 1.7, (around.length * cell.width) / (2 * Math.PI * flatness))
  const [wide, high] = isTall ? [radius * flatness, radius] : [radius, radius * flatness]
  const first = around.length <= 2 && !isTall ? 0 : -Math.PI / 2
  const turns = new Map(
    around.map((name, i) => [name, first + (i * 2 * Math.PI) / around.length] as const),
  )
  names.forEach((name, i) => {
    const turn = turns.get(name)
    if (turn === undefined) return
    places[i * 2] = Math.cos(turn) * wide
    places[i * 2 + 1] = Math.sin(turn) * high
  })
  return places
}
