import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isNobody } from './ip.ts'

test('nobody stands behind addresses of many, of all and of none', () => {
  for (const ip of [
    '224.0.0.251',
    '239.255.255.250',
    '255.255.255.255',
    '0.0.0.0',
    'ff02::fb',
    '::',
  ]) {
    assert.equal(isNobody(ip), true, ip)
  }
  for (const ip of ['10.0.0.1', '223.255.255.1', '240.10.0.7', '244.187.95.1', 'fe80::1', '::1']) {
    assert.equal(isNobody(ip), false, ip)
  }
})
