import type { Gl } from './gl.ts'
import { type Palette, paletteOrder } from './palette.ts'

/**
 * What all shaders know of a frame, as one uniform block:
 *
 *     view    camera x, camera y, scale (device pixels a world unit), device pixels a CSS pixel
 *     screen  width, height (device pixels), still (1: reduced motion), unused
 *     fades   places moved to, lit, labels (0 to 1 each), opacity of links
 *     traits  radius of a dot (device pixels), extra light (1: more than white), unused, unused
 *     then the palette, in its order
 *
 * Nothing in it changes while one only looks: the time and the pulse, which do, are plain uniforms of their passes.
 */
export const frameSource = `
layout(std140) uniform Frame {
  vec4 view; vec4 screen; vec4 fades; vec4 traits;
  vec4 background; vec4 okColour; vec4 ringColour; vec4 warningColour; vec4 errorColour; vec4 linkColour;
  vec4 textColour; vec4 secondaryColour; vec4 accentColour; vec4 discColour; vec4 districtColour;
};
vec4 clip(vec2 pixel) { return vec4(pixel / screen.xy * vec2(2., -2.) + vec2(-1., 1.), 0., 1.); }
ivec2 at(int index, int width) { return ivec2(index % width, index / width); }
const vec4 nowhere = vec4(2., 2., 2., 1.);
`

const vectors = 4 + paletteOrder.length

/** The block's values on this side. */
export class FrameBlock {
  readonly values = new Float32Array(vectors * 4)
  private readonly gl: Gl
  private readonly buffer: WebGLBuffer

  constructor(gl: Gl) {
    this.gl = gl
    this.buffer = gl.createBuffer()!
    gl.bindBuffer(gl.UNIFORM_BUFFER, this.buffer)
    gl.bufferData(gl.UNIFORM_BUFFER, this.values.byteLength, gl.DYNAMIC_DRAW)
    gl.bindBufferBase(gl.UNIFORM_BUFFER, 0, this.buffer)
  }

  set(vector: number, x: number, y: number, z: number, w: number): void {
    const from = vector * 4
    this.values[from] = x
    this.values[from + 1] = y
    this.values[from + 2] = z
    this.values[from + 3] = w
  }

  /** Red, green and blue of what lies behind everything. */
  get background(): readonly [number, number, number] {
    return [this.values[16], this.values[17], this.values[18]]
  }

  paint(palette: Palette): void {
    for (let i = 0; i < paletteOrder.length; i++)
      this.values.set(palette[paletteOrder[i]], (4 + i) * 4)
  }

  free(): void {
    this.gl.deleteBuffer(this.buffer)
  }

  upload(): void {
    this.gl.bufferSubData(this.gl.UNIFORM_BUFFER, 0, this.values)
  }
}
