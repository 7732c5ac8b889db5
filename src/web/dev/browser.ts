import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core'
import { build, preview } from 'vite'
import type { DemoControls } from './demo.ts'

const configFile = fileURLToPath(new URL('../../../vite.config.ts', import.meta.url))

/** WebGL in software and nothing that calls home: the same on every machine. */
export const flags: readonly string[] = [
  '--headless=new',
  '--no-sandbox',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
]

/** The path of a Chromium on this machine. */
export function findChromium(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin']
  const names = ['chromium', 'chromium-browser', 'google-chrome']
  return names.flatMap(name => folders.map(folder => join(folder, name))).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The built page over the invented cluster, in a real browser. */
export interface Stage {
  readonly controls: DemoControls
  /** Folder of the built page. */
  readonly folder: string
  readonly url: string
  /** A page of its own at `query`; `prepare` runs before it loads. */
  open(
    query?: string,
    prepare?: (context: BrowserContext) => Promise<unknown>,
    options?: BrowserContextOptions,
  ): Promise<Page>
  close(): Promise<void>
}

/** Looks at a page of its own, and throws what the page threw. */
export async function visitPage(
  stage: Stage,
  query: string,
  look: (page: Page) => Promise<void>,
): Promise<void> {
  const page = await stage.open(query)
  const faults: Error[] = []
  page.on('pageerror', error => faults.push(error))
  try {
    await look(page)
    if (faults.length > 0) throw new AggregateError(faults, 'The page threw.')
  } finally {
    await page.context().close()
  }
}

/** Builds the page into a folder of its own and serves it. */
export async function openStage(executablePath: string): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-page-'))
  const quiet = { configFile, build: { outDir: folder }, logLevel: 'error' } as const
  await build(quiet)
  const server = await preview({ ...quiet, preview: { port: 0, host: '127.0.0.1' } })
  const browser: Browser = await chromium.launch({ executablePath, args: [...flags] })
  const address = server.httpServer.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const url = `http://127.0.0.1:${port}/`
  const plugin = server.config.plugins.find(({ name }) => name === 'demo')
  return {
    controls: plugin?.api as DemoControls,
    folder,
    url,
    open: async (query = '', prepare, options) => {
      const viewport = { width: 1280, height: 720 }
      const context = await browser.newContext({ viewport, colorScheme: 'dark', ...options })
      await context.grantPermissions(['clipboard-read', 'clipboard-write'])
      await prepare?.(context)
      const page = await context.newPage()
      page.setDefaultTimeout(20_000)
      await page.goto(url + query)
      return page
    },
    close: async () => {
      await browser.close()
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
