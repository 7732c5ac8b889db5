import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { cases, type Played, playCases } from './cases.ts'
import { type Engine, lackForEngine, startEngine } from './engine.ts'
import { setStage } from './stage.ts'

const calls = 5
const failing = ['a refused connection', 'a connection that nobody answers']

for (const userlandProxy of [true, false]) {
  const skip = lackForEngine()
  test(`every case happens as told, docker-proxy ${userlandProxy ? 'on' : 'off'}`, {
    skip,
  }, async t => {
    let engine: Engine | undefined
    let played: Played[] = []
    before(async () => {
      engine = await startEngine({ apart: true, userlandProxy })
      played = await playCases(await setStage(engine, { calls, delayMs: 1000 }))
    })
    after(() => engine?.stop())
    const expected = cases.filter(({ proxyOnly }) => userlandProxy || !proxyOnly)
    for (const { name } of expected) {
      await t.test(name, () => {
        const links = played.find(one => one.name === name)?.expected ?? []
        assert.ok(links.length > 0, 'no call was made')
        for (const link of links) {
          assert.equal(link.calls, calls)
          assert.equal(link.errors, failing.includes(name) ? calls : 0)
          assert.equal(link.protocol, failing.includes(name) ? 'tcp' : 'http')
        }
      })
    }
  })
}
