import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { type Browser, chromium } from 'playwright-core'
import type { FlowsAnswer, ServiceAnswer } from '#api/answers.ts'
import type { ClusterEvent } from '#model/event.ts'
import type { Series } from '#model/series.ts'
import { flags } from '#web/dev/browser.ts'
import { texts } from '#web/texts.ts'
import { lack } from '../install/needs.ts'
import { run, sleep, waitFor } from './command.ts'
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

const picture = join(import.meta.dirname, '../../docs/use/map.png')
const browserLack = lack(['chromium'])

/** A browser on the engine's node: there the map listens on loopback. */
function openBrowser({ place, namespace }: Engine): Promise<Browser> {
  const script = join(place.dir, 'chromium.sh')
  const enter = namespace ? `ip netns exec ${namespace} ` : ''
  writeFileSync(script, `#!/bin/sh\nexec ${enter}chromium "$@"\n`, { mode: 0o755 })
  return chromium.launch({ executablePath: script, args: chromiumFlags })
}

/** Chromium looks up its maker's hosts at every start: calls that the map would show, rightly. */
const chromiumFlags = [...flags, '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1']

/** The page test's own request comes from Node; all else on the map must be true. */
const isOwnRequest = (key: string) => key === `process:node -> ${shopId('vote')} http`

/** Attempts to connect that failed are errors of the link that the calls between the two are on. */
function fold(links: readonly TrueLink[]): TrueLink[] {
  const calls = links.filter(({ protocol }) => protocol !== 'tcp')
  return calls.map(link => {
    const failed = links.find(
      ({ client, server, protocol }) =>
        protocol === 'tcp' && client === link.client && server === link.server,
    )
    if (!failed) return link
    return { ...link, calls: link.calls + failed.calls, errors: link.errors + failed.errors }
  })
}

suite('the map of the voting shop', { skip }, () => {
  let engine: Engine
  let inkling: Inkling
  let shop: Shop

  before(async () => {
    engine = await startEngine()
    inkling = await startInkling(engine)
    shop = await startShop(engine, { ratePerSecond: 40, seconds: 40, blog: true })
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

  test('the page shows the shop, and in a link’s log the request that was just made', {
    skip: browserLack,
  }, async () => {
    const mark = `hello-${Date.now()}`
    const ask = `fetch('${shop.voteUrl}${mark}').then(answer => answer.text())`
    await run(engine.inside(process.execPath, '-e', ask))
    const browser = await openBrowser(engine)
    try {
      const page = await browser.newPage({ viewport: { width: 1600, height: 900 } })
      const complaints: string[] = []
      page.on('console', said => said.type() === 'error' && complaints.push(said.text()))
      page.on('pageerror', error => complaints.push(String(error)))
      await page.goto(`${inkling.url}/?theme=dark&service=${shopId('vote')}`)
      const callers = page.locator('aside').getByRole('button', { name: /^node/ })
      await callers.first().click({ timeout: 20_000 })
      const log = page.getByRole('region', { name: texts.log.title })
      await log.getByRole('textbox').fill(mark)
      await log.getByText(`/${mark}`).first().waitFor({ timeout: 10_000 })
      await page.goto(`${inkling.url}/?theme=dark`)
      await page
        .getByText(/1 dot = /)
        .first()
        .waitFor()
      await sleep(6000)
      if (process.env.UPDATE) await page.screenshot({ path: picture })
      assert.deepEqual(complaints, [])
    } finally {
      await browser.close()
    }
  })

  test('every true link is on the map with its counts, and no link that is not true', async () => {
    await shop.quiet()
    await sleep(2500)
    const truth = new Map(fold(shop.truth().links).map(link => [keyOf(link), link]))
    const found = foundOf(await inkling.graph(300))
    for (const key of found.keys()) if (isOwnRequest(key)) found.delete(key)
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

  test('what happened to a service, what its containers take and say, and a link over time', async () => {
    const { events } = await inkling.get<{ events: ClusterEvent[] }>(
      `/api/v1/events?service=${shopId('redis')}`,
    )
    assert.deepEqual(
      events.map(({ kind, instanceName = '' }) => `${kind} ${instanceName}`.trim()),
      ['started shop-redis-2', 'stopped shop-redis-1', 'appeared'],
    )
    const of = async (id: string) =>
      (await inkling.get<ServiceAnswer>(`/api/v1/services/${id}`)).instances[0]
    const [worker, redis] = [await of(shopId('worker')), await of(shopId('redis'))]
    const { cpus = Number.NaN, memoryBytes = 0 } = worker.usage ?? {}
    assert.ok(cpus < 1 && memoryBytes > 2 ** 20, JSON.stringify(worker.usage))
    assert.ok(worker.environment?.includes('REDIS'), `${worker.environment}`)
    const { flows } = await inkling.get<FlowsAnswer>(
      `/api/v1/services/${shopId('worker')}/flows?window=60`,
    )
    const pairs = flows.map(({ client, server }) => `${client.instance} > ${server.instance}`)
    assert.ok(pairs.includes(`${worker.id} > ${redis.id}`), pairs.join(', '))
    const { link, counts } = foundOf(await inkling.graph(300)).get(
      `${shopId('vote')} -> ${shopId('redis')} redis`,
    )!
    const { ok } = await inkling.get<Series>(`/api/v1/links/${link.id}/series?step=1`)
    assert.equal(
      ok.reduce((a, b) => a + b, 0),
      counts.ok,
    )
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
