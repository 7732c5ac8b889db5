import assert from 'node:assert/strict'
import { test } from 'node:test'
import { format, parse } from '#model/endpoint.ts'
import type { Local } from '#model/flow.ts'
import { emptyWindow, type Window, type WindowBatch } from '#model/window.ts'
import { Naming } from './naming.ts'
import type { NodeTables } from './owners.ts'

const tables: NodeTables = {
  hostNamespace: 'host',
  addresses: new Set(['10.0.0.5', '127.0.0.1']),
  balancers: new Set(),
  isSingle: namespace => namespace.startsWith('ns-'),
  ownerOf: (_, __, local) =>
    format(local) === '10.0.0.5:4001' ? { instance: 'process:1', isProxy: false } : undefined,
  original: () => undefined,
}

/** `host client 10.0.0.5:4000 > 10.0.0.6:31000`, of an attempt that failed, or one that did not. */
function windowOf(text: string, failures = 1): Window {
  const [namespace, local, client, , server] = text.split(' ')
  const ends = { client: parse(client)!, server: parse(server)! }
  const rest = { transport: 'tcp', protocol: 'tcp' } as const
  const window = emptyWindow({ namespace, local: local as Local, ...ends, ...rest })
  return { ...window, traffic: { ...window.traffic, failures, connections: 1 - failures } }
}

const batchOf = (startMs: number, ...windows: Window[]): WindowBatch => ({
  ...{ startMs, windows, names: [] },
})

/** What is told of a first second, with some quiet seconds after it. */
function told(first: readonly Window[], second: readonly Window[] = []): string[] {
  const naming = new Naming()
  const batches = [batchOf(0, ...first), batchOf(1000, ...second)]
  for (let i = 2; i < 10; i++) batches.push(batchOf(i * 1000))
  const all = batches.flatMap(batch => naming.name(batch, tables))
  return all.flatMap(({ windows }) =>
    windows.map(
      ({ subject }) => `${subject.namespace} ${subject.client.ip} ${subject.clientOwner}`,
    ),
  )
}

const containers = windowOf('ns-a client 172.17.0.2:0 > 10.0.0.6:31000')
const copy = windowOf('host client 10.0.0.5:4000 > 10.0.0.6:31000')

test('a container’s refused attempt is not the node’s as well, though the kernel forgot whose it was', () => {
  assert.deepEqual(told([containers, copy]), ['ns-a 172.17.0.2 undefined'])
  assert.deepEqual(told([containers], [copy]), ['ns-a 172.17.0.2 undefined'], 'a moment later')
  assert.deepEqual(told([copy], [containers]), ['ns-a 172.17.0.2 undefined'], 'or before')
})

test('a refused attempt of the node’s own is told', () => {
  assert.deepEqual(told([copy]), ['host 10.0.0.5 undefined'], 'no container made one')
  const own = windowOf('host client 10.0.0.5:4001 > 10.0.0.6:31000')
  const both = told([containers, own])
  assert.deepEqual(both.sort(), ['host 10.0.0.5 process:1', 'ns-a 172.17.0.2 undefined'])
  const other = windowOf('host client 10.0.0.5:4000 > 10.0.0.6:31001')
  assert.equal(told([containers, other]).length, 2, 'to another port')
  const stood = windowOf('host client 10.0.0.5:4000 > 10.0.0.6:31000', 0)
  assert.equal(told([containers, stood]).length, 2, 'a connection that stood')
})
