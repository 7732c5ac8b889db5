import { curveSource } from '../curve.ts'
import { frameSource } from '../frame-block.ts'
import { activate, type Gl, program } from '../gl.ts'

/**
 * Names, cut from the atlas at the very size they are shown: red is the text, green its halo in the background's
 * colour. Table `labels`, three texels each: anchor (slot), side, x and y off it (device pixels); the cut-out in the
 * atlas (x, y, width, height); opacity from and to, colour (0 text, 1 secondary, 2 warning, 3 error), anchor's kind
 * (0 node, 1 district). Sides: 0 below, 1 right, 2 above, 3 left.
 */
const vertex = `
uniform highp sampler2D labels; uniform highp sampler2D districts;
${frameSource}${curveSource}
out vec2 texel; flat out vec4 tone;
void main() {
  int label = gl_VertexID / 6, corner = gl_VertexID % 6;
  vec4 place = texelFetch(labels, at(label * 3, 510), 0);
  vec4 cut = texelFetch(labels, at(label * 3 + 1, 510), 0);
  vec4 look = texelFetch(labels, at(label * 3 + 2, 510), 0);
  float shown = mix(look.x, look.y, fades.z);
  gl_Position = nowhere;
  int anchor = int(place.x), side = int(place.y);
  vec2 origin;
  if (look.w < .5) {
    vec4 state = texelFetch(nodes, at(anchor * 2 + 1, 1024), 0);
    shown *= state.z * mix(.3, 1., smoothstep(.2, 1., mix(state.x, state.y, fades.y)));
    float r = radiusPx(anchor) + place.w;
    vec2 way = side == 0 ? vec2(0., 1.) : side == 1 ? vec2(1., 0.) : side == 2 ? vec2(0., -1.) : vec2(-1., 0.);
    origin = toPixel(spot(anchor)) + way * r + way * cut.zw * .5 - cut.zw * .5 + vec2(place.z, 0.);
  } else {
    vec4 rect = mix(texelFetch(districts, at(anchor * 3, 510), 0), texelFetch(districts, at(anchor * 3 + 1, 510), 0), fades.x);
    origin = toPixel(rect.xy) + place.zw;
  }
  if (shown <= .004) return;
  vec2 unit = vec2(corner == 1 || corner >= 4 ? 1. : 0., corner == 2 || corner == 3 || corner == 5 ? 1. : 0.);
  texel = cut.xy + unit * cut.zw;
  vec3 hue = look.z < .5 ? textColour.rgb : look.z < 1.5 ? secondaryColour.rgb
    : look.z < 2.5 ? warningColour.rgb : errorColour.rgb;
  tone = vec4(hue, shown);
  gl_Position = clip(floor(origin + .5) + unit * cut.zw);
}`

const fragment = `
uniform highp sampler2D atlas;
in vec2 texel; flat in vec4 tone; out vec4 colour;
${frameSource}
void main() {
  vec2 ink = texelFetch(atlas, ivec2(texel), 0).xy;
  float halo = ink.y * .86;
  vec3 rgb = mix(background.rgb * halo, tone.rgb, ink.x);
  colour = vec4(rgb, mix(halo, 1., ink.x)) * tone.a;
}`

export interface LabelsPass {
  draw(count: number): void
}

export function labelsPass(gl: Gl): LabelsPass {
  const { program: made } = program(gl, vertex, fragment)
  return {
    draw(count) {
      if (count === 0) return
      activate(gl, made)
      gl.drawArrays(gl.TRIANGLES, 0, count * 6)
    },
  }
}
