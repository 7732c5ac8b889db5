import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { CDPSession, Page } from 'playwright-core'
import type { Arrangement } from '#model/arrangement.ts'
import { findChromium, openStage, type Stage } from '../dev/browser.ts'
import { screenOf } from '../dev/places.ts'
import { texts } from '../texts.ts'

const executable = findChromium()
const skip = executable ? false : 'needs chromium: apt-get install chromium'
const size = { width: 1280, height: 720 }
const cart = 'compose:shop:cart'
/** Longer than a finger rests before it takes hold of something. */
const restMs = 450

let stage: Stage

interface Point {
  readonly x: number
  readonly y: number
}

/** Fingers on the screen, each as a way from point to point, all at the same pace. */
class Fingers {
  private readonly page: Page
  private readonly browser: CDPSession

  constructor(page: Page, browser: CDPSession) {
    this.page = page
    this.browser = browser
  }

  private tell(type: 'touchStart' | 'touchMove' | 'touchEnd', points: readonly Point[]) {
    const touchPoints = points.map(({ x, y }, id) => ({ x, y, id }))
    return this.browser.send('Input.dispatchTouchEvent', { type, touchPoints })
  }

  async draw(from: readonly Point[], to: readonly Point[], restsMs = 0): Promise<void> {
    await this.tell('touchStart', from)
    await this.page.waitForTimeout(restsMs)
    for (let step = 1; step <= 8; step++) {
      const part = (a: number, b: number) => a + ((b - a) * step) / 8
      const now = from.map(({ x, y }, i) => ({ x: part(x, to[i].x), y: part(y, to[i].y) }))
      await this.tell('touchMove', now)
      await this.page.waitForTimeout(40)
    }
    await this.tell('touchEnd', [])
    await this.page.waitForTimeout(200)
  }

  async tap(point: Point): Promise<void> {
    await this.tell('touchStart', [point])
    await this.tell('touchEnd', [])
  }
}

/** A page under fingers, laid out anew: everybody knows where everything stands. */
async function touched(
  look: (page: Page, fingers: Fingers, at: Point) => Promise<void>,
): Promise<void> {
  stage.controls.places.clear()
  const page = await stage.open('', undefined, { hasTouch: true, viewport: size })
  try {
    await page.getByText(/1 dot = /).waitFor()
    await page.keyboard.press('l')
    for (let tries = 0; tries < 100 && !(cart in arranged()); tries++) await page.waitForTimeout(50)
    await page.waitForTimeout(1200)
    const fingers = new Fingers(page, await page.context().newCDPSession(page))
    await look(page, fingers, screenOf(cart, arranged(), size))
  } finally {
    await page.context().close()
  }
}

const arranged = () => (stage.controls.places.get('') ?? {}) as Arrangement
const panel = (page: Page) => page.getByRole('complementary', { name: 'cart' })

describe('with fingers', { skip, timeout: 120_000 }, () => {
  before(async () => {
    stage = await openStage(executable!)
  })
  after(() => stage?.close())

  test('a tap selects', () =>
    touched(async (page, fingers, at) => {
      await fingers.tap(at)
      await panel(page).waitFor()
    }))

  test('one finger moves the map, and then things are where it was moved', () =>
    touched(async (page, fingers, at) => {
      await fingers.draw([{ x: 500, y: 600 }], [{ x: 440, y: 520 }])
      assert.equal(arranged()[cart].hand, undefined, 'nothing was taken')
      await fingers.tap({ x: at.x - 60, y: at.y - 80 })
      await panel(page).waitFor()
    }))

  test('two fingers pinch: what lies between them stays there', () =>
    touched(async (page, fingers, at) => {
      const reach = (px: number) => [
        { x: at.x - px, y: at.y },
        { x: at.x + px, y: at.y },
      ]
      await fingers.draw(reach(40), reach(90))
      await fingers.tap(at)
      await panel(page).waitFor()
      assert.equal(arranged()[cart].hand, undefined, 'nothing was taken')
    }))

  test('a finger that rests takes hold of a service and puts it elsewhere', () =>
    touched(async (page, fingers, at) => {
      const before = arranged()[cart]
      await fingers.draw([at], [{ x: at.x - 120, y: at.y + 60 }], restMs)
      await page.getByText(texts.arranging.moved('cart')).waitFor()
      assert.equal(arranged()[cart].hand, true)
      assert.ok(arranged()[cart].x < before.x)
    }))
})
