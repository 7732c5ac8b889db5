import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { lack } from '../install/needs.ts'
import { sleep, waitFor } from './command.ts'
import { type Engine, lackForEngine, startEngine } from './engine.ts'
import { type GraphAnswer, type Inkling, startInkling } from './inkling.ts'
import { type Shop, shopId, startShop } from './shop.ts'
import type { TrueLink } from './truth.ts'

const skip = lackForEngine() ?? lack(['redis-server', 'postgres'])

/** The lab's own parties: other engines and programs of this machine may be on the map too. */
const isOurs = (id: string) => /^(compose:|container:|process:hostcaller$)/.test(id)

/** What the engine asks of names it does not know is true, but no call of the shop's. */
const isNameSearch = (protocol: string, server: string) =>
  protocol === 'dns' && server.startsWith('external:')

const keyOf = ({ client, server, protocol }: TrueLink) => `${client} -> ${server} ${protocol}`

function foundOf({ links }: GraphAnswer) {
  const ours = links
    .filter(({ link }) => isOurs(link.client) || isOurs(link.server))
    .filter(({ link }) => !isNameSearch(link.protocol, link.server))
  const busy = ours.filter(({ counts }) => counts.ok + counts.warning + counts.error > 0)
  return new Map(
    busy.map(found => {
      const { client, server, protocol } = found.link
      return [`${client} -> ${server} ${protocol}`, found] as [string, typeof found]
    }),
  )
}

suite('the map of the voting shop', { skip }, () => {
  let engine: Engine
  let inkling: Inkling
  let shop: Shop

  before(async () => {
    engine = await startEngine({ apart: true })
    inkling = await startInkling(engine)
    shop = await startShop(engine, { ratePerSecond: 40, seconds: 20, blog: true })
  })
  after(async () => {
    await inkling?.stop()
    engine?.stop()
  })

  test('errors injected into vote turn its links red within two seconds', async () => {
    await sleep(4000)
    const errorsOf = async () => {
      const found = foundOf(await inkling.graph(2))
      return found.get(`${shopId('load')} -> ${shopId('vote')} http`)?.errorShare ?? 0
    }
    assert.equal(await errorsOf(), 0)
    await shop.injectErrors(1)
    const startMs = Date.now()
    await waitFor(
      async () => ((await errorsOf()) > 0 ? true : undefined),
      5000,
      () => 'no error was seen',
    )
    const tookMs = Date.now() - startMs
    assert.ok(tookMs < 2500, `${tookMs} ms`)
    await shop.injectErrors(0)
  })

  test('a container killed and replaced keeps its service and its link', async () => {
    await shop.kill('redis')
    const name = await shop.replace('redis')
    await sleep(3000)
    const key = `${shopId('vote')} -> ${shopId('redis')} redis`
    await waitFor(
      async () => (foundOf(await inkling.graph(2)).has(key) ? true : undefined),
      5000,
      () => `no ${key} after the replacement`,
    )
    const link = foundOf(await inkling.graph()).get(key)!
    const lines = await inkling.log(link.link.id)
    assert.ok(
      lines.some(line => line.server.instance === name),
      'the log names the new container',
    )
  })

  test('every true link is on the map with its counts, and no link that is not true', async () => {
    await shop.quiet()
    await sleep(2500)
    const truth = new Map(shop.truth().links.map(link => [keyOf(link), link]))
    const found = foundOf(await inkling.graph(300))
    for (const [key, { link }] of found) {
      if (!truth.has(key)) console.log(key, (await inkling.log(link.id)).slice(0, 3))
    }
    assert.deepEqual([...found.keys()].sort(), [...truth.keys()].sort())
    for (const [key, { calls, errors, warnings }] of truth) {
      const { counts } = found.get(key)!
      const seen = counts.ok + counts.warning + counts.error
      const allowed = Math.max(2, calls * 0.01)
      const text = `${key}: ${calls} calls, ${errors} errors, seen ${JSON.stringify(counts)}`
      assert.ok(Math.abs(seen - calls) <= allowed, text)
      assert.ok(Math.abs(counts.error - errors) <= Math.max(2, errors * 0.01), text)
      assert.ok(Math.abs(counts.warning - warnings) <= Math.max(2, warnings * 0.01), text)
    }
  })

  test('the attribution score is at least 99 %', async () => {
    const { attribution } = await inkling.graph(300)
    assert.ok(attribution.total > 500)
    assert.ok(attribution.score >= 0.99, JSON.stringify(attribution))
  })

  test('a service shows its containers, a link its last requests', async () => {
    const answer = await inkling.get<{ instances: { name: string; image: string }[] }>(
      `/api/v1/services/${shopId('vote')}`,
    )
    assert.deepEqual(
      answer.instances.map(({ name }) => name),
      ['shop-vote-1'],
    )
    const link = foundOf(await inkling.graph(300)).get(
      `${shopId('vote')} -> ${shopId('redis')} redis`,
    )
    const lines = await inkling.log(link!.link.id)
    assert.ok(lines.some(({ method, resource }) => method === 'LPUSH' && resource !== ''))
  })
})
