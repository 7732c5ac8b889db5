import type { Box } from './camera.ts'
import type { Rates } from './rates.ts'
import type { World } from './world.ts'

/** Space between the centre of a node and the edge of its district, in world units. */
const padX = 84
const padTop = 62
const padBottom = 58
/** Members further apart than this are told apart as two plates of the same name. */
const reachX = 420
const reachY = 300
const districtsMax = 512
const texels = 510

/** A group of nodes that lie together. */
export interface District {
  readonly name: string
  readonly members: readonly number[]
  readonly box: Box
}

/** The districts of a placed world, where nodes go to; one a group, more when its members lie apart. */
export function districtsOf(world: World): District[] {
  const groups = new Map<string, number[]>()
  for (const slot of world.nodeOf) {
    const name = world.nodes[slot]!.district
    if (name === undefined || world.placed[slot] === 0) continue
    const members = groups.get(name)
    if (members) members.push(slot)
    else groups.set(name, [slot])
  }
  const found: District[] = []
  for (const [name, members] of groups)
    for (const cluster of clusters(world, members))
      found.push({ name, members: cluster, box: boxOf(world, cluster) })
  return found.slice(0, districtsMax)
}

/** Members that can be walked from one to the next without a step too long. */
function clusters(world: World, members: readonly number[]): number[][] {
  const left = new Set(members)
  const found: number[][] = []
  for (const start of members) {
    if (!left.delete(start)) continue
    const cluster = [start]
    for (const at of cluster)
      for (const other of left)
        if (isNear(world, at, other)) {
          left.delete(other)
          cluster.push(other)
        }
    found.push(cluster)
  }
  return found
}

function isNear({ places }: World, a: number, b: number): boolean {
  return (
    Math.abs(places[a * 4 + 2] - places[b * 4 + 2]) <= reachX &&
    Math.abs(places[a * 4 + 3] - places[b * 4 + 3]) <= reachY
  )
}

/** The box round these nodes where they go to, with room for rings and names. */
export function boxOf({ places }: World, slots: Iterable<number>): Box {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity }
  for (const slot of slots) {
    const x = places[slot * 4 + 2]
    const y = places[slot * 4 + 3]
    box.left = Math.min(box.left, x - padX)
    box.right = Math.max(box.right, x + padX)
    box.top = Math.min(box.top, y - padTop)
    box.bottom = Math.max(box.bottom, y + padBottom)
  }
  return box
}

/** The districts as the GPU reads them (passes/districts.ts); a plate that was there before grows from what it was. */
export class DistrictTable {
  values = new Float32Array(texels * 4)
  list: readonly District[] = []
  private boxes = new Map<string, Box>()

  place(world: World): void {
    const boxes = new Map<string, Box>()
    this.list = districtsOf(world)
    this.reserve()
    this.list.forEach((district, i) => {
      const key = `${district.name} ${boxes.has(`${district.name} 0`) ? i : 0}`
      const from = this.boxes.get(key) ?? district.box
      boxes.set(key, district.box)
      this.write(i * 12, from)
      this.write(i * 12 + 4, district.box)
    })
    this.boxes = boxes
  }

  private reserve(): void {
    const needed = this.list.length * 12
    if (needed <= this.values.length) return
    this.values = new Float32Array(Math.ceil(needed / (texels * 4)) * texels * 4)
  }

  private write(at: number, { left, top, right, bottom }: Box): void {
    this.values[at] = left
    this.values[at + 1] = top
    this.values[at + 2] = right
    this.values[at + 3] = bottom
  }

  /** Mood: shares of errors and warnings over the members; dimmed with them when none is lit. */
  feel(rates: Rates, lit: (slot: number) => number): void {
    this.list.forEach(({ members }, i) => {
      let rate = 0
      let warnings = 0
      let errors = 0
      let shown = 0
      for (const slot of members) {
        rate += rates.node[slot * 3] ?? 0
        warnings += rates.node[slot * 3 + 1] ?? 0
        errors += rates.node[slot * 3 + 2] ?? 0
        shown = Math.max(shown, lit(slot))
      }
      this.values[i * 12 + 8] = 0.4 + 0.6 * shown
      this.values[i * 12 + 9] = rate > 0 ? errors / rate : 0
      this.values[i * 12 + 10] = rate > 0 ? warnings / rate : 0
    })
  }
}
