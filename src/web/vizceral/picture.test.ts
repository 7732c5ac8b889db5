import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ringOf, ringPlaces } from './arrange.ts'
import { definitionsDefault, formatNumber, linesOf, mergeDefinitions } from './details.ts'
import { type Filter, mergeFilters, visibleOf } from './filters.ts'
import { fixture } from './fixture.ts'
import { graphOf, type VizceralConnection, wholeGraphOf } from './graph.ts'
import { parseTraffic, type Traffic } from './parse.ts'
import { pictureOf } from './picture.ts'
import { placeAt } from './place.ts'
import { matchesOf } from './search.ts'
import { coloursOf, mergeStyles, stylesDefault, themeOf } from './styles.ts'

const parsed = (input: unknown) => parseTraffic(input).traffic!
const traffic = parsed(fixture)
const show = (view: string[], from: Traffic = traffic, filters: readonly Filter[] = []) => {
  const whole = wholeGraphOf(placeAt(from.root, view), from)
  const visible = visibleOf(whole, filters)
  return { whole, visible, picture: pictureOf(whole, visible, { showLabels: true }) }
}
const viewAt = (...view: string[]) => placeAt(traffic.root, view).view

test('a view is as deep as there is something to enter', () => {
  assert.deepEqual(viewAt('north', 'web'), ['north', 'web'])
  assert.deepEqual(viewAt('north', 'nobody'), ['north'])
  assert.deepEqual(viewAt('west'), [])
  assert.deepEqual(viewAt('INTERNET'), [])
  assert.deepEqual(viewAt('north', 'scenery'), ['north'])
  assert.deepEqual(viewAt('north', 'web', 'orders'), ['north', 'web'])
  assert.deepEqual(viewAt('__proto__'), [])
})

test('the whole: the entry, regions as groups, an old one unseen', () => {
  const { nodes } = show([]).picture.scene
  assert.deepEqual(
    nodes.map(({ label, glyph, isDark }) => `${label} ${glyph}${isDark ? ' dark' : ''}`),
    ['INTERNET entry', 'NORTH group', 'south group dark', 'west group'],
  )
  assert.equal(ringOf(show([]).whole.place), 'ringCenter')
})

test('a region: shapes are signs, rates are outcomes, latency is kept', () => {
  const { picture } = show(['north'])
  const signs = picture.scene.nodes.map(({ id, glyph }) => `${id} ${glyph}`).slice(0, 5)
  assert.deepEqual(signs, [
    'INTERNET entry',
    'web web',
    'orders plain',
    'queue queue',
    'ledger store',
  ])
  const { ok, warning, error, p50Us } = picture.frame(1000)
  assert.deepEqual([...ok], [190, 90, 4, 1, 40, 30])
  assert.deepEqual([...warning], [8, 10, 0, 0, 0, 0])
  assert.deepEqual([...error], [2, 0, 0, 0, 0, 10])
  assert.equal(p50Us[4], 12_500)
})

test('a node with those it talks to', () => {
  const { picture, whole } = show(['north', 'queue'])
  assert.deepEqual(
    picture.nodes.map(({ name, focused }) => `${name}${focused ? '*' : ''}`),
    ['orders', 'queue*', 'ledger'],
  )
  assert.deepEqual(
    picture.connections.map(({ name }) => name),
    ['orders--queue', 'queue--ledger'],
  )
  assert.equal(whole.max, 1000)
})

test('nodes know what they take, as volume and shares', () => {
  const { whole } = show(['north'])
  const [entry, web, , , ledger] = whole.nodes
  assert.equal(entry.data.volume, 200)
  assert.equal(web.data.volume, 204)
  assert.equal(ledger.data.classPercents.danger, 0.25)
  assert.ok(Math.abs(ledger.data.globalClassPercents.danger - 0.05) < 1e-9)
  assert.equal(whole.current, 200)
})

test('the densest rate: of the view, of the fullest below it with room above, or not said', () => {
  assert.equal(show(['north']).whole.max, 1000)
  assert.equal(show([]).whole.max, 1500)
  assert.equal(show(['south']).whole.max, 500)
  assert.equal(show([], parsed({ name: 'a', renderer: 'region' })).whole.max, undefined)
  const { frame } = show(['north']).picture
  assert.ok(frame(0).densest! > 0 && frame(0).densest! <= 1000)
})

test('filters hide connections, then those who have none left; of a new value only', () => {
  const rps: Filter = {
    name: 'rps',
    type: 'connection',
    value: 35,
    passes: (object, value) => (object as VizceralConnection).volumeTotal >= (value as number),
  }
  const names = (filters: readonly Filter[]) =>
    show(['north'], traffic, filters).picture.nodes.map(({ name }) => name)
  assert.deepEqual(names([rps]), [
    'INTERNET',
    'web',
    'orders',
    'queue',
    'ledger',
    'alone',
    'scenery',
  ])
  const higher = mergeFilters([rps], [{ ...rps, value: 100, passes: () => true }])
  assert.deepEqual(names(higher), ['INTERNET', 'web', 'orders', 'alone', 'scenery'])
  const broken: Filter = {
    name: 'b',
    type: 'node',
    passes: () => {
      throw new Error('mine')
    },
  }
  assert.equal(names([broken]).length, 7)
  assert.equal(show([], traffic, [{ ...rps, value: 1e9 }]).picture.nodes.length, 4)
})

test('a search looks at names, owners and parts', () => {
  const { nodes } = show(['north']).whole
  const found = (text: string) =>
    matchesOf(nodes, nodes.slice(0, 2), text).totalMatches.map(({ name }) => name)
  assert.deepEqual(found('STORE'), ['web'])
  assert.deepEqual(found('web-2'), ['web'])
  assert.deepEqual(found('e'), ['INTERNET', 'web', 'orders', 'queue', 'ledger', 'alone', 'scenery'])
  assert.deepEqual(found(''), [])
  assert.equal(matchesOf(nodes, nodes.slice(0, 2), 'e').visibleMatches.length, 2)
})

test('figures are written as the definitions say', () => {
  const [, web] = show(['north']).whole.nodes
  assert.deepEqual(linesOf(web, 'focused', 'volume', definitionsDefault), [
    '204.0 RPS',
    '0.98 % ERROR RATE',
  ])
  const own = mergeDefinitions(definitionsDefault, {
    detailedNode: {
      share: { focused: { top: { header: 'SHARE', data: 'data.volumePercent', format: '0%' } } },
    },
  })
  assert.deepEqual(linesOf(web, 'focused', 'share', own), ['102 % SHARE'])
  assert.deepEqual(linesOf(web, 'focused', '__proto__', own).length, 2)
  const written = ['0', '0.0', '0,0', '0.0a', '0.00%'].map(format => formatNumber(1234.5, format))
  assert.deepEqual(written, ['1235', '1234.5', '1,235', '1.2k', '123450.00 %'])
})

test('styles paint what they name, and nothing that is no colour', () => {
  const changes = {
    colorPageBackground: 'rgb(250, 250, 250)',
    colorTraffic: { danger: '#f00', normal: 'url(x)' },
  }
  const styles = mergeStyles(stylesDefault, changes)
  assert.equal(themeOf(styles), 'light')
  assert.deepEqual(coloursOf(styles, changes), {
    background: Array(3).fill(250 / 255),
    error: [1, 0, 0],
  })
})

test('on a ring: the entry in the middle, nobody on another', () => {
  const names = ['INTERNET', 'b', 'c', 'a']
  const places = ringPlaces(names, { kind: 'ringCenter', entry: 'INTERNET', isTall: false })
  assert.deepEqual([...places.slice(0, 2)], [0, 0])
  const seen = new Set(
    names.map((_, i) => `${Math.round(places[i * 2])} ${Math.round(places[i * 2 + 1])}`),
  )
  assert.equal(seen.size, 4)
})

test('hostile keys stay keys', () => {
  const names = ['__proto__', 'constructor', 'hasOwnProperty']
  const from = parsed(
    JSON.stringify({
      name: 'a',
      renderer: 'region',
      nodes: names.map(name => ({ name })),
      connections: [{ source: names[0], target: names[1], metrics: { ['__proto__']: 3 } }],
    }),
  )
  const { whole, visible, picture } = show([], from)
  const graph = graphOf(whole, visible)
  assert.deepEqual(
    names.map(name => graph.getNode(name)?.name),
    names,
  )
  assert.equal(graph.getNode('toString'), undefined)
  assert.equal(picture.frame(0).ok[0], 3)
  assert.equal(({} as Record<string, unknown>).ok, undefined)
})
