import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogLine } from '#model/graph.ts'
import { emptyCounts } from '#model/window.ts'
import {
  addLines,
  filterLog,
  followLog,
  isFiltered,
  linesMax,
  newestSequence,
  openLog,
  pauseLog,
} from './log.ts'

const line = (sequence: number): LogLine => ({
  sequence,
  link: 'a>b',
  protocol: 'http',
  method: 'GET',
  resource: '/',
  status: '200',
  outcome: 'ok',
  startUs: sequence,
  durationUs: 1,
  requestBytes: 1,
  responseBytes: 1,
  gap: false,
  clientPort: 1,
  client: { ip: '10.0.0.1', port: 1, service: 'a' },
  server: { ip: '10.0.0.2', port: 80, service: 'b' },
})

/** An answer with these lines, newest first. */
const answer = (...sequences: number[]) => ({ lines: sequences.map(line), total: emptyCounts })
const shown = (log: { lines: readonly LogLine[] }) => log.lines.map(({ sequence }) => sequence)

test('a late line stands where its time is and is asked for only once', () => {
  const late = { ...line(6), startUs: 2 }
  const log = addLines(addLines(openLog('a>b'), answer(5, 4, 3, 1)), {
    lines: [late],
    total: emptyCounts,
  })
  assert.deepEqual(shown(log), [5, 4, 3, 6, 1])
  assert.equal(newestSequence(log), 6)
})

test('new lines go on top, and only once', () => {
  const log = addLines(addLines(openLog('a>b'), answer(3, 2, 1)), answer(5, 4, 3))
  assert.deepEqual(shown(log), [5, 4, 3, 2, 1])
  assert.equal(newestSequence(log), 5)
  assert.equal(log.seenSequence, 3, 'what is above 3 is new')
})

test('while paused, lines wait and nothing moves', () => {
  const paused = pauseLog(addLines(openLog('a>b'), answer(1)))
  const log = addLines(addLines(paused, answer(2)), answer(4, 3))
  assert.deepEqual(shown(log), [1])
  assert.equal(log.waiting.length, 3)
  assert.equal(newestSequence(log), 4, 'the next question is for what comes after these')
  const followed = followLog(log)
  assert.deepEqual(shown(followed), [4, 3, 2, 1])
  assert.equal(followed.waiting.length, 0)
})

test('the first lines are shown even when paused', () => {
  assert.deepEqual(shown(addLines(pauseLog(openLog('a>b')), answer(2, 1))), [2, 1])
})

test('another filter begins anew', () => {
  const log = filterLog(addLines(openLog('a>b'), answer(2, 1)), { outcome: 'error', text: 'cart' })
  assert.deepEqual([shown(log), log.outcome, log.text, log.loaded], [[], 'error', 'cart', false])
  assert.equal(newestSequence(log), undefined)
})

test('the oldest lines fall off the end, shown or waiting', () => {
  const many = Array.from({ length: linesMax }, (_, i) => linesMax - i)
  const full = addLines(openLog('a>b'), answer(...many))
  const log = addLines(full, answer(linesMax + 1))
  assert.equal(log.lines.length, linesMax)
  assert.equal(log.lines.at(-1)?.sequence, 2)
  const waiting = addLines(pauseLog(full), answer(...many.map(i => i + linesMax * 2)))
  assert.equal(addLines(waiting, answer(linesMax * 9)).waiting.length, linesMax)
})

test('the lines of a trace replace those of the link; no counts of the link come with them', () => {
  const total = { ok: 9, warning: 0, error: 1 }
  const first = addLines(openLog('a>b'), { lines: [line(2)], total })
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  const log = addLines(filterLog(first, { trace }), { lines: [line(7), line(1)] })
  assert.deepEqual(shown(log), [7, 1])
  assert.deepEqual(log.total, total)
  assert.ok(isFiltered(log))
})

test('of one second only the requests that ended in it are shown, however long they took', () => {
  const secondMs = 1_795_000_000_000
  const log = openLog('a>b', { timeMs: secondMs, outcome: undefined })
  assert.equal(log.following, false)
  const lines = [
    [5, 900, 50_000],
    [4, 400, 5000],
    [3, -100, 50_000],
    [2, -20_000, 20_500_000],
    [1, -300, 200_000],
  ].map(([sequence, startMs, durationUs]) => ({
    ...line(sequence),
    startUs: (secondMs + startMs) * 1000,
    durationUs,
  }))
  const { lines: shown } = addLines(log, { lines, total: emptyCounts })
  assert.deepEqual(
    shown.map(({ sequence }) => sequence),
    [5, 4, 2],
  )
})
