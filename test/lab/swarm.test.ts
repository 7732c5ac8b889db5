import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { format, isExcused, isNear, isRight, table } from './comparison.ts'
import { lackForEngine } from './engine.ts'
import { type Inkling, startInklings } from './inkling.ts'
import { format as formatVerdict, isNear as isNearTotal, judge, type Total } from './judge.ts'
import { groupsOf, leftoversOf } from './leftovers.ts'
import { type Swarm, startSwarm } from './swarm.ts'
import { ways } from './swarm-cases.ts'
import { playChanges, takeoversOf } from './swarm-changes.ts'
import { watchShop, watchWays } from './swarm-matrix.ts'
import { sweep } from './tear-down.ts'

const skip = lackForEngine()
/** Every day each way from one machine; `LONG=1` plays it from both, as `node test/lab/swarm-matrix.ts` does. */
const isBrief = !process.env.LONG
/** It plays for a minute: `LONG=1` runs it, or `node test/lab/swarm-matrix.ts --changes`. */
const skipLong = process.env.LONG ? false : 'takes a minute: LONG=1 runs it'

suite('a Swarm of two nodes', { skip }, () => {
  let swarm: Swarm
  let inkling: Inkling

  before(async () => {
    swarm = await startSwarm()
    inkling = await startInklings(swarm)
  })
  after(async () => {
    await inkling?.stop()
    swarm?.stop()
  })

  test('every way to call, within a host and across hosts, is found as it was', async () => {
    const matrix = await watchWays(swarm, inkling, isBrief)
    console.log(table(ways, matrix))
    assert.ok(matrix.compared.length >= (isBrief ? 36 : 76), `${matrix.compared.length} links`)
    const wrong = matrix.compared.filter(one => !isRight(one) && !isExcused(matrix, one))
    assert.deepEqual(wrong.map(format), [])
    assert.ok(matrix.score >= 0.995, `${matrix.score}`)
  })

  test('the voting shop as a stack is found as it was within 1 %', { skip: skipLong }, async () => {
    const matrix = await watchShop(swarm, inkling)
    console.log(matrix.compared.map(format).join('\n'))
    assert.ok(matrix.compared.length >= 8, `${matrix.compared.length} links`)
    const wrong = matrix.compared.filter(one => !isNear(one) && !isExcused(matrix, one))
    assert.deepEqual(wrong.map(format), [])
  })

  test('no arrow is wrong in any second while services scale, update, move and inherit addresses', {
    skip: skipLong,
  }, async () => {
    const unrest = await playChanges(swarm)
    const verdict = await judge(inkling, unrest)
    console.log(formatVerdict(verdict))
    assert.deepEqual(verdict.wrong, [])
    assert.ok(verdict.totals.length >= 12, `${verdict.totals.length} links`)
    const takeovers = takeoversOf(unrest.truth)
    console.log(`an address was nobody's for ${takeovers.join(', ')} ms`)
    assert.ok(takeovers.length >= 3 && Math.min(...takeovers) < 2000, `${takeovers} ms`)
    const isLossy = (await inkling.lostPackets()) > 0
    const isTold = (total: Total) =>
      isNearTotal(total) || (isLossy && total.foundCalls < total.trueCalls)
    const untold = verdict.totals.filter(total => !isTold(total))
    assert.deepEqual(untold, [])
  })

  test('takes everything with it', async () => {
    const told = swarm.nodes.map(({ docker }) => docker('ps', '-aq', '--no-trunc'))
    const containers = (await Promise.all(told)).join('').split('\n').filter(Boolean)
    assert.notDeepEqual(groupsOf(containers), [], 'their groups are not where they are looked for')
    await inkling.stop()
    swarm.stop()
    assert.deepEqual([...leftoversOf(swarm.place), ...groupsOf(containers)], [])
  })

  test('what a killed Swarm left behind is swept by the next lab', async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'swarm-matrix.ts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(child.stdout.setEncoding('utf8'), 'data')
    const dir = /\S+$/m.exec(line)![0]
    child.kill('SIGKILL')
    await once(child, 'exit')
    const place = { id: dir.slice(-6), dir }
    assert.notDeepEqual(leftoversOf(place), [], 'there was nothing to sweep')
    sweep()
    assert.deepEqual(leftoversOf(place), [])
  })
})
