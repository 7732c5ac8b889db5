import type { Page } from 'playwright-core'
import type { Studio } from './browser.ts'

/** What a frame of the map costs the page. */
export interface Cost {
  readonly dots: number
  /** Script in the frame's callback: without a hand on it, and while somebody zooms. */
  readonly restMs: number
  readonly restP95Ms: number
  readonly zoomMs: number
  readonly zoomP95Ms: number
  /** A second of data, and the frame that uploads it. */
  readonly secondMs: number
  /** Of frames between two seconds of data: calls that send data to the GPU, what they send, and what script allocated. */
  readonly uploads: number
  readonly uploadedBytes: number
  readonly allocatedBytes: number
  /** Who allocated, most first. */
  readonly allocators: readonly string[]
  /** Draw calls of the most expensive frame. */
  readonly drawCalls: number
}

export interface Size {
  readonly nodes: number
  readonly links: number
  /** Requests a second, all links together: each a dot. */
  readonly requestsPerSecond: number
}

/** The browser's clock ticks in tenths of a millisecond: frames are timed by tens. */
const batchFrames = 10

/**
 * Counts what is sent and drawn. Drawing itself is left out (the draw calls draw nothing), as a software renderer
 * would be what is measured.
 */
const counters = `
  const gl = window.demo.canvas.getContext('webgl2')
  const counted = window.counted = { uploads: 0, bytes: 0, draws: 0 }
  const size = values => Math.max(0, ...values.map(value => value?.byteLength ?? 0))
  for (const name in WebGL2RenderingContext.prototype) {
    if (!/^(buffer(Sub)?Data|(compressed|copy)?tex(Sub)?(Image|Storage)[23]D|copyBufferSubData)$/i.test(name)) continue
    const original = gl[name]
    gl[name] = (...values) => { counted.uploads++; counted.bytes += size(values); return original.apply(gl, values) }
  }
  const drawArrays = gl.drawArrays
  gl.drawArrays = function (mode, first) { counted.draws++; drawArrays.call(gl, mode, first, 0) }
  const frames = count => { for (let i = 0; i < count; i++) window.frame() }
  /** Seconds go by as they would: figures, then sixty frames. */
  const seconds = async count => {
    for (let i = 0; i < count; i++) {
      window.demo.push()
      for (let part = 0; part < 6; part++) { frames(10); await new Promise(resolve => setTimeout(resolve)) }
    }
  }
  const timed = async (batches, before) => {
    const times = []
    for (let batch = 0; batch < batches; batch++) {
      const from = window.realNow()
      for (let i = 0; i < ${batchFrames}; i++) { before(); window.frame() }
      times.push((window.realNow() - from) / ${batchFrames})
      await new Promise(resolve => setTimeout(resolve))
    }
    times.sort((a, b) => a - b)
    return { median: times[times.length >> 1], p95: times[Math.floor(times.length * .95)] }
  }
  const timedSeconds = async count => {
    const times = []
    for (let i = 0; i < count; i++) {
      const from = window.realNow()
      window.demo.push()
      window.frame()
      times.push(window.realNow() - from)
      for (let part = 0; part < 6; part++) { frames(10); await new Promise(resolve => setTimeout(resolve)) }
    }
    times.sort((a, b) => a - b)
    return { median: times[count >> 1], p95: times.at(-1) }
  }
  const wheel = () => window.demo.canvas.dispatchEvent(
    new WheelEvent('wheel', { deltaY: Math.sin(window.realNow()) * 9, clientX: 700, clientY: 400, cancelable: true }))
  Object.assign(window, { frames, seconds, timed, timedSeconds, wheel })
`

/** Runs the map's own frames one after the other, as fast as they come, with that many dots on their way. */
export async function costOf(studio: Studio, size: Size): Promise<Cost> {
  const { nodes, links, requestsPerSecond } = size
  const query = `tier=2&nodes=${nodes}&links=${links}&busy=${requestsPerSecond}`
  const { page } = await studio.page(query, { size: { width: 1600, height: 900 }, driven: true })
  const ask = <T>(script: string) => page.evaluate(script) as Promise<T>
  await ask(`window.demo.stop(); ${counters}`)
  await ask('window.seconds(12)')
  const { particles } = await ask<{ particles: number }>('window.demo.map.stats()')
  const second = await ask<Timed>('window.timedSeconds(9)')
  const { found, uploads, bytes } = await settled(page)
  const rest = await ask<Timed>('window.timed(24, () => {})')
  const zoom = await ask<Timed>('window.timed(24, window.wheel)')
  const { draws } = await ask<{ draws: number }>(
    `Object.assign(window.counted, { draws: 0 }); window.demo.push(); window.wheel(); window.frame(); window.counted`,
  )
  await page.close()
  return {
    dots: particles,
    restMs: rest.median,
    restP95Ms: rest.p95,
    zoomMs: zoom.median,
    zoomP95Ms: zoom.p95,
    secondMs: second.median,
    uploads,
    uploadedBytes: bytes,
    allocatedBytes: found.reduce((sum, { bytes }) => sum + bytes, 0),
    allocators: found.map(({ who, bytes }) => `${who}: ${bytes}`),
    drawCalls: draws,
  }
}

interface Timed {
  readonly median: number
  readonly p95: number
}

interface Sampled {
  readonly callFrame: {
    readonly functionName: string
    readonly url: string
    readonly lineNumber: number
  }
  readonly selfSize: number
  readonly children: readonly Sampled[]
}

/** On a machine with much to do the engine takes its time. */
const triesMax = 6

/**
 * Frames run until the engine has made of them what it makes of whatever runs all day: before that it puts every number
 * into a box.
 */
async function settled(page: Page) {
  for (let tries = 1; ; tries++) {
    await page.evaluate('window.frames(40_000); window.seconds(8)')
    const sent = await allocations(page)
    if (sent.found.length === 0 || tries === triesMax) return sent
  }
}

/** Every allocation of fifty frames at rest inside the map's own scripts, and what they sent to the GPU. */
async function allocations(page: Page) {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.startSampling', {
    samplingInterval: 1,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  })
  const sent = (await page.evaluate(
    `Object.assign(window.counted, { uploads: 0, bytes: 0 }); window.frames(50); ({ ...window.counted })`,
  )) as { uploads: number; bytes: number }
  const { profile } = await session.send('HeapProfiler.stopSampling')
  await session.detach()
  const found: { who: string; bytes: number }[] = []
  const walk = ({ callFrame, selfSize, children }: Sampled, isInside: boolean) => {
    const inside = isInside || callFrame.url.includes('/draw/')
    const who = `${callFrame.functionName} (${callFrame.url.split('/').at(-1)}:${callFrame.lineNumber + 1})`
    if (inside && selfSize > 0) found.push({ who, bytes: selfSize })
    for (const child of children) walk(child, inside)
  }
  walk(profile.head as Sampled, false)
  return { found: found.sort((a, b) => b.bytes - a.bytes), ...sent }
}
