import type { Births } from './births.ts'
import { FrameBlock } from './frame-block.ts'
import { type Gl, Table, Target } from './gl.ts'
import { LabelAtlas } from './label-atlas.ts'
import { districtsPass } from './passes/districts.ts'
import { dotsPass } from './passes/dots.ts'
import { labelsPass } from './passes/labels.ts'
import { lightPasses } from './passes/light.ts'
import { linksPass } from './passes/links.ts'
import { nodesPass } from './passes/nodes.ts'

/** What one frame draws; filled anew by its owner, never allocated. */
export interface Frame {
  segments: number
  districts: number
  nodes: number
  labels: number
  /** The layers below (districts, links) or above (nodes, names) the dots have changed since the last frame; below, so above. */
  baseChanged: boolean
  topChanged: boolean
  glow: boolean
  /** One value each, as uniforms take them: the time by the clock of the dots (ms), the light of trouble's halos (0 to 1). */
  readonly now: Float32Array
  readonly beat: Float32Array
  cachesTop: boolean
  births: Births
  troubles: Births
}

const glowPart = 4

/**
 * Everything that lives on the GPU, and the order of drawing:
 *
 *     [districts, links] kept as a picture -> dots -> (their glow) -> dots in trouble -> nodes, names
 *
 * It is made anew when the context was lost; nothing is remembered here that the world does not know.
 */
export class Painter {
  readonly block: FrameBlock
  readonly atlas: LabelAtlas
  readonly tables: Readonly<Record<'places' | 'nodes' | 'curves' | 'linkStyles', Table>>
  readonly lit: Table
  readonly births: Table
  readonly troubles: Table
  readonly segments: Table
  readonly districts: Table
  readonly labels: Table
  drawCalls = 0
  private readonly gl: Gl
  private readonly base: Target
  private readonly top: Target
  private readonly light: Target | undefined
  /** A fourth as wide and high, and once to blur it into; then the same of that. */
  private readonly glow: readonly Target[]
  private readonly passes: Passes

  constructor(gl: Gl, passes: Passes, density: number, glow: boolean) {
    this.gl = gl
    this.passes = passes
    const table = (unit: 'places' | 'nodes' | 'curves' | 'linkStyles') =>
      new Table(gl, unit, 'rgba32f', 1024)
    this.tables = {
      places: table('places'),
      nodes: table('nodes'),
      curves: table('curves'),
      linkStyles: table('linkStyles'),
    }
    this.lit = new Table(gl, 'lit', 'rg8', 1024)
    this.births = new Table(gl, 'births', 'rg32ui', 2048)
    this.troubles = new Table(gl, 'troubles', 'rg32ui', 2048)
    this.segments = new Table(gl, 'segments', 'rg32ui', 2048)
    this.districts = new Table(gl, 'districts', 'rgba32f', 510)
    this.labels = new Table(gl, 'labels', 'rgba32f', 510)
    this.atlas = new LabelAtlas(gl, density)
    this.base = new Target(gl, false)
    this.top = new Target(gl, false)
    this.light = glow ? new Target(gl, true) : undefined
    this.glow = glow ? [0, 1, 2, 3].map(() => new Target(gl, true)) : []
    this.block = new FrameBlock(gl)
    gl.disable(gl.DEPTH_TEST)
    gl.enable(gl.BLEND)
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA)
  }

  /** Draws one frame of `width` x `height` device pixels. */
  draw(frame: Frame, width: number, height: number): void {
    this.drawCalls = 0
    if (frame.topChanged) this.block.upload()
    if (this.base.resize(width, height) || frame.baseChanged) this.drawBase(frame)
    const shining = frame.glow && this.light !== undefined
    if (shining) this.drawLight(frame, this.light!, width, height)
    const topResized = frame.cachesTop && this.top.resize(width, height)
    if (frame.cachesTop && (topResized || frame.topChanged)) {
      this.top.begin(true)
      this.drawTop(frame)
    }
    this.toScreen(width, height)
    this.passes.light.copy(this.base)
    if (shining) this.passes.light.shine(this.light!, this.glow[0], this.glow[2])
    else this.drawDots(frame)
    this.drawTrouble(frame)
    if (frame.cachesTop) this.passes.light.copy(this.top)
    else this.drawTop(frame)
    this.drawCalls += 2
  }

  private toScreen(width: number, height: number): void {
    this.gl.bindFramebuffer(this.gl.FRAMEBUFFER, null)
    this.gl.viewport(0, 0, width, height)
  }

  private drawBase(frame: Frame): void {
    const [red, green, blue] = this.block.background
    this.base.begin(false)
    this.gl.clearColor(red, green, blue, 1)
    this.gl.clear(this.gl.COLOR_BUFFER_BIT)
    if (frame.districts > 0) this.passes.districts.draw(frame.districts)
    if (frame.segments > 0) this.passes.links.draw(frame.segments)
    this.drawCalls += 2
  }

  private drawTop(frame: Frame): void {
    this.passes.nodes.draw(frame.nodes, frame.beat)
    this.passes.labels.draw(frame.labels)
    this.drawCalls += 2
  }

  private drawDots({ births, now }: Frame): void {
    this.passes.dots.draw('births', births.first, births.count, births.capacity, now)
    this.drawCalls++
  }

  private drawTrouble({ troubles, now }: Frame): void {
    this.passes.dots.draw('troubles', troubles.first, troubles.count, troubles.capacity, now)
    this.drawCalls++
  }

  private drawLight(frame: Frame, light: Target, width: number, height: number): void {
    const { glow } = this
    light.resize(width, height)
    for (let i = 0; i < glow.length; i++) {
      const part = i < 2 ? glowPart : glowPart ** 2
      glow[i].resize(Math.max(1, Math.ceil(width / part)), Math.max(1, Math.ceil(height / part)))
    }
    light.begin(true)
    this.drawDots(frame)
    const { light: passes } = this.passes
    passes.shrink(light, glow[0])
    passes.shrink(glow[0], glow[2])
    passes.blur(glow[0], glow[1], 0)
    passes.blur(glow[1], glow[0], 1)
    passes.blur(glow[2], glow[3], 0)
    passes.blur(glow[3], glow[2], 1)
    this.drawCalls += 6
  }

  free(): void {
    const tables = [
      this.lit,
      this.births,
      this.troubles,
      this.segments,
      this.districts,
      this.labels,
    ]
    for (const table of [...tables, ...Object.values(this.tables)]) table.free()
    for (const target of [this.base, this.top, this.light, ...this.glow]) target?.free()
    this.atlas.free()
    this.block.free()
  }
}

/** The programs: made once a context, whatever the density and tier. */
export type Passes = ReturnType<typeof passesOf>

export function passesOf(gl: Gl) {
  return {
    districts: districtsPass(gl),
    links: linksPass(gl),
    dots: dotsPass(gl),
    nodes: nodesPass(gl),
    labels: labelsPass(gl),
    light: lightPasses(gl),
  }
}
