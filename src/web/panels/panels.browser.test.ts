import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { demoAnswers } from '../dev/answers.ts'
import { findChromium, openStage, type Stage, visitPage } from '../dev/browser.ts'
import { city } from '../dev/city.ts'
import { links, services } from '../dev/shop.ts'
import { texts } from '../texts.ts'

const executable = findChromium()
const skip = executable ? false : 'needs chromium: apt-get install chromium'

const cart = 'service=compose:shop:cart'
const link = `link=${encodeURIComponent('proxy>cart>http')}`

let stage: Stage

/** A page of its own over the invented cluster, which is as it was afterwards. */
const visit = (query: string, look: (page: Page) => Promise<void>): Promise<void> =>
  visitPage(stage, query, look).finally(() => {
    const { cluster, answers } = stage.controls
    Object.assign(answers, { ...demoAnswers(), asked: answers.asked })
    cluster.agents = [{}]
    if (cluster.services !== services || cluster.links !== links) cluster.become(services, links)
  })

const plotOf = (page: Page, name: string): Locator =>
  page.locator('aside').getByRole('slider', { name })

/** Waits until something is drawn in the plot; answers how many of its points are not empty, and their colours added up. */
async function drawn(page: Page, name: string): Promise<{ points: number; light: number }> {
  const canvas = plotOf(page, name).locator('canvas')
  await canvas.waitFor()
  const look = () =>
    canvas.evaluate(element => {
      const { width, height } = element as HTMLCanvasElement
      const context = (element as HTMLCanvasElement).getContext('2d')!
      const { data } = context.getImageData(0, 0, width, height)
      let [points, light] = [0, 0]
      for (let i = 0; i < data.length; i += 4) {
        if (data[i + 3] === 0) continue
        points++
        light += data[i] + data[i + 1] + data[i + 2]
      }
      return { points, light: light / Math.max(1, points) }
    })
  for (let waits = 0; (await look()).points < 400; waits++) {
    assert.ok(waits < 100, `${name} stays empty`)
    await page.waitForTimeout(100)
  }
  return look()
}

const pointedAt = async (plot: Locator) => (await plot.getAttribute('aria-valuetext')) ?? ''

describe('panels', { skip, timeout: 300_000 }, () => {
  before(async () => {
    stage = await openStage(executable!)
  })
  after(() => stage?.close())

  test('what draws plots comes with the first plot, not with the page', () =>
    visit('', async page => {
      const loaded = () =>
        page.evaluate(() =>
          performance.getEntriesByType('resource').filter(({ name }) => /draw-plot/.test(name)),
        )
      await page.getByText(/1 dot = /).waitFor()
      assert.deepEqual(await loaded(), [])
      await page.goto(`${stage.url}?${cart}`)
      for (const name of [texts.service.requests, texts.service.errors, texts.service.p99])
        await drawn(page, name)
      assert.notEqual((await loaded()).length, 0)
    }))

  test('one moment is pointed at in all plots, by arrows and by the pointer, and said in words', () =>
    visit(`?${cart}`, async page => {
      const [requests, latency] = [texts.service.requests, texts.service.p99].map(name =>
        plotOf(page, name),
      )
      await drawn(page, texts.service.requests)
      await requests.focus()
      await page.keyboard.press('Home')
      const first = await pointedAt(requests)
      assert.match(first, /^\d\d:\d\d:\d\d, .* ok, .* warning, .* error per second$/)
      assert.equal((await pointedAt(latency)).slice(0, 8), first.slice(0, 8))
      assert.match(await pointedAt(latency), /p50 .*ms, p90 .*ms, p99 .*ms$/)
      await page.keyboard.press('ArrowRight')
      const second = await pointedAt(requests)
      assert.notEqual(second.slice(0, 8), first.slice(0, 8))
      await page.locator('aside').getByText(second.slice(0, 8), { exact: true }).waitFor()
      await page.keyboard.press('Escape')
      await page.locator('aside').getByText(texts.plot.last(15), { exact: true }).waitFor()
      assert.match(page.url(), /service=/, 'the panel stays open')
      await requests.hover({ position: { x: 160, y: 30 } })
      const pointed = await pointedAt(requests)
      assert.equal((await pointedAt(latency)).slice(0, 8), pointed.slice(0, 8))
      const id = await latency.getAttribute('aria-describedby')
      const summary = await page.locator(`[id="${id}"]`).textContent()
      assert.match(
        summary ?? '',
        /in the last 15 minutes: .* at the end, between .* and .*, most at/,
      )
    }))

  test('a click on a moment of a link shows its requests, and only those; so does the keyboard', () =>
    visit(`?${link}`, async page => {
      await drawn(page, texts.service.p99)
      const plot = plotOf(page, texts.kpi.requests)
      await page.locator('[role=row][data-outcome]').first().waitFor()
      const box = (await plot.boundingBox())!
      await page.mouse.click(box.x + box.width - 4, box.y + 30)
      await page.waitForURL(/&moment=\d+&seconds=5/)
      const time = (await pointedAt(plot)).slice(0, 8)
      const log = page.getByRole('region', { name: texts.log.title })
      await log.getByRole('button', { name: `Only ${time}` }).waitFor()
      await page.mouse.click(box.x + box.width - 4, box.y + 30)
      await page.waitForURL(url => !url.search.includes('moment'))
      await page
        .locator('aside')
        .getByRole('button', { name: texts.plot.minutes(5), exact: true })
        .click()
      await page.waitForURL(/minutes=5/)
      await plotOf(page, texts.service.p99).focus()
      await page.keyboard.press('End')
      await page.keyboard.press('Enter')
      await page.waitForURL(/&moment=\d+&minutes=5/)
    }))

  test('a resource shows its requests alone; the address holds what is looked for', () =>
    visit(`?${link}`, async page => {
      const resource = page.locator('aside').getByRole('button', { name: /POST \/checkout/ })
      await resource.click()
      await page.waitForURL(/text=%2Fcheckout/)
      const log = page.getByRole('region', { name: texts.log.title })
      await page.waitForFunction(() => {
        const cells = [...document.querySelectorAll('[role=cell][data-column=resource]')]
        return cells.length > 0 && cells.every(cell => cell.textContent === '/checkout')
      })
      assert.equal(await log.getByRole('textbox').inputValue(), '/checkout')
      await resource.click()
      await page.waitForURL(url => !url.search.includes('text='))
      await page.locator('aside').getByRole('tab', { name: texts.link.traffic }).click()
      await page.locator('aside').getByText(texts.link.retransmissions).waitFor()
    }))

  test('a trace leads from a line to its lines on all links, and back; an id that is written does so too', () =>
    visit(`?${link}`, async page => {
      const log = page.getByRole('region', { name: texts.log.title })
      const rows = log.locator('[role=row][data-outcome]')
      await rows.first().waitFor()
      await page.locator('#follow').click()
      await rows.first().click()
      const details = log.getByRole('complementary', { name: texts.log.details })
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
      await details.getByRole('button', { name: texts.log.copyTrace }).click()
      await details.getByRole('button', { name: texts.copied }).waitFor()
      const id = await page.evaluate(() => navigator.clipboard.readText())
      assert.match(id, /^[0-9a-f]{32}$/)

      await details.getByRole('button', { name: id }).click()
      await page.waitForURL(url => url.searchParams.get('trace') === id)
      const servers = () => rows.locator('[data-column=to]').allTextContents()
      while (new Set((await servers()).map(name => name.split('-')[1])).size < 2) {
        await page.waitForTimeout(50)
      }
      const chip = log.getByRole('button', { name: texts.log.ofTrace(id) })
      await chip.click()
      await page.waitForURL(url => !url.searchParams.has('trace'))
      await log.getByText(/proxy → cart/).waitFor({ state: 'attached' })
      await page.goBack()
      await chip.waitFor()
      await page.goForward()

      await log.getByRole('textbox').fill(id.toUpperCase())
      await log.getByRole('button', { name: texts.log.wholeTrace }).click()
      await page.waitForURL(url => url.searchParams.get('trace') === id)
      assert.equal(await log.getByRole('textbox').inputValue(), '')
      await rows.first().waitFor()
    }))

  test('a heat map is drawn in the colours of both themes', () =>
    visit(`?${link}&theme=dark`, async page => {
      const dark = await drawn(page, texts.service.p99)
      await page.getByRole('button', { name: texts.bar.toLight }).click()
      await page.waitForTimeout(300)
      const light = await drawn(page, texts.service.p99)
      assert.ok(dark.light > light.light + 100, `${dark.light} and ${light.light}`)
    }))

  test('nothing at first, then the shape of what comes; what fails says so and is asked for again', async () => {
    const { answers } = stage.controls
    answers.delayMs = 4000
    await visit(`?${cart}`, async page => {
      const waiting = page.locator('aside').getByLabel(texts.panel.waiting).first()
      await waiting.waitFor({ state: 'attached' })
      await waiting.waitFor({ state: 'visible' })
      await drawn(page, texts.service.requests)
    })
    answers.failing = ['series', 'events', 'resources', 'nodes']
    await visit(`?${cart}`, async page => {
      const panel = page.locator('aside')
      await panel.getByText('A fault of the demo.').waitFor()
      await panel.getByText(texts.service.requests).waitFor()
      answers.failing = []
      await panel.getByRole('button', { name: texts.panel.retry }).click()
      await drawn(page, texts.service.requests)
      answers.failing = ['series']
      await panel.getByText('A fault of the demo.').waitFor()
      assert.ok(await plotOf(page, texts.service.requests).isVisible(), 'what was known stays')
    })
  })

  test('what nobody kept is said; where nothing was said, that', async () => {
    stage.controls.answers.keptFromMs = Date.now() - 240_000
    await visit(`?${cart}`, page =>
      page
        .locator('aside')
        .getByText(/^Kept since \d\d:\d\d:\d\d$/)
        .waitFor(),
    )
    const silent = links.map(each => ({ ...each, requestsPerSecond: 0 }))
    stage.controls.cluster.become(services, silent)
    await visit(`?${cart}`, page =>
      page.locator('aside').getByText(texts.plot.silent(15)).waitFor(),
    )
  })

  test('while nobody looks nothing is asked, and then the end of what was known', () =>
    visit(`?${cart}&minutes=5`, async page => {
      await drawn(page, texts.service.requests)
      const { asked } = stage.controls.answers
      const look = (hidden: boolean) =>
        page.evaluate(isHidden => {
          Object.defineProperty(document, 'hidden', { value: isHidden, configurable: true })
          document.dispatchEvent(new Event('visibilitychange'))
        }, hidden)
      await look(true)
      await page.waitForTimeout(300)
      asked.length = 0
      await page.waitForTimeout(5500)
      assert.deepEqual(asked, [])
      await look(false)
      await page.waitForTimeout(1000)
      const from = asked.map(url => /series.*from=(\d+)/.exec(url)?.[1]).find(Boolean)
      assert.ok(Number(from) > Date.now() - 60_000, `${asked}`)
    }))

  test('a machine is found from an instance, by the search, and among the agents', () =>
    visit(`?${cart}&tab=instances`, async page => {
      const node = page.getByRole('complementary', { name: 'demo-node-2' })
      await page.locator('summary', { hasText: 'shop-cart-1' }).click()
      await page.locator('aside').getByRole('button', { name: 'demo-node-2' }).click()
      await node.getByText(texts.node.noAgent).waitFor()
      assert.match(page.url(), /\?node=demo-node-2$/)
      await node.getByRole('button', { name: /^cart/ }).click()
      await page.getByRole('complementary', { name: 'cart' }).waitFor()
      await page.goBack()
      await node.waitFor()
      await page.keyboard.press('/')
      await page.keyboard.type('demo-no')
      await page.getByRole('option', { name: `demo-node ${texts.node.kind}` }).waitFor()
      await page.keyboard.press('Enter')
      const own = page.getByRole('complementary', { name: 'demo-node', exact: true })
      await own.getByText('2.1 % of a core').waitFor()
      await page.keyboard.press('Escape')
      await page.locator('[popovertarget=status]').click()
      await page.locator('[popover]').getByRole('button', { name: 'demo-node' }).click()
      await own.waitFor()
    }))

  test('a group that is a cluster shows its machines and who watches', async () => {
    const crowd = city(2)
    const { cluster } = stage.controls
    cluster.become(crowd.services, crowd.links)
    const nodes = ['production/blue/node-1', 'production/blue/node-2', 'production/green/node-1']
    cluster.agents = nodes.map((node, i) => ({ node, connected: i !== 1 }))
    await visit('?group=group:production/blue&tab=nodes', async page => {
      const panel = page.locator('aside')
      await panel.getByText(texts.status.reporting(1, 1)).waitFor()
      const rows = panel.getByRole('listitem')
      await rows
        .first()
        .getByText(/away for/)
        .waitFor()
      assert.equal(await rows.count(), 2)
      await rows.last().getByRole('button').click()
      await page.waitForURL(/node=production%2Fblue%2Fnode-1/)
      await page.goto(`${stage.url}?group=group:production/blue/media`)
      await panel.getByRole('heading', { name: texts.place.members }).waitFor()
      assert.equal(await panel.getByRole('tab').count(), 0)
    })
  })

  test('names of 10 kB, of markup, written from the right, break no panel', async () => {
    const hostile = [
      'x'.repeat(10_000),
      `<img src=x onerror="window.owned=1">${'<b>'.repeat(3000)}`,
      `\u202eشبكة\u0000 ${'\u202eab'.repeat(3000)}`,
      '🙂'.repeat(4000),
    ]
    const nameOf = (i: number) => `${hostile[i % hostile.length]}${i}`
    const asks = hostile.map(name => [name, name, 100] as const)
    stage.controls.cluster.become(
      services.map((each, i) => ({ ...each, name: nameOf(i), image: nameOf(i + 1) })),
      links.map(each => ({ ...each, asks })),
    )
    stage.controls.cluster.agents = hostile.map(name => ({ node: name, notices: [name] }))
    const queries = [
      ...['', '&tab=callers', '&tab=instances', '&tab=events'].map(tab => cart + tab),
      ...['', '&tab=resources', '&tab=traffic'].map(tab => link + tab),
      ...hostile.slice(0, 3).map(name => `node=${encodeURIComponent(name.slice(0, 300))}`),
      'node=demo-node-2',
    ]
    await visit('?view=links', async page => {
      for (const query of queries) {
        await page.goto(`${stage.url}?${query}`)
        const panel = page.locator('aside')
        await panel.waitFor()
        await page.waitForTimeout(600)
        const width = await panel.evaluate(({ scrollWidth, clientWidth, children: [, body] }) =>
          Math.max(scrollWidth - clientWidth, body.scrollWidth - body.clientWidth),
        )
        assert.ok(width <= 0, `${query.slice(0, 80)} is ${width} too wide`)
        assert.equal(await page.locator('img').count(), 0)
        assert.ok(((await panel.textContent()) ?? '').length < 20_000)
      }
      assert.equal(await page.evaluate(() => 'owned' in window), false)
    })
  })
})
