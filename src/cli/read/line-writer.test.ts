import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LineWriter } from './line-writer.ts'

function written(write: (writer: LineWriter) => void): string {
  const writer = new LineWriter()
  writer.bytes = new Uint8Array(4096)
  write(writer)
  return Buffer.from(writer.bytes.subarray(0, writer.at)).toString()
}

test('numbers are their digits', () => {
  for (const value of [0, 7, 10, 99, 100, 65_535, 1_790_000_000_123, Number.MAX_SAFE_INTEGER]) {
    assert.equal(
      written(writer => writer.number(value)),
      String(value),
    )
  }
  assert.equal(
    written(writer => writer.number(-1.5)),
    '-1.5',
  )
})

test('times have microseconds, and their second is not mixed up', () => {
  const text = written(writer => {
    for (const us of [1_767_225_600_000_001, 1_767_225_600_999_999, 1_767_225_601_000_000]) {
      writer.time(us)
      writer.plain(' ')
    }
  })
  assert.equal(
    text,
    '2026-01-01T00:00:00.000001Z 2026-01-01T00:00:00.999999Z 2026-01-01T00:00:01.000000Z ',
  )
})

test('what could command a terminal is shown as a dot, what is no ASCII as it is', () => {
  assert.equal(
    written(writer => writer.printable('/a\u001b[2J\u0000\u007f\u009b')),
    '/a·[2J···',
  )
  assert.equal(
    written(writer => writer.printable('/straße/🦑')),
    '/straße/🦑',
  )
})

test('a text is quoted as JSON has it, whatever it holds', () => {
  for (const text of ['', 'GET', 'a"b\\c', '\u0000\n\u001b', 'straße 🦑 \ud800', '\u2028']) {
    const quoted = written(writer => writer.quoted(text))
    assert.equal(quoted, JSON.stringify(text))
  }
})
