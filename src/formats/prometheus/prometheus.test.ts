import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Facts } from '../format.ts'
import { factsOf, linkOf, story } from '../story.ts'
import { prometheus } from './index.ts'

const lines = (facts: Facts) => prometheus.render(facts).split('\n')

/** Series by name and labels. */
function seriesOf(facts: Facts): Map<string, number> {
  const series = new Map<string, number>()
  for (const line of lines(facts)) {
    if (line === '' || line.startsWith('#')) continue
    const match = /^([a-z_]+(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*\})?) (\S+)$/.exec(line)
    assert.ok(match, line)
    assert.ok(!series.has(match[1]), `twice: ${match[1]}`)
    series.set(match[1], match[2] === '+Inf' ? Number.POSITIVE_INFINITY : Number(match[2]))
  }
  return series
}

test('a link is counted under the names of service graphs', () => {
  const series = seriesOf(factsOf(story))
  const labels = 'client="shop/api",server="shop/db",connection_type="",protocol="postgres"'
  assert.equal(series.get(`traces_service_graph_request_total{${labels}}`), 2310)
  assert.equal(series.get(`traces_service_graph_request_failed_total{${labels}}`), 300)
  assert.equal(series.get(`inkling_link_warnings_total{${labels}}`), 10)
  assert.equal(series.get(`traces_service_graph_request_server_seconds_count{${labels}}`), 2310)
})

test('what is outside is a virtual node', () => {
  const text = prometheus.render(factsOf(story))
  assert.match(text, /client="INTERNET",server="shop\/web",connection_type="virtual_node"/)
  assert.match(text, /server="pay.example.com",connection_type="virtual_node"/)
})

test('buckets are cumulative, end with all, and hold what they say', () => {
  const facts = factsOf(['a > b http 3/0/0 3x96'])
  const buckets = [...seriesOf(facts)].filter(([name]) => name.includes('_bucket'))
  const counts = buckets.map(([, count]) => count)
  assert.deepEqual(
    counts,
    counts.toSorted((x, y) => x - y),
  )
  assert.match(buckets.at(-1)![0], /le="\+Inf"/)
  assert.equal(counts.at(-1), 3)
  // Bucket 96 of our histogram begins at 512 us.
  assert.equal(buckets.find(([name]) => name.includes('le="0.0005"'))?.[1], 0)
  assert.equal(buckets.find(([name]) => name.includes('le="0.001"'))?.[1], 3)
})

test('counters grow with the totals, each of them', () => {
  const before = factsOf(['a > b http 3/1/1 5x96'])
  const more = { ...before, totals: [linkOf('a > b http 30/2/2 34x97')] }
  const after = seriesOf(more)
  for (const [name, value] of seriesOf(before)) {
    if (/_(total|sum|count|bucket)\b/.test(name)) assert.ok((after.get(name) ?? -1) >= value, name)
  }
})

test('services of one name are one series, not the same series twice', () => {
  const { graph, totals, agents } = factsOf(['a > b http 3/0/0 3x9', 'c > b http 4/0/0 4x9'])
  const services = graph.services.map(each => ({ ...each, name: 'same' }))
  const series = seriesOf({ graph: { ...graph, services }, totals, agents })
  const labels = 'client="same",server="same",connection_type="",protocol="http"'
  assert.equal(series.get(`traces_service_graph_request_total{${labels}}`), 7)
})

test('names cannot break out of their labels', () => {
  const { graph, totals, agents } = factsOf(['a > b http 3/0/0'])
  const services = graph.services.map(each => ({ ...each, name: 'x"} 1\nevil\\' }))
  const text = prometheus.render({ graph: { ...graph, services }, totals, agents })
  assert.match(text, /client="x\\"\} 1\\nevil\\\\"/)
  seriesOf({ graph: { ...graph, services }, totals, agents })
})

test('every metric is announced once, before its series', () => {
  const announced = new Set<string>()
  for (const line of lines(factsOf(story))) {
    const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line)
    if (type) {
      assert.ok(!announced.has(type[1]))
      announced.add(type[1])
    } else if (line !== '' && !line.startsWith('#')) {
      const [name] = /^[a-z_]+/.exec(line)!
      assert.ok(
        announced.has(name) || announced.has(name.replace(/_(bucket|sum|count)$/, '')),
        line,
      )
    }
  }
})

test('agents say what they saw and lost', () => {
  const series = seriesOf(factsOf(story))
  assert.equal(series.get('inkling_packets_total{node="node-1"}'), 1000)
  assert.equal(series.get('inkling_packets_dropped_total{node="node-1"}'), 2)
  assert.equal(series.get('inkling_attribution_score'), 1)
})

test('links beyond the limit are left out and counted', () => {
  const links = Array.from({ length: 2010 }, (_, i) => `web > api${i} http 1/0/0`)
  assert.equal(seriesOf(factsOf(links)).get('inkling_links_left_out'), 10)
})
