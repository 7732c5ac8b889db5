import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyPacket, incoming, outgoing, unknownDirection } from '#model/packet.ts'
import { linkLayerOf } from './link-layer.ts'

const addresses = '02'.repeat(12)
const v4 = '4500'
const v6 = '6000'

/** `link type: bytes of the header, then IP` -> where IP starts, or foreign. */
const cases: readonly (readonly [string, number, string, string])[] = [
  ['Ethernet, IPv4', 1, `${addresses} 0800`, v4],
  ['Ethernet, IPv6', 1, `${addresses} 86dd`, v6],
  ['one VLAN tag', 1, `${addresses} 8100 0064 0800`, v4],
  ['QinQ 802.1ad', 1, `${addresses} 88a8 0064 8100 0065 86dd`, v6],
  ['QinQ 0x9100', 1, `${addresses} 9100 0064 8100 0065 0800`, v4],
  ['five tags', 1, `${addresses} ${'8100 0001'.repeat(5)} 0800`, v4],
  ['SNAP', 1, `${addresses} 0040 aaaa03 000000 0800`, v4],
  ['MPLS, two labels', 1, `${addresses} 8847 00010040 00020140`, v4],
  ['PPPoE, IPv4', 1, `${addresses} 8864 1100 0001 0020 0021`, v4],
  ['PPPoE, IPv6', 1, `${addresses} 8864 1100 0001 0020 0057`, v6],
  ['Linux cooked', 113, '0000 0001 0006 0202020202020000 0800', v4],
  ['Linux cooked with a tag', 113, '0000 0001 0006 0202020202020000 8100 0001 86dd', v6],
  ['Linux cooked v2', 276, '86dd 0000 00000002 0001 00 06 0202020202020000', v6],
  ['raw 101', 101, '', v4],
  ['raw 12', 12, '', v6],
  ['raw 14', 14, '', v4],
  ['raw 228', 228, '', v4],
  ['raw 229', 229, '', v6],
  ['NULL, little-endian', 0, '02000000', v4],
  ['NULL, big-endian', 0, '00000002', v4],
  ['NULL, IPv6 of macOS', 0, '1e000000', v6],
  ['LOOP', 108, '00000018', v6],
  ['PPP', 9, '0021', v4],
  ['PPP in HDLC frames', 50, 'ff03 0057', v6],
  ['PPP, short protocol', 9, '21', v4],
  ['Cisco HDLC', 104, '0f00 0800', v4],
  ['MPLS, an Ethernet frame', 1, `${addresses} 8847 00010140 00000000 ${addresses} 0800`, v4],
  ['provider backbone', 1, `${addresses} 88e7 00000001 ${addresses} 8100 0001 86dd`, v6],
  ['VN-Tag', 1, `${addresses} 8926 00010002 8100 0001 0800`, v4],
  ['bridge port tag', 1, `${addresses} 893f 000000010000 0800`, v4],
  ['service header, IPv4', 1, `${addresses} 894f 0002 0201 00000001`, v4],
  ['service header, Ethernet', 1, `${addresses} 894f 0002 0203 00000001 ${addresses} 86dd`, v6],
  ['radio', 105, `0801 0000 ${'02'.repeat(18)} 0000 aaaa03 000000 0800`, v4],
  ['radio with QoS', 105, `8801 0000 ${'02'.repeat(18)} 0000 0000 aaaa03 000000 86dd`, v6],
  ['radiotap', 127, `0000 0800 00000000 0802 0000 ${'02'.repeat(18)} 0000 aaaa03 000000 0800`, v4],
  ['firewall log', 239, '0200 0000 0800 0100 08000000 1800 0900', v4],
  ['firewall log, big-endian', 239, '0200 0000 0008 0001 00000008 0018 0009', v4],
]

const foreignCases: readonly (readonly [string, number, string])[] = [
  ['ARP', 1, `${addresses} 0806 0001`],
  ['spanning tree', 1, `${addresses} 0026 424203 0000`],
  ['tags without end', 1, `${addresses} ${'8100 0001'.repeat(9)}`],
  ['an Ethernet header and no more', 1, `${addresses} 0800`],
  ['half an Ethernet header', 1, '0202020202'],
  ['no byte at all', 1, ''],
  ['MPLS without a bottom', 1, `${addresses} 8847 ${'00010040'.repeat(3)}`],
  ['PPP control', 9, 'ff03 c021 0101'],
  ['raw, neither 4 nor 6', 101, '7500'],
  ['radio, encrypted', 105, `0841 0000 ${'02'.repeat(18)} 0000 aaaa03 000000 0800`],
  ['radio, a beacon', 105, `8000 0000 ${'02'.repeat(18)} 0000 aaaa03 000000 0800`],
  ['firewall log, a field of no length', 239, '0200 0000 0000 0100'],
  ['NULL, no family', 0, '12345678 4500'],
  ['802.11', 105, '0800 0000 4500'],
  ['a link type nobody gave', 60_000, '4500 4500'],
]

function packetOf(hex: string) {
  const packet = emptyPacket()
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
  // What lies around the packet in the buffer must not be read as part of it.
  packet.bytes = Buffer.concat([Buffer.alloc(7, 0x45), bytes, Buffer.alloc(64, 0x45)])
  packet.start = 7
  packet.end = 7 + bytes.length
  packet.lengthBytes = bytes.length + 100
  return packet
}

for (const [name, linkType, header, ip] of cases) {
  test(`the IP header is found: ${name}`, () => {
    const packet = packetOf(header + ip)
    const headerBytes = header.replaceAll(' ', '').length / 2
    assert.equal(linkLayerOf(linkType)(packet), true)
    assert.equal(packet.start, 7 + headerBytes)
    assert.equal(packet.lengthBytes, ip.length / 2 + 100)
  })
}

for (const [name, linkType, bytes] of foreignCases) {
  test(`foreign: ${name}`, () => {
    assert.equal(linkLayerOf(linkType)(packetOf(bytes)), false)
  })
}

test('cooked headers tell the direction, Ethernet does not', () => {
  const directions = (linkType: number, hex: string) => {
    const packet = packetOf(hex)
    linkLayerOf(linkType)(packet)
    return packet.direction
  }
  assert.equal(directions(113, `0004 0001 0006 ${'00'.repeat(8)} 0800 4500`), outgoing)
  assert.equal(directions(113, `0000 0001 0006 ${'00'.repeat(8)} 0800 4500`), incoming)
  assert.equal(directions(276, `0800 0000 00000002 0001 04 06 ${'00'.repeat(8)} 4500`), outgoing)
  assert.equal(directions(276, `0800 0000 00000002 0001 00 06 ${'00'.repeat(8)} 4500`), incoming)
  assert.equal(directions(1, `${addresses} 0800 4500`), unknownDirection)
})

test('a packet cut anywhere is foreign or starts before its end', () => {
  for (const [, linkType, header, ip] of cases) {
    const hex = (header + ip).replaceAll(' ', '')
    for (let cut = 0; cut <= hex.length; cut += 2) {
      const packet = packetOf(hex.slice(0, cut))
      const { lengthBytes } = packet
      const found = linkLayerOf(linkType)(packet)
      if (found) assert.ok(packet.start < packet.end && packet.lengthBytes <= lengthBytes)
    }
  }
})
