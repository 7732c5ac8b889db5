import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { createServer, type ViteDevServer } from 'vite'
import { flags } from '../../dev/browser.ts'

const executable = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find(path => existsSync(path))

/** Why the map cannot be tried in a browser here; undefined: it can. */
export const missing: string | undefined = executable
  ? undefined
  : 'There is no Chromium on this machine (on Debian: apt-get install chromium): the map is not tried in a browser.'

/** Software rendering everywhere, so that pictures and counts are the same on every machine. */
const drawFlags = [...flags, '--enable-precise-memory-info']

const sizeOfTests = { width: 960, height: 540 }
/** The page's clock and its frames are ours: `frame()` is a sixtieth of a second later, and everything in it. */
const driver = `{
  let waiting = []
  let clockMs = 1000
  window.realNow = performance.now.bind(performance)
  performance.now = () => clockMs
  window.requestAnimationFrame = run => waiting.push(run)
  window.frame = () => {
    const due = waiting
    waiting = []
    clockMs += 1000 / 60
    for (const run of due) run(clockMs)
  }
}`

export interface Opened {
  readonly page: Page
  readonly faults: string[]
}

/** A browser and a server of the demo page, until `close`. `gpu` leaves the choice of renderer to the browser. */
export class Studio {
  private readonly browser: Browser
  private readonly server: ViteDevServer
  private readonly address: string

  private constructor(browser: Browser, server: ViteDevServer) {
    this.browser = browser
    this.server = server
    this.address = server.resolvedUrls!.local[0]
  }

  static async open(gpu = false): Promise<Studio> {
    const root = fileURLToPath(new URL('../..', import.meta.url))
    const server = await createServer({
      root,
      configFile: false,
      logLevel: 'silent',
      cacheDir: `/tmp/inkling-studio-${process.pid}`,
      server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
    })
    await server.listen()
    const args = gpu ? drawFlags.filter(flag => !/swiftshader/.test(flag)) : drawFlags
    return new Studio(await chromium.launch({ executablePath: executable, args }), server)
  }

  /**
   * Opens the demo; `faults` collects what the page complains of. A `driven` page draws when `window.frame()` is
   * called, not when the screen asks, and its clock moves with it.
   */
  async page(query: string, { size = sizeOfTests, driven = false } = {}): Promise<Opened> {
    const page = await this.browser.newPage({ viewport: size })
    if (driven) await page.addInitScript(driver)
    const faults: string[] = []
    page.on('pageerror', error => faults.push(error.message))
    page.on('console', message => {
      const text = message.text()
      if (message.type() === 'error' && !/favicon|404/.test(text)) faults.push(text)
      if (/WebGL|GL_INVALID/.test(text)) faults.push(text)
    })
    await page.goto(`${this.address}draw/demo/index.html?${query}`)
    const isReady = driven ? 'window.demo' : 'window.demo?.map.stats().particles > 0'
    await page.waitForFunction(isReady, undefined, { polling: 100, timeout: 60_000 })
    return { page, faults }
  }

  async close(): Promise<void> {
    await this.browser.close()
    await this.server.close()
  }
}
