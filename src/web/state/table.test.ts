import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatCsv } from './csv.ts'
import { frameOf, topologyOf } from './fixtures.ts'
import { History } from './history.ts'
import { pictureOf } from './page.ts'
import { columnsOf, rowsOf, sortRows } from './table.ts'

const topology = topologyOf('web>db web>cache cron>db!')
const history = new History()
history.push(topology, frameOf([[50, 0, 5], [90], [1]]))
const picture = pictureOf(topology, history, 1000)
const order = (table: 'services' | 'links', by: string, filter = '') =>
  sortRows(rowsOf(picture, table), by, filter).map(({ target }) => target.id)

test('rows are sorted by numbers as numbers and by names as names', () => {
  assert.deepEqual(order('links', '-requests'), ['web>cache', 'web>db', 'cron>db'])
  assert.deepEqual(order('links', 'requests'), ['cron>db', 'web>db', 'web>cache'])
  assert.deepEqual(order('services', 'name'), ['cache', 'cron', 'db', 'web'].sort())
})

test('the filter looks at names only', () => {
  assert.deepEqual(order('links', '-requests', 'CRON'), ['cron>db'])
  assert.deepEqual(order('links', '-requests', '50'), [])
})

test('every column has a value in every row', () => {
  for (const table of ['services', 'links'] as const) {
    for (const row of rowsOf(picture, table)) {
      for (const { key, show } of columnsOf(table)) {
        assert.ok(row.values[key] !== undefined, `${table} ${key}`)
        assert.doesNotMatch(show(row.values[key]), /NaN|undefined/)
      }
    }
  }
})

test('a copied table holds each cell apart, and no formula', () => {
  const csv = formatCsv([
    ['name', 'n'],
    ['a,"b"\nc', 1.5],
    ['=HYPERLINK("x")', 0],
    ['-1', 0],
  ])
  assert.equal(csv, `name,n\n"a,""b""\nc",1.5\n"'=HYPERLINK(""x"")",0\n'-1,0`)
})
