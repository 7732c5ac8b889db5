import { curveSource } from '../curve.ts'
import { frameSource } from '../frame-block.ts'
import { activate, type Gl, program } from '../gl.ts'
import { scheduleSource } from '../schedule.ts'

/**
 * Dots on their way. A dot is one triangle, its base before the head and its tip where the tail ends: three vertices,
 * no attribute, no index. Everything comes from its two words in the ring (schedule.ts) and the tables of its link.
 */
const vertexHead = `
uniform highp usampler2D births; uniform highp usampler2D troubles;
uniform highp sampler2D linkStyles; uniform highp sampler2D lit;
uniform ivec3 range; uniform float now;
${frameSource}${scheduleSource}${curveSource}
float scatter(uint seed) {
  float a = float(seed & 255u) / 255., b = float((seed >> 8) & 255u) / 255.;
  return a + b - 1.;
}
`
const vertex = `${vertexHead}
out vec2 local; out vec4 hue; flat out vec3 form;
void main() {
  int slot = (range.x + gl_VertexID / 3) & range.y;
  ivec2 texel = ivec2(slot & 2047, slot >> 11);
  uvec2 dot = range.z == 0 ? texelFetch(births, texel, 0).xy : texelFetch(troubles, texel, 0).xy;
  float t = progressOf(dot, now);
  gl_Position = nowhere;
  if (t < 0.) return;
  int link = int(dot.x & 0xfffffu);
  int outcome = int((dot.x >> 20) & 3u);
  vec4 style = texelFetch(linkStyles, at(link, 1024), 0);
  vec2 litLink = texelFetch(lit, at(link, 1024), 0).xy;
  float shown = mix(litLink.x, litLink.y, fades.y) * style.w;
  Curve k = curveOf(link);
  vec2 slope = slopeAt(k, t);
  float zoom = clamp(view.z / view.w, .35, 1.6);
  float ends = smoothstep(0., .22, t) * smoothstep(1., .78, t);
  bool trouble = outcome == 1 || outcome == 2;
  float aside = scatter(dot.y >> 16) * style.x * zoom * view.w * ends * (trouble ? .35 : .8);
  vec2 centre = toPixel(pointAt(k, t)) + aside * vec2(-slope.y, slope.x);
  float r = traits.x * (outcome == 2 ? 2. : outcome == 1 ? 1.8 : outcome == 3 ? .8 : 1.);
  float speed = length(k.d - k.a) * view.z / travelOf(dot);
  float tail = trouble ? r * 3. : r * 3. + clamp(speed * 52., 0., r * 9.);
  if (screen.z > .5) tail = r * 3.;
  int corner = gl_VertexID % 3;
  local = corner == 0 ? vec2(-tail - r, 0.) : vec2(1.7 * r, corner == 1 ? 2.6 * r : -2.6 * r);
  hue.rgb = outcome == 0 ? okColour.rgb : outcome == 1 ? warningColour.rgb : outcome == 2 ? errorColour.rgb
    : mix(linkColour.rgb, okColour.rgb, .3);
  float grow = smoothstep(0., .04, t) * smoothstep(1., .97, t);
  hue.a = shown * (screen.z > .5 ? 1. : grow) * (outcome == 3 ? .6 : 1.);
  if (!trouble) hue.a *= mix(.6, 1., smoothstep(.25, 1., view.z / view.w));
  form = vec3(r, tail, float(outcome));
  vec2 pixel = centre + local.x * slope + local.y * vec2(-slope.y, slope.x);
  gl_Position = clip(pixel);
}`

const fragment = `
in vec2 local; in vec4 hue; flat in vec3 form; out vec4 colour;
${frameSource}
float chevron(vec2 p, float r) { return abs(p.x + abs(p.y) * .9 - r * .5) - r * .34; }
void main() {
  float r = form.x, d = length(local), dark = background.a, a, light = 0., veil;
  if (screen.z > .5 && form.z != 1. && form.z != 2.) {
    a = clamp(.5 - chevron(local / 1.4, r), 0., 1.) * step(abs(local.y), r * 1.5);
    veil = 1.;
  } else if (form.z == 1.) {
    float diamond = (abs(local.x) + abs(local.y)) * .7071 - r * .72;
    a = clamp(.5 - diamond, 0., 1.);
    light = exp(-d * d / (r * r * 1.1)) * .35;
    veil = 1.;
  } else if (form.z == 2.) {
    vec2 q = abs(vec2(local.x + local.y, local.x - local.y)) * .7071;
    float arms = min(max(q.x - r, q.y - r * .34), max(q.y - r, q.x - r * .34));
    a = clamp(.5 - arms, 0., 1.);
    light = exp(-d * d / (r * r * 1.3)) * .4;
    veil = 1.;
  } else {
    float along = clamp(1. + local.x / form.y, 0., 1.);
    float width = r * along * .8;
    float tail = local.x < 0. ? along * along * clamp(width + .5 - abs(local.y), 0., 1.) : 0.;
    float head = mix(clamp(r + .5 - d, 0., 1.), exp(-d * d / (r * r * .62)), dark * .8);
    a = max(head, tail * mix(.42, .4, dark)) * mix(.9, 1., dark);
    light = exp(-d * d / (r * r * 1.9)) * mix(.16, .5, traits.y);
    a *= 1. + traits.y * .4;
    veil = 1. - dark * mix(.3, 1., traits.y);
  }
  float ink = (a + light * dark) * hue.a;
  colour = vec4(hue.rgb * ink, min(1., ink) * veil);
}`

/** Which ring: the many ok dots, or the few in trouble that are drawn last. */
export type Ring = 'births' | 'troubles'

export interface DotsPass {
  /** Draws `count` dots of a ring from slot `first` on, as they are at `now`; `capacity` is a power of two. */
  draw(ring: Ring, first: number, count: number, capacity: number, now: Float32Array): void
}

export function dotsPass(gl: Gl): DotsPass {
  const { program: made, at } = program(gl, vertex, fragment, ['range', 'now'])
  return {
    draw(ring, first, count, capacity, now) {
      if (count === 0) return
      activate(gl, made)
      gl.uniform3i(at.range, first, capacity - 1, ring === 'births' ? 0 : 1)
      gl.uniform1fv(at.now, now)
      gl.drawArrays(gl.TRIANGLES, 0, count * 3)
    },
  }
}

/** The same schedule as a program without a picture: writes `progress` of each dot, for the check against the mirror. */
export const progressSource = `${vertexHead}
out float part;
void main() {
  int slot = (range.x + gl_VertexID) & range.y;
  part = progressOf(texelFetch(births, ivec2(slot & 2047, slot >> 11), 0).xy, now);
}`
