import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { lackForEngine } from './engine.ts'
import { format, watchCases } from './matrix.ts'

const skip = lackForEngine()

suite('attribution', { skip }, () => {
  for (const userlandProxy of [true, false]) {
    test(`every way to call is found as it was, docker-proxy ${userlandProxy ? 'on' : 'off'}`, async () => {
      const compared = await watchCases(userlandProxy)
      console.log(compared.map(format).join('\n'))
      assert.ok(compared.length >= 20, `${compared.length} links`)
      const wrong = compared.filter(({ trueCalls, foundCalls }) => trueCalls !== foundCalls)
      assert.deepEqual(wrong.map(format), [])
    })
  }
})
