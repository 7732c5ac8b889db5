/**
 * The shape of a link: one cubic, from the client to the server. It leaves and arrives level where the server lies to
 * the right, so that columns read as a flow; otherwise it bends to its right-hand side, so that the two directions
 * of a pair lie apart. `bow` bends it further, in parts of its length. The shader says the same again below.
 */

/** x and y of the four control points. */
export type Cubic = Float64Array

const loopReach = 3.4
const loopWidth = 2.3

function smooth(from: number, to: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)))
  return t * t * (3 - 2 * t)
}

/** Writes the control points of a link between two places. */
export function shape(
  out: Cubic,
  ax: number,
  ay: number,
  bx: number,
  by: number,
  bow: number,
): void {
  const dx = bx - ax
  const dy = by - ay
  const length = Math.max(1e-3, Math.hypot(dx, dy))
  const level = smooth(0.05, 0.55, dx / length)
  const handleX = dx * (0.33 + 0.17 * level)
  const handleY = dy * 0.33 * (1 - level)
  const aside = bow * 1.333
  out[0] = ax
  out[1] = ay
  out[2] = ax + handleX - dy * aside
  out[3] = ay + handleY + dx * aside
  out[4] = bx - handleX - dy * aside
  out[5] = by - handleY + dx * aside
  out[6] = bx
  out[7] = by
}

/** A link of a node with itself: a loop above it, sized by the node's radius. */
export function loop(out: Cubic, x: number, y: number, radius: number): void {
  out[0] = x
  out[1] = y
  out[2] = x - loopWidth * radius
  out[3] = y - loopReach * radius
  out[4] = x + loopWidth * radius
  out[5] = y - loopReach * radius
  out[6] = x
  out[7] = y
}

/** The point at `t`, 0 to 1, on axis 0 (x) or 1 (y). */
export function point(cubic: Cubic, t: number, axis: 0 | 1): number {
  const s = 1 - t
  return (
    s * s * s * cubic[axis] +
    3 * s * s * t * cubic[axis + 2] +
    3 * s * t * t * cubic[axis + 4] +
    t * t * t * cubic[axis + 6]
  )
}

/** Into how many straight pieces a curve of this length on screen (px) is cut: corners stay under a third of a pixel. */
export function pieces(lengthPx: number, bent: boolean): number {
  const wanted = bent ? Math.sqrt(lengthPx) * 1.6 : Math.sqrt(lengthPx) * 0.9
  return Math.min(piecesMax, Math.max(2, Math.ceil(wanted)))
}
/** Enough for 100,000 pixels. */
export const piecesMax = 512

/** `spot(node)`, `radiusPx(node)` and `curveOf(link)` for shaders; needs the frame block. */
export const curveSource = `
uniform highp sampler2D places; uniform highp sampler2D nodes; uniform highp sampler2D curves;
struct Curve { vec2 a; vec2 b; vec2 c; vec2 d; vec4 ends; };
vec2 spot(int node) {
  vec4 place = texelFetch(places, at(node, 1024), 0);
  return mix(place.xy, place.zw, fades.x);
}
float radiusPx(int node) {
  return clamp(texelFetch(nodes, at(node * 2, 1024), 0).x * view.z, 3.6 * view.w, 46. * view.w);
}
Curve curveOf(int link) {
  vec4 ends = texelFetch(curves, at(link, 1024), 0);
  vec2 a = spot(int(ends.x));
  if (ends.x == ends.y) {
    float r = radiusPx(int(ends.x)) / view.z;
    return Curve(a, a + r * vec2(-${loopWidth}, -${loopReach}), a + r * vec2(${loopWidth}, -${loopReach}), a, ends);
  }
  vec2 d = spot(int(ends.y));
  vec2 span = d - a;
  float level = smoothstep(.05, .55, span.x / max(1e-3, length(span)));
  vec2 handle = span * vec2(.33 + .17 * level, .33 * (1. - level));
  vec2 aside = vec2(-span.y, span.x) * ends.z * 1.333;
  return Curve(a, a + handle + aside, d - handle + aside, d, ends);
}
vec2 pointAt(Curve k, float t) {
  float s = 1. - t;
  return s * s * s * k.a + 3. * s * s * t * k.b + 3. * s * t * t * k.c + t * t * t * k.d;
}
vec2 slopeAt(Curve k, float t) {
  float s = 1. - t;
  vec2 slope = s * s * (k.b - k.a) + 2. * s * t * (k.c - k.b) + t * t * (k.d - k.c);
  float size = length(slope);
  return size > 1e-5 ? slope / size : vec2(1., 0.);
}
vec2 toPixel(vec2 world) { return world * view.z + view.xy; }
`
