// The law again, as the GPU sees it: the same dots at the same places as the mirror says, in the colour and the shape
// of their outcome.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { missing, Studio } from './demo/browser.ts'

const skip = missing ?? false
let studio: Studio

before(async () => {
  if (!missing) studio = await Studio.open()
})

after(async () => {
  await studio?.close()
})

/** Links one below the other without their lines, drawn on a canvas of its own at times that we choose. */
const strips = `async (links, density = 1) => {
  const [width, height] = [800 * density, 480 * density]
  const { LiveMap } = await import('/draw/live-map.ts')
  const { Tiers } = await import('/draw/tiers.ts')
  const { Screen } = await import('/draw/screen.ts')
  const { passesOf } = await import('/draw/painter.ts')
  const gl = new OffscreenCanvas(width, height).getContext('webgl2', { alpha: false, antialias: false })
  const map = new LiveMap(new Tiers({ software: true, glow: false, pinned: 1 }), {})
  const nodes = Array.from({ length: links * 2 }, (_, i) => ({ id: 'n' + i, label: '', glyph: 'plain' }))
  const list = Array.from({ length: links }, (_, i) => ({ id: 'l' + i, client: i * 2, server: i * 2 + 1, protocol: '' }))
  map.resize(800, 480, 0)
  map.setScene({ nodes, links: list }, 0)
  const places = nodes.map((_, i) => [i % 2 ? 700 : 100, 60 + (i >> 1) * (360 / links)])
  map.setPositions(Float32Array.from(places.flat()), 0)
  map.camera.jump({ x: 0, y: 0, scale: 1 })
  map.growth.step(map.world, 1000)
  map.segments.build = () => {}
  const screen = new Screen(gl, passesOf(gl), map, density)
  const columns = of => Float32Array.from(list, (_, i) => of(i))
  const push = (second, rates, p50Us) => map.pushFrame({
    timeMs: second * 1000, ok: columns(i => rates(i, 0)), warning: columns(i => rates(i, 1)), error: columns(i => rates(i, 2)),
    p50Us: columns(p50Us), p99Us: columns(() => 0), bytes: columns(() => 0),
  }, second * 1000)
  const draw = now => {
    map.births.forget(now); map.troubles.forget(now)
    screen.draw(now)
    const pixels = new Uint8Array(width * height * 4)
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, pixels)
    return (x, y) => {
      const at = ((height - 1 - Math.round(y - .5)) * width + Math.round(x - .5)) * 4
      return [pixels[at], pixels[at + 1], pixels[at + 2]]
    }
  }
  return { map, push, draw, gl }
}`

/** Every dot of a ring that is on its way: link, outcome, part of the way. */
const aliveDots = `(ring, progress, now) => {
  const found = []
  for (let i = ring.head - ring.count; i < ring.head; i++) {
    const at = (i & (ring.capacity - 1)) * 2
    const [first, second] = [ring.words[at], ring.words[at + 1]]
    const part = progress(first, second, now)
    if (part !== undefined) found.push({ link: first & 0xfffff, outcome: (first >>> 20) & 3, part, seed: second >>> 16 })
  }
  return found
}`

test('GPU and mirror agree frame by frame for more than a turn of the clock, while the rates change every second', {
  skip,
}, async () => {
  const { page, faults } = await studio.page('tier=0')
  const result = await page.evaluate(`(async () => {
    const { FrameBlock } = await import('/draw/frame-block.ts')
    const { activate, program, Table } = await import('/draw/gl.ts')
    const { progressSource } = await import('/draw/passes/dots.ts')
    const { hash, progress, travelOf } = await import('/draw/schedule.ts')
    const { map, push } = await (${strips})(20)
    const gl = new OffscreenCanvas(8, 8).getContext('webgl2')
    const ring = map.births
    const table = new Table(gl, 'births', 'rg32ui', 2048)
    const { program: made, at } = program(gl, progressSource, 'out vec4 c; void main() { c = vec4(0.); }', ['range', 'now'], ['part'])
    new FrameBlock(gl).upload()
    const buffer = gl.createBuffer()
    gl.bindBuffer(gl.TRANSFORM_FEEDBACK_BUFFER, buffer)
    gl.bufferData(gl.TRANSFORM_FEEDBACK_BUFFER, 65_536, gl.STREAM_READ)
    gl.enable(gl.RASTERIZER_DISCARD)
    const parts = new Float32Array(16_384)
    const seen = { births: 0, jumps: 0, pops: 0, edges: 0, worst: 0 }
    let known = new Map()
    const frameMs = 50
    for (let now = 1000; now < 80_000; now += frameMs) {
      if (now % 1000 === 0) {
        push(now / 1000, (link, o) => o === 0 ? hash(link * 97 + now) % 12 : 0, link => 200 + hash(link + now) % 400_000)
        table.write(ring.words, 0, ring.capacity)
      }
      ring.forget(now)
      activate(gl, made)
      gl.uniform3i(at.range, ring.first, ring.capacity - 1, 0)
      gl.uniform1f(at.now, now % 65_536)
      gl.bindBufferBase(gl.TRANSFORM_FEEDBACK_BUFFER, 0, buffer)
      gl.beginTransformFeedback(gl.POINTS)
      gl.drawArrays(gl.POINTS, 0, ring.count)
      gl.endTransformFeedback()
      gl.bindBufferBase(gl.TRANSFORM_FEEDBACK_BUFFER, 0, null)
      gl.bindBuffer(gl.TRANSFORM_FEEDBACK_BUFFER, buffer)
      gl.getBufferSubData(gl.TRANSFORM_FEEDBACK_BUFFER, 0, parts, 0, ring.count)
      const next = new Map()
      for (let i = 0; i < ring.count; i++) {
        const id = ring.head - ring.count + i
        const word = (id & (ring.capacity - 1)) * 2
        const [first, second] = [ring.words[word], ring.words[word + 1]]
        const mine = progress(first, second, now)
        const its = parts[i] < 0 ? undefined : parts[i]
        if ((mine === undefined) !== (its === undefined)) seen.edges++
        else if (mine !== undefined) seen.worst = Math.max(seen.worst, Math.abs(mine - its))
        const step = frameMs / travelOf(first, second), slack = 2 / travelOf(first, second)
        const was = known.get(id)
        if (was === undefined && its !== undefined) { seen.births++; if (its > step + slack) seen.pops++ }
        if (was !== undefined && its === undefined && was < 1 - step - slack) seen.pops++
        if (was !== undefined && its !== undefined && Math.abs(its - was - step) > slack) seen.jumps++
        if (its !== undefined) next.set(id, its)
      }
      known = next
    }
    return { ...seen, error: gl.getError() }
  })()`)
  const { births, worst, edges, ...rest } = result as Record<string, number>
  assert.ok(births > 5000, String(births))
  assert.ok(worst < 1e-4, String(worst))
  assert.ok(edges <= births / 1000, String(edges))
  assert.deepEqual(rest, { jumps: 0, pops: 0, error: 0 })
  assert.deepEqual(faults, [])
  await page.close()
})

test('where the mirror says that a dot is, the picture has its light in the colour of its outcome, and nowhere else', {
  skip,
}, async () => {
  const { page, faults } = await studio.page('tier=0')
  const result = await page.evaluate(`(async () => {
    const { progress } = await import('/draw/schedule.ts')
    const { paletteOf } = await import('/draw/palette.ts')
    const alive = ${aliveDots}
    const { map, push, draw, gl } = await (${strips})(12)
    const palette = paletteOf('dark', {})
    const colours = [palette.ok, palette.warning, palette.error].map(c => c.slice(0, 3).map(v => v * 255))
    const hueOf = rgb => { const [r, g, b] = rgb, sum = r + g + b + 1; return [r / sum, g / sum, b / sum] }
    const away = (a, b) => Math.hypot(...hueOf(a).map((v, i) => v - hueOf(b)[i]))
    const nearest = rgb => colours.map((c, i) => [away(rgb, c), i]).sort((a, b) => a[0] - b[0])[0][1]
    for (let second = 1; second < 12; second++)
      push(second, (link, outcome) => link % 3 === outcome ? 1 + (second + link) % 3 : 0, link => 1000 * (link + 1))
    let dots = 0, dark = 0, wrong = 0, elsewhere = 0, empty = 0
    for (const now of [9000, 10_050, 11_370]) {
      const read = draw(now)
      const base = 140
      const found = [...alive(map.births, progress, now), ...alive(map.troubles, progress, now)]
      for (const { link, outcome, part } of found) {
        if (part < .08 || part > .92) continue
        const x = 100 + xOf(part) * 600, y = 60 + link * 30
        // Beside the line by its seed: the brightest pixel of the column.
        let best = [0, 0, 0]
        for (let dy = -8; dy <= 8; dy++) { const rgb = read(x, y + dy); if (rgb[0] + rgb[1] + rgb[2] > best[0] + best[1] + best[2]) best = rgb }
        dots++
        if (Math.max(...best) < base) dark++
        else if (nearest(best) !== outcome) wrong++
      }
      for (let link = 0; link < 12; link++) for (let x = 160; x < 640; x += 2) {
        const part = x => (x - 100) / 600
        const near = found.some(dot => dot.link === link && Math.abs(xOf(dot.part) * 600 + 100 - x) < 26)
        if (near) continue
        empty++
        for (let dy = -8; dy <= 8; dy++) if (Math.max(...read(x, 60 + link * 30 + dy)) > base) { elsewhere++; break }
      }
    }
    return { dots, dark, wrong, elsewhere, empty, error: gl.getError() }
    function xOf(t) { const s = 1 - t; return 3 * s * s * t * .5 + 3 * s * t * t * .5 + t * t * t }
  })()`)
  const { dots, empty, ...rest } = result as Record<string, number>
  assert.ok(dots > 60 && empty > 2000, `${dots} ${empty}`)
  assert.deepEqual(rest, { dark: 0, wrong: 0, elsewhere: 0, error: 0 })
  assert.deepEqual(faults, [])
  await page.close()
})

test('an outcome has a shape of its own: round, a diamond, a cross', { skip }, async () => {
  const { page, faults } = await studio.page('tier=0')
  const result = await page.evaluate(`(async () => {
    const { progress } = await import('/draw/schedule.ts')
    const alive = ${aliveDots}
    const { map, push, draw, gl } = await (${strips})(3, 3)
    map.camera.jump({ x: -700, y: -540, scale: 4 })
    push(1, (link, outcome) => link === outcome ? 1 : 0, () => 1e5)
    const shapes = []
    for (const outcome of [0, 1, 2]) {
      const ring = outcome === 0 ? map.births : map.troubles
      for (let now = 1300; now < 6000; now += 40) {
        const [dot] = alive(ring, progress, now).filter(dot => dot.outcome === outcome && dot.part > .3 && dot.part < .4)
        if (!dot) continue
        const t = dot.part, s = 1 - t
        const wx = 100 + 600 * (3 * s * s * t * .5 + 3 * s * t * t * .5 + t * t * t)
        const wy = 60 + outcome * 120
        map.camera.jump({ x: 400 - wx * 4, y: 240 - wy * 4, scale: 4 })
        map.stale.view = true
        const read = draw(now)
        let sum = 0, cx = 0, cy = 0
        for (let y = 660; y < 780; y++) for (let x = 1140; x < 1260; x++) {
          const light = Math.max(0, Math.max(...read(x, y)) - 190)
          sum += light; cx += x * light; cy += y * light
        }
        cx /= sum; cy /= sum
        // From behind comes its tail: what is ahead and to the sides tells the shape.
        const at = (r, degrees) => Math.max(...read(cx + r * Math.cos(degrees * Math.PI / 180), cy + r * Math.sin(degrees * Math.PI / 180)))
        const lit = [0, 45, 90].map(degrees => { let r = 0; while (r < 30 && at(r, degrees) > 190) r += .25; return r })
        shapes.push(lit)
        break
      }
    }
    return { shapes, error: gl.getError() }
  })()`)
  const { shapes, error } = result as { shapes: number[][]; error: number }
  assert.equal(error, 0)
  const [round, diamond, cross] = shapes.map(
    ([ahead, aslant, aside]) => aslant / ((ahead + aside) / 2),
  )
  const told = JSON.stringify(shapes)
  assert.ok(diamond < 0.8, told)
  assert.ok(cross > 1.6, told)
  assert.ok(round > diamond && round < cross, told)
  assert.deepEqual(faults, [])
  await page.close()
})
