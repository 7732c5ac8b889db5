import type { FlowMap, FlowMapEvents } from './flow-map.ts'
import { listen } from './gestures.ts'
import type { Gl } from './gl.ts'
import { areNames } from './label-atlas.ts'
import { LiveMap } from './live-map.ts'
import { type Passes, passesOf } from './painter.ts'
import { Screen } from './screen.ts'
import { isSoftware, spendings, type Tier, Tiers } from './tiers.ts'

export type * from './flow-map.ts'

/** Marks of the page's timeline (`performance.getEntriesByName`). */
export const firstNames = 'inkling: first names'
export const firstDots = 'inkling: first dots'

export interface FlowMapOptions {
  /** Pins the quality instead of measuring; the page's `?tier=` does the same. */
  readonly tier?: Tier
}

/**
 * Draws a living map on a canvas and keeps it drawn until `destroy`. Throws one sentence when the browser has no
 * WebGL2; a context that is lost later comes back by itself, and the map with it.
 */
export function createFlowMap(
  canvas: HTMLCanvasElement,
  events: Partial<FlowMapEvents>,
  options: FlowMapOptions = {},
): FlowMap {
  const gl = canvas.getContext('webgl2', {
    alpha: false,
    antialias: false,
    depth: false,
    stencil: false,
    powerPreference: 'high-performance',
  })
  if (!gl) throw new Error('This browser has no WebGL2: the map cannot be drawn, the table can.')
  return new Shell(canvas, gl, events, options.tier ?? tierOfPage())
}

function tierOfPage(): Tier | undefined {
  const asked = new URLSearchParams(globalThis.location?.search).get('tier')
  return asked === '0' || asked === '1' || asked === '2' ? (Number(asked) as Tier) : undefined
}

function tiersFor(gl: Gl, pinned: Tier | undefined): Tiers {
  const names = gl.getExtension('WEBGL_debug_renderer_info')
  const renderer = String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER))
  const glow = Boolean(
    gl.getExtension('EXT_color_buffer_float') ?? gl.getExtension('EXT_color_buffer_half_float'),
  )
  return new Tiers({ software: isSoftware(renderer), glow, pinned })
}

/** Joins canvas, hands, clock and map: everything that touches the browser. */
class Shell implements FlowMap {
  private readonly canvas: HTMLCanvasElement
  private readonly gl: Gl
  private readonly events: Partial<FlowMapEvents>
  private readonly map: LiveMap
  private readonly ended = new AbortController()
  private readonly observer: ResizeObserver
  private readonly deafen: () => void
  private screen: Screen | undefined
  private passes: Passes | undefined
  private density = 0
  private request = 0
  private marks: (typeof firstNames | typeof firstDots)[] = [firstNames, firstDots]
  private lastFrameMs = 0
  private lastTickMs = 0
  /** One function for all frames: none is made anew 60 times a second. */
  private readonly onFrame = (now: number) => this.tick(now)
  private pointer: { x: number; y: number } | undefined
  /** Where a hand drags something to: followed once a frame. */
  private dragged: { x: number; y: number } | undefined

  constructor(
    canvas: HTMLCanvasElement,
    gl: Gl,
    events: Partial<FlowMapEvents>,
    pinned: Tier | undefined,
  ) {
    this.canvas = canvas
    this.gl = gl
    this.events = events
    this.map = new LiveMap(tiersFor(gl, pinned), events)
    this.deafen = this.listenToHands()
    this.listenToContext()
    this.listenToFonts()
    this.observer = new ResizeObserver(() => this.resize())
    this.observer.observe(canvas)
    this.resize()
    this.request = requestAnimationFrame(this.onFrame)
  }

  private listenToContext(): void {
    const { signal } = this.ended
    this.canvas.addEventListener(
      'webglcontextlost',
      event => {
        event.preventDefault()
        this.screen = undefined
        this.passes = undefined
        this.events.lost?.(true)
      },
      { signal },
    )
    this.canvas.addEventListener(
      'webglcontextrestored',
      () => {
        tiersFor(this.gl, undefined)
        this.resize()
        this.events.lost?.(false)
      },
      { signal },
    )
  }

  /** Names were drawn in another font while theirs was on its way. */
  private listenToFonts(): void {
    const heard = ({ fontfaces }: FontFaceSetLoadEvent) => areNames(fontfaces) && this.renew()
    document.fonts.addEventListener('loadingdone', heard, { signal: this.ended.signal })
  }

  private listenToHands(): () => void {
    const { map, events } = this
    const chosen = (x: number, y: number) => {
      const dot = map.paused ? map.dotUnder(x, y, performance.now()) : undefined
      if (dot) {
        events.dot?.(dot)
        return
      }
      const target = map.livingAt(x, y)
      map.select(target, performance.now())
      events.select?.(target)
    }
    return listen(this.canvas, {
      pan: (dx, dy) => map.pan(dx, dy),
      zoom: (factor, x, y) => map.zoom(factor, x, y),
      hover: (x, y) => {
        this.pointer = { x, y }
      },
      leave: () => {
        this.pointer = undefined
        map.refocus({ hovered: undefined }, performance.now())
        events.hover?.(undefined, 0, 0)
      },
      tap: chosen,
      doubleTap: (x, y) => {
        const target = map.livingAt(x, y)
        if (target) events.open?.(target)
        else map.fit(performance.now())
      },
      grab: (x, y) => {
        const isHeld = map.grab(x, y)
        if (isHeld) this.canvas.style.cursor = 'grabbing'
        if (isHeld) events.hover?.(undefined, 0, 0)
        return isHeld
      },
      drag: (x, y) => {
        this.dragged = { x, y }
      },
      drop: isKept => {
        this.follow()
        this.canvas.style.cursor = 'pointer'
        map.drop(isKept)
      },
    })
  }

  /** Fits the canvas to its place on the page. */
  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.canvas
    if (width === 0 || height === 0) return
    const density = this.densityNow()
    this.canvas.width = Math.round(width * density)
    this.canvas.height = Math.round(height * density)
    this.map.resize(width, height, performance.now())
    if (density !== this.density || !this.screen) this.renew()
  }

  private densityNow(): number {
    return Math.min(globalThis.devicePixelRatio || 1, spendings[this.map.tiers.tier].densityMax)
  }

  /** A new screen: the context came back, or density or tier have changed. */
  private renew(): void {
    this.density = this.densityNow()
    this.screen?.painter.free()
    this.screen = undefined
    if (this.gl.isContextLost()) return
    this.passes ??= passesOf(this.gl)
    this.screen = new Screen(this.gl, this.passes, this.map, this.density)
  }

  private tick(now: number): void {
    this.request = requestAnimationFrame(this.onFrame)
    const interval = now - this.lastFrameMs
    const { frameMs } = spendings[this.map.tiers.tier]
    if (frameMs > 0 && interval < frameMs - 4) return
    this.lastFrameMs = now
    if (this.density !== this.densityNow()) this.resize()
    const before = performance.now()
    const drew = this.step(now)
    if (!drew) return
    this.map.figures.frame(performance.now() - before, interval)
    if (!this.map.tiers.frame(interval, now)) return
    this.renew()
    this.resize()
  }

  private step(now: number): boolean {
    const { map } = this
    this.look(now)
    map.growth.step(map.world, Math.min(100, now - this.lastTickMs))
    this.lastTickMs = now
    map.births.forget(map.dotsMs(now))
    map.troubles.forget(map.dotsMs(now))
    const drew = this.screen?.draw(now) ?? false
    if (drew && this.marks.length > 0) this.mark(now)
    return drew
  }

  /** The first names and the first dots leave their marks in the page's timeline. */
  private mark(now: number): void {
    const isDrawn = {
      [firstNames]: (this.screen?.names ?? 0) > 0,
      [firstDots]: this.map.stats(now, 0).particles > 0,
    }
    for (const name of this.marks) if (isDrawn[name]) performance.mark(name)
    this.marks = this.marks.filter(name => !isDrawn[name])
  }

  private follow(): void {
    if (this.dragged) this.map.drag(this.dragged.x, this.dragged.y)
    this.dragged = undefined
  }

  /** The camera's flight and what the pointer has come to lie on. */
  private look(now: number): void {
    const { map, pointer } = this
    const { width, height } = map.size
    this.follow()
    if (map.camera.step(now, width / 2, height / 2)) map.stale.view = true
    if (map.stale.view) this.events.camera?.(map.camera)
    if (!pointer) return
    this.pointer = undefined
    this.canvas.style.cursor = map.hover(pointer.x, pointer.y, now) ? 'pointer' : 'default'
  }

  setScene(scene: Parameters<FlowMap['setScene']>[0]): void {
    this.map.setScene(scene, performance.now())
  }

  setPositions(positions: Float32Array): void {
    this.map.setPositions(positions, performance.now())
  }

  enter(direction: Parameters<FlowMap['enter']>[0]): void {
    this.map.enter(direction)
  }

  pushFrame(frame: Parameters<FlowMap['pushFrame']>[0]): void {
    this.map.pushFrame(frame, performance.now())
  }

  setTheme(theme: Parameters<FlowMap['setTheme']>[0]): void {
    this.map.theme = theme
    this.screen?.repaint()
  }

  setColours(colours: Parameters<FlowMap['setColours']>[0]): void {
    this.map.colours = colours
    this.screen?.repaint()
  }

  select(target: Parameters<FlowMap['select']>[0]): void {
    this.map.select(target, performance.now())
  }

  highlight(nodes: ReadonlySet<number> | undefined): void {
    this.map.highlight(nodes, performance.now())
  }

  setStale(stale: boolean): void {
    this.map.setStale(stale, performance.now())
  }

  setPaused(paused: boolean): void {
    this.map.setPaused(paused, performance.now())
  }

  setSlow(slow: boolean): void {
    this.map.setSlow(slow, performance.now())
  }

  setReducedMotion(reduced: boolean): void {
    this.map.setReducedMotion(reduced)
    this.screen?.repaint()
  }

  setInsets(insets: Parameters<FlowMap['setInsets']>[0]): void {
    this.map.setInsets(insets, performance.now())
  }

  fit(): void {
    this.map.fit(performance.now())
  }

  focus(node: number): void {
    this.map.goTo(node, performance.now())
  }

  stats(): ReturnType<FlowMap['stats']> {
    return this.map.stats(performance.now(), this.screen?.painter.drawCalls ?? 0)
  }

  destroy(): void {
    cancelAnimationFrame(this.request)
    this.observer.disconnect()
    this.ended.abort()
    this.deafen()
    this.screen?.painter.free()
    this.screen = undefined
  }
}
