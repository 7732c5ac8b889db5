import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyPacket, type Packet } from '#model/packet.ts'
import { openTunnels } from './tunnels.ts'

const frame = '02'.repeat(12)
const inner4 = `45000014 00000000 40060000 0a000001 0a000002`
const inner6 = `60000000 00003b40 ${'fd'.repeat(16)} ${'fe'.repeat(16)}`
const udp = (port: string) => `c000 ${port} 0000 0000`

/** An IPv4 header whose protocol is given. */
const ip4 = (protocol: string, fragment = '0000') =>
  `45000000 0000${fragment} 40${protocol}0000 c0a80001 c0a80002`
const ip6 = (next: string) => `60000000 0000${next}40 ${'20'.repeat(16)} ${'30'.repeat(16)}`

/** `name: what stands before the packet in the tunnel, that packet`. */
const cases: readonly (readonly [string, string, string])[] = [
  ['IPv4 in IPv4', ip4('04'), inner4],
  ['IPv6 in IPv4', ip4('29'), inner6],
  ['IPv4 in IPv6', ip6('04'), inner4],
  ['IPv6 in IPv6', ip6('29'), inner6],
  ['GRE', `${ip4('2f')} 0000 0800`, inner4],
  ['GRE with checksum, key and sequence', `${ip6('2f')} b000 86dd ${'00'.repeat(12)}`, inner6],
  ['GRE, Ethernet', `${ip4('2f')} 2000 6558 00000001 ${frame} 8100 0001 0800`, inner4],
  ['GRE, MPLS', `${ip4('2f')} 0000 8847 00001140`, inner4],
  ['GRE, PPP', `${ip4('2f')} 3081 880b 0018 0001 00000001 00000001 ff03 0021`, inner4],
  ['ERSPAN I', `${ip4('2f')} 0000 88be ${frame} 0800`, inner4],
  ['ERSPAN II', `${ip4('2f')} 1000 88be 00000001 ${'00'.repeat(8)} ${frame} 0800`, inner4],
  ['ERSPAN III', `${ip4('2f')} 1000 22eb 00000001 ${'00'.repeat(12)} ${frame} 86dd`, inner6],
  ['MPLS in IP', `${ip4('89')} 00001040 00002140`, inner4],
  ['VXLAN', `${ip4('11')} ${udp('12b5')} 08000000 00000100 ${frame} 0800`, inner4],
  ['VXLAN, the old port', `${ip6('11')} ${udp('2118')} 08000000 00000100 ${frame} 86dd`, inner6],
  ['VXLAN GPE, IPv4', `${ip4('11')} ${udp('12b6')} 0c000001 00000100`, inner4],
  [
    'Geneve with options',
    `${ip4('11')} ${udp('17c1')} 02006558 00000100 ${'00'.repeat(8)} ${frame} 0800`,
    inner4,
  ],
  ['Geneve, IPv6', `${ip4('11')} ${udp('17c1')} 000086dd 00000100`, inner6],
  ['GTP', `${ip4('11')} ${udp('0868')} 30ff0014 00000001`, inner4],
  [
    'GTP with an extension',
    `${ip4('11')} ${udp('0868')} 34ff0020 00000001 00000085 01100900`,
    inner4,
  ],
  ['MPLS in UDP', `${ip4('11')} ${udp('19eb')} 00001140`, inner4],
  [
    'VXLAN in GRE',
    `${ip4('2f')} 0000 0800 ${ip4('11')} ${udp('12b5')} 08000000 00000100 ${frame} 0800`,
    inner4,
  ],
]

const closed: readonly (readonly [string, string])[] = [
  ['TCP', `${ip4('06')} ${inner4}`],
  ['UDP to another port', `${ip4('11')} ${udp('1234')} 08000000 00000100 ${frame} 0800 ${inner4}`],
  ['a fragment', `${ip4('04', '2000')} ${inner4}`],
  ['VXLAN with ARP', `${ip4('11')} ${udp('12b5')} 08000000 00000100 ${frame} 0806 0001`],
  [
    'VXLAN without a network',
    `${ip4('11')} ${udp('12b5')} 00000000 00000100 ${frame} 0800 ${inner4}`,
  ],
  ['VXLAN, cut', `${ip4('11')} ${udp('12b5')} 0800`],
  ['Geneve of a version to come', `${ip4('11')} ${udp('17c1')} 40000800 00000100 ${inner4}`],
  ['GTP, an echo', `${ip4('11')} ${udp('0868')} 32010004 00000000 00000000 ${inner4}`],
  ['GRE with routing', `${ip4('2f')} 4000 0800 ${'00'.repeat(8)} ${inner4}`],
  ['IP in IP that is none', `${ip4('04')} 75000014`],
  ['an IP header and no more', ip4('04')],
]

function packetOf(hex: string): Packet {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
  return { ...emptyPacket(), bytes, end: bytes.length, lengthBytes: bytes.length }
}

const lengthOf = (hex: string): number => packetOf(hex).end

for (const [name, outer, inner] of cases) {
  test(`${name} is opened`, () => {
    const packet = packetOf(`${outer} ${inner}`)
    openTunnels(packet)
    assert.equal(packet.start, lengthOf(outer))
    assert.equal(packet.lengthBytes, lengthOf(inner))
  })
}

for (const [name, hex] of closed) {
  test(`${name} stays closed`, () => {
    const packet = packetOf(hex)
    openTunnels(packet)
    assert.equal(packet.start, 0)
    assert.equal(packet.lengthBytes, packet.end)
  })
}

test('tunnels cut or damaged anywhere are left or opened, never overrun', () => {
  for (const [name, outer, inner] of cases) {
    const whole = packetOf(`${outer} ${inner}`)
    for (let at = 0; at < whole.end; at++) {
      for (const byte of [0, 1, 0x7f, 0xff]) {
        const bytes = Buffer.from(whole.bytes)
        bytes[at] = byte
        for (const end of [whole.end, at + 1]) {
          const packet = { ...whole, bytes, end, lengthBytes: end }
          openTunnels(packet)
          assert.ok(packet.start >= 0 && packet.start < end, `${name} at ${at}`)
          assert.equal(packet.lengthBytes, end - packet.start)
        }
      }
    }
  }
})
