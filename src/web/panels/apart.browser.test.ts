import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { findChromium, openStage, type Stage, visitPage } from '../dev/browser.ts'
import { texts } from '../texts.ts'

const executable = findChromium()
const skip = executable ? false : 'needs chromium: apt-get install chromium'
const cart = 'compose:shop:cart'

let stage: Stage

const visit = (query: string, look: (page: Page) => Promise<void>): Promise<void> =>
  visitPage(stage, query, async page => {
    await page.getByText(/1 dot = /).waitFor()
    await look(page)
  })

const panelOf = (page: Page, name: string | RegExp) => page.getByRole('complementary', { name })

/** Walks to the right until an instance is selected. */
async function walkToInstance(page: Page): Promise<void> {
  for (let step = 0; step < 20; step++) {
    await page.keyboard.press('ArrowRight')
    if (page.url().includes('&instance=')) return
    await page.waitForTimeout(300)
  }
  assert.fail('no instance stands on the map')
}

describe('the instances of a service', { skip }, () => {
  before(async () => {
    stage = await openStage(executable!)
  })
  after(() => stage?.close())

  test('are a step further in from the service, by the keyboard, and Esc leads out again', () =>
    visit(`?at=service:${cart}&service=${cart}`, async page => {
      await panelOf(page, 'cart').waitFor()
      await page.keyboard.press('Enter')
      await page.getByRole('navigation').getByText(texts.place.instances).waitFor()
      assert.match(page.url(), /at=instances/)
      await page.keyboard.press('Escape')
      await page.keyboard.press('Escape')
      await page.waitForURL(/at=service/)
    }))

  test('each has a panel, what it says another, and that the access log of this instance alone', () =>
    visit(`?at=instances:${cart}`, async page => {
      await walkToInstance(page)
      const panel = panelOf(page, /^shop-cart-\d$/)
      const name = await panel.getAttribute('aria-label')
      await panel.getByText(texts.service.addresses).waitFor()
      await panel.getByRole('button', { name: /proxy/ }).click()
      await panelOf(page, `proxy → ${name}`).waitFor()
      await page.locator('[role="row"][aria-selected]').first().waitFor()
      const to = await page
        .locator('[role="row"][aria-selected] [role="cell"]:last-child')
        .allInnerTexts()
      assert.deepEqual([...new Set(to)], [name])
      await page.getByRole('button', { name: texts.instance.wholeLink }).click()
      await panelOf(page, /proxy calls cart/).waitFor()
    }))

  test('the server does not know it: the service is shown, and why', async () => {
    stage.controls.answers.failing = ['flows']
    try {
      await visit(`?at=instances:${cart}`, async page => {
        await page.getByText(texts.place.unknownInstances('A fault of the demo.')).waitFor()
        await page.keyboard.press('ArrowRight')
        assert.match(page.url(), /&service=/)
      })
    } finally {
      stage.controls.answers.failing = []
    }
  })
})
