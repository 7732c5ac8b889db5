import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FeedService, indexNames, type Topology } from './feed.ts'
import { type Ghost, ghostMs, ghostsAt, ghostsMax, goneAfter, withoutOld } from './ghosts.ts'
import { levelOf } from './level.ts'

/** `shop/web` a service of a group; `web` one alone. */
function topologyOf(paths: readonly string[]): Topology {
  const services = paths.map((path): FeedService => {
    const group = path.split('/').slice(0, -1)
    const name = path.split('/').at(-1)!
    return {
      ...{ id: path, name, kind: 'compose', role: 'plain', group, instances: 1 },
      ...{ health: 'unknown', watched: 'wholly', away: [] },
    }
  })
  return indexNames({ version: 1, services, links: [] })
}

const ids = (gone: readonly Ghost[]) => gone.map(({ service }) => service.id)

test('who is gone is kept in mind until it is back or ten minutes are over', () => {
  const both = topologyOf(['shop/web', 'shop/db'])
  const one = topologyOf(['shop/web'])
  const gone = goneAfter([], both, one, 1000)
  assert.deepEqual(ids(gone), ['shop/db'])
  assert.equal(goneAfter(gone, one, topologyOf(['shop/web']), 2000), gone)
  assert.deepEqual(goneAfter(gone, one, both, 2000), [])
  assert.equal(withoutOld(gone, 1000 + ghostMs - 1), gone)
  assert.deepEqual(withoutOld(gone, 1000 + ghostMs), [])
})

test('of many who are gone the newest are kept', () => {
  const crowd = topologyOf(Array.from({ length: 300 }, (_, i) => `n${i}`))
  const gone = goneAfter([], crowd, topologyOf([]), 0)
  assert.equal(gone.length, ghostsMax)
  assert.equal(gone.at(-1)?.service.id, 'n299')
})

test('a ghost is in its district where its place is seen, and nowhere else', () => {
  const before = topologyOf(['shop/web', 'shop/db', 'blog/web'])
  const now = topologyOf(['shop/web', 'blog/web'])
  const gone = goneAfter([], before, now, 0)
  const at = (path: string) =>
    ghostsAt(levelOf(now, path), gone).map(({ service, district }) => [service.id, district])
  assert.deepEqual(at(''), [['shop/db', 'shop']])
  assert.deepEqual(at('blog'), [])
  assert.deepEqual(at('service:shop/db'), [['shop/db', undefined]])
})

test('among groups there is a ghost only of a group of which nobody is left', () => {
  const many = Array.from({ length: 80 }, (_, i) => `g${i % 8}/n${i}`)
  const before = topologyOf([...many, 'late/a', 'late/b', 'g1/x'])
  const now = topologyOf(many)
  const [ghost, ...more] = ghostsAt(levelOf(now, ''), goneAfter([], before, now, 0))
  assert.deepEqual(
    [ghost.service.id, ghost.service.name, ghost.service.kind],
    ['group:late', 'late', 'group'],
  )
  assert.deepEqual(more, [])
})
