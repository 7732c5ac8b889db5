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
/** A ring is wider than high, as screens are. */
const flatness = 0.62

/** Places on a ring, in the order of names; with `ringCenter` the entry stands in its middle. */
export function ringPlaces(
  names: readonly string[],
  entry: string,
  ring: 'ring' | 'ringCenter',
): Float32Array<ArrayBuffer> {
  const places = new Float32Array(names.length * 2)
  const isCentre = (name: string) => ring === 'ringCenter' && name === entry
  const around = names.filter(name => !isCentre(name)).sort()
  const radius = Math.max(cell.width * 1.7, (around.length * cell.width) / (2 * Math.PI * flatness))
  const turns = new Map(around.map((name, i) => [name, turnOf(i, around.length)]))
  names.forEach((name, i) => {
    const turn = turns.get(name)
    if (turn === undefined) return
    places[i * 2] = Math.cos(turn) * radius
    places[i * 2 + 1] = Math.sin(turn) * radius * flatness
  })
  return places
}

/** From the top, clockwise; two stand left and right. */
function turnOf(index: number, count: number): number {
  const first = count <= 2 ? 0 : -Math.PI / 2
  return first + (index * 2 * Math.PI) / Math.max(1, count)
}
