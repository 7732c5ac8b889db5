import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instructionsMax } from './assembler.ts'
import {
  buildFilter,
  defaultFilter,
  type FilterForm,
  hardwareTypeOf,
  ignoredInterfacesMax,
  interfaceOf,
  nothing,
  packetTypeOf,
  protocolOf,
} from './filter.ts'
import { runFilter } from './machine.ts'

const whole = defaultFilter.snapBytes
const head = defaultFilter.headBytes
const drop = 0

interface Place {
  readonly outgoing?: boolean
  readonly packetType?: number
  readonly loopback?: boolean
  readonly on?: number
  readonly protocol?: number
}

function verdict(
  bytes: readonly number[],
  place: Place = {},
  form: Partial<FilterForm> = {},
): number {
  const version = bytes[0] >> 4
  const beside = new Map([
    [protocolOf, place.protocol ?? (version === 6 ? 0x86dd : 0x0800)],
    [packetTypeOf, place.packetType ?? (place.outgoing ? 4 : 0)],
    [interfaceOf, place.on ?? 2],
    [hardwareTypeOf, place.loopback ? 772 : 1],
  ])
  const program = buildFilter({ ...defaultFilter, ...form })
  return runFilter(program, { bytes: Uint8Array.from(bytes), beside })
}

const u16 = (value: number) => [value >> 8, value & 255]

interface Ip {
  readonly optionBytes?: number
  readonly totalLength?: number
  readonly fragment?: number
}

function ipv4(protocol: number, payload: readonly number[], ip: Ip = {}): number[] {
  const { optionBytes = 0, fragment = 0 } = ip
  const length = ip.totalLength ?? 20 + optionBytes + payload.length
  const first = 0x40 | (5 + optionBytes / 4)
  const fixed = [first, 0, ...u16(length), 0, 0, ...u16(fragment), 64, protocol, 0, 0]
  return [...fixed, 10, 0, 0, 1, 10, 0, 0, 2, ...new Array(optionBytes).fill(1), ...payload]
}

function ipv6(next: number, payload: readonly number[], payloadLength = payload.length): number[] {
  return [0x60, 0, 0, 0, ...u16(payloadLength), next, 64, ...new Array(32).fill(0xfd), ...payload]
}

interface Segment {
  readonly from?: number
  readonly to?: number
  readonly flags?: number
  readonly optionBytes?: number
  readonly payload?: number
}

const fin = 1
const syn = 2
const rst = 4
const ack = 16

function tcp(segment: Segment): number[] {
  const { from = 40_000, to = 80, flags = ack, optionBytes = 12, payload = 0 } = segment
  const offset = (5 + optionBytes / 4) << 4
  const fixed = [...u16(from), ...u16(to), ...new Array(8).fill(7), offset, flags]
  return [...fixed, ...new Array(6 + optionBytes + payload).fill(0)]
}

function udp(from: number, to: number, payload = 20): number[] {
  return [...u16(from), ...u16(to), ...u16(8 + payload), 0, 0, ...new Array(payload).fill(0)]
}

const families = [
  ['IPv4', (payload: number[]) => ipv4(6, payload)],
  ['IPv4 with options', (payload: number[]) => ipv4(6, payload, { optionBytes: 8 })],
  ['IPv6', (payload: number[]) => ipv6(6, payload)],
] as const

for (const [name, wrap] of families) {
  test(`${name}: TCP with payload or SYN, FIN, RST is taken, a bare acknowledgement is not`, () => {
    assert.equal(verdict(wrap(tcp({ payload: 1 }))), whole)
    assert.equal(verdict(wrap(tcp({ payload: 900, optionBytes: 0 }))), whole)
    assert.equal(verdict(wrap(tcp({ payload: 1, optionBytes: 40 }))), whole)
    for (const flag of [syn, fin, rst])
      assert.equal(verdict(wrap(tcp({ flags: ack | flag }))), whole)
    assert.equal(verdict(wrap(tcp({}))), drop)
    assert.equal(verdict(wrap(tcp({ optionBytes: 0 }))), drop)
    assert.equal(verdict(wrap(tcp({ optionBytes: 40 }))), drop)
  })

  test(`${name}: ignored TCP ports are dropped either way, others not`, () => {
    const form = { ignoredTcpPorts: [7171, 7172] }
    assert.equal(verdict(wrap(tcp({ to: 7171, payload: 9 })), {}, form), drop)
    assert.equal(verdict(wrap(tcp({ from: 7172, payload: 9 })), {}, form), drop)
    assert.equal(verdict(wrap(tcp({ to: 7173, payload: 9 })), {}, form), whole)
  })
}

test('padding behind a bare acknowledgement is no payload', () => {
  const bare = ipv4(6, tcp({ optionBytes: 0 }))
  assert.equal(verdict([...bare, 0, 0, 0, 0, 0, 0]), drop)
})

test('packets longer than their length field can say are taken', () => {
  assert.equal(verdict(ipv4(6, tcp({ payload: 50 }), { totalLength: 0 })), whole)
  assert.equal(verdict(ipv6(6, tcp({ payload: 50 }), 0)), whole)
})

test('UDP: DNS whole, the rest its head, tunnels not at all', () => {
  for (const wrap of [(p: number[]) => ipv4(17, p), (p: number[]) => ipv6(17, p)]) {
    assert.equal(verdict(wrap(udp(40_000, 53))), whole)
    assert.equal(verdict(wrap(udp(53, 40_000))), whole)
    assert.equal(verdict(wrap(udp(5353, 5353))), whole)
    assert.equal(verdict(wrap(udp(40_000, 443))), head)
    assert.equal(verdict(wrap(udp(40_000, 4789))), drop)
    assert.equal(verdict(wrap(udp(40_000, 8125)), { loopback: true }), whole)
  }
})

test('later fragments keep their head, first ones are what they begin with', () => {
  assert.equal(verdict(ipv4(17, udp(1, 2), { fragment: 0x2010 })), head)
  assert.equal(verdict(ipv4(6, tcp({ payload: 1 }), { fragment: 0x0010 })), head)
  assert.equal(verdict(ipv4(6, tcp({ payload: 1 }), { fragment: 0x2000 })), whole)
  assert.equal(verdict(ipv4(6, tcp({}), { fragment: 0x4000 })), drop)
  assert.equal(verdict(ipv4(1, [8, 0], { fragment: 0x0010 })), drop)
})

test('IPv6 behind extension headers is taken, ICMP and the rest is not', () => {
  for (const extension of [0, 43, 44, 60]) {
    assert.equal(verdict(ipv6(extension, [6, 0, 0, 0, 0, 0, 0, 0, ...tcp({})])), whole)
  }
  assert.equal(verdict(ipv6(58, [128, 0])), drop)
  assert.equal(verdict(ipv4(1, [8, 0])), drop)
  assert.equal(verdict(ipv4(47, [0, 0])), drop)
  assert.equal(verdict([0, 1, 8, 0, 6, 4], { protocol: 0x0806 }), drop)
})

test('loopback is seen once, other interfaces both ways', () => {
  const packet = ipv4(6, tcp({ payload: 5 }))
  assert.equal(verdict(packet, { loopback: true }), whole)
  assert.equal(verdict(packet, { loopback: true, outgoing: true }), drop)
  assert.equal(verdict(packet, { outgoing: true }), whole)
})

test('what is addressed to another machine is not ours, though a bridge floods it to all', () => {
  const attempt = ipv4(6, tcp({ flags: syn }))
  assert.equal(verdict(attempt, { packetType: 3 }), 0)
  assert.equal(verdict(attempt, { packetType: 0 }), whole)
})

test('outgoing packets that carry a VLAN type are known by their IP version', () => {
  for (const protocol of [0x8100, 0x88a8]) {
    const place = { protocol, outgoing: true }
    assert.equal(verdict(ipv4(6, tcp({ payload: 5 })), place), whole)
    assert.equal(verdict(ipv6(6, tcp({ payload: 5 })), place), whole)
    assert.equal(verdict([0x00, 0x64, 0x08, 0x00], place), drop)
    assert.equal(verdict(ipv4(6, tcp({ payload: 5 })), { protocol }), drop)
  }
})

test('ignored interfaces are dropped, however many', () => {
  const packet = ipv4(6, tcp({ payload: 5 }))
  for (const count of [1, 2, 3, 7, 100, ignoredInterfacesMax, ignoredInterfacesMax + 50]) {
    const ignoredInterfaces = Array.from({ length: count }, (_, i) => 1000 - 2 * i).filter(
      i => i > 0,
    )
    const program = buildFilter({ ...defaultFilter, ignoredInterfaces })
    assert.ok(program.length <= instructionsMax, `${count}: ${program.length}`)
    const kept = [...ignoredInterfaces].sort((a, b) => a - b).slice(0, ignoredInterfacesMax)
    for (const on of [kept[0], kept[kept.length >> 1], kept[kept.length - 1]]) {
      assert.equal(verdict(packet, { on }, { ignoredInterfaces }), drop, `${count}: ${on}`)
      assert.equal(verdict(packet, { on: on + 1 }, { ignoredInterfaces }), whole, `${count}: ${on}`)
    }
    assert.equal(verdict(packet, { on: 5000 }, { ignoredInterfaces }), whole)
  }
})

test('a list of interfaces longer than the limit fits the kernel and keeps its beginning', () => {
  const ignoredInterfaces = Array.from({ length: 5000 }, (_, i) => i + 10)
  const packet = ipv4(6, tcp({ payload: 5 }))
  assert.equal(verdict(packet, { on: 10 }, { ignoredInterfaces }), drop)
  assert.equal(verdict(packet, { on: 10 + ignoredInterfacesMax }, { ignoredInterfaces }), whole)
})

test('a packet cut anywhere is dropped or taken, never more', () => {
  for (const bytes of [ipv4(6, tcp({ payload: 9 })), ipv6(6, tcp({})), ipv4(17, udp(1, 53))]) {
    for (let cut = 1; cut < bytes.length; cut++) {
      assert.ok([drop, head, whole].includes(verdict(bytes.slice(0, cut))))
    }
  }
})

test('the filter that lets nothing in lets nothing in', () => {
  assert.equal(runFilter(nothing, { bytes: Uint8Array.from(ipv4(6, [])), beside: new Map() }), 0)
})

test('of what passes between two addresses the one way is taken on the bridge, the other on its ports', () => {
  const passages = [
    { bridge: 5, here: '10.0.0.1', there: '10.0.0.3' },
    { bridge: 7, here: '10.0.0.1', there: '10.0.0.2' },
    { bridge: 7, here: '10.0.0.9', there: '10.0.0.2' },
  ]
  const form = { ignoredInterfaces: [5, 7, 8], passages }
  const sent = ipv4(6, tcp({ payload: 9 }))
  const between = (a: number, b: number) => [
    ...sent.slice(0, 12),
    ...[10, 0, 0, a, 10, 0, 0, b],
    ...sent.slice(20),
  ]
  for (const bytes of [sent, between(9, 2)]) {
    assert.equal(verdict(bytes, { on: 7, outgoing: true }, form), whole)
    assert.equal(verdict(bytes, { on: 8, outgoing: true }, form), drop, 'a copy')
  }
  for (const bytes of [between(2, 1), between(2, 9)]) {
    assert.equal(verdict(bytes, { on: 8, packetType: 3 }, form), whole, 'to the bridge')
    assert.equal(verdict(bytes, { on: 7 }, form), drop, 'seen already')
  }
  const bare = ipv4(6, tcp({}))
  assert.equal(verdict(bare, { on: 7 }, form), drop, 'a bare acknowledgement is not')
  for (const bytes of [between(8, 2), between(2, 8), ipv6(6, tcp({ payload: 9 }))]) {
    for (const on of [7, 8]) assert.equal(verdict(bytes, { on }, form), drop)
    assert.equal(verdict(bytes, { on: 9, packetType: 3 }, form), drop)
    assert.equal(verdict(bytes, { on: 9 }, form), whole)
  }
  assert.equal(verdict(sent, { on: 7, protocol: 0x8100 }, form), drop)
})

test('a passage between what are no IPv4 addresses lets nothing pass', () => {
  const passages = [{ bridge: 7, here: 'fd00::1', there: 'nobody' }]
  const form = { ignoredInterfaces: [7, 8], passages }
  assert.equal(verdict(ipv4(6, tcp({ payload: 9 })), { on: 8 }, form), drop)
  assert.equal(verdict(ipv4(6, tcp({ payload: 9 })), { on: 9 }, form), whole)
})
