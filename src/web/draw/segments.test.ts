import assert from 'node:assert/strict'
import { test } from 'node:test'
import { point } from './curve.ts'
import { cluster } from './demo/synthetic.ts'
import { cubicOf, route } from './router.ts'
import { hash } from './schedule.ts'
import { Segments } from './segments.ts'
import { World } from './world.ts'

function world(): World {
  const made = new World()
  const { scene } = cluster(60, 160)
  made.setScene(scene, 0)
  const places = scene.nodes.flatMap((_, i) => [hash(i) % 2400, hash(i + 999) % 1400])
  made.setPositions(Float32Array.from(places), 1)
  route(made)
  return made
}

/** The stretches of each link that are cut, by link: parts of its length. */
function stretches({ words, count }: Segments): Map<number, [number, number][]> {
  const found = new Map<number, [number, number][]>()
  for (let i = 0; i < count; i++) {
    const [piece, parts] = [words[i * 2 + 1] >>> 16, words[i * 2 + 1] & 0xffff]
    const known = found.get(words[i * 2]) ?? []
    found.set(words[i * 2], [...known, [piece / parts, (piece + 1) / parts]])
  }
  return found
}

test('from near every part of a link about the view is drawn, without a corner, and little of the rest', () => {
  const made = world()
  const segments = new Segments()
  const scale = 7
  for (const [left, top] of [
    [0, 0],
    [900, 500],
    [2000, 1200],
  ]) {
    const view = { left, top, right: left + 1280 / scale, bottom: top + 720 / scale }
    segments.build(made, scale, view)
    const cut = stretches(segments)
    let worst = 0
    for (const link of made.linkOf) {
      const cubic = cubicOf(made, link, 20, new Float64Array(8))
      const near = cut.get(link) ?? []
      for (let t = 0.0005; t < 1; t += 0.001) {
        const [x, y] = [point(cubic, t, 0), point(cubic, t, 1)]
        if (x < view.left || x > view.right || y < view.top || y > view.bottom) continue
        const piece = near.find(([from, to]) => from <= t && t <= to)
        assert.ok(piece, `link ${link} at ${t}`)
        const part = (t - piece[0]) / (piece[1] - piece[0])
        const at = (axis: 0 | 1) =>
          point(cubic, piece[0], axis) * (1 - part) + point(cubic, piece[1], axis) * part
        const dx = at(0) - x
        const dy = at(1) - y
        const nx = -(point(cubic, piece[1], 1) - point(cubic, piece[0], 1))
        const ny = point(cubic, piece[1], 0) - point(cubic, piece[0], 0)
        worst = Math.max(worst, (scale * Math.abs(dx * nx + dy * ny)) / Math.hypot(nx, ny))
      }
    }
    assert.ok(worst < 0.5, String(worst))
    const { count } = segments
    segments.build(made, scale)
    assert.ok(count < segments.count / 4, `${count} of ${segments.count}`)
  }
})

test('from afar all of every link is drawn', () => {
  const made = world()
  const segments = new Segments()
  segments.build(made, 0.5)
  const cut = stretches(segments)
  for (const link of made.linkOf) {
    const all = cut.get(link)!
    assert.equal(all[0][0], 0)
    assert.equal(all.at(-1)![1], 1)
    for (let i = 1; i < all.length; i++) assert.equal(all[i][0], all[i - 1][1])
  }
})
