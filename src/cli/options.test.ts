import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nameOf, openClusters } from './options.ts'

test('orchestrators of several clusters are asked apart', () => {
  const opened = openClusters({
    marathon: [
      'http://10.0.0.1:8080',
      'http://10.0.0.2:8080',
      'production/blue=http://10.1.0.1:8080',
    ],
    mesos: ['production/blue=http://10.1.0.1:5050'],
  })
  assert.deepEqual(
    opened.map(({ cluster, orchestrator }) => [cluster, orchestrator.name]),
    [
      ['', 'marathon'],
      ['production/blue', 'marathon'],
      ['production/blue', 'mesos'],
    ],
  )
})

test('a cluster that is none is said', () => {
  assert.throws(() => openClusters({ marathon: ['a//b=http://10.0.0.1:8080'] }), /a\/\/b=/)
})

test('a machine is told with its place, and its name is one word of it', () => {
  assert.equal(nameOf({ node: 'node 1/a', place: 'production/blue' }), 'production/blue/node-1-a')
})
