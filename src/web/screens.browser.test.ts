import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { axe } from './dev/axe.ts'
import { findChromium, openStage, type Stage } from './dev/browser.ts'
import {
  differenceOf,
  drawDifference,
  type Picture,
  readPicture,
  writePicture,
} from './dev/picture.ts'
import { type Scene, scenes } from './dev/scenes.ts'
import { openStill, pass } from './dev/still.ts'

const executable = findChromium()
const skip = executable ? false : 'needs chromium: apt-get install chromium'
const folder = new URL('../../test/screens/', import.meta.url)
const actual = new URL('actual/', folder)
/** `APPROVE=1` keeps what is seen now, after somebody has looked at it. */
const isApproving = process.env.APPROVE === '1'
const themes = ['dark', 'light'] as const
/** Each scene in one colour, by turns: `LONG=1`, and whoever approves, sees it in both. */
const isLong = process.env.LONG === '1' || isApproving

let stage: Stage

/** The page brings its letters; arrows and signs come from the system, whose other fonts' pictures say nothing about ours. */
const fontOf = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const ink = new OffscreenCanvas(1, 1).getContext('2d')!
    const style = getComputedStyle(document.documentElement)
    return ['--sans', '--mono']
      .map(name => {
        ink.font = `100px ${style.getPropertyValue(name)}`
        return ink.measureText('Requests 1,757/s from proxy → cart ≥').width.toFixed(0)
      })
      .join(' ')
  })

describe('every screen is as it was approved, and axe finds nothing', {
  skip,
  timeout: 900_000,
}, () => {
  before(async () => {
    mkdirSync(actual, { recursive: true })
    stage = await openStage(executable!)
  })
  after(() => stage?.close())

  for (const [index, scene] of scenes.entries())
    test(scene.name, async t => {
      const page = await openStill(stage, withGlow(scene))
      try {
        await scene.act?.(page, stage)
        const chosen = scene.isNightOnly ? 'dark' : themes[index % 2]
        for (const theme of themes) {
          await turn(page, theme)
          await pass(stage, page, 1)
          if (!isLong && theme !== chosen) continue
          const isKept = (theme === 'dark' || !scene.isNightOnly) && (isLong || !scene.isLively)
          if (isKept) await compare(page, `${scene.name}-${theme}`, why => t.diagnostic(why))
          assert.deepEqual(await axe(page), [], theme)
        }
      } finally {
        await page.context().close()
      }
    })
})

/** A browser tells its page of other colours when it comes to it. */
async function turn(page: Page, colorScheme: 'dark' | 'light'): Promise<void> {
  await page.emulateMedia({ colorScheme })
  await page.waitForFunction(theme => document.documentElement.dataset.theme === theme, colorScheme)
}

/** In the finest quality, wherever it is drawn. */
function withGlow({ query = '', ...scene }: Scene): Scene {
  if (query.includes('tier=')) return { query, ...scene }
  return { ...scene, query: `${query}${query ? '&' : '?'}tier=2` }
}

async function compare(page: Page, name: string, say: (why: string) => void): Promise<void> {
  const bytes = await page.screenshot({ animations: 'disabled', caret: 'hide' })
  const seen = readPicture(writePicture(readPicture(bytes)))
  const font = await fontOf(page)
  const kept = new URL(`${name}.png`, folder)
  const fonts = new URL('font.txt', folder)
  if (isApproving) {
    writeFileSync(kept, writePicture(seen))
    writeFileSync(fonts, `${font}\n`)
    return
  }
  if (!existsSync(kept)) return say(`${name} was never approved`)
  if (readFileSync(fonts, 'utf8').trim() !== font)
    return say('the pictures were approved with other fonts than there are here')
  const approved = readPicture(readFileSync(kept))
  const difference = differenceOf(seen, approved)
  if (difference) keep(name, seen, approved)
  assert.equal(difference, undefined, `${name}: see test/screens/actual; APPROVE=1 renews it`)
}

/** What was seen, and where it differs, beside each other. */
function keep(name: string, seen: Picture, approved: Picture): void {
  writeFileSync(new URL(`${name}.png`, actual), writePicture(seen))
  writeFileSync(new URL(`${name}-difference.png`, actual), drawDifference(seen, approved))
}
