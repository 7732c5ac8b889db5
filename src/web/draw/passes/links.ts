import { curveSource } from '../curve.ts'
import { frameSource } from '../frame-block.ts'
import { activate, type Gl, program } from '../gl.ts'

/**
 * Links as ribbons: a hair of a line, and around it a soft band as wide as the traffic. Its colour is trouble's share;
 * a link with errors is dashed too, so that colour is never the only sign. Each segment is six vertices, pulled from
 * the segment table: link, then which piece (16 bits) of how many (16).
 */
const vertex = `
uniform highp usampler2D segments; uniform highp sampler2D linkStyles; uniform highp sampler2D lit;
${frameSource}${curveSource}
out vec4 shade; out vec3 across; out vec2 along;
void main() {
  uvec2 segment = texelFetch(segments, at(gl_VertexID / 6, 2048), 0).xy;
  int corner = gl_VertexID % 6;
  int link = int(segment.x);
  vec4 style = texelFetch(linkStyles, at(link, 1024), 0);
  gl_Position = nowhere;
  if (style.w <= 0.) return;
  float end = corner == 1 || corner >= 4 ? 1. : 0.;
  float side = corner == 2 || corner == 3 || corner == 5 ? 1. : -1.;
  float t = (float(segment.y >> 16) + end) / float(segment.y & 0xffffu);
  Curve k = curveOf(link);
  vec2 slope = slopeAt(k, t);
  float zoom = clamp(view.z / view.w, .35, 1.6);
  float band = style.x * zoom * view.w * (.35 + .65 * smoothstep(0., .2, t) * smoothstep(1., .8, t));
  float core = view.w * mix(.55, .85, clamp(style.x / 6., 0., 1.));
  float reach = max(band, core) + view.w;
  vec2 pixel = toPixel(pointAt(k, t)) + side * reach * vec2(-slope.y, slope.x);
  vec2 litLink = texelFetch(lit, at(link, 1024), 0).xy;
  float shown = mix(litLink.x, litLink.y, fades.y) * style.w;
  vec3 hue = mix(linkColour.rgb, warningColour.rgb, clamp(style.y, 0., 1.));
  hue = mix(hue, errorColour.rgb, clamp(style.z, 0., 1.));
  float trouble = max(style.y, style.z);
  shade = vec4(hue, linkColour.a * fades.w * shown * mix(1., 1.9, trouble) * mix(.72, 1.12, t));
  across = vec3(side * reach, core, band);
  along = vec2(t * length(k.d - k.a), style.z);
  gl_Position = clip(pixel);
}`

const fragment = `
in vec4 shade; in vec3 across; in vec2 along; out vec4 colour;
${frameSource}
void main() {
  float d = abs(across.x);
  float line = clamp(across.y + .5 - d, 0., 1.);
  float band = across.z > across.y ? exp(-2.2 * d * d / (across.z * across.z)) : 0.;
  float dash = mix(1., smoothstep(.28, .36, abs(fract(along.x / 13.) - .5) + .12), step(.5, along.y) * .75);
  float a = shade.a * min(1.4, line * 1.35 * dash + band * .42);
  colour = vec4(shade.rgb * a, a);
}`

export interface LinksPass {
  /** Draws the first `segments` segments of the table. */
  draw(segments: number): void
}

export function linksPass(gl: Gl): LinksPass {
  const { program: made } = program(gl, vertex, fragment)
  return {
    draw(segments) {
      activate(gl, made)
      gl.drawArrays(gl.TRIANGLES, 0, segments * 6)
    },
  }
}
