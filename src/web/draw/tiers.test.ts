import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSoftware, type Tier, Tiers } from './tiers.ts'

/** Runs frames of one length for some seconds; the tiers it went through. */
function run(tiers: Tiers, from: number, seconds: number, frameMs: number): string {
  const seen: number[] = [tiers.tier]
  for (let now = from; now < from + seconds * 1000; now += frameMs)
    if (tiers.frame(frameMs, now)) seen.push(tiers.tier)
  return seen.join(' ')
}

const hardware = { software: false, glow: true, pinned: undefined }

test('a fast machine climbs to the top, a slow one falls to the bottom', () => {
  assert.equal(run(new Tiers(hardware), 0, 10, 16.7), '1 2')
  assert.equal(run(new Tiers(hardware), 0, 10, 45), '1 0')
})

test('without targets that hold more than white there is no glow', () => {
  assert.equal(run(new Tiers({ ...hardware, glow: false }), 0, 20, 8), '1')
})

test('a machine that cannot hold a tier tries again less and less often', () => {
  const tiers = new Tiers(hardware)
  let tries = 0
  let last: Tier = 1
  for (let now = 0; now < 600_000; ) {
    const frameMs = tiers.tier === 2 ? 40 : 16.7
    now += frameMs
    tiers.frame(frameMs, now)
    if (tiers.tier === 2 && last === 1) tries++
    last = tiers.tier
  }
  assert.ok(tries >= 3 && tries <= 6, String(tries))
})

test('a pinned tier never changes; software stays at the bottom', () => {
  assert.equal(run(new Tiers({ ...hardware, pinned: 2 }), 0, 20, 200), '2')
  assert.equal(run(new Tiers({ ...hardware, software: true }), 0, 20, 8), '0')
})

test('a pause is no slow frame', () => {
  const tiers = new Tiers(hardware)
  for (let i = 0; i < 200; i++) tiers.frame(5000, i * 5000)
  assert.equal(tiers.tier, 1)
})

test('software renderers are known by name', () => {
  assert.ok(isSoftware('ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero)))'))
  assert.ok(isSoftware('llvmpipe (LLVM 15.0.6, 256 bits)'))
  assert.ok(!isSoftware('ANGLE (Intel, Mesa Intel(R) Xe Graphics)'))
})
