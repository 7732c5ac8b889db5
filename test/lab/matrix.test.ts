import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { isExcused } from './comparison.ts'
import { lackForEngine } from './engine.ts'
import { format, isRight, watchCases } from './matrix.ts'

const skip = lackForEngine()
/** Each way of publishing ports takes a minute: `LONG=1` plays both, or `node test/lab/matrix.ts --no-proxy`. */
const ways = process.env.LONG ? [true, false] : [true]

suite('attribution', { skip }, () => {
  for (const userlandProxy of ways) {
    test(`every way to call is found as it was, docker-proxy ${userlandProxy ? 'on' : 'off'}`, async () => {
      const watched = await watchCases(userlandProxy)
      const { compared, lostPackets } = watched
      console.log(compared.map(format).join('\n'))
      if (lostPackets > 0) console.log(`The agent lost ${lostPackets} packets.`)
      assert.ok(compared.length >= 20, `${compared.length} links`)
      const wrong = compared.filter(one => !isRight(one) && !isExcused(watched, one))
      assert.deepEqual(wrong.map(format), [])
    })
  }
})
