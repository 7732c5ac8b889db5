import type { Births, Page } from './births.ts'
import { counted, Density, quietDots, type Room } from './density.ts'
import type { SceneFrame } from './flow-map.ts'
import { type Outcome, travelMs } from './schedule.ts'
import type { World } from './world.ts'

/** How quickly widths and shares follow the rates: the part of the difference that is made up each second. */
const follow = 0.35
const outcomes: readonly Outcome[] = [0, 1, 2, 3]

/** Rates of links and nodes by slot, smoothed for what is drawn steadily, and the births of each second. */
export class Rates {
  readonly density = new Density()
  /** Per link slot, smoothed: requests a second in all, warnings, errors, bytes. */
  link = new Float32Array(0)
  /** Per node slot, smoothed: requests a second it takes (or sends, if it takes none), warnings, errors. */
  node = new Float32Array(0)
  /** Some service answers with errors: its halo pulses. */
  troubled = false
  /** Lengths of links in world units, by slot; kept by the router. */
  lengths: Float32Array = new Float32Array(0)
  /** Parts of dots not yet born, per link slot and outcome: in the long run no request is lost or invented. */
  private carries = new Float32Array(0)
  private readonly received = { node: new Float32Array(0), sent: new Float32Array(0) }

  /** Takes in one second: new smoothed figures, then the styles of links and nodes in the world's tables. */
  update(world: World, frame: SceneFrame): void {
    this.grow(world)
    for (let index = 0; index < world.linkOf.length; index++) {
      const at = world.linkOf[index] * 4
      const warning = frame.warning[index] ?? 0
      const error = frame.error[index] ?? 0
      this.approach(at, (frame.ok[index] ?? 0) + warning + error)
      this.approach(at + 1, warning)
      this.approach(at + 2, error)
      this.approach(at + 3, frame.bytes[index] ?? 0)
    }
    this.restyle(world)
  }

  /** Writes what the known rates look like; also for nodes and links that have none yet. */
  restyle(world: World): void {
    this.grow(world)
    this.styleLinks(world)
    this.sumNodes(world)
    this.styleNodes(world)
  }

  private approach(at: number, value: number): void {
    const was = this.link[at]
    const next = was === 0 ? value : was + (value - was) * follow
    this.link[at] = next < 1e-3 ? 0 : next
  }

  private grow(world: World): void {
    const links = world.linkSlots.size * 4
    if (this.link.length < links) {
      this.link = longer(this.link, links)
      this.carries = longer(this.carries, links)
    }
    const nodes = world.nodeSlots.size * 3
    if (this.node.length >= nodes) return
    this.node = longer(this.node, nodes)
    this.received.node = new Float32Array(this.node.length)
    this.received.sent = new Float32Array(this.node.length)
  }

  private styleLinks(world: World): void {
    for (const slot of world.linkOf) {
      const at = slot * 4
      const rate = this.link[at]
      world.linkStyles[at] = bandOf(rate, this.link[at + 3])
      world.linkStyles[at + 1] = rate > 0 ? Math.min(1, (this.link[at + 1] / rate) * 5) : 0
      world.linkStyles[at + 2] = rate > 0 ? Math.min(1, (this.link[at + 2] / rate) * 16) : 0
    }
    world.changed.linkStyles = true
  }

  private sumNodes(world: World): void {
    const { node: taken, sent } = this.received
    taken.fill(0)
    sent.fill(0)
    for (const slot of world.linkOf) {
      const link = world.links[slot]!
      for (let part = 0; part < 3; part++) {
        const value = this.link[slot * 4 + part]
        taken[link.server * 3 + part] += value
        sent[link.client * 3 + part] += value
      }
    }
    for (let at = 0; at < this.node.length; at += 3) {
      const from = taken[at] > 0 ? taken : sent
      for (let part = 0; part < 3; part++) this.node[at + part] = from[at + part]
    }
  }

  private styleNodes(world: World): void {
    this.troubled = false
    for (const slot of world.nodeOf) {
      const at = slot * 8
      const rate = this.node[slot * 3]
      const glyph = glyphCode[world.nodes[slot]!.glyph]
      world.nodeTable[at] = radiusOf(rate, glyph === glyphCode.entry)
      world.nodeTable[at + 1] = glyph + (rate > 0.02 ? 0.499 : 0.1)
      world.nodeTable[at + 2] = rate > 0 ? this.node[slot * 3 + 2] / rate : 0
      this.troubled ||= world.nodeTable[at + 2] > 0.02
      world.nodeTable[at + 3] = rate > 0 ? this.node[slot * 3 + 1] / rate : 0
    }
    world.changed.nodes = true
  }

  /** The births of one second go into the rings: what went well and mere bytes into one, trouble into the other. */
  bear(
    world: World,
    frame: SceneFrame,
    page: Page,
    room: Room,
    rings: { births: Births; troubles: Births },
  ): void {
    const scale = 1 / this.densityOf(frame, room)
    rings.births.open(page)
    rings.troubles.open(page)
    for (let index = 0; index < world.linkOf.length; index++) {
      const slot = world.linkOf[index]
      let travel = 0
      for (const outcome of outcomes) {
        const rate = dots(frame, index, outcome)
        const count =
          rate > 0 ? this.due(slot * 4 + outcome, outcome === 3 ? rate : rate * scale) : 0
        if (count === 0) continue
        travel ||= travelMs(this.lengths[slot] ?? 200, frame.p50Us[index] ?? 0)
        const ring = outcome === 0 || outcome === 3 ? rings.births : rings.troubles
        ring.add(slot, outcome, count, travel)
      }
    }
  }

  private due(at: number, rate: number): number {
    const sum = this.carries[at] + rate
    const count = Math.floor(sum + 1e-4)
    this.carries[at] = Math.max(0, sum - count)
    return count
  }

  private densityOf(frame: SceneFrame, room: Room): number {
    let total = 0
    let busiest = 0
    for (let i = 0; i < frame.ok.length; i++) {
      const rate = frame.ok[i] + frame.warning[i] + frame.error[i]
      total += rate
      if (rate > busiest) busiest = rate
    }
    return this.density.update(total, Math.max(busiest, frame.densest ?? 0), room)
  }
}

/** Codes of the signs, as passes/nodes.ts draws them. */
export const glyphCode = {
  entry: 0,
  web: 1,
  store: 2,
  queue: 3,
  external: 4,
  plain: 5,
  group: 6,
} as const

function dots(frame: SceneFrame, index: number, outcome: Outcome): number {
  if (outcome === 0) return counted(frame.ok[index] ?? 0)
  if (outcome === 1) return counted(frame.warning[index] ?? 0)
  if (outcome === 2) return counted(frame.error[index] ?? 0)
  const requests = (frame.ok[index] ?? 0) + (frame.warning[index] ?? 0) + (frame.error[index] ?? 0)
  return requests > 0 ? 0 : quietDots(frame.bytes[index] ?? 0)
}

function bandOf(rate: number, bytes: number): number {
  if (rate > 0) return 1.2 + 2.1 * Math.log10(1 + rate)
  return bytes > 0 ? 1 + 0.25 * Math.log10(1 + bytes / 100) : 0.8
}

/** World units: 12 for what rests, about 26 at a thousand requests a second. */
export function radiusOf(rate: number, entry: boolean): number {
  return (entry ? 16 : 12) + 4.6 * Math.log10(1 + rate)
}

function longer(values: Float32Array, needed: number): Float32Array<ArrayBuffer> {
  const made = new Float32Array(Math.ceil(needed * 1.5))
  made.set(values)
  return made
}
