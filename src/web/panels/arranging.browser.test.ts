import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import type { Arrangement } from '#model/arrangement.ts'
import { findChromium, openStage, type Stage, visitPage } from '../dev/browser.ts'
import { screenOf as screenAt } from '../dev/places.ts'
import { links, services } from '../dev/shop.ts'
import { texts } from '../texts.ts'

const executable = findChromium()
const skip = executable ? false : 'needs chromium: apt-get install chromium'
const size = { width: 1280, height: 720 }
const cart = 'compose:shop:cart'

let stage: Stage

/** A page of its own over the invented cluster as it was. */
function visit(look: (page: Page) => Promise<void>): Promise<void> {
  const { controls } = stage
  controls.places.clear()
  if (controls.cluster.services !== services) controls.cluster.become(services, links)
  return visitPage(stage, '', async page => {
    await page.getByText(/1 dot = /).waitFor()
    await look(page)
  })
}

async function open(): Promise<Page> {
  const page = await stage.open('')
  await page.getByText(/1 dot = /).waitFor()
  return page
}

const arranged = () => (stage.controls.places.get('') ?? {}) as Arrangement

async function until(is: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const endMs = Date.now() + 15_000; Date.now() < endMs; ) {
    if (await is()) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  assert.fail(`waited in vain until ${what}`)
}

/** Lays the map out anew, so that the server knows where everything stands. */
async function tidy(page: Page): Promise<void> {
  stage.controls.places.clear()
  await page.keyboard.press('l')
  await until(() => cart in arranged(), 'the server has heard of it')
  await page.waitForTimeout(1200)
}

const screenOf = (id: string, nodes: Arrangement) => screenAt(id, nodes, size)

/** Waits until the pointer finds this name there. */
async function finds(page: Page, { x, y }: { x: number; y: number }, text: string | RegExp) {
  const tip = page.locator('strong', { hasText: /^cart$/ }).locator('..')
  await until(async () => {
    await page.mouse.move(x, y - 200)
    await page.mouse.move(x, y)
    await page.waitForTimeout(150)
    return (await tip.count()) > 0 && (await tip.getByText(text).count()) > 0
  }, `the pointer finds ${text} at ${x} ${y}`)
}

async function drag(page: Page, from: { x: number; y: number }, dx: number, dy: number) {
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  await page.mouse.move(from.x + dx / 2, from.y + dy / 2, { steps: 4 })
  await page.mouse.move(from.x + dx, from.y + dy, { steps: 4 })
  await page.mouse.up()
}

describe('arranging the map', { skip, timeout: 200_000 }, () => {
  before(async () => {
    stage = await openStage(executable!)
  })
  after(() => stage?.close())

  test('what is dragged stays there: for a second viewer, and after the page is loaded again', () =>
    visit(async page => {
      await tidy(page)
      const second = await open()
      const start = arranged()
      const from = screenOf(cart, start)
      await drag(page, from, -120, 90)
      await page.getByText(texts.arranging.moved('cart')).waitFor()
      await until(() => arranged()[cart].hand === true, 'the server has heard of it')
      const placed = arranged()
      const moved = { x: placed[cart].x - start[cart].x, y: placed[cart].y - start[cart].y }
      assert.ok(Math.abs(moved.x * from.scale + 120) < 3, `${moved.x}`)
      assert.ok(Math.abs(moved.y * from.scale - 90) < 3, `${moved.y}`)
      assert.deepEqual({ ...placed, [cart]: 0 }, { ...start, [cart]: 0 }, 'nobody else moved')
      await finds(page, { x: from.x - 120, y: from.y + 90 }, /req\/s/)
      await finds(second, screenOf(cart, placed), /req\/s/)
      await second.context().close()
      await page.reload()
      await page.getByText(/1 dot = /).waitFor()
      await finds(page, screenOf(cart, placed), /req\/s/)
      await page.goto(`${stage.url}?service=container:proxy`)
      await page.getByText(/1 dot = /).waitFor()
      await page.keyboard.press('Shift+ArrowUp')
      await until(() => arranged() !== placed, 'the server has heard of the proxy')
      const proxy = placed['container:proxy']
      const stepped = { ...proxy, y: Math.round(proxy.y - 24), x: Math.round(proxy.x), hand: true }
      assert.deepEqual(arranged(), { ...placed, 'container:proxy': stepped })
    }))

  test('a layout anew forgets hands; undone, all is as it was, step by step', () =>
    visit(async page => {
      await tidy(page)
      const start = arranged()
      const from = screenOf(cart, start)
      await drag(page, from, 60, 70)
      await until(() => arranged()[cart].hand === true, 'it is moved')
      const placed = arranged()
      await page.getByRole('button', { name: texts.arranging.tidy }).click()
      await page.getByText(texts.arranging.tidied()).waitFor()
      await until(() => !arranged()[cart].hand, 'it is laid out anew')
      await page.getByRole('button', { name: texts.arranging.undo, exact: true }).click()
      await until(() => arranged()[cart].hand === true, 'the layout is undone')
      assert.deepEqual(arranged(), placed)
      await page.keyboard.press('u')
      await until(() => !arranged()[cart].hand, 'the move is undone')
      assert.deepEqual(arranged(), start)
      await finds(page, screenOf(cart, start), /req\/s/)
    }))

  test('a finger that rests on a service takes it along, one that does not moves the map', () =>
    visit(async page => {
      await tidy(page)
      const start = arranged()
      const { x, y } = screenOf(cart, start)
      const touch = await page.context().newCDPSession(page)
      const send = (type: string, dx: number, dy: number) =>
        touch.send('Input.dispatchTouchEvent', {
          type: type as 'touchStart',
          touchPoints: type === 'touchEnd' ? [] : [{ x: x + dx, y: y + dy }],
        })
      const swipe = async (restMs: number) => {
        await send('touchStart', 0, 0)
        await page.waitForTimeout(restMs)
        await send('touchMove', 30, 20)
        await send('touchMove', 60, 40)
        await send('touchEnd', 60, 40)
      }
      await swipe(600)
      await until(() => arranged()[cart].hand === true, 'it is moved')
      assert.ok(arranged()[cart].x > start[cart].x + 30)
      const placed = arranged()
      await swipe(0)
      await page.waitForTimeout(500)
      assert.equal(arranged(), placed)
    }))

  test('a service that is gone leaves a ghost where it was, which counts for nothing', () =>
    visit(async page => {
      await tidy(page)
      const where = screenOf(cart, arranged())
      const { cluster } = stage.controls
      const isLeft = (id: string) => id !== cart
      cluster.become(
        services.filter(({ id }) => isLeft(id)),
        links.filter(({ client, server }) => isLeft(client) && isLeft(server)),
      )
      const figures = page.locator('header dl')
      await figures.getByText(String(services.length - 1), { exact: true }).waitFor()
      await finds(page, where, /gone for/)
      await page.mouse.click(where.x, where.y)
      await page.waitForTimeout(300)
      assert.equal(new URL(page.url()).search, '')
      cluster.become(services, links)
      await figures.getByText(String(services.length), { exact: true }).waitFor()
      await finds(page, where, /req\/s/)
    }))
})
