import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mergeHistograms } from '#lib/histogram.ts'
import type { Link, LinkWindow } from '#model/graph.ts'
import { mergeCounts, mergeTraffic } from '#model/window.ts'
import { History } from './history.ts'
import type { Figures } from './sum.ts'

const limits = { keptMs: 60_000, linkWindowsMax: 1000, bytesMax: 2 ** 20 }

function linkOf(id: string): Link {
  return { id, client: `client of ${id}`, server: 'server', protocol: 'http' }
}

/** Every figure is another. */
function figuresOf(seed: number): Figures {
  const [a, b] = [seed % 40, 100 + (seed % 7)]
  return {
    counts: { ok: seed, warning: seed * 2, error: seed * 3 },
    traffic: {
      requestBytes: seed * 4_000_000_007,
      responseBytes: seed * 5,
      packets: seed * 6,
      retransmissions: seed * 7,
      lostBytes: seed * 8,
      connections: seed * 9,
      failures: seed * 10,
    },
    latency: [a, 1, b, seed + 1, b + 40, 2],
  }
}

/** The same said plainly. */
class Plain {
  readonly rows: { startMs: number; link: Link; figures: Figures; isKnown: boolean }[] = []

  between(fromMs: number, untilMs: number): Map<string, LinkWindow> {
    const found = new Map<string, LinkWindow>()
    for (const { startMs, link, figures } of this.rows) {
      if (startMs < fromMs || startMs >= untilMs) continue
      const before = found.get(link.id)
      found.set(link.id, before ? merged(before, figures) : { link, ...figures })
    }
    return found
  }
}

function merged(a: LinkWindow, b: Figures): LinkWindow {
  return {
    link: a.link,
    counts: mergeCounts(a.counts, b.counts),
    traffic: mergeTraffic(a.traffic, b.traffic),
    latency: mergeHistograms(a.latency, b.latency),
  }
}

function plainly(windows: ReadonlyMap<string, LinkWindow>) {
  const all = [...windows.values()].map(({ link, counts, traffic, latency }) => ({
    ...{ link, counts: { ...counts }, traffic: { ...traffic }, latency: [...latency] },
  }))
  return all.sort((a, b) => (a.link.id < b.link.id ? -1 : 1))
}

const seed = Number(process.env.SEED ?? 20261121)

test(`what was added comes back summed, in whatever order it came (seed ${seed})`, () => {
  let state = seed
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const history = new History({ ...limits, linkWindowsMax: Infinity })
  const plain = new Plain()
  for (let i = 0; i < 5000; i++) {
    const [startMs, link] = [1000 * random(30), linkOf(`l${random(40)}`)]
    const [figures, isKnown] = [figuresOf(random(300)), random(2) === 0]
    history.add(startMs, link, figures, isKnown)
    plain.rows.push({ startMs, link, figures, isKnown })
    if (i % 50 === 0) history.age(30_000)
    if (i % 500 !== 0) continue
    const [fromMs, untilMs] = [1000 * random(30), 1000 * random(31)]
    assert.deepEqual(
      plainly(history.between(fromMs, untilMs)),
      plainly(plain.between(fromMs, untilMs)),
    )
  }
  const sum = (of: (row: (typeof plain.rows)[number]) => boolean) =>
    plain.rows
      .filter(of)
      .reduce(
        (total, { figures: { counts } }) => total + counts.ok + counts.warning + counts.error,
        0,
      )
  assert.deepEqual(history.score(0, 30_000), {
    known: sum(({ isKnown }) => isKnown),
    total: sum(() => true),
  })
})

test(`a series is what its steps sum to, of the chosen links alone (seed ${seed})`, () => {
  const history = new History({ ...limits, linkWindowsMax: Infinity })
  const plain = new Plain()
  for (let i = 0; i < 3000; i++) {
    const [startMs, link] = [1000 * ((i * 7919 + seed) % 30), linkOf(`l${(i * 31) % 40}`)]
    const figures = figuresOf((i * 17) % 300)
    history.add(startMs, link, figures, true)
    plain.rows.push({ startMs, link, figures, isKnown: true })
  }
  const isChosen = ({ id }: Link) => id === 'l3' || id === 'l17'
  const steps = history.series(isChosen, { fromMs: 3000, stepMs: 4000, count: 9 })!
  assert.equal(steps.length, 9)
  for (const [i, { counts, traffic, latency }] of steps.entries()) {
    const all = [...plain.between(3000 + 4000 * i, 7000 + 4000 * i).values()]
    const [sum] = all.filter(({ link }) => isChosen(link)).reduce(both, [])
    const found = { ...{ counts: { ...counts }, traffic: { ...traffic } }, latency: [...latency] }
    const wanted = sum && { counts: sum.counts, traffic: sum.traffic, latency: [...sum.latency] }
    if (wanted) assert.deepEqual(found, wanted)
    else assert.equal(counts.ok + traffic.packets + latency.length, 0)
  }
  assert.equal(
    history.series(() => false, { fromMs: 0, stepMs: 1000, count: 1 }),
    undefined,
  )
  const [chosen] = history.chosen(({ id }) => id === 'l3', 5000, 9000)
  assert.deepEqual({ ...chosen.counts }, plain.between(5000, 9000).get('l3')?.counts)
})

const both = (sum: readonly LinkWindow[], one: LinkWindow): LinkWindow[] =>
  sum.length === 0 ? [one] : [merged(sum[0], one)]

test('since when all is kept: the start, a second told late, and what was forgotten', () => {
  const history = new History({ ...limits, linkWindowsMax: 10 })
  assert.equal(history.keptFromMs(50_000), 50_000)
  history.add(41_000, linkOf('late'), figuresOf(1), true)
  assert.equal(history.keptFromMs(50_000), 41_000)
  history.age(105_000)
  assert.equal(history.keptFromMs(50_000), 50_000)
  for (let i = 0; i < 20; i++) history.add(60_000, linkOf(`l${i}`), figuresOf(1), true)
  history.age(105_000)
  assert.equal(history.keptFromMs(50_000), 61_000)
})

const countsOf = (history: History, fromMs: number, untilMs: number) =>
  Object.fromEntries(
    [...history.between(fromMs, untilMs)].map(([id, { counts }]) => [id, counts.ok]),
  )

test('what happened on a link moves to another, which may be new, and what comes after does not', () => {
  for (const isNew of [true, false]) {
    const history = new History(limits)
    const [from, into] = [linkOf('from'), linkOf('into')]
    history.add(1000, from, figuresOf(1), true)
    if (!isNew) history.add(1000, into, figuresOf(10), true)
    history.move(from, into)
    const both = isNew ? 1 : 11
    assert.deepEqual(countsOf(history, 0, 9000), { into: both })
    history.age(2000)
    history.age(2000)
    history.add(1000, into, figuresOf(100), true)
    history.add(1000, from, figuresOf(1000), true)
    history.age(2000)
    assert.deepEqual(countsOf(history, 0, 9000), { into: both + 100, from: 1000 })
  }
})

test('what is old is forgotten, and a link that comes back has what is left of it', () => {
  const history = new History(limits)
  history.add(1000, linkOf('a'), figuresOf(1), true)
  history.add(50_000, linkOf('b'), figuresOf(1), true)
  history.age(62_000)
  history.add(62_000, linkOf('a'), figuresOf(2), true)
  history.add(62_000, linkOf('b'), figuresOf(3), true)
  assert.deepEqual(countsOf(history, 0, 70_000), { a: 2, b: 4 })
})

test('over the budget of link windows, or of bytes, the oldest seconds go', () => {
  const wide = { ...figuresOf(1), latency: Array.from({ length: 800 }, (_, i) => i) }
  for (const tight of [{ linkWindowsMax: 10 }, { bytesMax: 16_000 }]) {
    const history = new History({ ...limits, ...tight })
    for (const startMs of [3000, 4000, 2000, 1000]) {
      for (let i = 0; i < 5; i++) history.add(startMs, linkOf(`l${i}`), wide, true)
      history.age(5000)
      history.age(5000)
    }
    assert.equal(history.between(0, 3000).size, 0)
    assert.equal(history.between(3000, 4000).size, 5)
    assert.equal(history.between(4000, 5000).size, 5)
  }
})

test('many rows of few links are few', () => {
  const history = new History({ ...limits, linkWindowsMax: 20 })
  for (let i = 0; i < 1000; i++) history.add(1000, linkOf(`l${i % 10}`), figuresOf(1), true)
  history.add(0, linkOf('before'), figuresOf(1), true)
  history.age(2000)
  assert.deepEqual(countsOf(history, 0, 1000), { before: 1 })
  assert.equal(countsOf(history, 0, 2000).l9, 100)
})
