// What the legend promises, as properties: tried with many invented clusters, their seeds printed when one fails.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Births } from './births.ts'
import type { SceneFrame } from './flow-map.ts'
import { LiveMap } from './live-map.ts'
import { hash, type Outcome, progress, travelMaxMs, travelMs, travelOf } from './schedule.ts'
import { type Tier, Tiers } from './tiers.ts'

const seeds = Array.from({ length: 12 }, (_, i) => 1_000 + i * 7919)
const outcomes = [0, 1, 2] as const

/** Evenly spread numbers from 0 to 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = hash(state + 0x9e3779b9)
    return state / 2 ** 32
  }
}

/** A map of `count` links, each between two nodes of its own, all as far apart as `lengthOf` says. */
function mapOf(count: number, lengthOf: (link: number) => number = () => 300, tier: Tier = 2) {
  const live = new LiveMap(new Tiers({ software: false, glow: true, pinned: tier }), {})
  const nodes = Array.from({ length: count * 2 }, (_, i) => ({
    id: `node ${i}`,
    label: `${i}`,
    glyph: 'plain' as const,
  }))
  const links = Array.from({ length: count }, (_, i) => ({
    id: `link ${i}`,
    client: i * 2,
    server: i * 2 + 1,
    protocol: 'http',
  }))
  live.setScene({ nodes, links }, 0)
  const places = nodes.map((_, i) => [i % 2 ? lengthOf(i >> 1) : 0, (i >> 1) * 200])
  live.setPositions(Float32Array.from(places.flat()), 0)
  return live
}

interface Second {
  rate(link: number, outcome: Outcome): number
  p50Us?(link: number): number
  bytes?(link: number): number
}

function frameOf(live: LiveMap, second: number, { rate, p50Us, bytes }: Second): SceneFrame {
  const column = (of: (link: number) => number) =>
    Float32Array.from(live.world.linkOf, (_, link) => of(link))
  return {
    timeMs: second * 1000,
    ok: column(link => rate(link, 0)),
    warning: column(link => rate(link, 1)),
    error: column(link => rate(link, 2)),
    p50Us: column(link => p50Us?.(link) ?? 4000),
    p99Us: column(() => 0),
    bytes: column(link => bytes?.(link) ?? 0),
  }
}

/** The dots of both rings that were not forgotten, oldest first. */
function* dotsOf(live: LiveMap): Generator<{ first: number; second: number; id: number }> {
  for (const [ring, base] of [
    [live.births, 0],
    [live.troubles, 1e9],
  ] as const)
    for (let i = ring.head - ring.count; i < ring.head; i++) {
      const at = (i & (ring.capacity - 1)) * 2
      yield { first: ring.words[at], second: ring.words[at + 1], id: base + i }
    }
}

/** Lets seconds pass; by link and outcome, how many requests the dots that were born stand for. */
function requestsDrawn(live: LiveMap, from: number, seconds: number, each: Second): Float64Array {
  const drawn = new Float64Array(live.world.linkOf.length * 4)
  const slotToLink = new Map([...live.world.linkOf].map((slot, link) => [slot, link]))
  for (let second = from; second < from + seconds; second++) {
    const heads = [live.births.head, live.troubles.head]
    live.pushFrame(frameOf(live, second, each), second * 1000)
    const { requestsPerDot } = live.stats(second * 1000, 0)
    ;[live.births, live.troubles].forEach((ring, r) => {
      for (let i = heads[r]; i < ring.head; i++) {
        const word = ring.words[(i & (ring.capacity - 1)) * 2]
        const link = slotToLink.get(word & 0xfffff)!
        drawn[link * 4 + ((word >>> 20) & 3)] += requestsPerDot
      }
      ring.forget(second * 1000)
    })
    assert.equal(live.births.dropped + live.troubles.dropped, 0)
  }
  return drawn
}

test('twice the rate is twice the dots, of every link and outcome, at any scale', () => {
  for (const seed of seeds) {
    const random = randomOf(seed)
    const live = mapOf(12)
    const busy = 10 ** (random() * 4)
    const rates = Array.from({ length: 48 }, () => busy * (0.15 + random()))
    const seconds = 40 + Math.ceil(600 / Math.min(...rates, 20))
    const once = requestsDrawn(live, 1, seconds, { rate: (link, o) => rates[link * 4 + o] })
    const twice = requestsDrawn(live, 1 + seconds, seconds, {
      rate: (link, outcome) => 2 * rates[link * 4 + outcome],
    })
    for (let link = 0; link < 12; link++)
      for (const outcome of outcomes) {
        const ratio = twice[link * 4 + outcome] / once[link * 4 + outcome]
        assert.ok(Math.abs(ratio / 2 - 1) < 0.05, `seed ${seed}, link ${link}: ${ratio}`)
      }
  }
})

test('more requests are never fewer dots, from one in a minute to ten thousand a second', () => {
  const live = mapOf(24)
  const rates = Array.from({ length: 24 }, (_, link) => 10 ** (-1.8 + link * 0.25))
  const drawn = requestsDrawn(live, 1, 120, { rate: (link, o) => (o === 0 ? rates[link] : 0) })
  for (let link = 1; link < 24; link++)
    assert.ok(drawn[link * 4] >= drawn[link * 4 - 4], `${rates[link]}: ${drawn[link * 4]}`)
})

test('the scale of the legend is the scale that is drawn: dots alive x requests a dot = rate x travel time', () => {
  for (const seed of seeds) {
    const random = randomOf(seed)
    const lengths = Array.from({ length: 30 }, () => 100 + random() * 1200)
    const live = mapOf(30, link => lengths[link], (seed % 3) as Tier)
    const busy = 10 ** (0.5 + random() * 3)
    const rates = Array.from({ length: 120 }, () => busy * (0.2 + random()))
    const p50s = Array.from({ length: 30 }, () => 10 ** (2 + random() * 4))
    const each: Second = {
      rate: (link, outcome) => rates[link * 4 + outcome],
      p50Us: link => p50s[link],
    }
    const needed = [...live.world.linkOf].reduce((sum, slot, link) => {
      const rate = outcomes.reduce<number>((all, outcome) => all + rates[link * 4 + outcome], 0)
      return sum + (rate * travelMs(live.rates.lengths[slot], p50s[link])) / 1000
    }, 0)
    const means: number[] = []
    for (let second = 1; second < 60; second++) {
      live.pushFrame(frameOf(live, second, each), second * 1000)
      live.births.forget(second * 1000)
      live.troubles.forget(second * 1000)
      const { particles, requestsPerDot } = live.stats(second * 1000 + 400, 0)
      if (second > 40) means.push(particles * requestsPerDot)
    }
    const mean = means.reduce((sum, value) => sum + value, 0) / means.length
    assert.ok(Math.abs(mean / needed - 1) < 0.05, `seed ${seed}: ${mean} for ${needed}`)
  }
})

test('who answers more slowly is never drawn faster, and plainly slower where it is ten times slower', () => {
  const latencies = Array.from({ length: 60 }, (_, i) => 10 ** (1.5 + i * 0.09))
  for (const length of [80, 400, 900]) {
    const live = mapOf(latencies.length, () => length)
    const frame = { rate: () => 3, p50Us: (link: number) => latencies[link] }
    live.pushFrame(frameOf(live, 1, frame), 1000)
    const travel = new Map<number, number>()
    for (const { first } of dotsOf(live)) travel.set(first & 0xfffff, first >>> 22)
    const times = [...live.world.linkOf].map(slot => travel.get(slot)!)
    for (let i = 1; i < times.length; i++) assert.ok(times[i] >= times[i - 1], `${latencies[i]}`)
    const at = (us: number) => travelMs(length, us)
    for (const us of [10_000, 30_000, 100_000])
      assert.ok(at(us * 10) > at(us) * 1.2 || at(us * 10) === travelMaxMs, `${length}: ${us}`)
  }
})

test('a dot has the outcome of what it stands for, and its link, for as long as it lives', () => {
  const live = mapOf(9)
  const rate = (link: number, outcome: Outcome) => (link % 3 === outcome ? 7 : 0)
  for (let second = 1; second < 9; second++)
    live.pushFrame(frameOf(live, second, { rate }), second * 1000)
  const slots = [...live.world.linkOf]
  for (const { first } of dotsOf(live))
    assert.equal((first >>> 20) & 3, slots.indexOf(first & 0xfffff) % 3)
  const isIn = (ring: Births, outcome: number) =>
    [...Array(ring.count).keys()].every(i => ((ring.words[i * 2] >>> 20) & 3) === outcome)
  assert.ok(isIn(live.births, 0))
  assert.ok(live.births.count > 0 && live.troubles.count > live.births.count)
})

test('what carries more is drawn thicker: by its requests, and without any by its bytes', () => {
  const live = mapOf(40)
  const isByRequests = (link: number) => link < 20
  const second: Second = {
    rate: (link, outcome) => (isByRequests(link) && outcome === 0 ? 10 ** (link / 4 - 1) : 0),
    bytes: link => (isByRequests(link) ? 0 : 10 ** ((link - 20) / 2)),
  }
  live.pushFrame(frameOf(live, 1, second), 1000)
  const widths = [...live.world.linkOf].map(slot => live.world.linkStyles[slot * 4])
  for (const [from, to] of [
    [0, 20],
    [20, 40],
  ])
    for (let link = from + 1; link < to; link++)
      assert.ok(widths[link] > widths[link - 1], `${link}: ${widths[link]}`)
})

test('slow motion: a quarter of the speed, as many dots, and nothing jumps when it begins or ends', () => {
  const live = mapOf(6)
  const watch = new Watch()
  const frameMs = 1000 / 30
  const counts: Record<'before' | 'slow' | 'after', number[]> = { before: [], slow: [], after: [] }
  let second = 0
  let wasMs = 1000 - frameMs
  for (let now = 1000; now < 120_000; now += frameMs) {
    if (now >= (second + 1) * 1000) {
      second++
      live.pushFrame(frameOf(live, second, { rate: () => 9 }), now)
      if (second === 30 || second === 85) live.setSlow(second === 30, now)
      const part = second < 30 ? 'before' : second < 85 ? 'slow' : 'after'
      if (second % 30 > 10) counts[part].push(live.stats(now, 0).particles)
    }
    const nowMs = live.dotsMs(now)
    live.births.forget(nowMs)
    live.troubles.forget(nowMs)
    watch.look(live, nowMs, nowMs - wasMs)
    wasMs = nowMs
  }
  const nothing = { births: 0, jumps: 0, popsIn: 0, popsOut: 0, changed: 0 }
  assert.deepEqual({ ...watch.seen, births: 0 }, nothing)
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  for (const part of ['slow', 'after'] as const)
    assert.ok(Math.abs(mean(counts[part]) / mean(counts.before) - 1) < 0.05, JSON.stringify(counts))
  assert.ok(Math.abs(live.dotsMs(120_000) - 120_000 + 55_000 * 0.75) < 1)
})

interface Seen {
  births: number
  jumps: number
  popsIn: number
  popsOut: number
  changed: number
}

interface Known {
  readonly part: number
  readonly first: number
  readonly second: number
}

/** Watches every dot of a map frame by frame, and counts what no eye should see. */
class Watch {
  readonly seen: Seen = { births: 0, jumps: 0, popsIn: 0, popsOut: 0, changed: 0 }
  private known = new Map<number, Known>()

  look(live: LiveMap, now: number, frameMs: number): void {
    const next = new Map<number, Known>()
    for (const { first, second, id } of dotsOf(live)) {
      const part = progress(first, second, now)
      const was = this.known.get(id)
      const travel = travelOf(first, second)
      this.judge(was?.part, part, frameMs / travel, 2 / travel)
      if (was && (was.first !== first || was.second !== second)) this.seen.changed++
      if (part !== undefined) next.set(id, { part, first, second })
      this.known.delete(id)
    }
    for (const { part } of this.known.values()) if (part < 0.98) this.seen.popsOut++
    this.known = next
  }

  private judge(
    was: number | undefined,
    is: number | undefined,
    step: number,
    slack: number,
  ): void {
    if (was === undefined && is !== undefined) {
      this.seen.births++
      if (is > step + slack) this.seen.popsIn++
    }
    if (was !== undefined && is === undefined && was < 1 - step - slack) this.seen.popsOut++
    if (was !== undefined && is !== undefined && Math.abs(is - was - step) > slack)
      this.seen.jumps++
  }
}

for (const seed of seeds.slice(0, 3))
  test(`rates and latencies redrawn every second, frames late, lost and twice: nothing jumps, appears or vanishes (seed ${seed})`, () => {
    const live = mapOf(12)
    const watch = new Watch()
    const frameMs = 1000 / 60
    const draw = (a: number, b: number) => hash(hash(a + seed) + b)
    let second = 0
    let due = 1000
    for (let now = 0; now < 75_000; now += frameMs) {
      if (now >= due) {
        second += draw(second, 1) % 9 === 0 ? 2 : 1
        const at = second
        const frame = frameOf(live, second, {
          rate: (link, outcome) => draw(link * 97 + outcome, at) % (outcome === 0 ? 40 : 6),
          p50Us: link => 200 + (draw(link, at) % 400_000),
        })
        live.pushFrame(frame, now)
        if (second % 7 === 0) live.pushFrame(frame, now)
        due += 1000 + (draw(second, 2) % 700) - 350 + (second % 11 === 0 ? 1500 : 0)
      }
      live.births.forget(now)
      live.troubles.forget(now)
      watch.look(live, now, frameMs)
    }
    assert.ok(watch.seen.births > 10_000, JSON.stringify(watch.seen))
    const nothing = { births: 0, jumps: 0, popsIn: 0, popsOut: 0, changed: 0 }
    assert.deepEqual({ ...watch.seen, births: 0 }, nothing)
  })
