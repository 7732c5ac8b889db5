import assert from 'node:assert/strict'
import { isIPv6 } from 'node:net'
import { test } from 'node:test'
import { formatAddress, parseAddress } from './ip-address.ts'

/** Text, and how it reads in canonical form (RFC 5952 section 4). */
const canonical: Record<string, string> = {
  '10.0.0.1': '10.0.0.1',
  '255.255.255.255': '255.255.255.255',
  '::ffff:10.0.0.1': '10.0.0.1',
  '::ffff:0a00:0001': '10.0.0.1',
  '::': '::',
  '::1': '::1',
  '1::': '1::',
  '2001:0DB8::0001': '2001:db8::1',
  '2001:db8:0:0:1:0:0:1': '2001:db8::1:0:0:1',
  '2001:db8:0:1:1:1:1:1': '2001:db8:0:1:1:1:1:1',
  '2001:0:0:1:0:0:0:1': '2001:0:0:1::1',
  '64:ff9b::192.0.2.33': '64:ff9b::c000:221',
  'fe80:0:0:0:0:0:0:0': 'fe80::',
}

for (const [text, form] of Object.entries(canonical)) {
  test(`${text} is written ${form}`, () =>
    assert.equal(formatAddress(...parseAddress(text)!), form))
}

test('no address: no words', () => {
  const wrong = [
    '',
    '1',
    '1.2.3',
    '1.2.3.256',
    '1.2.3.4.5',
    ':',
    ':::',
    '1:2:3:4:5:6:7',
    'g::',
    '::1::',
  ]
  for (const text of [
    ...wrong,
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '::12345',
    '1.2.3.4::',
    '::1.2.3',
  ]) {
    assert.equal(parseAddress(text), undefined, text)
  }
})

test('what is written reads as the same words, for every pattern of zero groups', () => {
  for (let pattern = 0; pattern < 256; pattern++) {
    const groups = Array.from({ length: 8 }, (_, i) => ((pattern >> i) & 1 ? 0xa0b + i : 0))
    const words = [0, 2, 4, 6].map(i => (groups[i] << 16) | groups[i + 1])
    const text = formatAddress(words[0], words[1], words[2], words[3])
    assert.ok(isIPv6(text), text)
    assert.deepEqual(parseAddress(text), words)
  }
})
