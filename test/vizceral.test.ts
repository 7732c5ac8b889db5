import assert from 'node:assert/strict'
import { test } from 'node:test'
import { factsOf, story } from '../src/formats/story.ts'
import { vizceral } from '../src/formats/vizceral/index.ts'
import { protocols } from '../src/protocols/index.ts'
import { visibleOf } from '../src/web/vizceral/filters.ts'
import { wholeGraphOf } from '../src/web/vizceral/graph.ts'
import { parseTraffic } from '../src/web/vizceral/parse.ts'
import { pictureOf } from '../src/web/vizceral/picture.ts'
import { placeAt } from '../src/web/vizceral/place.ts'

const roleOf = (protocol: string) =>
  protocols.find(({ name }) => name === protocol)?.role ?? 'plain'
const facts = { ...factsOf(story), roleOf }

/** What the drop-in draws of our own JSON. */
function pictureAt(view: readonly string[]) {
  const { traffic, faults } = parseTraffic(vizceral.render(facts))
  assert.equal(faults.size, 0)
  const whole = wholeGraphOf(placeAt(traffic!.root, view), traffic!)
  return pictureOf(whole, visibleOf(whole, []), { showLabels: true })
}

test('our map in Vizceral’s JSON is the same map again: names, signs, districts', () => {
  const { nodes } = pictureAt(['cluster']).scene
  assert.deepEqual(
    nodes.map(({ label, glyph, district = '-' }) => `${label} ${glyph} ${district}`),
    [
      'INTERNET entry -',
      'web web shop',
      'api web shop',
      'db store shop',
      'pay.example.com external -',
      'backup plain -',
    ],
  )
})

test('every link of it: who calls whom, rates by outcome, latency, bytes', () => {
  const { connections, frame } = pictureAt(['cluster'])
  const { ok, warning, error, p50Us, bytes } = frame(0)
  const at = connections.findIndex(({ name }) => name === 'shop/api--shop/db')
  const perSecond = [ok[at], warning[at], error[at]].map(rate => Math.round(rate * 60))
  assert.deepEqual(perSecond, [2000, 10, 300])
  assert.ok(p50Us[at] > 0)
  assert.ok(bytes[at] > 0)
  const pairs = new Set(facts.graph.links.map(({ link }) => `${link.client}>${link.server}`))
  assert.equal(connections.length, pairs.size)
})

test('the whole of it: INTERNET and the cluster, which can be entered', () => {
  const { scene, nodes } = pictureAt([])
  assert.deepEqual(
    scene.nodes.map(({ label, glyph }) => `${label} ${glyph}`),
    ['INTERNET entry', 'cluster group'],
  )
  assert.deepEqual(
    nodes.map(({ isInteractive }) => isInteractive),
    [false, true],
  )
})
