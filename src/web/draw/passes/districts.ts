import { frameSource } from '../frame-block.ts'
import { activate, type Gl, program } from '../gl.ts'

/**
 * Districts: soft rounded plates under the nodes of a group. Table `districts`, three texels each: the rectangle it
 * comes from (left, top, right, bottom, world), the one it goes to, then how far grown, share of errors, of warnings.
 */
const vertex = `
uniform highp sampler2D districts;
${frameSource}
out vec2 local; flat out vec2 half_; flat out vec3 mood;
void main() {
  int plate = gl_VertexID / 6, corner = gl_VertexID % 6;
  vec4 from = texelFetch(districts, at(plate * 3, 510), 0);
  vec4 to = texelFetch(districts, at(plate * 3 + 1, 510), 0);
  mood = texelFetch(districts, at(plate * 3 + 2, 510), 0).xyz;
  vec4 rect = mix(from, to, fades.x) * view.z + view.xyxy;
  vec2 unit = vec2(corner == 1 || corner >= 4 ? 1. : -1., corner == 2 || corner == 3 || corner == 5 ? 1. : -1.);
  half_ = (rect.zw - rect.xy) * .5;
  local = unit * (half_ + 2.);
  gl_Position = clip((rect.xy + rect.zw) * .5 + local);
}`

const fragment = `
in vec2 local; flat in vec2 half_; flat in vec3 mood; out vec4 colour;
${frameSource}
void main() {
  float corner = min(min(half_.x, half_.y), clamp(26. * view.z, 8. * view.w, 40. * view.w));
  vec2 q = abs(local) - half_ + corner;
  float d = length(max(q, 0.)) + min(max(q.x, q.y), 0.) - corner;
  float inside = clamp(.5 - d, 0., 1.);
  float hair = clamp(.5 * view.w + .5 - abs(d + .5 * view.w), 0., 1.);
  vec3 trouble = mix(warningColour.rgb, errorColour.rgb, step(mood.z * .25, mood.y));
  float bad = max(smoothstep(.005, .08, mood.y), .7 * smoothstep(.02, .25, mood.z));
  float lift = .75 + .5 * (local.y / max(half_.y, 1.)) * -.5;
  vec4 plate = vec4(mix(districtColour.rgb, trouble, bad * mix(.16, .55, background.a)), districtColour.a * (1. + bad * .5) * lift);
  vec4 edge = vec4(mix(linkColour.rgb, trouble, bad * .6), mix(.3, .17, background.a) * (1. + bad));
  float a = plate.a * inside;
  vec3 rgb = plate.rgb * a;
  rgb = mix(rgb, edge.rgb, hair * edge.a);
  a = mix(a, 1., hair * edge.a);
  colour = vec4(rgb, a) * mood.x;
}`

export interface DistrictsPass {
  draw(count: number): void
}

export function districtsPass(gl: Gl): DistrictsPass {
  const { program: made } = program(gl, vertex, fragment)
  return {
    draw(count) {
      activate(gl, made)
      gl.drawArrays(gl.TRIANGLES, 0, count * 6)
    },
  }
}
