import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { axe } from '../dev/axe.ts'
import { findChromium, openStage, type Stage } from '../dev/browser.ts'
import { scenes } from '../dev/scenes.ts'
import { openStill, pass } from '../dev/still.ts'

const executable = findChromium()
const skip = executable ? false : 'needs chromium: apt-get install chromium'

let stage: Stage

describe('axe finds nothing amiss', { skip, timeout: 600_000 }, () => {
  before(async () => {
    stage = await openStage(executable!)
  })
  after(() => stage?.close())

  for (const scene of scenes)
    test(scene.name, async () => {
      const page = await openStill(stage, { seconds: 2, ...scene })
      try {
        await scene.act?.(page, stage)
        for (const colorScheme of ['dark', 'light'] as const) {
          await page.emulateMedia({ colorScheme })
          await pass(stage, page, 1)
          assert.deepEqual(await axe(page), [], colorScheme)
        }
      } finally {
        await page.context().close()
      }
    })
})
