import { type Cubic, loop, point, shape } from './curve.ts'
import type { World } from './world.ts'

/** How far links bend: both directions of a pair apart, and round the nodes that would lie in the way. */

const samples = 14
/** How far from the middle of a node links should pass; a group and who comes from outside are large when they are busy. */
const clearance = { plain: 28, large: 42 }
const cellSize = 96
/** More links than this are not led round nodes: nobody could follow them one by one. */
const routedMax = 4000
/** Detours tried, world units aside at the middle, cheapest first; of a short link at most this part of its length. */
const detours = [0, 26, -26, 52, -52, 84, -84, 120, -120]
const detourPartMax = 0.4
const pairBow = 0.07
const backwardMax = 120

/** A hash of cells to the nodes in them. */
class Obstacles {
  private readonly cells = new Map<number, number[]>()
  private readonly places: Float32Array
  private readonly reach: Float32Array

  constructor(world: World) {
    this.places = world.places
    this.reach = new Float32Array(world.nodeSlots.size)
    for (const slot of world.nodeOf) {
      const { glyph } = world.nodes[slot]!
      const isLarge = glyph === 'group' || glyph === 'entry'
      this.reach[slot] = isLarge ? clearance.large : clearance.plain
      const key = this.key(this.places[slot * 4 + 2], this.places[slot * 4 + 3])
      const cell = this.cells.get(key)
      if (cell) cell.push(slot)
      else this.cells.set(key, [slot])
    }
  }

  private key(x: number, y: number): number {
    return Math.floor(x / cellSize) * 65_536 + Math.floor(y / cellSize)
  }

  /** How deep a place lies in other nodes' clearance, 0 to 1. */
  depth(x: number, y: number, client: number, server: number): number {
    let deepest = 0
    for (let dx = -1; dx <= 1; dx++)
      for (let dy = -1; dy <= 1; dy++)
        for (const slot of this.cells.get(this.key(x + dx * cellSize, y + dy * cellSize)) ?? []) {
          if (slot === client || slot === server) continue
          const away = Math.hypot(this.places[slot * 4 + 2] - x, this.places[slot * 4 + 3] - y)
          deepest = Math.max(deepest, 1 - away / this.reach[slot])
        }
    return deepest
  }
}

/** Chooses every link's bow for the places that nodes go to, and measures its length into the result, by slot. */
export function route(world: World): Float32Array {
  const lengths = new Float32Array(world.linkSlots.size)
  const cubic: Cubic = new Float64Array(8)
  const pairs = new Map<number, number>()
  for (const slot of world.linkOf) {
    const { client, server } = world.links[slot]!
    pairs.set(client * 65_536 + server, (pairs.get(client * 65_536 + server) ?? 0) + 1)
  }
  const seen = new Map<number, number>()
  const obstacles = world.linkOf.length <= routedMax ? new Obstacles(world) : undefined
  for (const slot of world.linkOf) {
    const { client, server } = world.links[slot]!
    const key = client * 65_536 + server
    const turn = seen.get(key) ?? 0
    seen.set(key, turn + 1)
    const opposite = pairs.has(server * 65_536 + client)
    const aside = Math.max(opposite ? pairBow : 0, backwardBow(world, client, server))
    const own = aside + twinBow(turn, pairs.get(key) ?? 1)
    world.curves[slot * 4 + 2] = chooseBow(world, slot, own, obstacles, cubic)
    lengths[slot] = measure(cubicOf(world, slot, 20, cubic))
  }
  world.changed.curves = true
  return lengths
}

/** Links between the same two services by several protocols lie side by side. */
function twinBow(turn: number, count: number): number {
  return (turn - (count - 1) / 2) * 0.06
}

function chooseBow(
  world: World,
  slot: number,
  own: number,
  obstacles: Obstacles | undefined,
  cubic: Cubic,
): number {
  const { client, server } = world.links[slot]!
  if (!obstacles || client === server) return own
  let best = own
  let bestCost = Number.POSITIVE_INFINITY
  const length = spanOf(world, client, server)
  for (const detour of detours) {
    const bow = detour / length
    if (Math.abs(bow) > detourPartMax) continue
    world.curves[slot * 4 + 2] = own + bow
    const cost =
      hits(obstacles, cubicOf(world, slot, 20, cubic), client, server) + Math.abs(detour) * 0.004
    if (cost >= bestCost) continue
    bestCost = cost
    best = own + bow
    if (bow === 0 && cost === 0) break
  }
  return best
}

/** Links that run back or straight up and down swing out, so that they do not lie on their column. */
function backwardBow(world: World, client: number, server: number): number {
  const { places } = world
  const dx = places[server * 4 + 2] - places[client * 4 + 2]
  const dy = places[server * 4 + 3] - places[client * 4 + 3]
  const part = dx / Math.max(1, Math.hypot(dx, dy))
  const bow = part > 0.3 ? 0 : 0.14 * Math.min(1, (0.3 - part) / 0.3)
  return Math.min(bow, backwardMax / spanOf(world, client, server))
}

function spanOf({ places }: World, client: number, server: number): number {
  const dx = places[server * 4 + 2] - places[client * 4 + 2]
  const dy = places[server * 4 + 3] - places[client * 4 + 3]
  return Math.max(1, Math.hypot(dx, dy))
}

function hits(obstacles: Obstacles, cubic: Cubic, client: number, server: number): number {
  let sum = 0
  for (let i = 1; i < samples; i++) {
    const t = i / samples
    sum += obstacles.depth(point(cubic, t, 0), point(cubic, t, 1), client, server)
  }
  return sum
}

/** The control points of a link where its nodes go to; `radius` sizes a link of a node with itself. */
export function cubicOf(world: World, link: number, radius: number, out: Cubic): Cubic {
  const client = world.curves[link * 4]
  const server = world.curves[link * 4 + 1]
  const { places } = world
  const x = places[client * 4 + 2]
  const y = places[client * 4 + 3]
  if (client === server) loop(out, x, y, radius)
  else {
    const bow = world.curves[link * 4 + 2]
    shape(out, x, y, places[server * 4 + 2], places[server * 4 + 3], bow)
  }
  return out
}

function measure(cubic: Cubic): number {
  let length = 0
  let x = cubic[0]
  let y = cubic[1]
  for (let i = 1; i <= 8; i++) {
    const nextX = point(cubic, i / 8, 0)
    const nextY = point(cubic, i / 8, 1)
    length += Math.hypot(nextX - x, nextY - y)
    x = nextX
    y = nextY
  }
  return length
}
