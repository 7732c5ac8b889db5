import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headerBytes, messagesOf } from '#lib/netlink.ts'
import { format, parse } from '#model/endpoint.ts'
import { encodeDump, encodeEntry, encodeQuestion, readEntry } from './messages.ts'
import type { Entry } from './translation.ts'

const ends = (client: string, server: string) => ({
  client: parse(client)!,
  server: parse(server)!,
})
const bytesOf = (...lines: string[]) => Buffer.from(lines.join('').replaceAll(' ', ''), 'hex')

/** One line: `tcp 10.0.0.1:1>10.0.0.2:2 was 10.0.0.3:3>10.0.0.4:4 in 0`. */
function lineOf(entry: Entry | undefined): string | undefined {
  if (!entry) return undefined
  const { transport, original, seen, zone } = entry
  const text = (one: Entry['seen']) => `${format(one.client)}>${format(one.server)}`
  return `${transport} ${text(seen)} was ${text(original)} in ${zone}`
}

test('a question is the tuple of the replies, as the kernel expects it', () => {
  const seen = ends('10.0.0.5:4000', '198.51.100.7:443')
  assert.deepEqual(
    encodeQuestion(7, 'tcp', seen, 0),
    bytesOf(
      '48000000 0101 0100 07000000 00000000', // length 72, get, request, sequence 7
      '02 00 0000', // AF_INET
      '3400 0280', // CTA_TUPLE_REPLY
      '1400 0180', // CTA_TUPLE_IP
      '0800 0100 c6336407', // from 198.51.100.7
      '0800 0200 0a000005', // to 10.0.0.5
      '1c00 0280', // CTA_TUPLE_PROTO
      '0500 0100 06 000000', // TCP
      '0600 0200 01bb 0000',
      '0600 0300 0fa0 0000',
    ),
  )
})

test('a question about a zone names it; one about IPv6 has long addresses', () => {
  const zoned = encodeQuestion(1, 'udp', ends('10.0.0.5:1', '10.0.0.6:53'), 513)!
  assert.deepEqual(zoned.subarray(-8), bytesOf('0600 1200 0201 0000'))
  const long = encodeQuestion(1, 'tcp', ends('[fd00::5]:4000', '[fd00::6]:80'), 0)!
  assert.equal(long[headerBytes], 10)
  assert.ok(long.includes(bytesOf('1400 0300 fd000000000000000000000000000006')))
  assert.ok(long.includes(bytesOf('1400 0400 fd000000000000000000000000000005')))
})

test('what is no pair of addresses of one family is not asked', () => {
  const wrong = (client: string, server: string) =>
    encodeQuestion(
      1,
      'tcp',
      { client: { ip: client, port: 1 }, server: { ip: server, port: 2 } },
      0,
    )
  assert.equal(wrong('nobody', '10.0.0.1'), undefined)
  assert.equal(wrong('10.0.0.1', 'fd00::1'), undefined)
})

test('a dump asks for both families', () => {
  assert.deepEqual(encodeDump(2), bytesOf('14000000 0101 0103 02000000 00000000 00000000'))
})

/** What a kernel 6.18 told of a masqueraded connection, attributes that nobody reads included. */
const told = bytesOf(
  '02 00 0000',
  '3400 0180 1400 0180 08000100 ac120002 08000200 c6336407', // 172.18.0.2 > 198.51.100.7
  '1c00 0280 05000100 06000000 06000200 0fa00000 06000300 01bb0000', // 4000 > 443
  '3400 0280 1400 0180 08000100 c6336407 08000200 0a000005', // 198.51.100.7 > 10.0.0.5
  '1c00 0280 05000100 06000000 06000200 01bb0000 06000300 ea600000', // 443 > 60000
  '0800 0c00 12345678', // CTA_ID
  '0800 0300 0000018e', // CTA_STATUS
  '0800 0700 00000075', // CTA_TIMEOUT
  '1000 0480 0c00 0180 0500 0100 07000000', // CTA_PROTOINFO
  '0600 1200 0005 0000', // CTA_ZONE
)
const line = 'tcp 10.0.0.5:60000>198.51.100.7:443 was 172.18.0.2:4000>198.51.100.7:443 in 5'

test('an entry is read past what nobody asked for', () => {
  assert.equal(lineOf(readEntry(told, 0, told.length)), line)
})

test('what is written is read again', () => {
  const entry = readEntry(told, 0, told.length)!
  const written = encodeEntry(entry)!
  assert.deepEqual(readEntry(written, 0, written.length), entry)
})

test('an entry that is cut anywhere is none, or the same', () => {
  for (let end = 0; end < told.length; end++) {
    const found = lineOf(readEntry(told.subarray(0, end), 0, end))
    assert.ok(found === undefined || found === line || found === line.replace('in 5', 'in 0'))
  }
})

test('lengths that make no sense are the end of it', () => {
  for (let at = 4; at < told.length; at += 4) {
    for (const length of [0, 1, 3, 255, 0xffff]) {
      const bytes = Buffer.from(told)
      bytes.writeUInt16LE(length, at)
      assert.doesNotThrow(() => readEntry(bytes, 0, bytes.length))
    }
  }
  const long = Buffer.from(told)
  long.writeUInt16LE(0x34 + 4, 4)
  assert.equal(readEntry(long, 0, long.length), undefined)
})

test('other transports, ports of other sizes, and addresses that are none are passed over', () => {
  const changed = (from: string, to: string) => {
    const bytes = bytesOf(told.toString('hex').replaceAll(from.replaceAll(' ', ''), to))
    return readEntry(bytes, 0, bytes.length)
  }
  assert.equal(changed('05000100 06000000', '0500010001000000'), undefined)
  assert.equal(changed('06000200 0fa00000', '070002000fa00000'), undefined)
  assert.equal(changed('08000100 ac120002', '06000100ac120002'), undefined)
})

test('random bytes are no messages and no entry, and end', () => {
  for (let seed = 1; seed <= 300; seed++) {
    let state = seed
    const next = () => (state = (state * 48_271) % 2_147_483_647)
    const bytes = Buffer.from(Array.from({ length: 200 }, () => next() & (next() & 1 ? 255 : 7)))
    assert.doesNotThrow(() => {
      for (const { start, end } of messagesOf(bytes, bytes.length)) readEntry(bytes, start, end)
      readEntry(bytes, 0, bytes.length)
    }, `seed ${seed}`)
  }
})
