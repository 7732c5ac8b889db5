import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { findChromium, openStage, type Stage, visitPage } from '../dev/browser.ts'
import { openStill, pass } from '../dev/still.ts'
import { texts } from '../texts.ts'

const executable = findChromium()
const skip = executable ? false : 'needs chromium: apt-get install chromium'
const tabsMax = 60

let stage: Stage

/** Where the focus is, and whether it can be seen there. */
interface Focus {
  readonly tag: string
  readonly text: string
  readonly isVisible: boolean
}

const focusOf = (page: Page): Promise<Focus> =>
  page.evaluate(() => {
    const element = document.activeElement!
    const box = element.getBoundingClientRect()
    const isOnScreen = box.bottom > 0 && box.right > 0 && box.top < innerHeight
    const ring = getComputedStyle(element).outlineStyle !== 'none'
    const whole = getComputedStyle(element, '::after').borderStyle === 'solid'
    const text = (element.getAttribute('aria-label') ?? element.textContent ?? '').slice(0, 60)
    const isVisible = element.matches(':focus-visible') && isOnScreen && (ring || whole)
    return { tag: element.tagName, text, isVisible }
  })

/** Presses a key, and looks whether the focus can still be seen. */
async function press(page: Page, key: string): Promise<Focus> {
  await page.keyboard.press(key)
  await page.waitForTimeout(60)
  const focus = await focusOf(page)
  assert.ok(focus.isVisible, `after ${key} the focus cannot be seen: ${JSON.stringify(focus)}`)
  return focus
}

/** Goes on with Tab until something with such words has the focus. */
async function tabTo(page: Page, words: RegExp): Promise<void> {
  const been: string[] = []
  for (let tab = 0; tab < tabsMax; tab++) {
    const { text } = await press(page, 'Tab')
    if (words.test(text)) return
    been.push(text)
  }
  assert.fail(`Tab does not lead to ${words}: ${been.join(' | ')}`)
}

describe('by the keyboard alone', { skip, timeout: 120_000 }, () => {
  before(async () => {
    stage = await openStage(executable!)
  })
  after(() => stage?.close())

  test('from the map to a request and back: the focus is always somewhere, and seen', () =>
    visitPage(stage, '', async page => {
      await page.getByText(texts.live.live).first().waitFor()
      await page.keyboard.press('ArrowRight')
      await page.keyboard.press('ArrowRight')
      await page.getByRole('complementary', { name: 'proxy' }).waitFor()
      await press(page, 'Enter')
      assert.match(page.url(), /at=service/)
      await tabTo(page, /^cart/)
      const { tag } = await press(page, 'Enter')
      assert.equal(tag, 'ASIDE', 'the panel that opened has the focus')
      assert.match(page.url(), /link=/)
      const log = page.getByRole('region', { name: texts.log.title })
      await log.locator('[data-outcome]').nth(8).waitFor()
      await tabTo(page, /^\d\d:\d\d:\d\d/)
      await page.getByText(texts.log.paused, { exact: true }).waitFor()
      for (let row = 0; row < 6; row++) await press(page, 'ArrowDown')
      const { text } = await press(page, 'Enter')
      const details = page.getByRole('complementary', { name: texts.log.details })
      await details.waitFor()
      await tabTo(page, /^Close/)
      const back = await press(page, 'Escape')
      await details.waitFor({ state: 'detached' })
      assert.equal(back.text, text, 'the line has the focus again')
      await press(page, 'Escape')
      await log.waitFor({ state: 'detached' })
      await press(page, 'Escape')
      assert.equal(new URL(page.url()).search, '')
    }))

  test('the back button goes the same way, and nothing that had the focus is missed', () =>
    visitPage(stage, '?view=links', async page => {
      await page.getByRole('table', { name: texts.table.links }).waitFor()
      await tabTo(page, /^INTERNETproxy/)
      const row = await press(page, 'Enter')
      assert.equal(row.tag, 'ASIDE')
      await tabTo(page, /^Close/)
      await page.goBack()
      await page.locator('aside').waitFor({ state: 'detached' })
      const focus = await focusOf(page)
      assert.match(focus.text, /^INTERNETproxy/)
    }))

  test('Esc closes what is open, one after the other', () =>
    visitPage(stage, '?service=compose:shop:cart', async page => {
      await page.getByText(texts.live.live).first().waitFor()
      const panel = page.getByRole('complementary', { name: 'cart' })
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'hidden' })
      assert.ok(await panel.isVisible())
      await page.locator('[popovertarget=status]').click()
      await page.keyboard.press('Escape')
      await page.locator('#status').waitFor({ state: 'hidden' })
      assert.ok(await panel.isVisible())
      await page.keyboard.press('Escape')
      await panel.waitFor({ state: 'detached' })
    }))

  test('who listens hears at most one sentence in ten seconds, and that the figures are old', async () => {
    const page = await openStill(stage, { seconds: 2 })
    await page.evaluate(() => {
      const heard: { atMs: number; text: string }[] = []
      Object.assign(globalThis, { heard })
      const loud = '[aria-live], [role=status], [role=alert], [role=log]'
      new MutationObserver(changes => {
        const text = changes.map(({ target }) => target.parentElement?.closest(loud)?.textContent)
        const told = text.find(Boolean)
        if (told) heard.push({ atMs: performance.now(), text: told })
      }).observe(document.body, { subtree: true, childList: true, characterData: true })
    })
    await pass(stage, page, 45)
    assert.match((await page.locator('[aria-live]').textContent()) ?? '', /problem/)
    stage.controls.silent = true
    await pass(stage, page, 25)
    const heard = await page.evaluate(
      () => (globalThis as unknown as { heard: { atMs: number; text: string }[] }).heard,
    )
    await page.context().close()
    stage.controls.still = false
    stage.controls.silent = false
    const near = heard.filter(({ atMs }, i) => i > 0 && atMs - heard[i - 1].atMs < 9_900)
    assert.deepEqual(near, [])
    assert.match(heard.at(-1)?.text ?? '', /^No figures for/)
  })
})
