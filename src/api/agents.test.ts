import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import type { WebSocket } from 'ws'
import type { WindowBatch } from '#model/window.ts'
import {
  type AgentMessage,
  decodeServerMessage,
  encodeAgentMessage,
  type Hello,
  type ServerMessage,
  type WindowsMessage,
} from '#wire/agent.ts'
import { type AgentListener, Agents } from './agents.ts'

/** One end of a connection, in memory. */
class Wire extends EventEmitter {
  readonly heard: ServerMessage[] = []
  closed: number | undefined

  send(bytes: Uint8Array): void {
    this.heard.push(decodeServerMessage(bytes)!)
  }

  close(code: number): void {
    this.closed ??= code
    this.emit('close')
  }

  terminate(): void {
    this.close(1006)
  }

  tell(message: AgentMessage): void {
    this.emit('message', Buffer.from(encodeAgentMessage(message)))
  }

  acknowledged(): number[] {
    return this.heard.flatMap(message =>
      message.type === 'acknowledged' ? [message.sequence] : [],
    )
  }
}

const startMs = 1_790_000_000_000

/** Agents over a clock that a test turns, and what their listener heard. */
function worldOf() {
  const heard: string[] = []
  const clock = { nowMs: startMs }
  let place = ''
  const listener: AgentListener = {
    place: ({ hostNamespace }) => {
      place = hostNamespace
    },
    windows: (node, batch, isNew) => {
      heard.push(`${node} ${place} ${(batch.startMs - startMs) / 1000}${isNew ? '' : ' again'}`)
    },
    groups: (_, { orchestrator, isAll, groups, atMs }) => {
      const when = atMs === undefined ? 'now' : String((atMs - startMs) / 1000)
      heard.push(`${orchestrator} ${isAll ? 'all' : 'one'} ${groups.length} ${when}`)
    },
    networks: () => heard.push('networks'),
    residents: () => heard.push('residents'),
    usages: (node, usages) => heard.push(`${node} takes ${usages.map(({ id }) => id)}`),
    forget: (node, tellers) => heard.push(`forget ${[...tellers]} of ${node}`),
    fault: (node, text) => heard.push(`fault of ${node}: ${text.slice(0, 20)}`),
  }
  const agents = new Agents(listener, () => clock.nowMs)
  const connect = (run: string, former: string[] = [], received = () => 0) => {
    const wire = new Wire()
    agents.accept(wire as unknown as WebSocket, received)
    const hello: Hello = {
      ...{ type: 'hello', node: 'n1', version: 'v', hostNamespace: `host-${run}`, addresses: [] },
      former: former.map(each => ({ run: each, hostNamespace: `host-${each}`, addresses: [] })),
      ...{ run, askedMs: 7 },
    }
    wire.tell(hello)
    return wire
  }
  return { heard, clock, agents, connect }
}

function secondAt(at: number): WindowBatch {
  return { startMs: startMs + at * 1000, windows: [], names: [] }
}

const second = (
  sequence: number,
  at: number,
  more: { run?: string; isAgain?: boolean } = {},
): WindowsMessage => ({ type: 'windows', sequence, ...more, batch: secondAt(at) })

const rest = () => new Promise(resolve => setTimeout(resolve, 60))

test('a second counts once, and is acknowledged each time', () => {
  const { heard, connect } = worldOf()
  const wire = connect('r1')
  for (const sequence of [1, 2, 2, 1]) wire.tell(second(sequence, sequence))
  assert.deepEqual(heard, ['n1 host-r1 1', 'n1 host-r1 2'])
  assert.deepEqual(wire.acknowledged(), [1, 2, 2, 1])
})

test('who comes again hears what the server has of each of its runs', () => {
  const { heard, connect, agents } = worldOf()
  const first = connect('r1')
  for (const sequence of [1, 2, 5]) first.tell(second(sequence, sequence))
  first.close(1006)
  const wire = connect('r2', ['r1'])
  const [welcome] = wire.heard
  assert.equal(welcome.type, 'welcome')
  assert.deepEqual(welcome, {
    ...{ type: 'welcome', life: agents.life, askedMs: 7 },
    ...{ receivedMs: startMs, answeredMs: startMs },
    had: [
      { run: 'r2', ranges: [] },
      {
        run: 'r1',
        ranges: [
          [1, 2],
          [5, 5],
        ],
      },
    ],
  })
  // What a former run left is told under its own numbers and its own place.
  wire.tell(second(1, 9))
  wire.tell(second(5, 5, { run: 'r1' }))
  wire.tell(second(4, 4, { run: 'r1' }))
  wire.tell(second(2, 10))
  assert.deepEqual(heard.slice(3), ['n1 host-r2 9', 'n1 host-r1 4', 'n1 host-r2 10'])
})

test('what is late waits, and is acknowledged only when it was taken', async () => {
  const { heard, connect, agents } = worldOf()
  const wire = connect('r1')
  wire.tell(second(1, -300, { isAgain: true }))
  wire.tell(second(2, -1))
  assert.deepEqual([heard, wire.acknowledged()], [['n1 host-r1 -1'], [2]])
  await rest()
  assert.deepEqual(heard, ['n1 host-r1 -1', 'n1 host-r1 -300 again'])
  assert.deepEqual(wire.acknowledged(), [2, 1])
  agents.close()
})

test('told twice while it waited, it counts once', async () => {
  const { heard, connect, agents } = worldOf()
  const first = connect('r1')
  first.tell(second(1, -300))
  first.close(1006)
  connect('r1').tell(second(1, -300))
  await rest()
  assert.deepEqual(heard, ['n1 host-r1 -300'])
  agents.close()
})

test('changes of ownership have their time, and are taken once; how all is now is always taken', () => {
  const { heard, connect } = worldOf()
  const wire = connect('r1')
  const groups = { type: 'groups', orchestrator: 'docker', isAll: true, groups: [] } as const
  wire.tell({ ...groups, sequence: 3, atMs: startMs - 60_000, isAll: false })
  wire.tell({ ...groups, sequence: 3, atMs: startMs - 60_000, isAll: false })
  wire.tell(groups)
  wire.tell(groups)
  assert.deepEqual(heard, ['docker one 0 -60', 'docker all 0 now', 'docker all 0 now'])
  assert.deepEqual(wire.acknowledged(), [3, 3])
})

test('a connection over which nothing comes is ended; one over which a long message comes is not', () => {
  const { clock, agents, connect } = worldOf()
  let received = 0
  const dead = connect('r1')
  clock.nowMs += 16_000
  agents.age(clock.nowMs)
  assert.equal(dead.closed, 1006)
  assert.deepEqual([...agents.away()], ['n1'])
  const slow = connect('r1', [], () => received)
  for (let i = 0; i < 5; i++) {
    clock.nowMs += 16_000
    received += 1000
    agents.age(clock.nowMs)
    assert.equal(slow.closed, undefined)
  }
  assert.equal(agents.states()[0].connected, true)
})

test('an agent that is gone for long is forgotten, with what only it told of', () => {
  const { heard, clock, agents, connect } = worldOf()
  const wire = connect('r1')
  wire.tell({ type: 'groups', orchestrator: 'docker', isAll: true, groups: [] })
  wire.close(1006)
  clock.nowMs += 14 * 60_000
  agents.age(clock.nowMs)
  assert.deepEqual([agents.states().length, agents.states()[0].connected], [1, false])
  clock.nowMs += 2 * 60_000
  agents.age(clock.nowMs)
  assert.equal(agents.states().length, 0)
  assert.deepEqual(heard, ['docker all 0 now', 'forget docker of n1'])
  // Its numbers are not forgotten.
  const again = connect('r1')
  again.tell(second(1, 960))
  again.close(1006)
  clock.nowMs += 20 * 60_000
  agents.age(clock.nowMs)
  const [welcome] = connect('r1').heard
  assert.deepEqual(welcome.type === 'welcome' && welcome.had[0].ranges, [[1, 1]])
})

test('a question about the clock is answered with what it says', () => {
  const { connect } = worldOf()
  const wire = connect('r1')
  wire.tell({ type: 'clock', askedMs: 42.5 })
  const answer = { type: 'clock', askedMs: 42.5, receivedMs: startMs, answeredMs: startMs }
  assert.deepEqual(wire.heard[1], answer)
})

test('who does not say hello, or says what is none, is shown the door', () => {
  const { heard, agents } = worldOf()
  const silent = new Wire()
  agents.accept(silent as unknown as WebSocket)
  silent.tell(second(1, 1))
  assert.equal(silent.closed, 1008)
  const wrong = new Wire()
  agents.accept(wrong as unknown as WebSocket)
  wrong.emit('message', Buffer.from('what'))
  assert.equal(wrong.closed, 1007)
  assert.equal(heard.length, 1)
})
