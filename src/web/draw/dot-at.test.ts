import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LiveMap } from './live-map.ts'
import { Tiers } from './tiers.ts'

const nodes = ['a', 'b', 'c'].map(id => ({ id, label: id, glyph: 'plain' as const }))
const links = [
  { id: 'a>b', client: 0, server: 1, protocol: 'http' },
  { id: 'a>c', client: 0, server: 2, protocol: 'http' },
]
const timeMs = 1_795_000_000_000

/** Two links, 400 long, that leave each other; a second of `ok` and `error` on the first, seen half-way. */
function paused(ok: number, error: number): LiveMap {
  const map = new LiveMap(new Tiers({ software: false, glow: true, pinned: 2 }), {})
  map.resize(1000, 800, 0)
  map.setScene({ nodes, links }, 0)
  map.setPositions(Float32Array.from([0, 0, 400, 0, 0, 400]), 0)
  map.camera.jump({ x: 100, y: 100, scale: 1 })
  const column = (value: number) => Float32Array.from([value, 0])
  const none = column(0)
  const rates = { ok: column(ok), warning: none, error: column(error) }
  map.pushFrame({ timeMs, ...rates, p50Us: none, p99Us: none, bytes: none }, 0)
  map.setPaused(true, 1500)
  return map
}

/** All places of a grid along the first link where a dot answers. */
function* found(map: LiveMap) {
  for (let x = 100; x <= 500; x += 4) {
    const dot = map.dotUnder(x, 100, 60_000)
    if (dot) yield dot
  }
}

test('a dot that stands leads to its link, its outcome and its second', () => {
  const map = paused(20, 0)
  const dots = [...found(map)]
  assert.ok(dots.length > 3, `${dots.length}`)
  for (const dot of dots) assert.deepEqual(dot, { link: 0, outcome: 'ok', timeMs })
})

test('one in trouble is found before those that went well', () => {
  const outcomes = new Set([...found(paused(200, 30))].map(({ outcome }) => outcome))
  assert.ok(outcomes.has('error'))
})

test('where no dot is none is found', () => {
  const map = paused(20, 0)
  assert.equal(map.dotUnder(300, 300, 60_000), undefined)
  for (let y = 150; y <= 500; y += 4) assert.equal(map.dotUnder(100, y, 60_000), undefined)
})

test('a map that stands goes on as if it had not', () => {
  const map = paused(20, 0)
  assert.equal(map.dotsMs(5000), 1500)
  map.setPaused(false, 5000)
  assert.equal(map.dotsMs(5000), 5000)
})

test('while it stands for long no newer dots take the place of those that stand', () => {
  const map = paused(20, 0)
  const before = [...found(map)].length
  for (let second = 1; second < 120; second++) {
    const column = (value: number) => Float32Array.from([value, 0])
    const none = column(0)
    map.pushFrame(
      {
        timeMs: timeMs + second * 1000,
        ok: column(50),
        warning: none,
        error: none,
        p50Us: none,
        p99Us: none,
        bytes: none,
      },
      1500 + second * 1000,
    )
    map.births.forget(map.dotsMs(1500 + second * 1000))
  }
  assert.equal([...found(map)].length, before)
})
