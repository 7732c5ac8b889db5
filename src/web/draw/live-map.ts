import { Births } from './births.ts'
import { Camera, type Insets, type View, viewOf } from './camera.ts'
import { boxOf, DistrictTable } from './districts.ts'
import { dotAt } from './dot-at.ts'
import { DotClock } from './dot-clock.ts'
import { alive, Figures } from './figures.ts'
import { wholeView } from './fit.ts'
import type {
  Colours,
  Dot,
  DrawStats,
  FlowMapEvents,
  Scene,
  SceneFrame,
  Target,
  Theme,
} from './flow-map.ts'
import { type Focus, light } from './focus.ts'
import { Growth } from './growth.ts'
import { Hand } from './hand.ts'
import { Labels } from './labels.ts'
import { PageClock } from './page-clock.ts'
import { Picker, tolerancePx } from './pick.ts'
import { Rates } from './rates.ts'
import { route } from './router.ts'
import { Segments } from './segments.ts'
import { fillStill, type StillRate, stillMs } from './still.ts'
import { spendings, type Tiers } from './tiers.ts'
import { radiusPx } from './wishes.ts'
import { World } from './world.ts'

/** How long nodes move to new places, and light to others. */
const moveMs = 650
const lightMs = 180
const birthsMax = 1 << 19
const troublesMax = 1 << 16
/** While the map is paused dots are still born, for when it goes on; longer would take those that stand for newer ones. */
const bearPausedMs = 40_000
const slowPace = 0.25
const dotOutcomes = ['ok', 'warning', 'error', undefined] as const
/** Dots lie this far beside their link at most, CSS pixels. */
const bandPx = 24
/** A size that suits every tier until the real one is known. */
const nowhere = { width: 1, height: 1 }

/**
 * The living map without a picture: what is where, who is lit, what is on its way, where one looks from. The shell
 * (index.ts) feeds it hands, frames and a clock, and the screen (screen.ts) draws it.
 */
export class LiveMap {
  readonly world = new World()
  readonly rates = new Rates()
  readonly districts = new DistrictTable()
  readonly labels = new Labels()
  readonly segments = new Segments()
  readonly camera = new Camera()
  readonly growth = new Growth()
  readonly figures = new Figures()
  readonly picker = new Picker()
  readonly births = new Births(birthsMax)
  readonly troubles = new Births(troublesMax)
  readonly tiers: Tiers
  theme: Theme = 'dark'
  colours: Colours = {}
  still = false
  focus: Focus = { selected: undefined, hovered: undefined, found: undefined }
  size = nowhere
  insets: Insets = { top: 24, right: 24, bottom: 24, left: 24 }
  /** When the last move, change of light and change of names began (ms). */
  movedAtMs = Number.NEGATIVE_INFINITY
  litAtMs = Number.NEGATIVE_INFINITY
  /** What the screen has yet to notice. */
  readonly stale = { districts: true, segments: true, labels: true, births: true, view: true }
  /** Dots already in the rings were changed, not only new ones added. */
  birthsRewritten = false
  /** The hand has chosen where to look: the map no longer follows by itself. */
  private steered = false
  private waiting = false
  private pausedAtMs: number | undefined
  private entering: 'inward' | 'outward' | undefined
  private readonly clock = new PageClock()
  private readonly dotClock = new DotClock()
  private sceneIndex = { node: new Map<number, number>(), link: new Map<number, number>() }
  private lastFrame: SceneFrame | undefined
  private readonly hand: Hand

  private readonly events: Partial<FlowMapEvents>

  constructor(tiers: Tiers, events: Partial<FlowMapEvents>) {
    this.tiers = tiers
    this.hand = new Hand(this.world, this.camera)
    this.events = events
  }

  setScene(scene: Scene, nowMs: number): void {
    this.world.setScene(scene, nowMs)
    this.sceneIndex = { node: inverse(this.world.nodeOf), link: inverse(this.world.linkOf) }
    this.rates.restyle(this.world)
    this.growth.wake()
    this.focus = { ...this.focus, hovered: undefined }
    this.hand.stay()
    light(this.world, this.focus, this.lit(nowMs))
    this.arrange()
  }

  setPositions(positions: Float32Array, nowMs: number): void {
    const first = !this.world.placed.includes(1)
    const { entering } = this
    this.entering = undefined
    this.world.setPositions(positions, this.moved(nowMs))
    this.hand.stay()
    this.movedAtMs = first ? Number.NEGATIVE_INFINITY : nowMs
    this.growth.wake()
    this.arrange()
    if (first) this.camera.jump(this.whole())
    else if (entering) this.arrive(entering, nowMs)
    else if (!this.steered) this.camera.fly(this.whole(), nowMs)
    this.stale.view = true
  }

  /** The next places are those of another scene. */
  enter(direction: 'inward' | 'outward'): void {
    this.entering = direction
    this.steered = false
  }

  /** A new place comes up from afar, or one that was left is seen from further away. */
  private arrive(direction: 'inward' | 'outward', nowMs: number): void {
    const { width, height } = this.size
    const whole = this.whole()
    this.camera.jump(whole)
    this.camera.zoom(direction === 'inward' ? 0.55 : 1.7, width / 2, height / 2)
    this.camera.fly(whole, nowMs)
  }

  /** Everything that follows from where nodes and links are. */
  private arrange(): void {
    this.rates.lengths = route(this.world)
    this.districts.place(this.world)
    this.picker.invalidate()
    Object.assign(this.stale, { districts: true, segments: true, labels: true })
  }

  pushFrame(frame: SceneFrame, nowMs: number): void {
    this.rates.update(this.world, frame)
    this.lastFrame = frame
    Object.assign(this.stale, { districts: true, labels: true, births: true })
    if (this.still) this.standStill()
    if (this.still || this.waiting || this.isPausedFor(nowMs, bearPausedMs)) return
    const dotsMs = this.dotClock.at(nowMs)
    const isSkipped = this.dotClock.pace < 1 && !this.clock.isDue(dotsMs)
    const page = isSkipped ? this.clock.skip(frame.timeMs) : this.clock.place(frame.timeMs, dotsMs)
    if (page) this.rates.bear(this.world, frame, page, spendings[this.tiers.tier].room, this)
  }

  /** In reduced motion: the last second's rates as a standing picture. */
  private standStill(): void {
    const { world, rates, lastFrame } = this
    if (!lastFrame) return
    const known = [...world.linkOf].flatMap((link, index): StillRate[] => [
      { link, outcome: 0, dotsPerSecond: lastFrame.ok[index] ?? 0 },
      { link, outcome: 1, dotsPerSecond: rates.link[link * 4 + 1] },
      { link, outcome: 2, dotsPerSecond: rates.link[link * 4 + 2] },
    ])
    fillStill(
      this.births,
      known.filter(({ outcome }) => outcome === 0),
    )
    fillStill(
      this.troubles,
      known.filter(({ outcome }) => outcome !== 0),
    )
  }

  setStale(waiting: boolean, nowMs: number): void {
    this.waiting = waiting
    if (!waiting || this.still) return
    this.births.cut(this.dotClock.at(nowMs))
    this.troubles.cut(this.dotClock.at(nowMs))
    this.birthsRewritten = true
    this.stale.births = true
  }

  setReducedMotion(still: boolean): void {
    if (still === this.still) return
    this.still = still
    this.births.clear()
    this.troubles.clear()
    if (still) this.standStill()
    this.stale.births = true
  }

  /** The clock that dots live by. */
  dotsMs(nowMs: number): number {
    return this.still ? stillMs : this.dotClock.at(this.pausedAtMs ?? nowMs)
  }

  private isPausedFor(nowMs: number, ms: number): boolean {
    return this.pausedAtMs !== undefined && nowMs - this.pausedAtMs > ms
  }

  get paused(): boolean {
    return this.pausedAtMs !== undefined
  }

  setPaused(paused: boolean, nowMs: number): void {
    if (paused !== this.paused) this.pausedAtMs = paused ? nowMs : undefined
  }

  /** In slow motion dots go at a quarter of their pace, and of four seconds one is shown: as many dots as ever. */
  setSlow(slow: boolean, nowMs: number): void {
    this.dotClock.setPace(slow ? slowPace : 1, nowMs)
  }

  /** The dot under a place of the screen. */
  dotUnder(x: number, y: number, nowMs: number): Dot | undefined {
    const { camera, world, picker, troubles, births } = this
    const { scale } = camera
    const at = { x: (x - camera.x) / scale, y: (y - camera.y) / scale }
    const radiusOf = (slot: number) => radiusPx(world, slot, scale) / scale
    const reach = (bandPx + tolerancePx) / scale
    const links = picker.linksNear(world, at.x, at.y, reach, radiusOf)
    const pointing = { ...at, scale, links, radiusOf, tolerance: tolerancePx / scale }
    const found = dotAt([troubles, births], world, { ...pointing, nowMs: this.dotsMs(nowMs) })
    const link = found && this.sceneIndex.link.get(found.link)
    if (found === undefined || link === undefined) return undefined
    return { link, outcome: dotOutcomes[found.outcome], timeMs: this.clock.secondAt(found.bornMs) }
  }

  /** How far the last move of nodes has come, 0 to 1. */
  moved(nowMs: number): number {
    const t = Math.min(1, Math.max(0, (nowMs - this.movedAtMs) / moveMs))
    return t * t * (3 - 2 * t)
  }

  isMoving(nowMs: number): boolean {
    return nowMs - this.movedAtMs < moveMs
  }

  /** How far the last change of light has come, 0 to 1. */
  lit(nowMs: number): number {
    return Math.min(1, Math.max(0, (nowMs - this.litAtMs) / lightMs))
  }

  isFading(nowMs: number): boolean {
    return nowMs - this.litAtMs < lightMs
  }

  refocus(change: Partial<Focus>, nowMs: number): void {
    const faded = this.lit(nowMs)
    this.focus = { ...this.focus, ...change }
    light(this.world, this.focus, faded)
    this.litAtMs = nowMs
    this.stale.labels = true
    this.stale.districts = true
  }

  select(target: Target | undefined, nowMs: number): void {
    const slots = target?.kind === 'link' ? this.world.linkOf : this.world.nodeOf
    const slot = target && slots[target.index]
    this.refocus({ selected: slot === undefined ? undefined : { kind: target!.kind, slot } }, nowMs)
  }

  highlight(nodes: ReadonlySet<number> | undefined, nowMs: number): void {
    this.refocus(
      { found: nodes && new Set([...nodes].map(index => this.world.nodeOf[index])) },
      nowMs,
    )
  }

  /** What lies under a place of the screen, as the scene counts. */
  targetAt(x: number, y: number): Target | undefined {
    const { camera, world } = this
    const scale = camera.scale
    const radius = (slot: number) => radiusPx(world, slot, scale) / scale
    const at = { x: (x - camera.x) / scale, y: (y - camera.y) / scale }
    const hit = this.picker.at(world, at.x, at.y, tolerancePx / scale, radius)
    if (!hit) return undefined
    const map = hit.kind === 'link' ? this.sceneIndex.link : this.sceneIndex.node
    const index = map.get(hit.slot)
    return index === undefined ? undefined : { kind: hit.kind, index }
  }

  /** Of what can be selected: where a node was is nobody. */
  livingAt(x: number, y: number): Target | undefined {
    const target = this.targetAt(x, y)
    if (target?.kind !== 'service') return target
    return this.world.nodes[this.world.nodeOf[target.index]]?.isGhost ? undefined : target
  }

  /** A hand takes hold of the node there, if one can be moved. */
  grab(x: number, y: number): boolean {
    const target = this.targetAt(x, y)
    const slot = target?.kind === 'service' ? this.world.nodeOf[target.index] : undefined
    if (slot === undefined || !this.events.move || !this.hand.grab(slot, x, y)) return false
    this.steered = true
    return true
  }

  drag(x: number, y: number): void {
    if (this.hand.drag(x, y)) this.arrange()
  }

  /** What is held stays where it is, or goes back to where it came from. */
  drop(isKept: boolean): void {
    const held = this.hand.drop()
    if (!held) return
    const index = this.sceneIndex.node.get(held.slot)
    if (isKept && index !== undefined) {
      this.events.move?.(index, held.at.x, held.at.y)
      return
    }
    this.world.put(held.slot, held.from.x, held.from.y)
    this.arrange()
  }

  hover(x: number, y: number, nowMs: number): Target | undefined {
    const target = this.targetAt(x, y)
    const slots = target?.kind === 'link' ? this.world.linkOf : this.world.nodeOf
    const slot = target && slots[target.index]
    const was = this.focus.hovered
    if (was?.slot === slot && was?.kind === target?.kind) return target
    this.refocus({ hovered: slot === undefined ? undefined : { kind: target!.kind, slot } }, nowMs)
    this.events.hover?.(target, x, y)
    return target
  }

  pan(dx: number, dy: number): void {
    this.steered = true
    this.camera.pan(dx, dy)
    this.stale.view = true
  }

  zoom(factor: number, x: number, y: number): void {
    this.steered = true
    this.camera.zoom(factor, x, y)
    this.stale.view = true
  }

  fit(nowMs: number): void {
    this.steered = false
    this.camera.fly(this.whole(), nowMs)
  }

  private whole(): View {
    return wholeView(this.world, this.size, this.insets)
  }

  /** Flies to a node so close that it and its neighbours can be read. */
  goTo(index: number, nowMs: number): void {
    const slot = this.world.nodeOf[index]
    if (slot === undefined || this.world.placed[slot] === 0) return
    this.steered = true
    const links = this.world.linksAt.get(slot) ?? []
    const around = links.flatMap(link => [
      this.world.links[link]!.client,
      this.world.links[link]!.server,
    ])
    const { width, height } = this.size
    const view = viewOf(boxOf(this.world, [slot, ...around]), width, height, this.insets)
    this.camera.fly(view, nowMs)
  }

  setInsets(insets: Insets, nowMs: number): void {
    this.insets = insets
    if (this.size !== nowhere) this.resize(this.size.width, this.size.height, nowMs)
  }

  resize(width: number, height: number, nowMs: number): void {
    const first = this.size === nowhere
    this.size = { width, height }
    this.stale.view = true
    if (this.steered) return
    if (first) this.camera.jump(this.whole())
    else this.camera.fly(this.whole(), nowMs)
  }

  stats(nowMs: number, drawCalls: number): DrawStats {
    const { figures, tiers, rates } = this
    return {
      framesPerSecond: figures.framesPerSecond,
      scriptMs: figures.scriptMs,
      particles: alive(this.births, this.dotsMs(nowMs)) + alive(this.troubles, this.dotsMs(nowMs)),
      drawCalls,
      tier: tiers.tier,
      requestsPerDot: rates.density.requestsPerDot,
    }
  }
}

function inverse(slots: Int32Array): Map<number, number> {
  const map = new Map<number, number>()
  slots.forEach((slot, index) => {
    map.set(slot, index)
  })
  return map
}
