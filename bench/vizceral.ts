// Our drop-in side by side with npm's `vizceral`, in the same browser on the same data, in software rendering: script
// time per frame (with draw calls that draw nothing, so that neither waits for the rasteriser) and frames per second as
// drawn. Fails when ours is not 50 times lighter, or shows fewer frames. Needs Chromium; the peer is installed into
// bench/.peers the first time (npm).
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { build, type InlineConfig } from 'vite'
import { findChromium, flags } from '#web/dev/browser.ts'
import { cluster } from '#web/draw/demo/synthetic.ts'
import { report } from './figures.ts'

const peerVersion = '4.9.0'
const timesLighter = 50
const warmMs = 10_000
const watchMs = 12_000
const sizes = [
  { services: 200, links: 420 },
  { services: 1000, links: 5000 },
]
const origin = 'http://bench.test/'
const peers = join(import.meta.dirname, '.peers')

/** What a page counts of its frames: script in the callbacks of frames that drew something, and how often. */
const counters = `{
  const stats = window.counted = { scripts: [], draws: 0, isStubbed: false }
  for (const type of [WebGLRenderingContext, WebGL2RenderingContext])
    for (const name of ['drawArrays', 'drawElements', 'drawArraysInstanced', 'drawElementsInstanced']) {
      const original = type.prototype[name]
      if (!original) continue
      const countAt = name.startsWith('drawArrays') ? 2 : 1
      type.prototype[name] = function (...values) {
        stats.draws++
        if (stats.isStubbed) values[countAt] = 0
        return original.apply(this, values)
      }
    }
  const request = window.requestAnimationFrame.bind(window)
  window.requestAnimationFrame = run => request(now => {
    const [from, draws] = [performance.now(), stats.draws]
    run(now)
    if (stats.draws > draws) stats.scripts.push(performance.now() - from)
  })
}`

const html = `<!doctype html><meta charset="utf-8"><style>html, body { margin: 0; height: 100% } canvas { width: 100vw; height: 100vh; display: block }</style>
<canvas id="map"></canvas>
<script>${counters}</script>
<script type="module">
import Vizceral from './module.js'
const canvas = document.getElementById('map')
const map = new Vizceral(canvas)
map.setSize?.(innerWidth, innerHeight)
map.setView(['region'])
map.animate()
// The peer's dots stay invisible for ever when data come before its picture of a dot.
setTimeout(() => {
  const show = () => { map.updateData(snapshotOf(Date.now())); map.setView(['region']) }
  show()
  setInterval(() => map.updateData(snapshotOf(Date.now())), 1000)
}, 1500)
function snapshotOf(updated) {
  window.second = (window.second ?? 0) + 1
  const { nodes, seconds } = window.data
  const connections = seconds[window.second % seconds.length]
  const metrics = connections.reduce((sum, { metrics: { normal } }) => sum + normal, 0)
  const region = { renderer: 'region', name: 'region', maxVolume: window.data.maxVolume, class: 'normal', updated, nodes, connections }
  const internet = { renderer: 'region', name: 'INTERNET', displayName: 'INTERNET', nodes: [], class: 'normal' }
  return structuredClone({
    renderer: 'global', name: 'edge', entryNode: 'INTERNET', updated, nodes: [internet, region],
    connections: [{ source: 'INTERNET', target: 'region', metrics: { normal: metrics } }],
  })
}
window.map = map
</script>`

interface Found {
  readonly scriptMs: number
  readonly framesPerSecond: number
}

const executablePath = findChromium()
if (!executablePath) {
  console.error('There is no Chromium on this machine (on Debian: apt-get install chromium).')
  process.exit(2)
}
const modules = { vizceral: await peerModule(), inkling: await ourModule() }
const browser = await chromium.launch({ executablePath, args: [...flags] })
try {
  for (const size of sizes) {
    const peer = await measure(browser, modules.vizceral, size)
    const ours = await measure(browser, modules.inkling, size)
    judge(size, peer, ours)
  }
} finally {
  await browser.close()
}

function judge({ services, links }: (typeof sizes)[number], peer: Found, ours: Found): void {
  const times = peer.scriptMs / ours.scriptMs
  report(`vizceral ${services}/${links}`, {
    'script ms per frame, vizceral (median)': peer.scriptMs,
    'script ms per frame, inkling (median)': ours.scriptMs,
    'times lighter': times,
    'frames per second, vizceral': peer.framesPerSecond,
    'frames per second, inkling': ours.framesPerSecond,
  })
  if (times >= timesLighter && ours.framesPerSecond >= peer.framesPerSecond) return
  console.error(`vizceral: ours must be ${timesLighter} times lighter and show as many frames.`)
  process.exitCode = 1
}

async function measure(
  browser: Browser,
  module: string,
  size: (typeof sizes)[number],
): Promise<Found> {
  const page = await browser.newPage({ viewport: { width: 1600, height: 900 } })
  page.on('pageerror', error => console.error(error.message))
  await page.addInitScript(`window.data = ${JSON.stringify(dataOf(size))}`)
  await page.route(`${origin}**`, route => {
    const isModule = route.request().url().endsWith('.js')
    const contentType = isModule ? 'text/javascript' : 'text/html'
    return route.fulfill({ body: isModule ? module : html, contentType })
  })
  await page.goto(origin)
  await page.waitForTimeout(warmMs)
  const drawn = await watch(page)
  await page.evaluate('window.counted.isStubbed = true')
  await page.waitForTimeout(warmMs / 2)
  const { scripts } = await watch(page)
  await page.close()
  scripts.sort((a, b) => a - b)
  // The browser's clock ticks in tenths of a millisecond: what takes less is known by its mean.
  const middle = scripts.slice(scripts.length >> 3, scripts.length - (scripts.length >> 3))
  const scriptMs = middle.reduce((sum, ms) => sum + ms, 0) / middle.length
  return { scriptMs, framesPerSecond: drawn.framesPerSecond }
}

async function watch(page: Page): Promise<{ scripts: number[]; framesPerSecond: number }> {
  const from = performance.now()
  await page.evaluate('window.counted.scripts.length = 0')
  // At least some frames, however long they take.
  await page.waitForTimeout(watchMs)
  await page.waitForFunction('window.counted.scripts.length >= 5', undefined, { timeout: 120_000 })
  const scripts = (await page.evaluate('window.counted.scripts')) as number[]
  return { scripts, framesPerSecond: (scripts.length * 1000) / (performance.now() - from) }
}

/** Ten seconds of a region, in Vizceral's form. */
function dataOf({ services, links }: (typeof sizes)[number]) {
  const { scene, frame, rates } = cluster(services, links)
  const names = scene.nodes.map(({ label }, i) => (i === 0 ? 'INTERNET' : `${label}-${i}`))
  const nodes = names.map(name => ({ renderer: 'focusedChild', name, class: 'normal' }))
  const seconds = Array.from({ length: 10 }, (_, second) => {
    const { ok, warning, error } = frame(second, second * 1000)
    return scene.links.map(({ client, server }, i) => ({
      source: names[client],
      target: names[server],
      class: 'normal',
      metrics: { normal: ok[i], warning: warning[i], danger: error[i] },
    }))
  })
  const volume = rates.reduce((sum, rate, i) => sum + (scene.links[i].client === 0 ? rate : 0), 0)
  return { nodes, seconds, maxVolume: volume }
}

async function ourModule(): Promise<string> {
  const configFile = join(import.meta.dirname, '../vite.vizceral.config.ts')
  return built({ configFile }, 'vizceral.js')
}

async function peerModule(): Promise<string> {
  mkdirSync(peers, { recursive: true })
  if (!existsSync(join(peers, 'node_modules/vizceral/package.json'))) {
    const flags = ['--prefix', peers, '--no-audit', '--no-fund', '--ignore-scripts']
    execFileSync('npm', ['install', ...flags, `vizceral@${peerVersion}`], { stdio: 'inherit' })
  }
  const entry = join(peers, 'peer.js')
  writeFileSync(entry, `import Vizceral from 'vizceral'\nexport default Vizceral\n`)
  const lib = { entry, formats: ['es' as const], fileName: () => 'peer.js' }
  return built({ configFile: false, root: peers, build: { lib } }, 'peer.js')
}

async function built(config: InlineConfig, name: string): Promise<string> {
  const outDir = mkdtempSync(join(tmpdir(), 'inkling-bench-'))
  await build({ ...config, build: { ...config.build, outDir }, logLevel: 'error' })
  const text = readFileSync(join(outDir, name), 'utf8')
  rmSync(outDir, { recursive: true, force: true })
  return text
}
