import { cell, districtGap, districtPad, type LayoutGraph, type Place } from './graph.ts'

/** How many places are tried for a new node, nearest first, before it goes to the edge of the map. */
const ringsMax = 28

/** Who was put where they stand by hand, and places that hands have given to nodes which are away. */
export interface Hands {
  readonly byHand: ReadonlySet<number>
  readonly away: readonly Place[]
}

const noHands: Hands = { byHand: new Set(), away: [] }

/** Members of a group further apart than this are drawn on plates of their own (draw/districts.ts). */
const reach = { x: 420, y: 300 }

interface Rect {
  left: number
  top: number
  right: number
  bottom: number
}

/**
 * Finds places for new nodes in a picture that stands: nobody else moves. A node that belongs to a group goes where
 * the group's plate can grow; callers to the left, callees to the right, level with those it talks to.
 */
export class Standing {
  private readonly graph: LayoutGraph
  private readonly places: (Place | undefined)[]
  private readonly cells = new Map<number, number[]>()
  private readonly plates = new Map<string, Rect>()
  /** Plates that could not be, for the node that is being placed: nothing that covers one can be either. */
  private readonly refused: Rect[] = []
  private readonly near: { node: number; caller: boolean }[][]

  constructor(graph: LayoutGraph, places: readonly (Place | undefined)[], hands = noHands) {
    this.graph = graph
    this.places = [...places, ...hands.away]
    this.near = graph.nodes.map(() => [])
    for (const { client, server } of graph.links) {
      if (client === server) continue
      this.near[server].push({ node: client, caller: true })
      this.near[client].push({ node: server, caller: false })
    }
    this.places.forEach((place, node) => {
      if (place) this.stand(node, place)
    })
    for (const members of this.standingGroups())
      for (const node of this.core(members, hands.byHand)) this.widen(node)
  }

  private standingGroups(): Iterable<number[]> {
    const groups = new Map<string, number[]>()
    this.graph.nodes.forEach(({ group }, node) => {
      if (group === undefined || !this.places[node]) return
      const members = groups.get(group)
      if (members) members.push(node)
      else groups.set(group, [node])
    })
    return groups.values()
  }

  /** Hands may have put members far from the rest: the plate is where most of them lie. */
  private core(members: readonly number[], byHand: ReadonlySet<number>): readonly number[] {
    if (!members.some(node => byHand.has(node))) return members
    const left = new Set(members)
    let most: readonly number[] = []
    for (const start of members) {
      if (!left.delete(start)) continue
      const cluster = [start]
      for (const at of cluster)
        for (const other of left)
          if (this.isNear(at, other)) {
            left.delete(other)
            cluster.push(other)
          }
      if (cluster.length > most.length) most = cluster
    }
    return most
  }

  private isNear(a: number, b: number): boolean {
    const [from, to] = [this.places[a]!, this.places[b]!]
    return Math.abs(from.x - to.x) <= reach.x && Math.abs(from.y - to.y) <= reach.y
  }

  /** All places, the new ones included: those next to the best known first. */
  settle(): Place[] {
    const waiting = new Set<number>()
    this.places.forEach((place, node) => {
      if (!place) waiting.add(node)
    })
    const known = (node: number) => this.near[node].filter(other => this.places[other.node]).length
    const queue = [...waiting].sort((a, b) => known(b) - known(a) || a - b)
    for (const node of queue) this.place(node)
    return this.places.slice(0, this.graph.nodes.length) as Place[]
  }

  private place(node: number): void {
    const wish = this.wishFor(node)
    this.refused.length = 0
    for (let ring = 0; ring <= ringsMax; ring++) {
      const free = this.bestOnRing(node, wish, ring)
      if (!free) continue
      this.occupy(node, free)
      return
    }
    this.occupy(node, this.edge())
  }

  private wishFor(node: number): Place {
    const known = this.near[node].filter(other => this.places[other.node])
    if (known.length === 0) return this.middleOf(this.graph.nodes[node].group)
    let x = 0
    let y = 0
    for (const { node: other, caller } of known) {
      const place = this.places[other]!
      x += place.x + (caller ? cell.width : -cell.width)
      y += place.y
    }
    const wish = { x: x / known.length, y: y / known.length }
    const { group } = this.graph.nodes[node]
    const plate = group === undefined ? undefined : this.plates.get(group)
    return plate ? nearest(plate, wish) : wish
  }

  /** The lower edge of a group's plate; for a group not yet there, or none, right of everything. */
  private middleOf(group: string | undefined): Place {
    const plate = group === undefined ? undefined : this.plates.get(group)
    if (plate)
      return {
        x: (plate.left + plate.right) / 2,
        y: plate.bottom - districtPad.bottom + cell.height,
      }
    const box = this.all()
    return { x: box.right + cell.width, y: (box.top + box.bottom) / 2 }
  }

  private all(): Rect {
    const box = { left: 0, top: 0, right: 0, bottom: 0 }
    for (const place of this.places) {
      if (!place) continue
      box.left = Math.min(box.left, place.x)
      box.right = Math.max(box.right, place.x)
      box.top = Math.min(box.top, place.y)
      box.bottom = Math.max(box.bottom, place.y)
    }
    return box
  }

  /** The free place on a square ring about the wish that lies nearest to it. */
  private bestOnRing(node: number, wish: Place, ring: number): Place | undefined {
    const stepX = cell.width / 2
    const stepY = cell.height / 2
    let best: Place | undefined
    let bestAway = Number.POSITIVE_INFINITY
    for (let dx = -ring; dx <= ring; dx++)
      for (let dy = -ring; dy <= ring; dy++) {
        if (Math.max(Math.abs(dx), Math.abs(dy)) !== ring) continue
        const place = { x: wish.x + dx * stepX, y: wish.y + dy * stepY }
        const away = Math.hypot(dx * 1.4, dy)
        if (away >= bestAway || !this.isFree(node, place)) continue
        best = place
        bestAway = away
      }
    return best
  }

  private isFree(node: number, place: Place): boolean {
    const { group } = this.graph.nodes[node]
    const own = group === undefined ? undefined : this.plates.get(group)
    const wanted = grown(own, place, group !== undefined)
    for (const refused of this.refused) if (covers(wanted, refused)) return false
    if (this.isTaken(place)) return false
    if (own && covers(own, wanted)) return true
    const isSuited = this.mayBe(wanted, group, own)
    if (!isSuited) this.refused.push(wanted)
    return isSuited
  }

  private isTaken({ x, y }: Place): boolean {
    const cx = key(x, cell.width)
    const cy = key(y, cell.height)
    for (let dx = -1; dx <= 1; dx++)
      for (let dy = -1; dy <= 1; dy++) {
        const there = this.cells.get((cx + dx) * 65_536 + cy + dy)
        if (there?.some(other => this.isClose(other, x, y))) return true
      }
    return false
  }

  private isClose(other: number, x: number, y: number): boolean {
    const place = this.places[other]!
    return Math.abs(place.x - x) < cell.width - 1 && Math.abs(place.y - y) < cell.height - 1
  }

  /** Outside other groups' plates; and its own plate, grown to hold it, covers nobody whom it did not cover before. */
  private mayBe(wanted: Rect, group: string | undefined, own: Rect | undefined): boolean {
    for (const [name, plate] of this.plates)
      if (name !== group && overlap(wanted, plate) && !(own && overlap(own, plate))) return false
    if (group === undefined) return true
    return this.nodesIn(
      wanted,
      other => !this.isStranger(other, group) || (own && isOn(own, this.places[other]!)),
    )
  }

  /** Stands here and is of another group; a place that is only kept is nobody. */
  private isStranger(other: number, group: string): boolean {
    const node = this.graph.nodes[other]
    return node !== undefined && node.group !== group
  }

  /** Whether it holds for all who stand on a plate. */
  private nodesIn(plate: Rect, holds: (node: number) => boolean | undefined): boolean {
    const { left, top, right, bottom } = plate
    const halfX = cell.width / 2
    const halfY = cell.height / 2
    for (let cx = key(left - halfX, cell.width); cx <= key(right + halfX, cell.width); cx++)
      for (let cy = key(top - halfY, cell.height); cy <= key(bottom + halfY, cell.height); cy++)
        for (const node of this.cells.get(cx * 65_536 + cy) ?? [])
          if (isOn(plate, this.places[node]!) && !holds(node)) return false
    return true
  }

  private occupy(node: number, place: Place): void {
    this.stand(node, place)
    this.widen(node)
  }

  private stand(node: number, place: Place): void {
    this.places[node] = place
    const at = key(place.x, cell.width) * 65_536 + key(place.y, cell.height)
    const there = this.cells.get(at)
    if (there) there.push(node)
    else this.cells.set(at, [node])
  }

  /** The plate of its group grows to hold it. */
  private widen(node: number): void {
    const { group } = this.graph.nodes[node]
    if (group === undefined) return
    this.plates.set(group, grown(this.plates.get(group), this.places[node]!, true))
  }

  /** Under everything: there is always room. */
  private edge(): Place {
    const { left, bottom } = this.all()
    return { x: left, y: bottom + cell.height + districtPad.top + districtPad.bottom + districtGap }
  }
}

/** The wish, or what comes nearest to it on the plate or where the plate would grow by one node. */
function nearest({ left, top, right, bottom }: Rect, { x, y }: Place): Place {
  const clamp = (value: number, low: number, high: number) => Math.max(low, Math.min(high, value))
  return {
    x: clamp(x, left + districtPad.x - cell.width, right - districtPad.x + cell.width),
    y: clamp(y, top + districtPad.top - cell.height, bottom - districtPad.bottom + cell.height),
  }
}

function key(value: number, size: number): number {
  return Math.floor(value / size)
}

function grown(plate: Rect | undefined, { x, y }: Place, district: boolean): Rect {
  const padX = district ? districtPad.x : cell.width / 2 - districtPad.x / 2
  const box = {
    left: x - padX,
    top: y - (district ? districtPad.top : cell.height / 2),
    right: x + padX,
    bottom: y + (district ? districtPad.bottom : cell.height / 2),
  }
  if (!plate) return box
  return {
    left: Math.min(plate.left, box.left),
    top: Math.min(plate.top, box.top),
    right: Math.max(plate.right, box.right),
    bottom: Math.max(plate.bottom, box.bottom),
  }
}

/** Some of a node's room lies on the plate. */
function isOn({ left, top, right, bottom }: Rect, { x, y }: Place): boolean {
  const halfX = cell.width / 2
  const halfY = cell.height / 2
  return x > left - halfX && x < right + halfX && y > top - halfY && y < bottom + halfY
}

function covers(outer: Rect, inner: Rect): boolean {
  return (
    outer.left <= inner.left &&
    outer.right >= inner.right &&
    outer.top <= inner.top &&
    outer.bottom >= inner.bottom
  )
}

function overlap(a: Rect, b: Rect): boolean {
  const gap = districtGap / 2
  return (
    a.left - gap < b.right &&
    b.left - gap < a.right &&
    a.top - gap < b.bottom &&
    b.top - gap < a.bottom
  )
}
