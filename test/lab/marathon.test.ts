import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { lack } from '../install/needs.ts'
import { format, isExcused, isNear, isRight } from './comparison.ts'
import { lackForEngine } from './engine.ts'
import { type Inkling, startInklings } from './inkling.ts'
import { format as formatVerdict, isNear as isNearTotal, judge, type Total } from './judge.ts'
import { leftoversOf } from './leftovers.ts'
import { playChanges } from './marathon-changes.ts'
import { matrixTable, type PairName, pairs, watchShop, watchWays } from './marathon-matrix.ts'
import { type Mesos, startMesos } from './mesos.ts'

const skip = lackForEngine() ?? lack(['nginx'])
const skipLong = process.env.LONG ? lack(['redis-server', 'postgres']) : 'LONG=1 runs it'
/** Each pair of versions takes half a minute, and all that is played with it another: `LONG=1` plays them all, or `node test/lab/marathon-matrix.ts --versions old`. */
const played: readonly PairName[] = process.env.LONG ? ['new', 'middle', 'old'] : ['new']

for (const name of played) {
  const { marathon, mesos: master } = pairs[name]
  suite(`Marathon ${marathon} on a Mesos ${master} of two agents`, { skip }, () => {
    let mesos: Mesos
    let inkling: Inkling

    before(async () => {
      mesos = await startMesos(pairs[name])
      inkling = await startInklings(mesos.machines, mesos.front.options)
    })
    after(async () => {
      await inkling?.stop()
      await mesos?.stop()
    })

    test('every network of a task and every way to call it is found as it was', async () => {
      const matrix = await watchWays(mesos, inkling)
      console.log(matrixTable(matrix))
      assert.ok(matrix.compared.length >= 68, `${matrix.compared.length} links`)
      const wrong = matrix.compared.filter(one => !isRight(one) && !isExcused(matrix, one))
      assert.deepEqual(wrong.map(format), [])
      assert.ok(matrix.score >= 0.995, `${matrix.score}`)
    })

    test('the voting shop, at work on both agents, is found as it was within 1 %', {
      skip: skipLong,
    }, async () => {
      const matrix = await watchShop(mesos, inkling)
      console.log(matrix.compared.map(format).join('\n'))
      assert.ok(matrix.compared.length >= 8, `${matrix.compared.length} links`)
      const wrong = matrix.compared.filter(one => !isNear(one) && !isExcused(matrix, one))
      assert.deepEqual(wrong.map(format), [])
    })

    test('no arrow is wrong in any second while apps scale, are replaced and another master leads', {
      skip: skipLong,
    }, async () => {
      const verdict = await judge(inkling, await playChanges(mesos))
      console.log(formatVerdict(verdict))
      assert.deepEqual(verdict.wrong, [])
      assert.ok(verdict.totals.length >= 6, `${verdict.totals.length} links`)
      const isLossy = (await inkling.lostPackets()) > 0
      const isTold = (total: Total) =>
        isNearTotal(total) || (isLossy && total.foundCalls < total.trueCalls)
      assert.deepEqual(
        verdict.totals.filter(total => !isTold(total)),
        [],
      )
    })

    test('takes everything with it', async () => {
      await inkling.stop()
      await mesos.stop()
      assert.deepEqual(leftoversOf(mesos.machines.place), [])
    })
  })
}
