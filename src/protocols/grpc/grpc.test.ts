import assert from 'node:assert/strict'
import { test } from 'node:test'
import { statusOfHttp, statusOfReset, statusOfText } from './status.ts'

for (const [text, expected] of [
  ['0', 'OK ok'],
  ['1', 'CANCELLED warning'],
  ['4', 'DEADLINE_EXCEEDED error'],
  ['5', 'NOT_FOUND warning'],
  ['8', 'RESOURCE_EXHAUSTED warning'],
  ['13', 'INTERNAL error'],
  ['14', 'UNAVAILABLE error'],
  ['16', 'UNAUTHENTICATED warning'],
  ['17', 'UNKNOWN error'],
  ['', 'UNKNOWN error'],
  ['-1', 'UNKNOWN error'],
  ['1e0', 'UNKNOWN error'],
] as const) {
  test(`grpc-status ${text}: ${expected}`, () => {
    const { name, outcome } = statusOfText(text)
    assert.equal(`${name} ${outcome}`, expected)
  })
}

for (const [code, expected] of [
  ['400', 'INTERNAL error'],
  ['401', 'UNAUTHENTICATED warning'],
  ['403', 'PERMISSION_DENIED warning'],
  ['404', 'UNIMPLEMENTED error'],
  ['429', 'UNAVAILABLE error'],
  ['503', 'UNAVAILABLE error'],
  ['500', 'UNKNOWN error'],
  ['200', 'UNKNOWN error'],
] as const) {
  test(`a proxy's ${code} is to a client ${expected}`, () => {
    const { name, outcome } = statusOfHttp(code)
    assert.equal(`${name} ${outcome}`, expected)
  })
}

for (const [code, expected] of [
  [2, 'INTERNAL'],
  [7, 'UNAVAILABLE'],
  [8, 'CANCELLED'],
  [11, 'RESOURCE_EXHAUSTED'],
  [12, 'PERMISSION_DENIED'],
  [99, 'INTERNAL'],
] as const) {
  test(`a reset with ${code} is to a client ${expected}`, () => {
    assert.equal(statusOfReset(code).name, expected)
  })
}
