import assert from 'node:assert/strict'
import { test } from 'node:test'
import { frameOf, topologyOf } from './fixtures.ts'
import { History } from './history.ts'
import { emptyPage, onFrame, onTopology, type Page } from './page.ts'
import { nextStop } from './tour.ts'
import { emptyView } from './view.ts'

/** A page over `web>db web>cache`, each link with so many errors of 100 requests. */
function pageOf(...errors: readonly number[]): Page {
  const topology = topologyOf('web>db web>cache')
  const history = new History()
  const frame = frameOf(errors.map(count => [100 - count, 0, count] as const))
  history.push(topology, frame)
  return onFrame(onTopology(emptyPage(emptyView, 0), topology, history), frame, history, 0)
}

const stops = (page: Page, count: number): (string | undefined)[] => {
  const seen: (string | undefined)[] = []
  for (let now = page; seen.length < count; ) {
    now = nextStop(now, '')
    seen.push(now.view.selection?.id)
  }
  return seen
}

test('a tour goes from the worst problem to the least, then shows everything, and begins again', () => {
  assert.deepEqual(stops(pageOf(5, 50), 5), [
    'web>cache',
    'web>db',
    undefined,
    'web>cache',
    'web>db',
  ])
})

test('while all is well everything is shown', () => {
  const page = pageOf(0, 0)
  assert.equal(nextStop(page, ''), page)
})

test('a problem that is over is left', () => {
  const page = nextStop(pageOf(5, 50), '')
  const well = { ...page, picture: pageOf(0, 0).picture }
  assert.equal(nextStop(well, '').view.selection, undefined)
})
