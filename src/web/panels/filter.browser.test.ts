import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { findChromium, openStage, type Stage, visitPage } from '../dev/browser.ts'
import { texts } from '../texts.ts'

const executable = findChromium()
const skip = executable ? false : 'needs chromium: apt-get install chromium'

let stage: Stage

const visit = (query: string, look: (page: Page) => Promise<void>): Promise<void> =>
  visitPage(stage, query, async page => {
    await page.getByText(/1 dot = /).waitFor()
    await look(page)
  })

const chips = (page: Page) =>
  page.getByRole('list', { name: texts.filter.label }).getByRole('button').allInnerTexts()

/** Protocols of the table's rows: the table shows what the map shows. */
async function protocolsInTable(page: Page): Promise<string[]> {
  await page.keyboard.press('t')
  await page.locator('[role="row"][aria-selected]').first().waitFor()
  const cells = await page
    .locator('[role="row"][aria-selected] [role="cell"]:nth-child(3)')
    .allInnerTexts()
  await page.keyboard.press('t')
  return [...new Set(cells)].sort()
}

describe('a filter', { skip }, () => {
  before(async () => {
    stage = await openStage(executable!)
  })
  after(() => stage?.close())

  test('is set by hand, holds for map and table, stands in the address, and goes by its chip', () =>
    visit('', async page => {
      await page.getByRole('button', { name: texts.filter.hint }).press('Enter')
      await page.getByRole('checkbox', { name: /postgres/ }).press('Space')
      await page.getByRole('checkbox', { name: /redis/ }).press('Space')
      await page.keyboard.press('Escape')
      assert.deepEqual(await chips(page), ['postgres, redis\n×'])
      assert.deepEqual(await protocolsInTable(page), ['postgres', 'redis'])
      assert.match(page.url(), /only=postgres&only=redis/)
      await page.reload()
      await page.getByText(/1 dot = /).waitFor()
      assert.deepEqual(await protocolsInTable(page), ['postgres', 'redis'])
      await page.getByRole('button', { name: 'postgres, redis' }).click()
      await page.waitForURL(url => !url.search.includes('only'))
      assert.ok((await protocolsInTable(page)).includes('http'))
    }))

  test('hides what is selected, and shows it again when a problem of it is looked at', () =>
    visit('?service=compose:shop:cart', async page => {
      await page.getByRole('heading', { name: 'cart' }).waitFor()
      await page.keyboard.press('h')
      assert.deepEqual(await chips(page), [`${texts.filter.hiddenCount(1)}\n×`])
      await page.getByText(/\d problems? not shown/).waitFor()
      await page.getByRole('button', { name: texts.filter.clear }).click()
      await page.getByRole('button', { name: /cart/ }).first().waitFor()
      assert.doesNotMatch(page.url(), /hide=/)
    }))

  test('of a name comes from the search, and says so when nothing has it', () =>
    visit('', async page => {
      await page.keyboard.press('/')
      await page.keyboard.type('vote')
      await page.getByRole('option', { name: texts.search.only('vote') }).waitFor()
      await page.keyboard.press('ArrowUp')
      await page.keyboard.press('Enter')
      assert.match(page.url(), /name=vote/)
      await page.getByRole('button', { name: texts.filter.set(1) }).click()
      await page.getByRole('textbox', { name: texts.filter.name }).fill('nobody')
      await page.getByText(texts.filter.nothing).waitFor()
    }))
})
