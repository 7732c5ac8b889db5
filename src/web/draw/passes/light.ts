import { activate, type Gl, type Program, program, type Target } from '../gl.ts'

/** Full-screen passes: copying a cached layer, and making much light into a glow that keeps its hue. */

const vertex = `
out vec2 place;
void main() {
  place = vec2(gl_VertexID == 1 ? 2. : 0., gl_VertexID == 2 ? 2. : 0.);
  gl_Position = vec4(place * 2. - 1., 0., 1.);
}`

const copySource = `
uniform sampler2D source; in vec2 place; out vec4 colour;
void main() { colour = texelFetch(source, ivec2(gl_FragCoord.xy), 0); }`

/** A picture made four times smaller: each texel the mean of the sixteen it covers, in four reads between them. */
const shrinkSource = `
uniform sampler2D source; uniform vec2 stride; in vec2 place; out vec4 colour;
void main() {
  vec3 sum = texture(source, place + stride).rgb + texture(source, place - stride).rgb;
  sum += texture(source, place + stride * vec2(1., -1.)).rgb + texture(source, place - stride * vec2(1., -1.)).rgb;
  colour = vec4(sum * .25, 1.);
}`

/** One axis of a Gaussian of 13 texels in 7 reads, between the texels. */
const blurSource = `
uniform sampler2D source; uniform vec2 stride; in vec2 place; out vec4 colour;
void main() {
  vec3 sum = texture(source, place).rgb * .1968;
  sum += (texture(source, place + stride * 1.411).rgb + texture(source, place - stride * 1.411).rgb) * .2969;
  sum += (texture(source, place + stride * 3.294).rgb + texture(source, place - stride * 3.294).rgb) * .0894;
  sum += (texture(source, place + stride * 5.176).rgb + texture(source, place - stride * 5.176).rgb) * .0153;
  colour = vec4(sum, 1.);
}`

/** Light above white is folded back along its own hue, so a bright river stays blue instead of turning to paste. */
const glowSource = `
uniform sampler2D source; uniform sampler2D glow; uniform sampler2D farGlow; in vec2 place; out vec4 colour;
void main() {
  vec3 light = texture(source, place).rgb + texture(glow, place).rgb * .45 + texture(farGlow, place).rgb * .36;
  float peak = max(light.r, max(light.g, light.b));
  float folded = 1. - exp(-peak * .95);
  vec3 rgb = peak > 0. ? light / peak * folded : vec3(0.);
  rgb = mix(rgb, vec3(folded), smoothstep(1.4, 7., peak) * .42);
  colour = vec4(rgb, folded * .25);
}`

type Filter = Program<'stride'>

export interface LightPasses {
  /** Draws a layer over what is there (premultiplied). */
  copy(layer: Target): void
  /** Draws a picture into one about a quarter as wide and high. */
  shrink(from: Target, into: Target): void
  /** Draws a picture into another of its size, blurred along x (0) or y (1). */
  blur(from: Target, into: Target, axis: 0 | 1): void
  /** Lays light, its glow and the glow's own haze over what is there. */
  shine(light: Target, glow: Target, farGlow: Target): void
}

export function lightPasses(gl: Gl): LightPasses {
  const copy = program(gl, vertex, copySource)
  const blur = program(gl, vertex, blurSource, ['stride'])
  const shrink = program(gl, vertex, shrinkSource, ['stride'])
  const glow = program(gl, vertex, glowSource)
  const filter = (pass: Filter, from: Target, into: Target, stride: Float32Array) => {
    into.begin(false)
    activate(gl, pass.program)
    from.show('source')
    gl.uniform2fv(pass.at.stride, stride)
    gl.disable(gl.BLEND)
    gl.drawArrays(gl.TRIANGLES, 0, 3)
    gl.enable(gl.BLEND)
  }
  return {
    copy(layer) {
      activate(gl, copy.program)
      layer.show('source')
      gl.drawArrays(gl.TRIANGLES, 0, 3)
    },
    shrink: (from, into) => filter(shrink, from, into, from.texel),
    blur: (from, into, axis) => filter(blur, from, into, axis === 0 ? into.texelX : into.texelY),
    shine(light, near, far) {
      activate(gl, glow.program)
      light.show('source')
      near.show('glow')
      far.show('farGlow')
      gl.drawArrays(gl.TRIANGLES, 0, 3)
    },
  }
}
