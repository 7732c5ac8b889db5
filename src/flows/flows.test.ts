import assert from 'node:assert/strict'
import { test } from 'node:test'
import { format } from '#model/endpoint.ts'
import type { Flow } from '#model/flow.ts'
import { Flows, type FlowsOptions } from './flows.ts'
import { packetsOfTalk, type Speakers } from './talk.ts'

const decoder = new TextDecoder('latin1')

/** What readers were told, one line each, and what came of the flows. */
function listen(options: Partial<FlowsOptions> = {}) {
  const told: string[] = []
  const opened: Flow[] = []
  const flows = new Flows({
    seed: 1,
    ...options,
    open(flow) {
      opened.push(flow)
      const name = opened.length === 1 ? '' : `${opened.length} `
      return {
        read: (side, bytes, start, end) => {
          told.push(`${name}${'><'[side]} ${decoder.decode(bytes.subarray(start, end))}`)
        },
        gap: (side, lengthBytes) => told.push(`${name}${'><'[side]} gap ${lengthBytes}`),
        close: end => told.push(`${name}${end}`),
      }
    },
  })
  return { flows, told, opened }
}

/** Plays a talk to its end (the end of the file where the talk leaves it open). */
function hear(talk: string, speakers?: Speakers) {
  const { flows, told, opened } = listen()
  let lastUs = 0
  for (const packet of packetsOfTalk(talk, speakers)) {
    flows.add(packet)
    lastUs = packet.timeUs
  }
  const flow = opened[0]
  const before = told.length
  const state = flow?.state
  flows.flush(lastUs)
  return { flows, told, before, opened, flow, state }
}

/** The talk, and what must be told of it. */
const talks: Record<string, [talk: string, told: string]> = {
  'a connection is told in order and ends with both FINs': [
    `> SYN
     < SYN-ACK
     > "abc"
     < "defg"
     > FIN
     < FIN`,
    '> abc|< defg|ended',
  ],
}

for (const [claim, [talk, told]] of Object.entries(talks)) {
  test(claim, () => assert.equal(hear(talk).told.join('|'), told))
}

test('endpoints, state and counters of a connection', () => {
  const { flow, state } = hear('> SYN\n< SYN-ACK +5ms\n> "abc"\n< "de"\n> FIN\n< FIN')
  assert.equal(format(flow.client), '10.0.0.1:40000')
  assert.equal(format(flow.server), '10.0.0.2:80')
  assert.equal(state, 'ended')
  assert.equal(flow.connectUs, 5000)
  assert.deepEqual([flow.sent[0].bytes, flow.sent[1].bytes], [3, 2])
  assert.deepEqual([flow.sent[0].packets, flow.sent[1].packets], [3, 3])
})
