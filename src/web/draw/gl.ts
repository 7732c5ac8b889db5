/** The few things every pass needs of WebGL2: programs, data textures, render targets. Nothing here knows the map. */

export type Gl = WebGL2RenderingContext

/** Names of samplers in the order of their texture units: one fixed table, so that nothing is rebound per frame. */
export const units = {
  places: 0,
  nodes: 1,
  curves: 2,
  linkStyles: 3,
  lit: 4,
  births: 5,
  troubles: 6,
  segments: 7,
  districts: 8,
  labels: 9,
  atlas: 10,
  source: 11,
  glow: 12,
  farGlow: 13,
} as const

export type Unit = keyof typeof units

/** A linked program whose samplers and frame block are already wired, with the uniforms it was asked for. */
export interface Program<Name extends string> {
  readonly program: WebGLProgram
  readonly at: Readonly<Record<Name, WebGLUniformLocation | null>>
}

const header = '#version 300 es\nprecision highp float;\nprecision highp int;\n'

function shader(gl: Gl, type: number, source: string): WebGLShader {
  const made = gl.createShader(type)!
  gl.shaderSource(made, header + source)
  gl.compileShader(made)
  return made
}

/** Compiles and links; throws with the compiler's log when the source is wrong (never when the context is lost). */
export function program<Name extends string = never>(
  gl: Gl,
  vertex: string,
  fragment: string,
  names: readonly Name[] = [],
  feedback: readonly string[] = [],
): Program<Name> {
  const made = gl.createProgram()!
  const parts = [shader(gl, gl.VERTEX_SHADER, vertex), shader(gl, gl.FRAGMENT_SHADER, fragment)]
  for (const part of parts) gl.attachShader(made, part)
  if (feedback.length > 0) gl.transformFeedbackVaryings(made, [...feedback], gl.INTERLEAVED_ATTRIBS)
  gl.linkProgram(made)
  if (!gl.getProgramParameter(made, gl.LINK_STATUS) && !gl.isContextLost()) {
    const logs = [gl.getProgramInfoLog(made), ...parts.map(part => gl.getShaderInfoLog(part))]
    throw new Error(`A shader of the map does not compile: ${logs.filter(Boolean).join('\n')}`)
  }
  for (const part of parts) gl.deleteShader(part)
  wire(gl, made)
  const at = {} as Record<Name, WebGLUniformLocation | null>
  for (const name of names) at[name] = gl.getUniformLocation(made, name)
  return { program: made, at }
}

/** Draws use this program from now on. */
export function activate(gl: Gl, made: WebGLProgram): void {
  // biome-ignore lint/correctness/useHookAtTopLevel: a method of WebGL, no hook of React
  gl.useProgram(made)
}

function wire(gl: Gl, made: WebGLProgram): void {
  activate(gl, made)
  for (const [name, unit] of Object.entries(units)) {
    const location = gl.getUniformLocation(made, name)
    if (location) gl.uniform1i(location, unit)
  }
  const block = gl.getUniformBlockIndex(made, 'Frame')
  if (block !== gl.INVALID_INDEX) gl.uniformBlockBinding(made, block, 0)
}

type Format = 'rgba32f' | 'rg32ui' | 'rg8'

interface FormatFacts {
  readonly internal: number
  readonly format: number
  readonly type: number
  readonly components: number
}

function facts(gl: Gl, format: Format): FormatFacts {
  const table: Record<Format, readonly [number, number, number, number]> = {
    rgba32f: [gl.RGBA32F, gl.RGBA, gl.FLOAT, 4],
    rg32ui: [gl.RG32UI, gl.RG_INTEGER, gl.UNSIGNED_INT, 2],
    rg8: [gl.RG8, gl.RG, gl.UNSIGNED_BYTE, 2],
  }
  const [internal, pixels, type, components] = table[format]
  return { internal, format: pixels, type, components }
}

/** A texture read by texel index: item i lies at (i % width, i / width). It grows by whole rows, never shrinks. */
export class Table {
  private readonly texture: WebGLTexture
  private readonly facts: FormatFacts
  private rows = 0
  private readonly gl: Gl
  private readonly unit: Unit
  private readonly width: number

  constructor(gl: Gl, unit: Unit, format: Format, width: number) {
    this.gl = gl
    this.unit = unit
    this.width = width
    this.facts = facts(gl, format)
    this.texture = gl.createTexture()!
    gl.activeTexture(gl.TEXTURE0 + units[unit])
    gl.bindTexture(gl.TEXTURE_2D, this.texture)
    nearest(gl)
  }

  /** Uploads texels [first, first + count) of the array, as the whole rows that hold them. */
  write(values: ArrayBufferView, first: number, count: number): void {
    if (count <= 0) return
    const { gl, width } = this
    const capacity = values.byteLength / (this.facts.components * bytesOf(values)) / width
    gl.activeTexture(gl.TEXTURE0 + units[this.unit])
    if (capacity > this.rows) this.allocate(capacity)
    const row = Math.floor(first / width)
    const rows = Math.floor((first + count - 1) / width) - row + 1
    const from = row * width * this.facts.components
    const { format, type } = this.facts
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, row, width, rows, format, type, values, from)
  }

  free(): void {
    this.gl.deleteTexture(this.texture)
  }

  private allocate(rows: number): void {
    const { internal, format, type } = this.facts
    const { gl, width } = this
    gl.texImage2D(gl.TEXTURE_2D, 0, internal, width, rows, 0, format, type, null)
    this.rows = rows
  }
}

function bytesOf(values: ArrayBufferView): number {
  return (values as Uint8Array).BYTES_PER_ELEMENT
}

function nearest(gl: Gl): void {
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST)
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST)
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE)
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE)
}

/** A picture drawn into and read again: 8 bits a channel, or half floats where light may exceed white. */
export class Target {
  width = 0
  height = 0
  /** A texel in parts of the picture: both axes, x alone, y alone. */
  readonly texel = new Float32Array(2)
  readonly texelX = new Float32Array(2)
  readonly texelY = new Float32Array(2)
  readonly texture: WebGLTexture
  readonly framebuffer: WebGLFramebuffer
  private readonly gl: Gl
  private readonly half: boolean

  constructor(gl: Gl, half: boolean) {
    this.gl = gl
    this.half = half
    this.texture = gl.createTexture()!
    this.framebuffer = gl.createFramebuffer()!
  }

  /** Makes it this large; true when that changed it, and so emptied it. */
  resize(width: number, height: number): boolean {
    if (this.width === width && this.height === height) return false
    const { gl } = this
    this.width = width
    this.height = height
    this.texel[0] = this.texelX[0] = 1 / width
    this.texel[1] = this.texelY[1] = 1 / height
    gl.activeTexture(gl.TEXTURE0 + units.source)
    gl.bindTexture(gl.TEXTURE_2D, this.texture)
    nearest(gl)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR)
    const internal = this.half ? gl.RGBA16F : gl.RGBA8
    const type = this.half ? gl.HALF_FLOAT : gl.UNSIGNED_BYTE
    gl.texImage2D(gl.TEXTURE_2D, 0, internal, width, height, 0, gl.RGBA, type, null)
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.framebuffer)
    const { COLOR_ATTACHMENT0: slot, TEXTURE_2D: kind } = gl
    gl.framebufferTexture2D(gl.FRAMEBUFFER, slot, kind, this.texture, 0)
    return true
  }

  /** Draws go here from now on; `clear` empties it first. */
  begin(clear: boolean): void {
    const { gl } = this
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.framebuffer)
    gl.viewport(0, 0, this.width, this.height)
    if (!clear) return
    gl.clearColor(0, 0, 0, 0)
    gl.clear(gl.COLOR_BUFFER_BIT)
  }

  /** Makes it the texture of a unit, for the next draw. */
  show(unit: 'source' | 'glow' | 'farGlow'): void {
    this.gl.activeTexture(this.gl.TEXTURE0 + units[unit])
    this.gl.bindTexture(this.gl.TEXTURE_2D, this.texture)
  }

  free(): void {
    this.gl.deleteTexture(this.texture)
    this.gl.deleteFramebuffer(this.framebuffer)
  }
}
