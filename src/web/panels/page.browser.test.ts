import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { findChromium, openStage, type Stage, visitPage } from '../dev/browser.ts'
import { city } from '../dev/city.ts'
import { links, services } from '../dev/shop.ts'
import { firstNames } from '../draw/index.ts'
import { texts } from '../texts.ts'

const executable = findChromium()
const skip = executable ? false : 'needs chromium: apt-get install chromium'

/** What the first load may weigh, compressed. */
const firstLoadBytesMax = 250_000

let stage: Stage

/** Waits until the page says this somewhere. */
const sees = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor()

/** A page of its own over the invented cluster, which is as it was afterwards. */
const visit = (query: string, look: (page: Page) => Promise<void>): Promise<void> =>
  visitPage(stage, query, look).finally(reset)

/** The invented cluster as it was. */
function reset(): void {
  const { controls } = stage
  controls.down = false
  controls.silent = false
  controls.cluster.agents = [{}]
  controls.cluster.unwatched = []
  if (controls.cluster.services !== services) controls.cluster.become(services, links)
}

describe('the page', { skip, timeout: 240_000 }, () => {
  before(async () => {
    stage = await openStage(executable!)
  })
  after(() => stage?.close())

  test('what comes with its first names weighs no more than it may', () =>
    visit('', async page => {
      await page.waitForFunction(name => performance.getEntriesByName(name).length > 0, firstNames)
      const loaded = await page.evaluate(() =>
        performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname),
      )
      const files = new Set(loaded.map(path => join(stage.folder, path)).filter(existsSync))
      const weigh = (path: string) => gzipSync(readFileSync(path)).length
      const total = [...files].reduce((sum, path) => sum + weigh(path), 0)
      assert.ok(total > 100_000 && total < firstLoadBytesMax, `${total} bytes in ${files.size}`)
    }))

  test('it counts services and links and shows what they do', () =>
    visit('', async page => {
      const figures = page.locator('header dl')
      await figures.getByText(String(services.length), { exact: true }).waitFor()
      await figures.getByText(String(links.length), { exact: true }).waitFor()
      await sees(page, texts.live.live)
      await sees(page, /1 dot = /)
      await page.waitForFunction(() =>
        /[1-9][\d,]{2,}\/s/.test(document.body.textContent.replace(/\s/g, '')),
      )
    }))

  test('a crowd is shown as groups; one goes in and out, and the address holds the place', () => {
    const crowd = city(2)
    stage.controls.cluster.become(crowd.services, crowd.links)
    return visit('?group=group:production/blue', async page => {
      await sees(page, 'Group · production')
      await page.getByRole('button', { name: texts.place.enter, exact: true }).click()
      const path = page.getByRole('navigation', { name: texts.place.label })
      await path.getByRole('button', { name: 'blue', exact: true }).waitFor()
      assert.match(page.url(), /\?at=production%2Fblue$/)
      await sees(page, texts.problems.title(1))
      await page.keyboard.press('e')
      await path.getByRole('button', { name: 'media', exact: true }).waitFor()
      assert.match(page.url(), /at=production%2Fgreen%2Fmedia&link=/)
      await page.goBack()
      await path.getByRole('button', { name: 'media' }).waitFor({ state: 'detached' })
      assert.match(page.url(), /\?at=production%2Fblue$/)
      await page.keyboard.press('Escape')
      await path.getByRole('button', { name: 'blue' }).waitFor({ state: 'detached' })
      await path.getByRole('button', { name: texts.place.everything }).click()
      await path.waitFor({ state: 'detached' })
      assert.equal(new URL(page.url()).search, '')
    })
  })

  test('a service is entered by the keyboard, with its panel open, and left again', () =>
    visit('?service=compose:shop:cart', async page => {
      await sees(page, /1 dot = /)
      await page.keyboard.press('Enter')
      await page.waitForURL(/\?at=service%3Acompose%3Ashop%3Acart&service=/)
      const path = page.getByRole('navigation', { name: texts.place.label })
      await path.getByRole('button', { name: 'cart', exact: true }).waitFor()
      await page.locator('aside').waitFor()
      await page.keyboard.press('Escape')
      await page.locator('aside').waitFor({ state: 'detached' })
      await page.keyboard.press('Escape')
      await path.waitFor({ state: 'detached' })
    }))

  test('a group is entered by the keyboard, and a river opens its links', () => {
    const crowd = city(2)
    stage.controls.cluster.become(crowd.services, crowd.links)
    return visit('', async page => {
      await sees(page, /1 dot = /)
      await page.keyboard.press('ArrowRight')
      await page.keyboard.press('ArrowRight')
      await page.waitForURL(/\?group=/)
      await page.keyboard.press('Enter')
      await page.waitForURL(/\?at=production%2F(blue|green)$/)
      const at = new URL(page.url()).searchParams.get('at')!
      const from = `group:${at}/checkout > group:${at}/search`
      await page.goto(`${stage.url}?at=${at}&river=${encodeURIComponent(from)}`)
      await page
        .locator('aside')
        .getByRole('button', { name: /^api → gate/ })
        .click()
      await page.waitForURL(/link=/)
    })
  })

  test('what the pointer finds on the map is named and can be opened', () =>
    visit('', async page => {
      await sees(page, /1 dot = /)
      await page.waitForTimeout(1500)
      const found = await findOnMap(page)
      assert.ok(found, 'nothing on the map answers to the pointer')
      await page.mouse.click(found.x, found.y)
      await page.locator('aside').waitFor()
      assert.match(page.url(), /\?(service|link)=/)
    }))

  test('a dot of the map that stands leads to the requests of its second', () =>
    visit('', async page => {
      await sees(page, /1 dot = /)
      await page.waitForTimeout(4000)
      await page.keyboard.press('p')
      await sees(page, texts.legend.paused)
      const isFound = async (x: number, y: number) => {
        await page.mouse.click(x, y)
        await page.waitForTimeout(60)
        if (page.url().includes('moment=')) return true
        await page.keyboard.press('Escape')
        return false
      }
      let found = false
      const rows = Array.from({ length: 20 }, (_, i) => 360 + (i % 2 ? -12 : 12) * i)
      for (let i = 0; i < rows.length && !found; i++)
        for (let x = 320, y = rows[i]; x < 1220 && !found; x += 24) {
          await page.mouse.move(x, y)
          const cursor = await page.locator('canvas').evaluate(canvas => canvas.style.cursor)
          if (cursor === 'pointer') found = await isFound(x, y)
        }
      assert.ok(found, 'no dot answers to the pointer')
      const log = page.getByRole('region', { name: texts.log.title })
      const only = log.getByRole('button', { name: /^Only \d\d:\d\d:\d\d/ })
      const [, time] = /Only (\S+)/.exec((await only.textContent())!)!
      await log.locator('[data-outcome]').first().waitFor()
      const times = await log.locator('[role=row] [data-column=time][role=cell]').allTextContents()
      const near = times.filter(each => each.slice(0, 8) <= time)
      assert.ok(near.length > 0 && near.length === times.length, `${time}: ${times}`)
      await only.click()
      await only.waitFor({ state: 'detached' })
      assert.doesNotMatch(page.url(), /moment=/)
    }))

  test('a caller leads to its link, the link to its access log, a line to its request', () =>
    visit('?service=compose:shop:cart', async page => {
      const panel = page.locator('aside')
      await panel.getByRole('tab', { name: texts.service.instances }).click()
      await page.waitForURL(/&tab=instances/)
      await page.locator('summary', { hasText: 'shop-cart-1' }).click()
      await sees(page, '0.12 of 1.0 processors')
      await sees(page, /84.0 MB of 268 MB memory/)
      await sees(page, 'POLL_TOKEN')
      await panel.getByRole('tab', { name: texts.panel.overview }).click()
      await page
        .locator('aside')
        .getByRole('button', { name: /^proxy/ })
        .click()
      assert.match(page.url(), /\?link=/)
      const log = page.getByRole('region', { name: texts.log.title })
      await log.locator('[data-outcome]').nth(3).waitFor()
      await log.getByRole('button', { name: 'error', exact: true }).click()
      await page.waitForFunction(() => {
        const rows = [...document.querySelectorAll('[role=row][data-outcome]')]
        return rows.length > 0 && rows.every(row => row.getAttribute('data-outcome') === 'error')
      })
      await log.getByRole('textbox').fill('/checkout')
      await page.waitForFunction(() => {
        const cells = [...document.querySelectorAll('[role=cell][data-column=resource]')]
        return cells.length > 0 && cells.every(cell => cell.textContent === '/checkout')
      })
      await log.getByRole('combobox', { name: texts.log.slower }).selectOption('100')
      await page.waitForURL(/&slower=100/)
      await log.locator('[data-outcome]').first().click()
      await page.getByRole('button', { name: texts.log.curl }).click()
      await sees(page, texts.copied)
      const copied = await page.evaluate(() => navigator.clipboard.readText())
      assert.match(copied, /^curl -sS --globoff -X POST 'http:\/\/[\d.]+:8080\/checkout'$/)
    }))

  test('reading the log pauses it, and what came meanwhile waits above', () =>
    visit('?link=vote%3Eredis%3Eredis', async page => {
      await page.locator('[role=row][data-outcome]').nth(5).waitFor()
      const list = page.getByRole('table', { name: texts.log.title })
      await list.evaluate(element => element.scrollTo({ top: 400 }))
      await sees(page, texts.log.paused)
      const newer = page.getByRole('button', { name: /newer/ })
      await newer.waitFor()
      await newer.click()
      await sees(page, texts.log.following)
      assert.equal(await list.evaluate(element => element.scrollTop), 0)
      await page.keyboard.press('Escape')
    }))

  test('the search finds by a few letters and Enter goes there', () =>
    visit('', async page => {
      await sees(page, texts.live.live)
      await page.keyboard.press('/')
      await page.keyboard.type('rab')
      await page
        .getByRole('option', { name: /rabbit/ })
        .first()
        .waitFor()
      await page.keyboard.press('Enter')
      await page.getByRole('complementary', { name: 'rabbit' }).waitFor()
      assert.match(page.url(), /service=compose%3Ashop%3Arabbit/)
    }))

  test('keys lead from problem to problem, along links, to the table, and back', () =>
    visit('', async page => {
      await sees(page, texts.problems.title(1).slice(2))
      await page.keyboard.press('e')
      await page.locator('aside').waitFor()
      await page.keyboard.press('Escape')
      await page.locator('aside').waitFor({ state: 'detached' })
      await page.keyboard.press('ArrowRight')
      await page.getByRole('complementary', { name: 'INTERNET' }).waitFor()
      await page.keyboard.press('ArrowRight')
      await page.getByRole('complementary', { name: 'proxy' }).waitFor()
      await page.goBack()
      await page.getByRole('complementary', { name: 'INTERNET' }).waitFor()
      await page.keyboard.press('t')
      await page.getByRole('table', { name: texts.table.links }).waitFor()
    }))

  test('the table sorts by what is clicked', () =>
    visit('?view=services', async page => {
      const names = page.locator('[role=row] [role=cell]:first-child')
      await names.first().waitFor()
      await page.getByRole('button', { name: texts.table.name }).click()
      await page.waitForFunction(() => {
        const cells = [...document.querySelectorAll('[role=row] [role=cell]:first-child')]
        const shown = cells.map(cell => cell.textContent ?? '')
        return shown.join() === shown.toSorted((a, b) => a.localeCompare(b, 'en')).join()
      })
      assert.equal(await names.count(), services.length)
    }))

  test('the colours are kept, in the address and for the next visit', () =>
    visit('', async page => {
      const theme = () => page.evaluate(() => document.documentElement.dataset.theme)
      assert.equal(await theme(), 'dark')
      await page.getByRole('button', { name: texts.bar.toLight }).click()
      assert.equal(await theme(), 'light')
      assert.match(page.url(), /theme=light/)
      await page.goto(stage.url)
      await page.waitForFunction(() => document.documentElement.dataset.theme === 'light')
    }))

  test('figures that stop coming are called old, and new ones end that', () =>
    visit('', async page => {
      await sees(page, texts.live.live)
      stage.controls.silent = true
      await sees(page, /No figures for \d+ s/)
      stage.controls.silent = false
      await page.getByText(/No figures for/).waitFor({ state: 'detached' })
    }))

  test('a lost connection is told, retried and forgotten, and what was open stays open', () =>
    visit('?service=compose:shop:vote&tab=instances', async page => {
      await sees(page, 'shop-vote-1')
      stage.controls.down = true
      stage.controls.drop()
      await sees(page, /Connection lost/)
      assert.ok(await page.getByText('shop-vote-1').isVisible())
      // By now the next attempt is seconds away: only the button can bring it sooner.
      await sees(page, /next try in [3-9] s/)
      stage.controls.down = false
      await page.getByRole('button', { name: texts.stale.retry }).click()
      await page.getByText(/Connection lost/).waitFor({ state: 'detached' })
    }))

  test('a name that is markup is shown as the text that it is', async () => {
    const markup = '<img src=x onerror="window.owned=1">'
    const hostile = services.map(service => ({ ...service, name: `${markup}${service.name}` }))
    stage.controls.cluster.become(hostile, links)
    stage.controls.cluster.agents = [{ notices: [markup], node: markup }]
    await visit('?link=cart%3Edb%3Epostgres', async page => {
      await page.locator('aside').getByText(markup).first().waitFor()
      await page.locator('[role=row][data-outcome]').first().waitFor()
      await page.locator('button[popovertarget=status]').click()
      await page.locator('[popover]').getByText(`${markup}: ${markup}`).waitFor()
      await page.keyboard.press('Escape')
      await page.keyboard.press('/')
      await page.keyboard.type('img')
      await page.getByRole('option').first().waitFor()
      await page.keyboard.press('Escape')
      await page.keyboard.press('t')
      await page.getByRole('table', { name: texts.table.links }).waitFor()
      assert.equal(await page.locator('img').count(), 0)
      assert.equal(await page.evaluate(() => 'owned' in window), false)
    })
  })

  test('what is not watched is hatched, and says since when; who lags says how much', async () => {
    const atMs = Date.now()
    stage.controls.cluster.unwatched = ['compose:shop:cart', 'compose:shop:db']
    stage.controls.cluster.version++
    stage.controls.cluster.agents = [
      { backlogSeconds: 130, backlogBytes: 1_400_000, clockOffsetMs: 92_000, roundTripMs: 0.6 },
      { node: 'demo-node-2', connected: false, lastMs: atMs - 180_000 },
    ]
    await visit('?service=compose:shop:cart', async page => {
      await sees(page, /^Not watched for 3 min: the agent on demo-node-2 is away\./)
      await page.locator('button[popovertarget=status]').click()
      const popover = page.locator('[popover]')
      await popover.getByText(texts.status.reporting(1, 1)).waitFor()
      await popover.getByText('away for 3 min', { exact: true }).waitFor()
      await popover.getByText('2 min still to be told (1.40 MB) · clock 1.5 min behind').waitFor()
      await popover.getByText(/^The clock of demo-node is 1\.5 min behind/).waitFor()
      const picture = process.env.PICTURES
      if (picture) await page.screenshot({ path: join(picture, 'watch.png') })
      await page.keyboard.press('Escape')
      await page.keyboard.press('Escape')
      await page.waitForTimeout(1500)
      if (picture) await page.screenshot({ path: join(picture, 'hatched.png') })
    })
  })

  test('before the first request it says that it listens, and who does', async () => {
    stage.controls.cluster.become([], [])
    await visit('', async page => {
      await sees(page, texts.empty.title)
      await sees(page, texts.empty.agents(1, 1))
    })
  })

  test('without WebGL 2 the table shows everything', async () => {
    const page = await stage.open('', context =>
      context.addInitScript(() => {
        HTMLCanvasElement.prototype.getContext = () => null
      }),
    )
    await sees(page, texts.map.unsupported)
    await page.getByRole('table', { name: texts.table.links }).waitFor()
    await page.getByRole('cell', { name: 'smtp.mail.example' }).waitFor()
    await page.context().close()
  })

  test('the document changes at most four times a second', () =>
    visit('?service=compose:shop:cart&tab=instances', async page => {
      await sees(page, 'shop-cart-2')
      const changes = await page.evaluate(
        () =>
          new Promise<number>(resolve => {
            const moments = new Set<number>()
            const watch = new MutationObserver(() =>
              moments.add(Math.round(performance.now() / 50)),
            )
            watch.observe(document.body, { subtree: true, childList: true, characterData: true })
            setTimeout(() => resolve(moments.size), 5000)
          }),
      )
      assert.ok(changes > 0 && changes <= 20, `${changes} times in five seconds`)
    }))
})

/** A point of the map where something can be clicked: rows of probes until the pointer changes. */
async function findOnMap(page: Page): Promise<{ x: number; y: number } | undefined> {
  for (let y = 120; y < 640; y += 26) {
    for (let x = 320; x < 1240; x += 46) {
      await page.mouse.move(x, y)
      await page.waitForTimeout(8)
      if (
        !(await page.evaluate(() => document.querySelector('canvas')?.style.cursor === 'pointer'))
      )
        continue
      await page.waitForTimeout(150)
      const tip = await page.locator('main strong').count()
      if (tip > 0) return { x, y }
    }
  }
  return undefined
}
