import { type Box, isInside, type View } from './camera.ts'
import type { Gl } from './gl.ts'
import type { LiveMap } from './live-map.ts'
import { type Frame, Painter, type Passes } from './painter.ts'
import { paletteOf } from './palette.ts'
import { Patience } from './patience.ts'
import { spendings } from './tiers.ts'
import { wishesOf } from './wishes.ts'

const namesMovingMs = 250
const namesFadeMs = 150
const clockMs = 65_536
/** Device pixels a unit from which on links are cut for the view alone. */
const nearScale = 1.6
const everywhere: Box = { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity }
const tables = ['places', 'nodes', 'curves', 'linkStyles'] as const
const isStyle = { places: false, nodes: true, curves: false, linkStyles: true }

/**
 * Brings a living map to the canvas: uploads what changed, keeps names and segments fit for the view, and fills the
 * frame for the painter. Lives as long as one drawing context at one density and tier.
 */
export class Screen {
  readonly painter: Painter
  private readonly map: LiveMap
  private readonly density: number
  private readonly frame: Frame
  private octave = Number.NaN
  /** Where links are cut for, and that they should be cut for the view alone once nothing moves any more. */
  private cut: Box = everywhere
  private cutWhole = false
  private namesAtMs = Number.NEGATIVE_INFINITY
  private namesFadeAtMs = Number.NEGATIVE_INFINITY
  /** How far they had faded in when they were last drawn: where frames are rare, none may come while they do. */
  private namesDrawn = 1
  private readonly uploaded = { births: 0, troubles: 0 }
  private dirty = true
  private drewMoving = true
  private readonly patience = new Patience()

  constructor(gl: Gl, passes: Passes, map: LiveMap, density: number) {
    this.map = map
    this.density = density
    const { tier } = map.tiers
    this.painter = new Painter(gl, passes, density, tier === 2)
    this.painter.block.paint(paletteOf(map.theme, map.colours))
    map.labels.forget()
    Object.assign(map.world.changed, {
      places: true,
      nodes: true,
      curves: true,
      linkStyles: true,
      lit: true,
    })
    this.forgetDots()
    this.frame = {
      segments: 0,
      districts: 0,
      nodes: 0,
      labels: 0,
      baseChanged: true,
      topChanged: true,
      glow: false,
      now: new Float32Array(1),
      beat: new Float32Array(1),
      cachesTop: spendings[tier].cachesTop,
      births: map.births,
      troubles: map.troubles,
    }
    Object.assign(map.stale, { districts: true, segments: true, labels: true, view: true })
  }

  /** How many names are shown. */
  get names(): number {
    return this.frame.labels
  }

  repaint(): void {
    this.painter.block.paint(paletteOf(this.map.theme, this.map.colours))
    this.dirty = true
  }

  /** Draws the map as it is now; false when the last picture still holds. */
  draw(nowMs: number): boolean {
    const { map, frame } = this
    const moving = map.isMoving(nowMs) || map.isFading(nowMs)
    const viewed = map.stale.view
    const mayRestyle = !frame.cachesTop || this.patience.isOver(nowMs) || viewed || moving
    this.arrange(nowMs, viewed || map.isMoving(nowMs), mayRestyle)
    const changed = this.uploadTables(mayRestyle)
    frame.baseChanged = this.dirty || viewed || changed || moving || this.drewMoving
    frame.topChanged = frame.baseChanged || this.namesDrawn < 1
    if (frame.baseChanged) this.patience.drawn()
    const { births, troubles } = map
    const alive = births.count + troubles.count > 0
    if (!frame.topChanged && (!alive || map.still) && !this.pulses()) return false
    if (frame.topChanged) this.fillBlock(nowMs)
    frame.now[0] = map.dotsMs(nowMs) % clockMs
    frame.beat[0] = frame.cachesTop || map.still ? 1 : 0.8 + 0.2 * Math.sin(nowMs * 0.00314)
    frame.nodes = map.world.nodeSlots.size
    frame.glow = map.theme === 'dark' && map.tiers.tier === 2
    this.painter.draw(frame, this.pixels(map.size.width), this.pixels(map.size.height))
    this.dirty = false
    this.drewMoving = moving
    map.stale.view = false
    return true
  }

  private pulses(): boolean {
    return this.map.rates.troubled && !this.frame.cachesTop && !this.map.still
  }

  /** Rebuilds what depends on places or view: segments, districts, names. */
  private arrange(nowMs: number, moving: boolean, mayRestyle: boolean): void {
    const { map } = this
    if (map.stale.segments || map.stale.view || this.cutWhole) this.cutLinks(map.isMoving(nowMs))
    if (map.stale.districts && mayRestyle) this.feelDistricts()
    if (map.stale.births) this.uploadDots()
    map.stale.labels ||= moving
    const isDue = mayRestyle && nowMs - this.namesAtMs > namesMovingMs
    if (map.stale.labels && (isDue || this.frame.labels === 0)) this.chooseNames(nowMs)
  }

  /** Cuts links for this zoom; from near only those about the view, once nodes stand where they are going. */
  private cutLinks(isMoving: boolean): void {
    const { map, painter } = this
    const octave = Math.ceil(Math.log2(map.camera.scale * this.density) * 1.5)
    const view = boxSeen(map.camera, map.size)
    const isNear = map.camera.scale * this.density > nearScale
    const isCutForView = isNear && !isMoving
    const isWhole = this.cut === everywhere
    const holds = isCutForView ? !isWhole && isInside(view, this.cut) : isWhole
    this.cutWhole = isNear && isMoving
    if (!map.stale.segments && octave === this.octave && holds) return
    this.octave = octave
    this.cut = isCutForView ? around(view) : everywhere
    map.segments.build(map.world, 2 ** (octave / 1.5), isCutForView ? this.cut : undefined)
    painter.segments.write(map.segments.words, 0, map.segments.count)
    this.frame.segments = map.segments.count
    map.stale.segments = false
    this.dirty = true
  }

  private feelDistricts(): void {
    const { map, painter } = this
    map.districts.feel(map.rates, slot => map.world.nodeTable[slot * 8 + 5])
    this.frame.districts = map.districts.list.length
    painter.districts.write(map.districts.values, 0, map.districts.values.length / 4)
    map.stale.districts = false
    this.dirty = true
  }

  private chooseNames(nowMs: number): void {
    const { map, painter, density } = this
    const { labels, world, rates, districts, focus, camera, size } = map
    map.stale.labels = false
    this.namesAtMs = nowMs
    const wishes = wishesOf(world, rates, districts, focus, camera)
    if (!labels.choose(wishes, painter.atlas, density, size.width, size.height)) return
    painter.labels.write(labels.values, 0, labels.values.length / 4)
    this.frame.labels = labels.count
    this.namesFadeAtMs = nowMs
    this.namesDrawn = 0
  }

  /** True when one of them had changed; widths and shares may wait. */
  private uploadTables(mayRestyle: boolean): boolean {
    const { world } = this.map
    const { changed } = world
    let any = false
    // An iterator here would be made anew sixty times a second.
    for (let i = 0; i < tables.length; i++) {
      const name = tables[i]
      if (!changed[name] || (!mayRestyle && isStyle[name])) continue
      const values = name === 'nodes' ? world.nodeTable : world[name]
      this.painter.tables[name].write(values, 0, values.length / 4)
      changed[name] = false
      any = true
    }
    if (!changed.lit) return any
    this.painter.lit.write(world.lit, 0, world.lit.length / 2)
    changed.lit = false
    return true
  }

  /** The dots born since the last upload: one or two stretches of each ring. */
  private uploadDots(): void {
    const { map, painter, uploaded } = this
    if (map.birthsRewritten) this.forgetDots()
    map.stale.births = false
    for (const name of ['births', 'troubles'] as const) {
      const ring = map[name]
      const from = Math.max(uploaded[name], ring.head - ring.count)
      const start = from & (ring.capacity - 1)
      const count = ring.head - from
      const straight = Math.min(count, ring.capacity - start)
      painter[name].write(ring.words, start, straight)
      painter[name].write(ring.words, 0, count - straight)
      uploaded[name] = ring.head
    }
  }

  /** The next upload is of all dots that may be alive. */
  private forgetDots(): void {
    this.map.birthsRewritten = false
    Object.assign(this.uploaded, { births: 0, troubles: 0 })
    this.map.stale.births = true
  }

  /** As a small integer, which no engine puts into a box. */
  private pixels(length: number): number {
    return Math.round(length * this.density) | 0
  }

  private fillBlock(nowMs: number): void {
    const { map, density } = this
    const { block } = this.painter
    const { camera, size } = map
    block.set(0, camera.x * density, camera.y * density, camera.scale * density, density)
    block.set(1, this.pixels(size.width), this.pixels(size.height), map.still ? 1 : 0, 0)
    this.namesDrawn = Math.min(1, Math.max(0, (nowMs - this.namesFadeAtMs) / namesFadeMs))
    block.set(
      2,
      map.moved(nowMs),
      map.lit(nowMs),
      this.namesDrawn,
      opacityOfLinks(map.world.linkOf.length),
    )
    block.set(3, dotRadius(camera.scale) * density, map.tiers.tier === 2 ? 1 : 0, 0, 0)
  }
}

/** The stretch of the world on the screen. */
function boxSeen({ x, y, scale }: View, { width, height }: LiveMap['size']): Box {
  return {
    left: -x / scale,
    top: -y / scale,
    right: (width - x) / scale,
    bottom: (height - y) / scale,
  }
}

/** The same with a screen's width and height on each side. */
function around({ left, top, right, bottom }: Box): Box {
  const [wide, high] = [right - left, bottom - top]
  return { left: left - wide, top: top - high, right: right + wide, bottom: bottom + high }
}

/** Many links are drawn fainter, so that the whole stays as dark as the night. */
function opacityOfLinks(links: number): number {
  return Math.min(1.5, (155 / Math.max(1, links)) ** 0.42)
}

/** CSS pixels. */
function dotRadius(scale: number): number {
  return Math.min(3.1, Math.max(1.05, 1.75 * scale ** 0.4))
}
