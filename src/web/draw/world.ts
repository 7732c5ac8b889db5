import type { Scene, SceneNode } from './flow-map.ts'
import { Slots } from './slots.ts'

/** Fading of what is gone, then rest until the last dot on it has arrived. */
const restMs = 12_000
const rowTexels = 1024

/** A link as drawn; `client` and `server` are slots of nodes. */
export interface WorldLink {
  readonly id: string
  readonly client: number
  readonly server: number
  readonly protocol: string
}

export interface WorldNode {
  readonly id: string
  readonly label: string
  readonly glyph: SceneNode['glyph']
  readonly district: string | undefined
  readonly isDark: boolean
  readonly isIll: boolean
  readonly isGhost: boolean
}

/** Which tables differ from what the GPU has. */
export interface Changes {
  places: boolean
  nodes: boolean
  curves: boolean
  linkStyles: boolean
  lit: boolean
}

/**
 * All that is known of the picture, by stable slot, in the layout of the GPU's tables. It outlives the drawing
 * context: after a loss everything is uploaded again from here.
 */
export class World {
  readonly nodeSlots = new Slots(restMs)
  readonly linkSlots = new Slots(restMs)
  readonly nodes: (WorldNode | undefined)[] = []
  readonly links: (WorldLink | undefined)[] = []
  /** Slots by index of the scene. */
  nodeOf: Int32Array = new Int32Array(0)
  linkOf: Int32Array = new Int32Array(0)
  /** Per node: x and y it comes from, x and y it goes to. */
  places = new Float32Array(rowTexels * 4)
  /** Per node, 8 floats: see passes/nodes.ts. */
  nodeTable = new Float32Array(rowTexels * 4)
  /** Per link: client slot, server slot, bow, unused. */
  curves = new Float32Array(rowTexels * 4)
  /** Per link: width of the band (CSS px at scale 1), share of warnings, of errors, how far grown. */
  linkStyles = new Float32Array(rowTexels * 4)
  /** Per link: lit from, lit to (0 to 255). */
  lit = new Uint8Array(rowTexels * 2)
  /** 1 once a node has a place. */
  placed = new Uint8Array(rowTexels / 2)
  readonly changed: Changes = {
    places: true,
    nodes: true,
    curves: true,
    linkStyles: true,
    lit: true,
  }

  /** Slots of links by their two ends, both ways: what selection and routing walk along. */
  readonly linksAt = new Map<number, number[]>()

  setScene(scene: Scene, nowMs: number): void {
    const nothing = () => {}
    const heard = { added: nothing, gone: nothing }
    const nodeIds = scene.nodes.map(node => node.id)
    this.nodeOf = this.nodeSlots.assign(nodeIds, nowMs, {
      added: slot => this.reset(slot),
      gone: nothing,
    })
    this.growNodes()
    scene.nodes.forEach((node, index) => {
      this.setNode(this.nodeOf[index], node)
    })
    const linkIds = scene.links.map(link => link.id)
    this.linkOf = this.linkSlots.assign(linkIds, nowMs, heard)
    this.growLinks()
    scene.links.forEach((link, index) => {
      const slot = this.linkOf[index]
      const client = this.nodeOf[link.client]
      const server = this.nodeOf[link.server]
      this.links[slot] = { id: link.id, client, server, protocol: link.protocol }
      this.curves[slot * 4] = client
      this.curves[slot * 4 + 1] = server
    })
    this.indexLinks()
    Object.assign(this.changed, { nodes: true, curves: true, linkStyles: true, lit: true })
  }

  private reset(slot: number): void {
    if (slot < this.placed.length) this.placed[slot] = 0
  }

  private setNode(slot: number, node: SceneNode): void {
    const { id, label, glyph, district } = node
    const { isDark = false, isIll = false, isGhost = false } = node
    this.nodes[slot] = { id, label, glyph, district, isDark, isIll, isGhost }
  }

  private indexLinks(): void {
    this.linksAt.clear()
    for (const slot of this.linkOf) {
      const { client, server } = this.links[slot]!
      this.note(client, slot)
      if (server !== client) this.note(server, slot)
    }
  }

  private note(node: number, link: number): void {
    const known = this.linksAt.get(node)
    if (known) known.push(link)
    else this.linksAt.set(node, [link])
  }

  private growNodes(): void {
    const needed = this.nodeSlots.size
    this.places = grown(this.places, needed * 4, rowTexels * 4)
    this.nodeTable = grown(this.nodeTable, needed * 8, rowTexels * 4)
    this.placed = grown(this.placed, needed, rowTexels)
  }

  private growLinks(): void {
    const needed = this.linkSlots.size
    this.curves = grown(this.curves, needed * 4, rowTexels * 4)
    this.linkStyles = grown(this.linkStyles, needed * 4, rowTexels * 4)
    this.lit = grown(this.lit, needed * 2, rowTexels * 2)
  }

  /** Sends nodes to new places from wherever they are now; `moved` (0 to 1) is how far the last move has come. */
  setPositions(positions: Float32Array, moved: number): void {
    for (let index = 0; index < this.nodeOf.length; index++) {
      const slot = this.nodeOf[index]
      const at = slot * 4
      const x = positions[index * 2]
      const y = positions[index * 2 + 1]
      if (!Number.isFinite(x) || !Number.isFinite(y)) continue
      const known = this.placed[slot] === 1
      this.places[at] = known ? mix(this.places[at], this.places[at + 2], moved) : x
      this.places[at + 1] = known ? mix(this.places[at + 1], this.places[at + 3], moved) : y
      this.places[at + 2] = x
      this.places[at + 3] = y
      this.placed[slot] = 1
    }
    this.changed.places = true
  }

  /** A node is there at once, wherever it was going. */
  put(slot: number, x: number, y: number): void {
    this.places.set([x, y, x, y], slot * 4)
    this.changed.places = true
  }
}

function mix(a: number, b: number, t: number): number {
  return a + (b - a) * t
}

/** The array, or a longer copy when it is too short: whole rows, at least half as long again. */
function grown<T extends Float32Array | Uint8Array>(values: T, needed: number, row: number): T {
  if (needed <= values.length) return values
  const rows = Math.ceil((needed * 1.5) / row)
  const longer =
    values instanceof Float32Array ? new Float32Array(rows * row) : new Uint8Array(rows * row)
  longer.set(values)
  return longer as T
}
