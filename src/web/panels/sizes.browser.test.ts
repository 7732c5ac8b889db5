import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { BrowserContextOptions } from 'playwright-core'
import { axe } from '../dev/axe.ts'
import { findChromium, openStage, type Stage } from '../dev/browser.ts'
import { overflowing } from '../dev/overflowing.ts'
import { openStill, pass } from '../dev/still.ts'

const executable = findChromium()
const skip = executable ? false : 'needs chromium: apt-get install chromium'

const screen = (width: number, height: number): BrowserContextOptions => ({
  viewport: { width, height },
})

/** Screens and wishes of people. */
const people: Readonly<Record<string, BrowserContextOptions>> = {
  'a small telephone': screen(320, 568),
  'a telephone': { ...screen(390, 844), deviceScaleFactor: 2, hasTouch: true },
  'a tablet': screen(768, 1024),
  'a desk': screen(1920, 1080),
  'a wall': screen(3840, 2160),
  'text at 200 %': { ...screen(640, 360), deviceScaleFactor: 2 },
  'more contrast': { contrast: 'more' },
  'more contrast by day': { contrast: 'more', colorScheme: 'light' },
  'the colours of the system': { forcedColors: 'active' },
  'less motion': { reducedMotion: 'reduce' },
}
const screens = ['?service=compose:shop:cart', '?link=proxy%3Ecart%3Ehttp', '?view=services']

let stage: Stage

describe('the page suits', { skip, timeout: 300_000 }, () => {
  before(async () => {
    stage = await openStage(executable!)
  })
  after(() => stage?.close())

  for (const [who, options] of Object.entries(people))
    test(who, async () => {
      const page = await openStill(stage, { options, seconds: 1, query: '?tier=0' })
      try {
        for (const query of ['', ...screens]) {
          await page.evaluate(search => {
            history.pushState(null, '', search || location.pathname)
            dispatchEvent(new PopStateEvent('popstate'))
          }, query)
          await pass(stage, page, 1)
          assert.deepEqual(await overflowing(page), [], query)
          assert.deepEqual(await axe(page), [], query)
        }
      } finally {
        await page.context().close()
      }
    })
})
