// What the map costs the page: script time per frame at rest and while the camera moves, per second of data, and bytes
// allocated per frame, at 200/420 and 2,000/10,000 services and links. Drawing itself is left out (the draw calls are
// stubbed), as a software renderer would be the bench; give `gpu` to draw as well and to see frames per second.
// Needs Chromium.
import { missing, Studio } from '#web/draw/demo/browser.ts'
import { report } from './figures.ts'

const medianOf = `const median = (count, run) => {
  const times = []
  for (let i = 0; i < count; i++) {
    const from = performance.now()
    run()
    times.push(performance.now() - from)
  }
  return times.sort((a, b) => a - b)[count >> 1]
}`
const gpu = process.argv.includes('gpu')
/** The browser's clock ticks in tenths of a millisecond: frames are timed by tens. */
const batchFrames = 10
const batches = 30

interface Cost {
  readonly medianMs: number
  readonly p95Ms: number
  readonly bytes: number
  readonly calls: number
}

if (missing) {
  console.error(missing)
  process.exit(2)
}
const studio = await Studio.open(gpu)
for (const [nodes, links] of [
  [200, 420],
  [2000, 10_000],
]) {
  const { page } = await studio.page(`tier=1&nodes=${nodes}&links=${links}`, {
    size: { width: 1600, height: 900 },
    driven: true,
  })
  await page.evaluate('window.demo.stop()')
  if (!gpu) await page.evaluate(`window.demo.canvas.getContext('webgl2').drawArrays = () => {}`)
  const rest = await cost('')
  const pan = await cost('window.demo.canvas.dispatchEvent(wheel())')
  const second = (await page.evaluate(
    `${medianOf}; median(20, () => window.demo.push())`,
  )) as number
  const { particles, framesPerSecond } = (await page.evaluate('window.demo.map.stats()')) as Record<
    string,
    number
  >
  report(`draw ${nodes}/${links}`, {
    'script ms per frame at rest (median)': rest.medianMs,
    'script ms per frame at rest (p95)': rest.p95Ms,
    'script ms per frame while zooming (median)': pan.medianMs,
    'script ms per frame while zooming (p95)': pan.p95Ms,
    'bytes allocated per frame at rest': rest.bytes,
    'draw calls while zooming': pan.calls,
    'script ms per second of data (median)': second,
    'layout ms (main thread, first time)': (await page.evaluate('window.demo.layoutMs')) as number,
    'dots on their way': particles,
    ...(gpu ? { 'frames per second': framesPerSecond } : {}),
  })
  await page.close()

  /** Runs the map's own frames one after the other, as fast as they come, with something done before each. */
  async function cost(before: string): Promise<Cost> {
    return (await page.evaluate(`(async () => {
      const wheel = () => new WheelEvent('wheel', { deltaY: 9, clientX: 700, clientY: 400, cancelable: true })
      const times = []
      for (let i = 0; i < 60; i++) {
        window.frame(performance.now())
        await new Promise(resolve => setTimeout(resolve, 20))
      }
      const heap = performance.memory.usedJSHeapSize
      for (let batch = 0; batch < ${batches}; batch++) {
        const from = performance.now()
        for (let i = 0; i < ${batchFrames}; i++) {
          ${before}
          window.frame(performance.now())
        }
        times.push((performance.now() - from) / ${batchFrames})
        await new Promise(resolve => setTimeout(resolve))
      }
      const bytes = Math.max(0, performance.memory.usedJSHeapSize - heap) / ${batches * batchFrames}
      times.sort((a, b) => a - b)
      const calls = window.demo.map.stats().drawCalls
      return { medianMs: times[times.length >> 1], p95Ms: times[Math.floor(times.length * .95)], bytes, calls }
    })()`)) as Cost
  }
}
await studio.close()
