import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IpHeader } from './ip.ts'
import { packetOf, writeDatagram, writeIp } from './write-packet.ts'

const payload = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)

/** What is read of a packet: verdict, protocol, payload at hand, payload on the wire. */
function read(bytes: Uint8Array, change: { cutBytes?: number; lengthBytes?: number } = {}): string {
  const packet = packetOf(bytes, 0, change.cutBytes)
  packet.lengthBytes = change.lengthBytes ?? packet.lengthBytes
  const ip = new IpHeader()
  const verdict = ip.parse(packet)
  if (verdict !== 'parsed') return verdict
  return `${ip.protocol} ${bytes.subarray(ip.start, ip.end).join(',')} of ${ip.lengthBytes}`
}

/** The bytes with some replaced: `{ 6: [0x20, 0] }`. */
function patched(bytes: Uint8Array, patches: Record<number, readonly number[]>): Uint8Array {
  const copy = bytes.slice()
  for (const [index, values] of Object.entries(patches)) copy.set(values, Number(index))
  return copy
}

const ipv4 = writeIp('10.0.0.1', '10.0.0.2', 17, payload)
const ipv6 = writeIp('fd00::1', 'fd00::2', 17, payload)
const all = '17 1,2,3,4,5,6,7,8,9,10,11,12 of 12'

/** An IPv6 packet with extension headers, each [protocol, bytes but the first]. */
function extended(...extensions: readonly [number, readonly number[]][]): Uint8Array {
  const protocols = [...extensions.map(([protocol]) => protocol), 17]
  const headers = extensions.flatMap(([, bytes], i) => [protocols[i + 1], ...bytes])
  return writeIp('fd00::1', 'fd00::2', protocols[0], Uint8Array.of(...headers, ...payload))
}

const verdicts: Record<string, [got: string, told: string]> = {
  IPv4: [read(ipv4), all],
  IPv6: [read(ipv6), all],
  'IPv4 options are passed over': [
    read(
      patched(Uint8Array.of(...ipv4.subarray(0, 20), 1, 1, 1, 0, ...payload), {
        0: [0x46],
        2: [0, 36],
      }),
    ),
    all,
  ],
  'padding behind the total length is left out': [read(Uint8Array.of(...ipv4, 0, 0, 0)), all],
  'padding behind an IPv6 payload is left out': [read(Uint8Array.of(...ipv6, 0, 0, 0)), all],
  'total length 0 is a packet larger than the field can say': [
    read(patched(ipv4, { 2: [0, 0] })),
    all,
  ],
  'payload length 0 is a jumbogram': [read(patched(ipv6, { 4: [0, 0] })), all],
  'a cut packet keeps its length on the wire': [read(ipv4, { cutBytes: 9 }), '17 1,2,3 of 12'],
  'a first fragment is read': [read(patched(ipv4, { 6: [0x20, 0] })), all],
  'a later fragment is not': [read(patched(ipv4, { 6: [0x20, 1] })), 'laterFragment'],
  'extension headers are passed over': [
    read(
      extended(
        [0, [0, 0, 0, 0, 0, 0, 0]],
        [43, [0, 0, 0, 0, 0, 0, 0]],
        [60, [1, ...new Array(14).fill(0)]],
      ),
    ),
    all,
  ],
  'an authentication header is passed over': [
    read(extended([51, [1, ...new Array(10).fill(0)]])),
    all,
  ],
  'a first IPv6 fragment is read': [read(extended([44, [0, 0, 1, 0, 0, 0, 0]])), all],
  'a later IPv6 fragment is not': [read(extended([44, [0, 0, 8, 0, 0, 0, 0]])), 'laterFragment'],
  'an extension header beyond the end': [read(extended([0, [9, 0, 0, 0, 0, 0, 0]])), 'malformed'],
  'extension headers without end': [
    read(extended(...new Array(9).fill([0, [0, 0, 0, 0, 0, 0, 0]]))),
    'malformed',
  ],
  'a header length below the least': [read(patched(ipv4, { 0: [0x44] })), 'malformed'],
  'a total length below the header': [read(patched(ipv4, { 2: [0, 19] })), 'malformed'],
  'a cut header': [read(ipv4, { cutBytes: 13 }), 'malformed'],
  'a cut IPv6 header': [read(ipv6, { cutBytes: 13 }), 'malformed'],
  'no bytes': [read(new Uint8Array(0)), 'malformed'],
  ARP: [read(Uint8Array.of(0, 1, 8, 0, 6, 4, 0, 1)), 'foreign'],
}

for (const [claim, [got, told]] of Object.entries(verdicts)) {
  test(`${claim}: ${told}`, () => assert.equal(got, told))
}

test('bytes that begin in the middle of a buffer are read there', () => {
  const buffer = new Uint8Array(100).fill(255)
  const bytes = writeDatagram({ ip: '10.0.0.1', port: 1 }, { ip: '10.0.0.2', port: 2 }, payload)
  buffer.set(bytes, 30)
  const ip = new IpHeader()
  const inside = buffer.subarray(20)
  const packet = {
    ...packetOf(inside, 0),
    start: 10,
    end: 10 + bytes.length,
    lengthBytes: bytes.length,
  }
  assert.equal(ip.parse(packet), 'parsed')
  assert.equal(ip.start, 30)
  assert.equal(ip.view.getUint16(ip.start + 2), 2)
  assert.equal(ip.source3, 0x0a000001)
})
