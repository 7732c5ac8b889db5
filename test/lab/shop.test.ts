import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { lack } from '../install/needs.ts'
import { sleep } from './command.ts'
import { type Engine, lackForEngine, startEngine } from './engine.ts'
import { type Shop, startShop } from './shop.ts'
import type { Truth } from './truth.ts'

/** The map of the shop is tested every day (map.test.ts); the shop by itself when asked for. */
const skipLong = process.env.LONG ? undefined : 'LONG=1 runs it'
const skip = skipLong ?? lackForEngine() ?? lack(['redis-server', 'postgres'])
const links = [
  'compose:shop:load -> compose:shop:result http',
  'compose:shop:load -> compose:shop:vote http',
  'compose:shop:result -> compose:shop:db postgres',
  'compose:shop:vote -> compose:shop:redis redis',
  'compose:shop:worker -> compose:shop:db postgres',
  'compose:shop:worker -> compose:shop:redis redis',
  'internet -> compose:shop:result http',
  'internet -> compose:shop:vote http',
  'process:hostcaller -> compose:shop:result http',
  'process:hostcaller -> compose:shop:vote http',
]

/** Calls that match, in what the shop tells. */
const count = ({ calls }: Truth, method: string, outcome = 'ok'): number =>
  calls.filter(call => call.method === method && call.outcome === outcome).length

suite('the voting shop', { skip }, () => {
  let engine: Engine
  let shop: Shop

  before(async () => {
    engine = await startEngine({ apart: true })
    shop = await startShop(engine, { ratePerSecond: 50, seconds: 15 })
  })
  after(() => engine?.stop())

  test('every visitor and every service tells of its calls', async () => {
    await sleep(3000)
    const told = shop
      .truth()
      .links.map(({ client, server, protocol }) => `${client} -> ${server} ${protocol}`)
    assert.deepEqual(told, links)
  })

  test('votes fail when errors are injected, and only then', async () => {
    const failed = () => shop.truth().calls.filter(({ status }) => status === '500').length
    assert.equal(failed(), 0)
    await shop.injectErrors(1)
    await sleep(1000)
    await shop.injectErrors(0)
    assert.ok(failed() > 5, `${failed()} votes failed`)
  })

  test('the shop goes on with another Redis after its Redis was killed', async () => {
    await shop.kill('redis')
    assert.equal(await shop.replace('redis'), 'shop-redis-2')
    await sleep(1500)
    const before = count(shop.truth(), 'LPUSH')
    await sleep(1500)
    assert.ok(count(shop.truth(), 'LPUSH') > before)
  })

  test('the load ends by itself, and every vote that was taken is counted', async () => {
    await shop.quiet()
    const truth = shop.truth()
    const lost = count(truth, 'LPUSH') - count(truth, 'INSERT')
    assert.ok(count(truth, 'INSERT') > 100)
    // Votes that lay in the killed Redis died with it: its list is all but empty at this rate.
    assert.ok(lost >= 0 && lost <= 3, `${lost} votes were lost`)
    const { calls } = truth
    assert.ok(Date.now() * 1000 - calls.findLast(({ client }) => client === 'internet')!.atUs > 1e6)
  })
})
