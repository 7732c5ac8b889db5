import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Page } from 'playwright-core'
import { build } from 'vite'
import { flags } from './browser.ts'

const configFile = fileURLToPath(new URL('../../../vite.vizceral.config.ts', import.meta.url))
const origin = 'http://vizceral.test/'

const html = `<!doctype html><meta charset="utf-8"><title>Somebody's page</title>
<style>html, body { margin: 0; height: 100%; background: #0b0e14 } #map { height: 100% }</style>
<div id="map"></div>
<script type="module">
import Vizceral from './vizceral.js'
const vizceral = new Vizceral(document.getElementById('map'))
const heard = []
for (const name of ['viewChanged', 'viewUpdated', 'objectHighlighted', 'objectHovered', 'nodeContextSizeChanged', 'matchesFound'])
  vizceral.on(name, told => heard.push([name, told]))
vizceral.animate()
Object.assign(window, { vizceral, heard, Vizceral })
</script>`

/** The module built as it is given away, on a page that knows nothing else of ours. */
export interface VizceralStage {
  /** The module's text. */
  readonly module: string
  /** `faults` collects what the page complains of. */
  open(size?: { width: number; height: number }): Promise<{ page: Page; faults: string[] }>
  close(): Promise<void>
}

export async function openVizceralStage(executablePath: string): Promise<VizceralStage> {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-vizceral-'))
  await build({ configFile, build: { outDir: folder }, logLevel: 'error' })
  const module = readFileSync(join(folder, 'vizceral.js'), 'utf8')
  rmSync(folder, { recursive: true, force: true })
  const browser = await chromium.launch({ executablePath, args: [...flags] })
  return {
    module,
    open: async (viewport = { width: 1280, height: 720 }) => {
      const page = await browser.newPage({ viewport })
      page.setDefaultTimeout(20_000)
      const faults: string[] = []
      page.on('pageerror', error => faults.push(error.message))
      page.on('console', message => {
        if (message.type() === 'error' && !/404|favicon/.test(message.text()))
          faults.push(message.text())
      })
      await page.route(`${origin}**`, route => {
        const isModule = route.request().url().endsWith('.js')
        const contentType = isModule ? 'text/javascript' : 'text/html'
        return route.fulfill({ body: isModule ? module : html, contentType })
      })
      await page.goto(origin)
      await page.waitForFunction('window.vizceral')
      return { page, faults }
    },
    close: () => browser.close(),
  }
}
