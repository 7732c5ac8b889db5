import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countOf } from '#lib/histogram.ts'
import type { Flow, Sent } from '#model/flow.ts'
import type { Outcome, Transaction } from '#model/transaction.ts'
import { Windows } from './windows.ts'

function flowOf(clientPort: number, serverPort = 80): Flow & { sent: [Sent, Sent] } {
  const sent = () => ({ packets: 0, bytes: 0, retransmissions: 0, outOfOrder: 0, lostBytes: 0 })
  return {
    id: clientPort,
    transport: 'tcp',
    namespace: 1,
    client: { ip: '10.0.0.1', port: clientPort },
    server: { ip: '10.0.0.2', port: serverPort },
    local: 'client',
    state: 'open',
    startUs: 0,
    lastUs: 0,
    connectUs: undefined,
    sent: [sent(), sent()],
    protocol: 'http',
  }
}

function transactionOf(outcome: Outcome, durationUs: number): Transaction {
  return {
    protocol: 'http',
    method: 'GET',
    resource: '/',
    status: '200',
    outcome,
    startUs: durationUs,
    durationUs,
    requestBytes: 10,
    responseBytes: 20,
    gap: false,
  }
}

const windowsOf = (tellsPortsApart: boolean, subjectsMax?: number) =>
  new Windows({ namespaceName: String, tellsPortsApart: () => tellsPortsApart, subjectsMax })

test('two connections of one client to one server share a window', () => {
  const windows = windowsOf(false)
  for (const port of [1000, 1001]) windows.open(flowOf(port)).add(transactionOf('ok', 500))
  const { windows: taken } = windows.take(0)
  assert.equal(taken.length, 1)
  assert.deepEqual(taken[0].counts, { ok: 2, warning: 0, error: 0 })
  assert.equal(countOf(taken[0].latency), 2)
  assert.equal(taken[0].subject.client.port, 0)
  assert.deepEqual(
    taken[0].samples.map(sample => sample.clientPort),
    [1000, 1001],
  )
})

test('ports are told apart where the owner needs them', () => {
  const windows = windowsOf(true)
  for (const port of [1000, 1001]) windows.open(flowOf(port)).add(transactionOf('ok', 500))
  assert.equal(windows.take(0).windows.length, 2)
})

test('traffic is counted once, as the difference since the last second', () => {
  const windows = windowsOf(false)
  const flow = flowOf(1000)
  const tally = windows.open(flow)
  flow.sent[0].bytes = 100
  flow.sent[0].packets = 2
  tally.measure()
  assert.equal(windows.take(0).windows[0].traffic.requestBytes, 100)
  flow.sent[0].bytes = 150
  tally.measure()
  assert.equal(windows.take(1).windows[0].traffic.requestBytes, 50)
  assert.equal(windows.take(2).windows.length, 0)
})

test('errors and the slowest are kept when there are too many transactions to keep', () => {
  const windows = windowsOf(false)
  const tally = windows.open(flowOf(1000))
  for (let i = 0; i < 10_000; i++) tally.add(transactionOf('ok', 100 + (i % 50)))
  tally.add(transactionOf('error', 70))
  tally.add(transactionOf('ok', 1_000_000))
  for (let i = 0; i < 10_000; i++) tally.add(transactionOf('ok', 100 + (i % 50)))
  const { samples, counts } = windows.take(0).windows[0]
  assert.deepEqual(counts, { ok: 20_001, warning: 0, error: 1 })
  assert.ok(samples.length <= 48, `${samples.length} samples`)
  assert.ok(samples.some(sample => sample.outcome === 'error'))
  assert.ok(samples.some(sample => sample.durationUs === 1_000_000))
  assert.equal(windows.droppedSamples, 20_002 - samples.length)
})

test('past the limit subjects fold, nothing is lost from the counts and the fold is counted', () => {
  const windows = windowsOf(true, 10)
  for (let port = 1; port <= 1000; port++) {
    windows.open(flowOf(port, 2000 + (port % 100))).add(transactionOf('ok', 500))
  }
  const taken = windows.take(0).windows
  assert.ok(taken.length <= 12, `${taken.length} windows`)
  assert.equal(
    taken.reduce((sum, window) => sum + window.counts.ok, 0),
    1000,
  )
  assert.equal(windows.folded, 990)
})

test('the name that a client called a server by goes with the server’s address, behind what DNS said', () => {
  const windows = windowsOf(false)
  const tally = windows.open(flowOf(1000))
  const names = [{ ip: '10.0.0.2', name: 'known.example.com' }]
  tally.add({ ...transactionOf('ok', 1), names })
  tally.add({ ...transactionOf('ok', 1), serverName: 'known.example.com' })
  tally.add({ ...transactionOf('ok', 1), serverName: 'shop.example.com' })
  const batch = windows.take(0)
  assert.deepEqual(batch.names, [
    ...names,
    { ip: '10.0.0.2', name: 'shop.example.com', called: true },
  ])
  for (const sample of batch.windows[0].samples) assert.equal(sample.serverName, undefined)
})

test('a sample has the trace of its request', () => {
  const windows = windowsOf(false)
  const tally = windows.open(flowOf(1000))
  tally.add({ ...transactionOf('ok', 1), traceId: '4bf92f3577b34da6a3ce929d0e0e4736' })
  tally.add(transactionOf('ok', 2))
  assert.deepEqual(
    windows.take(0).windows[0].samples.map(({ traceId }) => traceId),
    ['4bf92f3577b34da6a3ce929d0e0e4736', undefined],
  )
})

test('a subject without flows is forgotten after a quiet second', () => {
  const windows = windowsOf(false, 1)
  const tally = windows.open(flowOf(1000))
  tally.add(transactionOf('ok', 1))
  tally.close()
  windows.take(0)
  windows.take(1)
  windows.open(flowOf(1000, 81)).add(transactionOf('ok', 1))
  assert.equal(windows.folded, 0)
})
