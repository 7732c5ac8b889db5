import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { findChromium } from '../dev/browser.ts'
import { noSamples, samples } from '../dev/vizceral-samples.ts'
import { openVizceralStage, type VizceralStage } from '../dev/vizceral-stage.ts'
import { fixture } from './fixture.ts'

const executable = findChromium()
const skip = executable ? false : 'needs chromium: apt-get install chromium'
const weightMax = 50_000

let stage: VizceralStage

/** A page with the fixture on it; whatever it complains of fails the test. */
async function visit(look: (page: Page) => Promise<void>, data: unknown = fixture): Promise<void> {
  const { page, faults } = await stage.open()
  try {
    await page.evaluate(given => window.vizceral.updateData(given), data)
    await look(page)
    assert.deepEqual(faults, [])
  } finally {
    await page.close()
  }
}

/** What was told under a name so far, and forgets it. */
const heard = (page: Page, name: string) =>
  page.evaluate(
    wanted =>
      window.heard
        .splice(0)
        .filter(([told]) => told === wanted)
        .map(([, what]) => {
          // biome-ignore lint/suspicious/noExplicitAny: whatever was told
          const { view, redirectedFrom, type, name, graph } = (what ?? {}) as Record<string, any>
          return JSON.parse(
            JSON.stringify({ view, redirectedFrom, type, name, graph: graph?.type }),
          )
        }),
    name,
  )

/** Where a node that has figures is: they are above it. Waits until the map stands still. */
async function whereIs(page: Page, name: string): Promise<[number, number]> {
  const boxOf = () =>
    page.evaluate(
      wanted => window.heard.findLast(([told]) => told === 'nodeContextSizeChanged')?.[1]?.[wanted],
      name,
    )
  let box = await boxOf()
  for (let was: unknown; !box || !isDeepStrictEqual(was, box); box = await boxOf()) {
    was = box
    await page.waitForTimeout(500)
  }
  return [box.x + box.width / 2, box.y + box.height + 30]
}

declare global {
  interface Window {
    // biome-ignore lint/suspicious/noExplicitAny: the page's own plain script
    vizceral: any
    // biome-ignore lint/suspicious/noExplicitAny: whatever was told
    heard: [string, any][]
  }
}

describe('the drop-in for Vizceral', { skip, timeout: 180_000 }, () => {
  before(async () => {
    stage = await openVizceralStage(executable!)
  })
  after(() => stage?.close())

  test('it is one module without imports, and light', () => {
    assert.doesNotMatch(stage.module, /(^|[;\s])import\s*["'{(]|innerHTML/)
    assert.ok(gzipSync(stage.module).length < weightMax)
  })

  test('it draws, says where it is, and where figures lie', () =>
    visit(async page => {
      await page.waitForFunction('vizceral.stats().particles > 20')
      assert.deepEqual(await heard(page, 'viewChanged'), [{ view: [], graph: 'global' }])
      await page.evaluate('vizceral.setSize(700, 400)')
      await page.waitForFunction(`heard.some(([name]) => name === 'nodeContextSizeChanged')`)
    }))

  test('views: set, left, redirected, and entered by a click', () =>
    visit(async page => {
      await page.mouse.click(...(await whereIs(page, 'north')))
      await page.waitForFunction(`heard.some(([, told]) => told?.view?.[0] === 'north')`)
      assert.deepEqual((await heard(page, 'viewChanged')).at(-1), {
        view: ['north'],
        graph: 'region',
      })
      await page.evaluate(`vizceral.setView(['north', 'orders'])`)
      assert.deepEqual(await heard(page, 'viewChanged'), [
        { view: ['north', 'orders'], graph: 'focused' },
      ])
      await page.evaluate('vizceral.zoomOutViewLevel()')
      assert.deepEqual((await heard(page, 'viewChanged'))[0].view, ['north'])
      await page.evaluate(`vizceral.setView(['north', 'nobody'], 'web')`)
      const told = await page.evaluate('heard.map(([name]) => name)')
      assert.ok((told as string[]).includes('objectHighlighted'))
      assert.deepEqual(await heard(page, 'viewChanged'), [
        { view: ['north'], redirectedFrom: ['north', 'nobody'], graph: 'region' },
      ])
    }))

  test('what is highlighted is told, again with each snapshot, and when it is gone', () =>
    visit(async page => {
      await page.evaluate(`vizceral.setView(['north'])`)
      await page.evaluate(`vizceral.setHighlightedNode(vizceral.getNode(['north', 'web']))`)
      const web = { type: 'node', name: 'web' }
      assert.deepEqual(await heard(page, 'objectHighlighted'), [web])
      await page.evaluate(given => window.vizceral.updateData(given), fixture)
      assert.deepEqual(await heard(page, 'objectHighlighted'), [web])
      await page.evaluate(`vizceral.setHighlightedConnection('web--orders')`)
      assert.equal((await heard(page, 'objectHighlighted'))[0].type, 'connection')
      await page.evaluate('vizceral.setHighlightedConnection()')
      assert.deepEqual(await heard(page, 'objectHighlighted'), [{}])
    }))

  test('hovering tells what lies under the pointer, as text', () =>
    visit(async page => {
      await page.evaluate(`vizceral.setView(['north', 'web'])`)
      const web = await whereIs(page, 'web')
      await page.mouse.move(...web)
      await page.waitForFunction(
        `heard.some(([name, told]) => name === 'objectHovered' && told?.name === 'web')`,
      )
      await page.getByText('204.0 RPS · 0.98 % errors').waitFor()
      await page.mouse.click(...web)
      await page.waitForFunction(
        `heard.some(([name, told]) => name === 'objectHighlighted' && told?.name === 'web')`,
      )
    }))

  test('search, filters, options, modes, definitions and styles', () =>
    visit(async page => {
      const found = await page.evaluate(() => {
        const { vizceral } = window
        vizceral.setView(['north'])
        const { total, totalMatches, visible } = vizceral.findNodes('storefront')
        vizceral.setFilters([
          {
            name: 'rps',
            type: 'connection',
            value: 100,
            passes: (object: { volumeTotal: number }, value: number) => object.volumeTotal >= value,
          },
        ])
        const { visible: left } = vizceral.findNodes('')
        vizceral.setOptions({ showLabels: false, allowDraggingOfNodes: true })
        vizceral.updateDefinitions({
          detailedNode: {
            own: {
              default: { top: { header: 'OF ALL', data: 'data.volumePercent', format: '0%' } },
            },
          },
        })
        vizceral.setModes({ detailedNode: 'own' })
        vizceral.updateStyles({ colorTraffic: { danger: 'rgb(255, 0, 0)' } })
        vizceral.setView([])
        const { danger } = vizceral.getStyles().colorTraffic
        return [total, totalMatches.length, visible, left, danger]
      })
      assert.deepEqual(found, [7, 1, 7, 5, 'rgb(255, 0, 0)'])
      await page.getByText('100 % OF ALL').first().waitFor()
    }))

  test('an older snapshot is not taken; nothing is no snapshot', () =>
    visit(async page => {
      const older = { ...fixture, updated: fixture.updated - 1000 }
      const taken = (data: unknown) =>
        page.evaluate(given => window.vizceral.updateData(given), data)
      assert.equal(await taken(older), false)
      assert.equal(await taken('[]'), false)
      assert.equal(await taken({ ...fixture, updated: fixture.updated + 1000 }), true)
      assert.deepEqual(await page.evaluate(`vizceral.getNode(['north']).displayName`), 'NORTH')
    }))

  test('markup in names, notices and classes stays text', () => {
    const evil = '<img src=x onerror="window.harmed=1">'
    const data = JSON.parse(
      JSON.stringify(fixture).replaceAll('NORTH', evil.replaceAll('"', '\\"')),
    )
    data.nodes[1].notices = [
      { title: evil, subtitle: evil, link: 'javascript:window.harmed=1', severity: 2 },
    ]
    return visit(async page => {
      await page.evaluate(`vizceral.setHighlightedNode('north')`)
      await page.getByText('<img src=x').first().waitFor()
      assert.equal(await page.locator('img').count(), 0)
      assert.equal(await page.locator('a').count(), 0)
      assert.equal(await page.evaluate('window.harmed'), undefined)
    }, data)
  })

  test('Vizceral’s own samples, each of their views', { skip: noSamples }, async () => {
    for (const file of readdirSync(samples).filter(name => name.endsWith('.json')))
      await visit(
        async page => {
          await page.waitForFunction('vizceral.stats().particles > 10')
          await page.evaluate(`vizceral.setView(['us-east-1'])`)
          await page.evaluate(`vizceral.setView(['us-east-1', 'viraemic'])`)
          await page.waitForFunction('vizceral.stats().particles > 10')
        },
        readFileSync(join(samples, file), 'utf8'),
      )
  })

  test('10,000 nodes are survived', () => {
    const nodes = Array.from({ length: 10_000 }, (_, i) => ({
      name: `n${i}`,
      renderer: 'focusedChild',
    }))
    const connections = nodes.map(({ name }, i) => ({
      source: name,
      target: `n${(i * 7 + 1) % 10_000}`,
      metrics: { normal: i % 50 },
    }))
    return visit(
      async page => {
        await page.waitForFunction(`heard.some(([name]) => name === 'viewUpdated')`, undefined, {
          timeout: 60_000,
        })
      },
      { renderer: 'region', name: 'big', nodes, connections },
    )
  })

  test('what is destroyed is gone from the page', () =>
    visit(async page => {
      await page.evaluate('vizceral.destroy()')
      assert.equal(await page.locator('#map > *').count(), 1)
    }))
})
