import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { formats } from './index.ts'
import { factsOf, story } from './story.ts'

const folders = readdirSync(new URL('./', import.meta.url), { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .map(entry => entry.name)

const hostile = [
  '<script>alert("1")</script>',
  'a"b\\c\'d&e',
  'lone\ud800half',
  'x'.repeat(5000),
  '__proto__',
  'line\nfeed',
]

test('every folder is a member of the list, and every member has a folder', () => {
  assert.deepEqual(formats.map(({ name }) => name).toSorted(), folders.toSorted())
})

for (const format of formats) {
  test(`${format.name}: the same facts are the same text`, () => {
    assert.equal(format.render(factsOf(story)), format.render(factsOf(story)))
  })

  test(`${format.name}: an empty cluster is a picture too`, () => {
    const { graph } = factsOf([])
    assert.ok(format.render({ graph, totals: [], agents: [] }).length > 0)
  })

  test(`${format.name}: says what media type it is`, () => {
    assert.match(format.contentType, /^[a-z]+\/[a-z]+(; [a-z]+=[\w.-]+)*$/)
  })

  test(`${format.name}: hostile names are bounded and well formed`, () => {
    const { graph, totals, agents } = factsOf(story)
    for (const name of hostile) {
      const services = graph.services.map(each => ({ ...each, name, group: [name] }))
      const text = format.render({ graph: { ...graph, services }, totals, agents })
      assert.ok(text.isWellFormed(), name)
      assert.ok(!text.includes('x'.repeat(200)), name)
    }
  })

  test(`${format.name}: links without their services are told or left out, never a fault`, () => {
    const { graph, totals, agents } = factsOf(story)
    assert.ok(format.render({ graph: { ...graph, services: [] }, totals, agents }).length > 0)
  })

  test(`${format.name}: twenty thousand links take seconds, not minutes`, () => {
    const links = Array.from(
      { length: 20_000 },
      (_, i) => `web${i % 200} > api${i} http 9/0/1 10x90`,
    )
    const facts = factsOf(links)
    const start = performance.now()
    assert.ok(format.render(facts).length < 40_000_000)
    assert.ok(performance.now() - start < 5000)
  })
}
