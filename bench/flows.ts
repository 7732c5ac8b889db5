import { Flows } from '#flows/flows.ts'
import { writeSegment } from '#flows/write-packet.ts'
import type { FlowReader } from '#model/flow.ts'
import { emptyPacket } from '#model/packet.ts'

/** How many packets a second one core turns into flows, from memory: `node bench/flows.ts`. */
const packetCount = 400_000
const runs = 5
const linkBytes = 14
const timestamps = Uint8Array.of(1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 1)

/** Time that this thread had a core for: what others do on the machine does not count. */
function coreSeconds(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1e6
}

interface Traffic {
  readonly bytes: Uint8Array
  /** Start of each packet, and the end of the last. */
  readonly starts: Uint32Array
  /** Payload of each side of each flow, and where the TCP header is. */
  readonly spanBytes: number
  readonly tcpBytes: number
}

/** Packets of so many connections in turn, both ways, each after the other in one buffer, as a ring holds them. */
function traffic(flowCount: number, payloadBytes: number, ipv6: boolean): Traffic {
  const headBytes = (ipv6 ? 40 : 20) + 32
  const packetBytes = linkBytes + headBytes + payloadBytes
  const bytes = new Uint8Array(packetBytes * packetCount)
  const starts = new Uint32Array(packetCount + 1)
  const sent = [new Uint32Array(flowCount), new Uint32Array(flowCount)]
  const payload = new Uint8Array(payloadBytes).fill(120)
  for (let i = 0; i < packetCount; i++) {
    const flow = i % flowCount
    const side = Math.floor(i / flowCount) & 1
    const host = `${(flow >> 8) & 255}.${flow & 255}`
    const client = {
      ip: ipv6 ? `fd00::${flow.toString(16)}` : `10.1.${host}`,
      port: 32768 + (flow % 20000),
    }
    const server = { ip: ipv6 ? 'fd00:1::2' : '10.2.0.1', port: 8080 }
    const segment = {
      seq: sent[side][flow] + 1,
      ack: sent[1 - side][flow] + 1,
      control: 16,
      window: 500,
      payload,
      options: timestamps,
    }
    sent[side][flow] += payloadBytes
    const ends = side === 0 ? ([client, server] as const) : ([server, client] as const)
    starts[i] = i * packetBytes + linkBytes
    bytes.set(writeSegment(...ends, segment), starts[i])
  }
  starts[packetCount] = bytes.length + linkBytes
  const spanBytes = (packetCount / flowCount / 2) * payloadBytes
  return { bytes, starts, spanBytes, tcpBytes: ipv6 ? 40 : 20 }
}

/** Touches each run of bytes once, as the least that a decoder does. */
class LastByte implements FlowReader {
  sum = 0
  read(_side: number, bytes: Uint8Array, _start: number, end: number): void {
    this.sum += bytes[end - 1]
  }
  gap(): void {
    throw new Error('nothing was lost')
  }
  close(): void {}
}

/** Passes over the traffic that are timed, after one that opens the flows. */
const passes = 4

/** Packets a second over flows that are open. */
function run(packets: Traffic): number {
  const reader = new LastByte()
  const flows = new Flows({ open: () => reader })
  let seconds = pass(flows, packets) * 0
  for (let i = 0; i < passes; i++) {
    goOn(packets)
    seconds += pass(flows, packets)
  }
  if (flows.counters.retransmissions + flows.counters.strays > 0) throw new Error('wrong traffic')
  return (packetCount * passes) / seconds
}

/** Seconds that one pass takes. */
function pass(flows: Flows, { bytes, starts }: Traffic): number {
  const packet = emptyPacket()
  packet.bytes = bytes
  const began = coreSeconds()
  for (let i = 0; i < packetCount; i++) {
    packet.start = starts[i]
    packet.end = starts[i + 1] - linkBytes
    packet.lengthBytes = packet.end - packet.start
    packet.timeUs = 1.7e15 + i
    flows.add(packet)
  }
  return coreSeconds() - began
}

/** Moves every sequence number on, so that the traffic follows on itself. */
function goOn({ bytes, starts, spanBytes, tcpBytes }: Traffic): void {
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < packetCount; i++) {
    for (const at of [starts[i] + tcpBytes + 4, starts[i] + tcpBytes + 8]) {
      view.setUint32(at, view.getUint32(at) + spanBytes)
    }
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]
}

/** Packets a second, median of the runs after one to warm up. */
function measure(flowCount: number, payloadBytes: number, ipv6 = false): number {
  const packets = traffic(flowCount, payloadBytes, ipv6)
  run(packets)
  return Math.round(median(Array.from({ length: runs }, () => run(packets))))
}

/** Milliseconds of one `tick` over a full table. */
function measureTick(): number {
  const flows = new Flows({ open: () => undefined })
  const { bytes, starts } = traffic(65_536, 0, false)
  const packet = { ...emptyPacket(), bytes }
  for (let i = 0; i < 65_536; i++) {
    Object.assign(packet, { start: starts[i], end: starts[i + 1] - linkBytes, timeUs: 1e15 })
    packet.lengthBytes = packet.end - packet.start
    flows.add(packet)
  }
  const times = Array.from({ length: runs }, (_, i) => {
    const began = coreSeconds()
    flows.tick(1e15 + i * 2e6)
    return (coreSeconds() - began) * 1000
  })
  if (flows.counters.flows !== 65_536) throw new Error('the table is not full')
  return Math.round(median(times) * 100) / 100
}

/** Flows opened a second: each packet opens one, on a table that is never full. */
function measureOpening(): number {
  const packets = traffic(50_000, 0, false)
  const opened = Array.from({ length: runs + 2 }, () => {
    const flows = new Flows({ open: () => undefined })
    const packet = { ...emptyPacket(), bytes: packets.bytes }
    const began = coreSeconds()
    for (let i = 0; i < 50_000; i++) {
      packet.start = packets.starts[i]
      packet.end = packets.starts[i + 1] - linkBytes
      packet.lengthBytes = packet.end - packet.start
      flows.add(packet)
    }
    return 50_000 / (coreSeconds() - began)
  })
  return Math.round(median(opened.slice(2)))
}

const figures = {
  headers1000Flows: measure(1000, 0),
  headers20000Flows: measure(20_000, 0),
  headersIpv6: measure(1000, 0, true),
  payload300Bytes1000Flows: measure(1000, 300),
  payload300Bytes20000Flows: measure(20_000, 300),
  flowsOpened: measureOpening(),
  tickMs65536Flows: measureTick(),
}
for (const [name, figure] of Object.entries(figures)) {
  process.stderr.write(`${name.padEnd(28)} ${figure.toLocaleString('en')}\n`)
}
process.stdout.write(`${JSON.stringify({ name: 'flows', figures })}\n`)
