import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linkFigures, mixtureP99Us, serviceFigures, totalsOf } from './figures.ts'
import { frameOf, topologyOf } from './fixtures.ts'
import { History } from './history.ts'

const near = (actual: number, wanted: number, part: number) =>
  assert.ok(Math.abs(actual - wanted) <= part * wanted, `${actual} is not near ${wanted}`)

test('rates are the mean over the seconds, shares are of all requests in them', () => {
  const topology = topologyOf('web>db')
  const history = new History()
  history.push(topology, frameOf([[8, 1, 1, 100, 400]]))
  history.push(topology, frameOf([[30, 0, 0, 200, 300]]))
  const figures = linkFigures(history, topology, 5)
  assert.equal(figures.requests[0], 20)
  assert.equal(figures.errorShare[0], 1 / 40)
  assert.equal(figures.warningShare[0], 1 / 40)
  assert.equal(figures.p50Us[0], (10 * 100 + 30 * 200) / 40, 'weighted by requests')
  assert.equal(figures.p99Us[0], 400, 'the worst second')
})

test('figures follow a link by its name when the order of links changes', () => {
  const history = new History()
  history.push(topologyOf('web>db'), frameOf([[10]]))
  const now = topologyOf('web>cache web>db', 2)
  history.push(now, frameOf([[2], [20]]))
  assert.deepEqual([...linkFigures(history, now, 5).requests], [1, 15])
})

test('a link without requests has shares of 0, not of nothing', () => {
  const topology = topologyOf('web>db')
  const history = new History()
  history.push(topology, frameOf([[0]]))
  const figures = linkFigures(history, topology, 5)
  assert.equal(figures.errorShare[0], 0)
  assert.equal(figures.p50Us[0], 0)
  assert.deepEqual(totalsOf(figures), { requests: 0, errorShare: 0, p99Us: 0 })
})

test('a service answers what comes in and calls what goes out', () => {
  const topology = topologyOf('web>db cron>db db>disk')
  const history = new History()
  history.push(topology, frameOf([[9, 0, 1, 50, 90], [30], [4]]))
  const figures = serviceFigures(topology, linkFigures(history, topology, 5))
  const db = topology.serviceIndex.get('db')!
  assert.equal(figures.requests[db], 40)
  assert.equal(figures.calls[db], 4)
  assert.equal(figures.errorShare[db], 1 / 40)
  assert.equal(figures.p99Us[db], 90)
})

test('the p99 of one link is that link’s', () => {
  const topology = topologyOf('web>db')
  const history = new History()
  history.push(topology, frameOf([[100, 0, 0, 1000, 9000]]))
  near(mixtureP99Us(linkFigures(history, topology, 1)), 9000, 0.01)
})

test('the p99 over links lies where the hundredth slowest request is', () => {
  const topology = topologyOf('web>db web>pay')
  const history = new History()
  // One in fifty calls goes to the slow one: half of these, one in a hundred of all, is above its median.
  history.push(
    topology,
    frameOf([
      [980, 0, 0, 1000, 2000],
      [20, 0, 0, 500_000, 900_000],
    ]),
  )
  near(mixtureP99Us(linkFigures(history, topology, 1)), 500_000, 0.02)
})
