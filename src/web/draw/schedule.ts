/**
 * When a dot is born and how it travels. Everything about a dot is fixed at its birth and kept in two words, so its
 * place is a function of the time alone: nothing that changes later can make it jump, appear or vanish on its way.
 *
 *     word 0   travel time (10 bits, 8 ms each) | outcome (2) | link slot (20)
 *     word 1   seed (16 bits: lateral place, spread of speed) | birth (16 bits, ms modulo 65,536)
 *
 * The shader reads the same two words (passes/dots.ts); `progress` here is its mirror, for tests.
 */

/** 0 ok, 1 warning, 2 error, 3: bytes without transactions (a quieter dot). */
export type Outcome = 0 | 1 | 2 | 3

export const linksMax = 1 << 20
export const travelMaxMs = 7000
export const travelMinMs = 1100
const travelUnitMs = 8
/** Birth times are known modulo this. A dot is forgotten long before half of it. */
export const clockMs = 65536

/** A small, good integer hash (the finaliser of MurmurHash3). */
export function hash(value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/**
 * How long a dot takes: by the length of its link (world units), times 0.75 to 2.35 by the median latency (us; 0:
 * none known). Long latencies crawl, short ones dash; 1.1 to 7 seconds.
 */
export function travelMs(length: number, p50Us: number): number {
  const base = 1000 + 3.4 * Math.min(1100, length)
  const slow = p50Us > 0 ? Math.min(1, Math.max(0, (Math.log10(p50Us) - 2.5) / 3.5)) : 0.2
  return Math.min(travelMaxMs, Math.max(travelMinMs, base * (0.75 + 1.6 * slow * slow)))
}

export function firstWord(link: number, outcome: Outcome, travel: number): number {
  return (((Math.round(travel / travelUnitMs) & 1023) << 22) | (outcome << 20) | link) >>> 0
}

export function secondWord(birthMs: number, seed: number): number {
  return (((seed & 0xffff) << 16) | (Math.floor(birthMs) & 0xffff)) >>> 0
}

/** A dot's own speed: its link's travel time, shorter or longer by up to 18 %. 0: it was never born. */
export function travelOf(first: number, second: number): number {
  return (first >>> 22) * travelUnitMs * (0.82 + (0.36 * (second >>> 16)) / 65536)
}

/** Milliseconds since its birth; negative before it. `nowMs` may be any clock that births were given in. */
export function ageMs(second: number, nowMs: number): number {
  const age = (((nowMs - (second & 0xffff)) % clockMs) + clockMs) % clockMs
  return age >= clockMs / 2 ? age - clockMs : age
}

/** How far a dot is along its link: 0 to 1 while it lives; undefined before its birth, after its arrival. */
export function progress(first: number, second: number, nowMs: number): number | undefined {
  const travel = travelOf(first, second)
  if (travel === 0) return undefined
  const part = ageMs(second, nowMs) / travel
  return part >= 0 && part <= 1 ? part : undefined
}

/** The mirror of `progress` for shaders: negative when the dot is not there. Needs the frame block. */
export const scheduleSource = `
float travelOf(uvec2 dot) {
  return float(dot.x >> 22) * ${travelUnitMs}. * (.82 + .36 * float(dot.y >> 16) / 65536.);
}
float progressOf(uvec2 dot, float now) {
  float travel = travelOf(dot);
  float age = mod(now - float(dot.y & 0xffffu), ${clockMs}.);
  if (age >= ${clockMs / 2}.) age -= ${clockMs}.;
  if (travel == 0. || age < 0. || age > travel) return -1.;
  return age / travel;
}
`
