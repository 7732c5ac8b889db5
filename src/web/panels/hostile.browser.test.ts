import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { findChromium, openStage, type Stage } from '../dev/browser.ts'
import { overflowing } from '../dev/overflowing.ts'
import type { DemoLink, DemoService } from '../dev/shop.ts'
import { links, services } from '../dev/shop.ts'
import { openStill, pass } from '../dev/still.ts'

const executable = findChromium()
const skip = executable ? false : 'needs chromium: apt-get install chromium'

const markup = '"><img src=x onerror="owned=1"><script>owned=2</script>'
/** Names that a cluster should not have, and may. */
const hostile: Readonly<Record<string, string>> = {
  markup,
  'right to left': '\u202Egnp.ecivres\u202C \u05E9\u05E8\u05EA \u0645\u062E\u062F\u0645',
  long: 'x'.repeat(10_000),
  'long words': 'seventeen letters '.repeat(500),
  emoji: '👩‍👩‍👧‍👦🏴‍☠️'.repeat(40),
  'combining marks': `z${'\u0300\u0330\u20DD'.repeat(300)}algo`,
  'control characters': 'a\u0000b\u0007c\u001b[31md\u007f\u0085\u2028e\nf\tg',
  nothing: '',
}

let stage: Stage

/** The shop with such names everywhere: services, groups, images, methods, resources. */
function shopOf(name: string): { services: DemoService[]; links: DemoLink[] } {
  return {
    services: services.map((service, i) => ({
      ...service,
      name: name + (name.length < 400 ? service.name : i),
      group: service.group.map(part => part + name),
      image: name,
    })),
    links: links.map(link => ({ ...link, asks: [[name, `/${name}`, 300]] as const })),
  }
}

const screens = [
  '?service=compose:shop:cart',
  '?service=compose:shop:cart&tab=instances',
  `?link=${encodeURIComponent('cart>db>postgres')}`,
  '?view=services',
  '?kiosk',
]

describe('hostile names', { skip, timeout: 300_000 }, () => {
  before(async () => {
    stage = await openStage(executable!)
  })
  after(() => stage?.close())

  for (const [kind, name] of Object.entries(hostile))
    test(`${kind}: nothing runs, nothing sticks out`, async () => {
      const shop = shopOf(name)
      const watchers = (at: Stage) => {
        at.controls.cluster.agents = [{ node: name, notices: [name], version: name }]
      }
      const page = await openStill(stage, { ...shop, seconds: 1, before: watchers })
      const faults: Error[] = []
      page.on('pageerror', error => faults.push(error))
      try {
        for (const query of screens) {
          await page.evaluate(search => {
            history.pushState(null, '', search)
            dispatchEvent(new PopStateEvent('popstate'))
          }, query)
          await pass(stage, page, 1)
          if (query.includes('link='))
            await page.locator('[role=row][data-outcome]').first().click()
          assert.deepEqual(await overflowing(page), [], query)
        }
        await page.locator('[popovertarget=status]').click()
        assert.deepEqual(await overflowing(page), [], 'what watches')
        assert.equal(await page.locator('img, #root script').count(), 0)
        assert.equal(await page.evaluate(() => 'owned' in globalThis), false)
        assert.deepEqual(faults, [])
      } finally {
        await page.context().close()
      }
    })
})
