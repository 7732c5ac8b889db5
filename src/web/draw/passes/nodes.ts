import { curveSource } from '../curve.ts'
import { frameSource } from '../frame-block.ts'
import { activate, type Gl, program } from '../gl.ts'

/**
 * Nodes as rings: errors first from twelve o'clock, then warnings, then what went well; a halo for trouble; a sign for
 * what it is. Table `nodes`, two texels a node: radius, glyph + activity / 2, share of errors, share of warnings;
 * then lit from, lit to, how far grown (0 to 1), marks (1 selected, 2 hovered, 4 found,
 * 8 dark: hatched, because nobody sees it; 16 ghost: dashed and empty, because it is gone; 32 ill: a cross in a disc at
 * its upper right).
 */
const vertex = `
${frameSource}${curveSource}
out vec2 local; flat out vec4 facts; flat out vec4 state; flat out vec3 size;
void main() {
  int node = gl_VertexID / 6, corner = gl_VertexID % 6;
  facts = texelFetch(nodes, at(node * 2, 1024), 0);
  state = texelFetch(nodes, at(node * 2 + 1, 1024), 0);
  gl_Position = nowhere;
  if (state.z <= 0.) return;
  float grown = state.z < 1. ? 1. - pow(1. - state.z, 3.) : 1.;
  float r = radiusPx(node) * (.3 + .7 * grown);
  float reach = r * 2.1 + 12. * view.w;
  vec2 unit = vec2(corner == 1 || corner >= 4 ? 1. : -1., corner == 2 || corner == 3 || corner == 5 ? 1. : -1.);
  local = unit * reach;
  size = vec3(r, grown, mix(state.x, state.y, fades.y));
  gl_Position = clip(toPixel(spot(node)) + local);
}`

const glyphs = `
float stroke(float d, float w) { return clamp(.5 + w - abs(d), 0., 1.); }
float box(vec2 p, vec2 b, float r) { vec2 q = abs(p) - b + r; return length(max(q, 0.)) + min(max(q.x, q.y), 0.) - r; }
float fill(float d) { return clamp(.5 - d, 0., 1.); }
float globe(vec2 p, float s, float w) {
  float ball = stroke(length(p) - s, w);
  float inside = fill(length(p) - s);
  float middle = stroke((length(p * vec2(2.3, 1.)) - s) / 1.6, w);
  float belt = stroke(p.y, w) * inside;
  return max(ball, max(middle * inside, belt));
}
float page(vec2 p, float s, float w) {
  float rim = stroke(box(p, vec2(s, s * .78), s * .22), w);
  return max(rim, stroke(p.y + s * .3, w) * fill(box(p, vec2(s, s * .78), s * .2)));
}
float bars(vec2 p, float s) {
  float d = 1e3;
  for (int i = -1; i <= 1; i++) d = min(d, box(p - vec2(0., float(i) * s * .68), vec2(s * .92, s * .22), s * .22));
  return fill(d);
}
float squares(vec2 p, float s) {
  float d = 1e3;
  for (int i = -1; i <= 1; i++) d = min(d, box(p - vec2(float(i) * s * .74, 0.), vec2(s * .27, s * .46), s * .1));
  return fill(d);
}
float arrow(vec2 p, float s, float w) {
  float shaft = stroke((p.x + p.y) * .7071, w) * fill(box(p, vec2(s * .62), 0.));
  float head = max(stroke(p.y + s * .62, w) * fill(abs(p.x - s * .1) - s * .55), stroke(p.x - s * .62, w) * fill(abs(p.y + s * .1) - s * .55));
  return max(shaft, head);
}
float cluster(vec2 p, float s, float w) {
  float top = stroke(length(p + vec2(0., s * .52)) - s * .36, w);
  float left = stroke(length(p + vec2(s * .56, -s * .42)) - s * .36, w);
  float right = stroke(length(p + vec2(-s * .56, -s * .42)) - s * .36, w);
  return max(top, max(left, right));
}
float sign_(int glyph, vec2 p, float s, float w) {
  if (glyph == 0) return globe(p, s * 1.15, w);
  if (glyph == 1) return page(p, s, w);
  if (glyph == 2) return bars(p, s);
  if (glyph == 3) return squares(p, s);
  if (glyph == 4) return arrow(p, s, w);
  if (glyph == 6) return cluster(p, s, w);
  return fill(length(p) - s * .26);
}
`

const fragment = `
in vec2 local; flat in vec4 facts; flat in vec4 state; flat in vec3 size; out vec4 colour;
uniform float beat;
${frameSource}${glyphs}
vec3 share(float turn, float bad, float odd, out float seam) {
  float err = bad > 0. ? max(bad, .03) : 0.;
  float warn = odd > 0. ? max(odd, .03) : 0.;
  float ends = min(min(abs(turn), abs(turn - 1.)), min(abs(turn - err), abs(turn - err - warn)));
  seam = err + warn > 0. && err < .995 ? ends : 1.;
  return turn < err ? errorColour.rgb : turn < err + warn ? warningColour.rgb : ringColour.rgb;
}
void main() {
  float r = size.x, d = length(local), dark = background.a, px = view.w;
  int glyph = int(facts.y);
  int marks = int(state.w + .5);
  bool unseen = (marks & 8) != 0, ghost = (marks & 16) != 0;
  float awake = unseen ? 0. : fract(facts.y) * 2.;
  float width = clamp(r * .15, 1.5 * px, 4. * px);
  float seam, turn = fract(atan(local.x, -local.y) / 6.2831853 + 1.);
  vec3 ring = share(turn, facts.z, facts.w, seam);
  float gap = clamp(seam * 6.2831853 * d / px - .2, 0., 1.);
  float dashes = ghost ? smoothstep(.2, .3, abs(fract(turn * 12.) - .5)) : glyph == 4 ? smoothstep(.22, .3, abs(fract(turn * 18.) - .5)) : 1.;
  float body = clamp(r + .5 - d, 0., 1.);
  float rim = clamp(.5 * width + .5 - abs(d - r + .5 * width), 0., 1.) * mix(.25, 1., gap) * mix(.5, 1., awake);
  float severity = max(smoothstep(.002, .06, facts.z), .75 * smoothstep(.01, .2, facts.w));
  vec3 alarm = facts.z * 4. >= facts.w ? errorColour.rgb : warningColour.rgb;
  vec3 tint = mix(discColour.rgb, alarm, .16 * severity);
  vec3 paint = mix(tint, ring, rim * dashes);
  float signed_ = smoothstep(8. * px, 12. * px, r) * sign_(glyph, local, r * .36, max(.55 * px, r * .035));
  paint = mix(paint, ringColour.rgb, signed_ * mix(.45, .85, awake));
  float pulse = facts.z > .02 ? beat : 1.;
  float outside = max(0., d - r);
  float halo = severity * exp(-outside / (r * .34 + 3. * px)) * mix(.34, .62, dark) * pulse;
  halo *= smoothstep(r * 2.1 + 12. * px, r * 1.25, d);
  float calm = awake * exp(-outside * outside / (r * r * .16 + 9. * px)) * .16 * dark;
  float chosen = (marks & 1) != 0 ? 1. : (marks & 2) != 0 ? .55 : (marks & 4) != 0 ? .8 : 0.;
  float accent = chosen * clamp(1.1 * px - abs(d - r - 4.5 * px), 0., 1.);
  float ping = size.y < 1. ? (1. - size.y) * clamp(1.2 * px - abs(d - r * (1. + .9 * size.y)), 0., 1.) : 0.;
  if (unseen) {
    float stripe = smoothstep(.3, .42, abs(fract((local.x + local.y) / (7. * px)) - .5));
    paint = mix(mix(background.rgb, ringColour.rgb, .42), paint, mix(stripe, 1., rim));
    paint = mix(background.rgb, paint, .62);
    halo = 0.;
  }
  if (ghost) {
    paint = mix(background.rgb, ringColour.rgb, .5 * rim * dashes + .32 * signed_);
    halo = calm = 0.;
  }
  float badge = 0., cross = 0., moat = 0.;
  if ((marks & 32) != 0) {
    vec2 p = local - vec2(.72, -.72) * r;
    float s = max(4.5 * px, r * .26), slope = min(abs(p.x - p.y), abs(p.x + p.y)) * .7071;
    badge = clamp(s + .5 - length(p), 0., 1.);
    moat = clamp(s + 2. * px + .5 - length(p), 0., 1.);
    cross = clamp(max(.7 * px, s * .16) + .5 - slope, 0., 1.) * clamp(s * .58 + .5 - length(p), 0., 1.);
  }
  float a = body;
  vec3 light = paint * body + alarm * halo * (1. - body) + ringColour.rgb * calm * (1. - body);
  a = max(a, (1. - body) * mix(halo, halo * .55, dark));
  light = mix(light, accentColour.rgb, accent);
  a = max(a, accent);
  light += ringColour.rgb * ping;
  a = max(a, ping);
  light = mix(mix(light, background.rgb, moat), errorColour.rgb, badge);
  light = mix(light, background.rgb, cross);
  a = max(a, moat);
  float shown = size.z * smoothstep(0., .35, state.z);
  vec3 faint = background.rgb * body;
  colour = mix(vec4(faint, body), vec4(light, a), shown) * smoothstep(0., .2, state.z);
}`

export interface NodesPass {
  /** Draws the nodes of slots 0 to count; `beat` is how bright the halos of those in trouble are. */
  draw(count: number, beat: Float32Array): void
}

export function nodesPass(gl: Gl): NodesPass {
  const { program: made, at } = program(gl, vertex, fragment, ['beat'])
  return {
    draw(count, beat) {
      activate(gl, made)
      gl.uniform1fv(at.beat, beat)
      gl.drawArrays(gl.TRIANGLES, 0, count * 6)
    },
  }
}
