import assert from 'node:assert/strict'
import { test } from 'node:test'
import { format } from '#model/endpoint.ts'
import type { Flow, OpenFlow } from '#model/flow.ts'
import { incoming, outgoing, type Packet } from '#model/packet.ts'
import { Flows } from './flows.ts'
import { hear, listen } from './hear.ts'
import { packetsOfTalk } from './talk.ts'
import { packetOf, writeDatagram, writeIp } from './write-packet.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)
const at = (ip: string, port: number) => ({ ip, port })
const second = 1_000_000

/** One SYN, from the n-th client. */
function syn(n: number, timeUs: number): Packet {
  const client = at(`10.1.${n >> 8}.${n & 255}`, 40000)
  return packetsOfTalk('> SYN +0us', { client, startUs: timeUs })[0]
}

/** A datagram of a text. */
function datagram(source: string, target: string, text: string, timeUs = 0, cutBytes = 0): Packet {
  const [from, to] = [source, target].map(end => at(end.split(':')[0], Number(end.split(':')[1])))
  return packetOf(writeDatagram(from, to, bytesOf(text)), timeUs, cutBytes)
}

const ends = (flow: Flow) => `${format(flow.client)}>${format(flow.server)}`

test('a flow knows its endpoints, its times and how long the handshake took', () => {
  const { opened } = hear('> SYN\n< SYN-ACK +5ms\n> "abc" +1s')
  const [flow] = opened
  assert.equal(ends(flow), '10.0.0.1:40000>10.0.0.2:80')
  assert.equal(flow.connectUs, 5000)
  assert.equal(flow.startUs, 1_001_000)
  assert.equal(flow.lastUs, 1_001_000 + 5000 + second)
  assert.equal(flow.transport, 'tcp')
})

test('the time to connect runs from the first SYN, as who waits feels it', () => {
  assert.equal(hear('> SYN\n> SYN seq=0 +1s\n< SYN-ACK').opened[0].connectUs, second + 1000)
  assert.equal(hear('< SYN-ACK\n> "a"').opened[0].connectUs, undefined)
})

test('bytes that waited for a hole are told at the time at which they could be read', () => {
  const times: number[] = []
  const flows = new Flows({
    open: () => ({ read: (...args) => times.push(args[4]), gap: () => {}, close: () => {} }),
  })
  const packets = packetsOfTalk('> SYN\n< SYN-ACK\n> 4:"def"\n> 7:"g"\n> 1:"abc" +9ms')
  for (const packet of packets) flows.add(packet)
  const lastUs = packets.at(-1)!.timeUs
  assert.deepEqual(times, [lastUs, lastUs, lastUs])
})

test('who is local follows from the direction of the packets, and from loopback', () => {
  const local = (talk: string, change: Partial<Packet>) => {
    const { flows, opened } = listen()
    flows.add({ ...packetsOfTalk(talk)[0], ...change })
    return opened[0].local
  }
  assert.equal(local('> SYN', { direction: outgoing }), 'client')
  assert.equal(local('> SYN', { direction: incoming }), 'server')
  assert.equal(local('< SYN-ACK', { direction: outgoing }), 'server')
  assert.equal(local('> SYN', { direction: incoming, loopback: true }), 'both')
  assert.equal(local('> SYN', {}), 'unknown')
})

test('the same endpoints in two namespaces are two flows', () => {
  const { flows, opened } = listen()
  const [packet] = packetsOfTalk('> SYN')
  flows.add(packet)
  flows.add({ ...packet, namespace: 7 })
  assert.deepEqual(
    opened.map(flow => flow.namespace),
    [0, 7],
  )
})

test('a reader may swap the roles in midstream from within its first read', () => {
  const told: string[] = []
  let flow: OpenFlow
  const flows = new Flows({
    open(opened) {
      flow = opened
      return {
        read(side, bytes, start) {
          if (bytes[start] === 'R'.charCodeAt(0) && side === 1) assert.equal(opened.swap(), true)
          told.push(`${opened.sent[0].packets}:${opened.sent[1].packets}`)
        },
        gap: side => told.push(`gap ${side}`),
        close: () => {},
      }
    },
  })
  const speakers = { client: at('10.0.0.1', 5000), server: at('10.0.0.2', 40000) }
  const talk = '> 10:"Rxx" cut=1\n< 20:"answer"\n> "R"'
  const packets = packetsOfTalk(talk, speakers)
  for (const packet of packets) flows.add({ ...packet, direction: packet === packets[1] ? 1 : 2 })
  assert.deepEqual(told, ['1:0', 'gap 0', '1:1', '2:1'])
  assert.equal(ends(flow!), '10.0.0.1:5000>10.0.0.2:40000')
  assert.equal(flow!.local, 'client')
  assert.deepEqual([flow!.sent[0].bytes, flow!.sent[1].bytes], [4, 6])
})

test('roles that a handshake proved stay', () => {
  const { opened } = hear('> SYN')
  assert.equal(opened[0].swap(), false)
  assert.equal(ends(opened[0]), '10.0.0.1:40000>10.0.0.2:80')
})

test('each UDP datagram is told by itself, and silence begins another flow', () => {
  const { flows, told, opened } = listen()
  flows.add(datagram('10.0.0.1:5000', '10.0.0.2:53', 'ask', 0))
  flows.add(datagram('10.0.0.2:53', '10.0.0.1:5000', 'tell', 10))
  flows.add(datagram('10.0.0.1:5000', '10.0.0.2:53', 'ask', 31 * second))
  assert.deepEqual(told, ['> ask', '< tell', 'idle', '2 > ask'])
  assert.equal(opened[0].state, 'ended')
  assert.equal(opened[1].state, 'open')
})

test('who sends from a well-known port answers, and otherwise who sends first asks', () => {
  const client = (source: string, target: string) => {
    const { flows, opened } = listen()
    flows.add(datagram(source, target, 'x'))
    return opened[0].client.port
  }
  assert.equal(client('10.0.0.2:53', '10.0.0.1:5000'), 5000)
  assert.equal(client('10.0.0.1:5000', '10.0.0.2:53'), 5000)
  assert.equal(client('10.0.0.1:9000', '10.0.0.2:5353'), 9000)
  assert.equal(client('10.0.0.1:123', '10.0.0.2:123'), 123)
})

test('a datagram cut by the snapshot length is followed by a gap', () => {
  const { flows, told, opened } = listen()
  flows.add(datagram('10.0.0.1:5000', '10.0.0.2:53', 'abcdef', 0, 4))
  assert.deepEqual(told, ['> ab', '> gap 4'])
  assert.equal(opened[0].sent[0].bytes, 6)
  assert.equal(flows.counters.cutBytes, 4)
})

test('other transports are counted and open no flow', () => {
  const { flows, opened } = listen()
  for (const protocol of [1, 58, 50, 132]) {
    flows.add(packetOf(writeIp('10.0.0.1', '10.0.0.2', protocol, new Uint8Array(40)), 0))
  }
  const { icmp, esp, other, packets } = flows.counters
  assert.deepEqual({ icmp, esp, other, packets }, { icmp: 2, esp: 1, other: 1, packets: 4 })
  assert.equal(opened.length, 0)
})

test('a full table evicts the longest idle flow, and never holds more', () => {
  const evicted: string[] = []
  const flows = new Flows({
    flowsMax: 8,
    open: flow => ({
      read: () => {},
      gap: () => {},
      close: end => evicted.push(`${flow.client.ip} ${end}`),
    }),
  })
  for (let n = 0; n < 8; n++) flows.add(syn(n, n))
  flows.add(syn(0, 8))
  for (let n = 8; n < 11; n++) flows.add(syn(n, n + 1))
  assert.deepEqual(evicted, ['10.1.0.1 evicted', '10.1.0.2 evicted', '10.1.0.3 evicted'])
  for (let n = 11; n < 5000; n++) {
    flows.add(syn(n, n + 1))
    assert.ok(flows.counters.flows <= 8)
  }
  assert.equal(flows.counters.evicted, 5000 - 8)
  assert.equal(evicted.at(-1), `10.1.${4991 >> 8}.${4991 & 255} evicted`)
})

test('a full table gives up ended flows before idle ones', () => {
  const { flows, told } = listen({ flowsMax: 3 })
  for (const [port, text] of [
    [1, '> SYN\n< SYN-ACK'],
    [2, '> SYN\n< RST'],
    [3, '> SYN'],
  ] as const) {
    for (const packet of packetsOfTalk(text, {
      client: at('10.0.0.1', port),
      startUs: port * 9000,
    })) {
      flows.add(packet)
    }
  }
  flows.add(syn(1, 90_000))
  assert.deepEqual(told, ['2 refused'])
  assert.equal(flows.counters.evicted, 0)
  flows.add(syn(2, 90_001))
  assert.deepEqual(told, ['2 refused', 'evicted'])
})

test('a tick ends what is over: attempts, idle flows, half-closed ones, those that linger', () => {
  const { flows, told } = listen()
  const talk = (text: string, port: number) => {
    for (const packet of packetsOfTalk(text, { client: at('10.0.0.1', port), startUs: 0 })) {
      flows.add(packet)
    }
  }
  talk('> SYN', 1001)
  talk('> SYN\n< SYN-ACK\n> FIN', 1002)
  talk('> SYN\n< SYN-ACK', 1003)
  talk('> SYN\n< SYN-ACK\n> FIN\n< FIN', 1004)
  flows.add(datagram('10.0.0.1:5000', '10.0.0.2:5001', 'x'))
  assert.deepEqual(told.splice(0), ['4 ended', '5 > x'])
  const tick = (seconds: number) => {
    flows.tick(seconds * second)
    return [...told.splice(0), flows.counters.flows].join(' ')
  }
  assert.equal(tick(2), '5')
  assert.equal(tick(4), 'unanswered 5')
  assert.equal(tick(6), '4')
  assert.equal(tick(31), '5 idle 3')
  assert.equal(tick(61), '2 ended 3')
  assert.equal(tick(90), '1')
  assert.equal(tick(3602), '3 idle 0')
})

test('a tick declares lost what was waited for too long', () => {
  const { flows, told } = listen()
  for (const packet of packetsOfTalk('> SYN\n< SYN-ACK\n> 4:"def"', { startUs: 0 })) {
    flows.add(packet)
  }
  flows.tick(second)
  assert.deepEqual(told, [])
  flows.tick(3 * second)
  assert.deepEqual(told, ['> gap 3', '> def'])
})

test('a visit shows what changed since the last one, and what is gone once more', () => {
  const { flows } = listen()
  const visited = () => {
    const ports: number[] = []
    flows.visit(flow => ports.push(flow.client.port))
    return ports.sort()
  }
  flows.add(datagram('10.0.0.1:5000', '10.0.0.2:53', 'x', 0))
  flows.add(datagram('10.0.0.1:5001', '10.0.0.2:53', 'x', 0))
  assert.deepEqual(visited(), [5000, 5001])
  assert.deepEqual(visited(), [])
  flows.add(datagram('10.0.0.1:5001', '10.0.0.2:53', 'x', 20 * second))
  assert.deepEqual(visited(), [5001])
  flows.tick(40 * second)
  assert.deepEqual(visited(), [5000])
  flows.flush(41 * second)
  assert.deepEqual(visited(), [5001])
  assert.deepEqual(visited(), [])
})

test('changes that no visit asks for do not pile up', () => {
  const { flows } = listen({ flowsMax: 4 })
  for (let n = 0; n < 100; n++) flows.add(syn(n, n))
  let visited = 0
  flows.visit(() => visited++)
  assert.equal(visited, 8)
  assert.equal(flows.counters.unvisited, 100 - 8)
})

test('a flow without a reader is counted all the same, and holds no bytes', () => {
  let heldBytes = 0
  const flows = new Flows({ open: () => undefined })
  const packets = packetsOfTalk(
    '> SYN\n< SYN-ACK\n> 4:"def"\n< ACK ack=1\n> 1:"abc"\n> 9:"i"\n> FIN\n< FIN',
  )
  for (const packet of packets) {
    flows.add(packet)
    heldBytes += flows.counters.heldBytes
  }
  const seen: string[] = []
  flows.visit(flow => seen.push(`${flow.state} ${flow.sent[0].bytes} ${flow.sent[0].lostBytes}`))
  assert.deepEqual(seen, ['ended 7 2'])
  assert.equal(heldBytes, 0)
})

test('no more is held than the limits allow; beyond them holes are lost at once', () => {
  const kilobyte = 'x'.repeat(1000)
  const early = Array.from({ length: 1000 }, (_, i) => `> ${2 + i * 1001}:"${kilobyte}" +1us`)
  for (const heldBytesMax of [10_000, 10_000_000]) {
    let mostBytes = 0
    let readBytes = 0
    let gapBytes = 0
    const flows = new Flows({
      heldBytesMax,
      open: () => ({
        read: (_side, _bytes, start, end) => (readBytes += end - start),
        gap: (_side, lengthBytes) => (gapBytes += lengthBytes),
        close: () => {},
      }),
    })
    for (const packet of packetsOfTalk(`> SYN\n< SYN-ACK\n${early.join('\n')}`)) {
      flows.add(packet)
      mostBytes = Math.max(mostBytes, flows.counters.heldBytes)
    }
    flows.flush(0)
    assert.ok(mostBytes <= Math.min(heldBytesMax, 512 * 1024), `${mostBytes} bytes held`)
    assert.equal(readBytes, 1_000_000)
    assert.equal(gapBytes, 1000)
    assert.ok(flows.counters.heldLimits > 0)
    assert.equal(flows.counters.heldBytes, 0)
  }
})
