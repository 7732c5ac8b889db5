import assert from 'node:assert/strict'
import { test } from 'node:test'
import { indexNames } from './feed.ts'
import {
  criteriaOf,
  emptyFilter,
  type Filter,
  formatFilter,
  parseFilter,
  type Shown,
  shownBy,
  toggled,
} from './filter.ts'
import { frameOf, namesOf } from './fixtures.ts'
import { History } from './history.ts'
import {
  emptyPage,
  filterBy,
  goTo,
  onFrame,
  onTopology,
  type Page,
  reveal,
  withLevel,
} from './page.ts'
import { rowsOf } from './table.ts'
import { emptyView } from './view.ts'

type Rows = Parameters<typeof frameOf>[0]

/** A page of services by `group/name`; the protocol of a link is written after a colon at its end. */
function pageOf(text: string, rows: Rows, version = 1): { page: Page; history: History } {
  const pairs = text.split(' ').map(each => each.split(':'))
  const names = namesOf(pairs.map(([pair]) => pair).join(' '), version)
  const topology = indexNames({
    ...names,
    services: names.services.map(service => ({
      ...service,
      name: service.id.split('/').at(-1)!,
      group: service.id.split('/').slice(0, -1),
    })),
    links: names.links.map((link, i) => ({ ...link, protocol: pairs[i][1] ?? 'http' })),
  })
  const history = new History()
  history.push(topology, frameOf(rows))
  const page = onTopology(emptyPage(emptyView, 0), topology, history)
  return { page: onFrame(page, frameOf(rows), history, 1), history }
}

const shop = () =>
  pageOf('in>shop/web shop/web>shop/db:postgres shop/web>bank/pay bank/pay>bank/db:redis', [
    [90],
    [40, 5],
    [9, 0, 1],
    [0.5],
  ]).page

const seenWith = (filter: Partial<Filter>, page = shop()) => {
  const { map } = filterBy(page, { ...emptyFilter, ...filter }).picture!
  return {
    services: map.topology.services.map(({ id }) => id),
    links: map.topology.links.map(({ id }) => id),
  }
}

test('a filter comes back from an address as it was', () => {
  const filters: Filter[] = [
    emptyFilter,
    { ...emptyFilter, protocols: ['http', 'redis'], trouble: 'error' },
    { ...emptyFilter, places: ['a/b & c'], rateMin: 0.5, name: '<b>x', hidden: ['group:x', 'y,z'] },
  ]
  for (const filter of filters) {
    const fields = new URLSearchParams()
    formatFilter(filter, fields)
    assert.deepEqual(parseFilter(new URLSearchParams(fields.toString())), filter)
  }
  assert.equal(criteriaOf(filters[2]), 4)
})

test('of an address what is not understood, and what is too much, is left out', () => {
  const query = `trouble=pink&min=-3&hide=${'x'.repeat(600)}&hide=&${'only=a&'.repeat(9)}`
  assert.deepEqual(parseFilter(new URLSearchParams(query)), { ...emptyFilter, protocols: ['a'] })
  const many = Array.from({ length: 300 }, (_, i) => `place=p${i}`).join('&')
  assert.equal(parseFilter(new URLSearchParams(many)).places.length, 100)
  assert.equal(parseFilter(new URLSearchParams('min=Infinity')).rateMin, 0)
})

test('by protocol, rate and trouble links go, and services that say nothing else', () => {
  assert.deepEqual(seenWith({ protocols: ['postgres'] }).services, ['shop/web', 'shop/db'])
  assert.deepEqual(seenWith({ protocols: ['postgres', 'redis'] }).links.length, 2)
  assert.deepEqual(seenWith({ rateMin: 20 }).links, ['in>shop/web', 'shop/web>shop/db'])
  assert.deepEqual(seenWith({ trouble: 'error' }).links, ['shop/web>bank/pay'])
  assert.deepEqual(seenWith({ trouble: 'warning' }).links, [
    'shop/web>shop/db',
    'shop/web>bank/pay',
  ])
})

test('by place and name one sees those, and whom they talk with', () => {
  assert.deepEqual(seenWith({ places: ['bank'] }).services, ['shop/web', 'bank/pay', 'bank/db'])
  assert.deepEqual(seenWith({ name: ' PAY ' }).links, ['shop/web>bank/pay', 'bank/pay>bank/db'])
  assert.deepEqual(seenWith({ name: 'nobody' }).services, [])
  assert.deepEqual(seenWith({ places: ['ban'] }).services, [], 'half a name is no place')
})

test('what is hidden goes with its links; others stay, spoken with or not', () => {
  assert.deepEqual(seenWith({ hidden: ['shop/web'] }).services, [
    'in',
    'shop/db',
    'bank/pay',
    'bank/db',
  ])
  assert.deepEqual(seenWith({ hidden: ['group:bank'] }).services, ['in', 'shop/web', 'shop/db'])
  assert.deepEqual(seenWith({ hidden: ['group:bank', 'in', 'shop/web', 'shop/db'] }).services, [])
})

test('a link near the least rate does not come and go with each second', () => {
  const { topology } = shop()
  const at = (rate: number, before?: Shown) => {
    const { page } = pageOf('in>shop/web', [[rate]])
    const { picture } = page
    return shownBy(picture!.topology, { ...emptyFilter, rateMin: 10 }, picture!.recent, before)!
  }
  const shown = at(10)
  assert.ok(topology)
  assert.deepEqual([...at(9).links], [0])
  assert.equal(at(8, shown), shown)
  assert.deepEqual([...at(6, shown).links], [0])
})

test('a second that changes nothing of what passes leaves the place as it is', () => {
  const { page, history } = pageOf('in>web web>db', [[10, 0, 1], [10]])
  const filtered = filterBy(page, { ...emptyFilter, trouble: 'error' })
  const next = onFrame(filtered, frameOf([[10, 0, 2], [11]]), history, 2)
  assert.equal(next.picture!.level, filtered.picture!.level)
})

test('the table shows what the map shows', () => {
  const page = filterBy(shop(), { ...emptyFilter, protocols: ['redis'] })
  const ids = (table: 'services' | 'links') => rowsOf(page.picture!, table).map(r => r.target.id)
  assert.deepEqual(ids('links'), ['bank/pay>bank/db'])
  assert.deepEqual(ids('services'), ['bank/pay', 'bank/db'])
})

test('problems that are filtered away are counted; going to one shows everything', () => {
  const page = filterBy(shop(), { ...emptyFilter, protocols: ['redis'] })
  const { problems, hiddenProblems } = page.picture!
  assert.deepEqual([problems.length, hiddenProblems], [0, 2])
  const revealed = reveal(page, { kind: 'link', id: 'shop/web>bank/pay' })
  assert.equal(revealed.view.filter, emptyFilter)
  assert.equal(revealed.picture!.problems.length, 2)
  const seen = reveal(page, { kind: 'service', id: 'bank/db' })
  assert.deepEqual(seen.view.filter.protocols, ['redis'], 'what is seen needs nothing undone')
})

test('a filter holds in every place, and is undone with the address', () => {
  const page = goTo(filterBy(shop(), { ...emptyFilter, hidden: ['bank/db'] }), 'bank')
  assert.deepEqual(
    page.picture!.map.topology.services.map(({ id }) => id),
    ['group:shop', 'bank/pay'],
  )
  const back = withLevel({ ...page, view: { ...page.view, filter: emptyFilter } })
  assert.equal(back.picture!.map.topology.services.length, 3)
})

test('a criterion is set and taken back', () => {
  assert.deepEqual(toggled(['a'], 'b'), ['a', 'b'])
  assert.deepEqual(toggled(['a', 'b'], 'a'), ['b'])
})
