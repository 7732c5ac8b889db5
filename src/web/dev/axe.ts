import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

/** What axe finds wrong with a page: how grave, which rule, where. */
export interface Finding {
  readonly impact: string
  readonly rule: string
  readonly where: readonly string[]
}

interface Axe {
  run(context: unknown, options: object): Promise<{ violations: readonly Violation[] }>
}

interface Violation {
  readonly impact: string
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const htmlMax = 160
const wheresMax = 4
/** axe rests between its rules, by the page's clock, which stands. */
const restsMax = 200

/** Runs axe on a page whose clock stands. The map is taken away meanwhile: behind a picture it judges no contrast. */
export async function axe(page: Page): Promise<readonly Finding[]> {
  await page.evaluate(source)
  const taken = await page.addStyleTag({ content: 'canvas { visibility: hidden }' })
  await page.evaluate(() => {
    const all = globalThis as unknown as { axe: Axe; found?: readonly Violation[] }
    all.found = undefined
    void all.axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => {
      all.found = violations
    })
  })
  const found = await findings(page)
  await taken.evaluate(element => (element as Element).remove())
  return found.map(({ impact, id, nodes }) => ({
    impact,
    rule: id,
    where: nodes
      .slice(0, wheresMax)
      .map(({ html, failureSummary }) => `${html.slice(0, htmlMax)} ${failureSummary}`),
  }))
}

async function findings(page: Page): Promise<readonly Violation[]> {
  for (let rest = 0; rest < restsMax; rest++) {
    await page.clock.runFor(1)
    const found = await page.evaluate(
      () => (globalThis as unknown as { found?: readonly Violation[] }).found,
    )
    if (found) return found
  }
  throw new Error('axe does not come to an end.')
}
