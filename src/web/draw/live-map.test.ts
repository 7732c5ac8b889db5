import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cluster } from './demo/synthetic.ts'
import type { SceneFrame } from './flow-map.ts'
import { LiveMap } from './live-map.ts'
import { ageMs, hash, progress } from './schedule.ts'
import { Tiers } from './tiers.ts'

const seed = 20_260_101

function map(): LiveMap {
  return new LiveMap(new Tiers({ software: false, glow: true, pinned: 2 }), {})
}

function places(count: number): Float32Array {
  return Float32Array.from({ length: count * 2 }, (_, i) => (hash(i + seed) % 2000) - 1000)
}

function placed(links: number): { live: LiveMap; made: ReturnType<typeof cluster> } {
  const made = cluster(20, links, 3)
  const live = map()
  live.setScene(made.scene, 0)
  live.setPositions(places(made.scene.nodes.length), 0)
  return { live, made }
}

function frameOf(count: number, timeMs: number, rate: (link: number) => number): SceneFrame {
  const zeros = () => new Float32Array(count)
  const ok = Float32Array.from({ length: count }, (_, link) => rate(link))
  const p50Us = Float32Array.from(
    { length: count },
    (_, link) => 200 + (hash(link + timeMs) % 400_000),
  )
  return { timeMs, ok, warning: zeros(), error: zeros(), p50Us, p99Us: zeros(), bytes: zeros() }
}

test('room made for a rate that no link has keeps the scale of dots below it', () => {
  const scaleAt = (rate: number, densest: number | undefined) => {
    const { live, made } = placed(30)
    live.pushFrame({ ...frameOf(made.scene.links.length, 1000, () => rate), densest }, 1000)
    return live.rates.density.requestsPerDot
  }
  assert.equal(scaleAt(1, undefined), 1)
  assert.equal(scaleAt(1, 10_000), scaleAt(100, 10_000))
  assert.ok(scaleAt(1, 10_000) > 10)
})

test('a single request is a single dot', () => {
  const { live, made } = placed(30)
  const count = made.scene.links.length
  for (let second = 1; second < 20; second++) {
    const before = live.births.head
    live.pushFrame(
      frameOf(count, second * 1000, link => (link === 4 ? 1 : 0)),
      second * 1000,
    )
    assert.equal(live.births.head - before, 1)
  }
})

test('no request is lost or invented while one dot stands for many', () => {
  const { live, made } = placed(30)
  const count = made.scene.links.length
  const rate = 33_333
  let sum = 0
  for (let second = 1; second <= 30; second++) {
    const before = live.births.head
    live.pushFrame(
      frameOf(count, second * 1000, link => (link === 0 ? rate : 0)),
      second * 1000,
    )
    sum += (live.births.head - before) * live.rates.density.requestsPerDot
    live.births.forget(second * 1000)
  }
  assert.ok(Math.abs(sum / (rate * 30) - 1) < 0.01, String(sum))
})

test('stale data: births end at once, dots under way arrive', () => {
  const { live, made } = placed(30)
  const count = made.scene.links.length
  for (let second = 1; second < 6; second++)
    live.pushFrame(
      frameOf(count, second * 1000, () => 20),
      second * 1000,
    )
  const now = 5700
  const alive = (at: number) => {
    let sum = 0
    const { births: ring } = live
    for (let i = ring.head - ring.count; i < ring.head; i++)
      if (progress(ring.words[i * 2], ring.words[i * 2 + 1], at) !== undefined) sum++
    return sum
  }
  const before = alive(now)
  live.setStale(true, now)
  assert.equal(alive(now), before)
  live.pushFrame(
    frameOf(count, 6000, () => 20),
    6000,
  )
  for (let i = 0; i < live.births.head; i++)
    if (live.births.words[i * 2] !== 0) assert.ok(ageMs(live.births.words[i * 2 + 1], now) >= 0)
  assert.ok(alive(now + 2000) < before)
  assert.equal(alive(now + 9000), 0)
})

test('a link that stays keeps its slot and its dots when others come and go', () => {
  const { live, made } = placed(30)
  const { nodes, links } = made.scene
  const slots = new Map(links.map(({ id }, i) => [id, live.world.linkOf[i]]))
  live.pushFrame(
    frameOf(links.length, 1000, () => 5),
    1000,
  )
  const rotated = nodes.slice(1).concat(nodes[0])
  const index = new Map(rotated.map(({ id }, i) => [id, i]))
  const kept = links.slice(5).map(link => ({
    ...link,
    client: index.get(nodes[link.client].id)!,
    server: index.get(nodes[link.server].id)!,
  }))
  live.setScene({ nodes: rotated, links: kept }, 2000)
  kept.forEach(({ id }, i) => {
    assert.equal(live.world.linkOf[i], slots.get(id))
  })
  kept.forEach(({ client }, i) => {
    assert.equal(live.world.links[live.world.linkOf[i]]!.client, live.world.nodeOf[client])
  })
})

test('bytes without transactions make quiet dots, with transactions none', () => {
  const { live, made } = placed(30)
  const count = made.scene.links.length
  const outcomes = (frame: SceneFrame, now: number) => {
    const before = live.births.head
    live.pushFrame(frame, now)
    const found = new Set<number>()
    for (let i = before; i < live.births.head; i++) found.add((live.births.words[i * 2] >>> 20) & 3)
    return [...found]
  }
  const quiet = frameOf(count, 1000, () => 0)
  quiet.bytes.fill(1e8)
  assert.deepEqual(outcomes(quiet, 1000), [3])
  const busy = frameOf(count, 2000, () => 3)
  busy.bytes.fill(1e8)
  assert.deepEqual(outcomes(busy, 2000), [0])
})

test('in reduced motion the picture stands still and still says how much', () => {
  const { live, made } = placed(30)
  const count = made.scene.links.length
  live.setReducedMotion(true)
  const marks = (rate: number, now: number) => {
    live.pushFrame(
      frameOf(count, now, () => rate),
      now,
    )
    return live.births.count
  }
  const few = marks(1, 1000)
  assert.ok(few >= count)
  assert.ok(marks(100, 2000) > few * 2)
  assert.equal(live.dotsMs(1000), live.dotsMs(99_000))
})

function movable() {
  const moves: number[][] = []
  const made = cluster(20, 30, 3)
  const tiers = new Tiers({ software: false, glow: true, pinned: 2 })
  const live = new LiveMap(tiers, { move: (...move) => moves.push(move) })
  live.setScene(made.scene, 0)
  live.setPositions(places(made.scene.nodes.length), 0)
  live.resize(1200, 800, 0)
  const screenOf = (slot: number): [number, number] => {
    const { x, y, scale } = live.camera
    const at = (axis: number) => live.world.places[slot * 4 + 2 + axis]
    return [at(0) * scale + x, at(1) * scale + y]
  }
  return { live, made, moves, screenOf }
}

test('what is dragged is where the hand is, whatever the layout says meanwhile, and is told when it is let go', () => {
  const { live, made, moves, screenOf } = movable()
  const [x, y] = screenOf(4)
  assert.equal(live.grab(x + 1, y + 1), true)
  live.drag(x + 101, y + 51)
  live.setPositions(places(made.scene.nodes.length), 10)
  live.setScene(made.scene, 20)
  const [nowX, nowY] = screenOf(4)
  assert.ok(Math.abs(nowX - x - 100) < 1 && Math.abs(nowY - y - 50) < 1, `${nowX} ${nowY}`)
  live.drop(true)
  const [told] = moves
  assert.deepEqual(told, [4, ...live.world.places.slice(18, 20)])
  assert.ok(told.every(Number.isInteger))
})

test('what is let go of goes back; nothing, ghosts and a map for looking are not taken hold of', () => {
  const { live, made, moves, screenOf } = movable()
  const [x, y] = screenOf(4)
  live.grab(x, y)
  live.drag(x + 300, y)
  live.drop(false)
  assert.deepEqual(screenOf(4), [x, y])
  assert.deepEqual(moves, [])
  assert.equal(live.grab(-5000, -5000), false)
  const nodes = made.scene.nodes.map(node => ({ ...node, isGhost: true }))
  live.setScene({ ...made.scene, nodes }, 30)
  assert.equal(live.grab(x, y), false)
  assert.equal(live.targetAt(x, y)?.kind, 'service')
  assert.equal(live.livingAt(x, y), undefined)
  const fixed = placed(30).live
  fixed.resize(1200, 800, 0)
  const at = fixed.world.places
  const { camera } = fixed
  assert.equal(fixed.grab(at[2] * camera.scale + camera.x, at[3] * camera.scale + camera.y), false)
})

test('what is held and gone is let go of', () => {
  const { live, made, moves, screenOf } = movable()
  const [x, y] = screenOf(19)
  live.grab(x, y)
  const nodes = made.scene.nodes.slice(0, 19)
  const links = made.scene.links.filter(({ client, server }) => client < 19 && server < 19)
  live.setScene({ nodes, links }, 10)
  live.drag(x + 90, y)
  live.drop(true)
  assert.deepEqual(moves, [])
})
