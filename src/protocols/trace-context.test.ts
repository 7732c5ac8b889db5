import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Interners } from '#lib/intern.ts'
import { Fields } from './http2/fields.ts'
import { encodeHuffman } from './http2/huffman.ts'
import { protocols } from './index.ts'
import { hear, type Talk } from './talk.ts'

const id = '4bf92f3577b34da6a3ce929d0e0e4736'
const other = '0af7651916cd43dd8448eb211c80319c'
const span = '00f067aa0ba902b7'
const long = 'a'.repeat(10_000)

/** Lines of a head, and the trace that they name. */
const heads: readonly (readonly [lines: readonly string[], id: string | undefined])[] = [
  [[], undefined],
  // W3C Trace Context, 3.2
  [[`traceparent: 00-${id}-${span}-01`], id],
  [[`traceparent: 00-${id}-${span}-ff`], id],
  [[`traceparent: \t 00-${id}-${span}-01 \t `], id],
  [[`traceparent: 00-${id.toUpperCase()}-${span}-01`], undefined],
  [[`traceparent: 00-${'0'.repeat(32)}-${span}-01`], undefined],
  [[`traceparent: 00-${id}-${'0'.repeat(16)}-01`], undefined],
  [[`traceparent: ff-${id}-${span}-01`], undefined],
  [[`traceparent: FE-${id}-${span}-01`], undefined],
  [[`traceparent: 0g-${id}-${span}-01`], undefined],
  [[`traceparent: 00-${id}-${span}-0x`], undefined],
  [[`traceparent: 00-${id}-${span}-01-more`], undefined],
  [[`traceparent: 00-${id}-${span}-01${long}`], undefined],
  [[`traceparent: 00-${id}-${span}`], undefined],
  [[`traceparent: 00-${id.slice(1)}-${span}-011`], undefined],
  [[`traceparent: 00-${id.slice(1)}g-${span}-01`], undefined],
  [[`traceparent: 00_${id}_${span}_01`], undefined],
  [['traceparent:'], undefined],
  [['traceparent: '], undefined],
  [[`traceparent: ${long}`], undefined],
  // a version to come is read as far as this one goes
  [[`traceparent: 01-${id}-${span}-01`], id],
  [[`traceparent: cc-${id}-${span}-01-what-is-to-come`], id],
  [[`traceparent: cc-${id}-${span}-01-${long}`], id],
  [[`traceparent: cc-${id}-${span}-01.what`], undefined],
  // B3, one field
  [[`b3: ${id}-${span}`], id],
  [[`b3: ${id}-${span}-1`], id],
  [[`b3: ${id}-${span}-d-${span}`], id],
  [[`b3: ${id.toUpperCase()}-${span.toUpperCase()}-0`], id],
  [['b3: 463ac35c9f6413ad-a2fb4a1d1a96d312-1'], '0000000000000000463ac35c9f6413ad'],
  [['b3: 0'], undefined],
  [['b3: d'], undefined],
  [[`b3: ${id}`], undefined],
  [[`b3: ${id}-${span}-x`], undefined],
  [[`b3: ${id}-${span}-1-${span}0`], undefined],
  [[`b3: ${id}-${span.slice(1)}`], undefined],
  [[`b3: ${id}-${'0'.repeat(16)}`], undefined],
  [[`b3: ${'0'.repeat(16)}-${span}-1`], undefined],
  [[`b3: ${id.slice(2)}-${span}`], undefined],
  [[`b3: ${long}`], undefined],
  [['b3:'], undefined],
  // B3, many fields
  [[`x-b3-traceid: ${id}`, `x-b3-spanid: ${span}`, 'x-b3-sampled: 1'], id],
  [['x-b3-traceid: 463AC35C9F6413AD'], '0000000000000000463ac35c9f6413ad'],
  [[`x-b3-traceid: ${'0'.repeat(16)}`], undefined],
  [[`x-b3-traceid: ${id}0`], undefined],
  [[`x-b3-traceid: ${id.slice(4)}`], undefined],
  [[`x-b3-traceid: ${long}`], undefined],
  [[`x-b3-spanid: ${span}`], undefined],
  // the best that is valid, whichever comes first
  [[`x-b3-traceid: ${other}`, `b3: ${other}-${span}`, `traceparent: 00-${id}-${span}-01`], id],
  [[`traceparent: 00-${id}-${span}-01`, `b3: ${other}-${span}`, `x-b3-traceid: ${other}`], id],
  [[`x-b3-traceid: ${other}`, `b3: ${id}-${span}`], id],
  [[`traceparent: ff-${other}-${span}-01`, 'b3: 0', `x-b3-traceid: ${id}`], id],
  // said twice
  [[`traceparent: 00-${id}-${span}-01`, `traceparent: 00-${id}-${span}-00`], id],
  [[`traceparent: 00-${id}-${span}-01`, `traceparent: 00-${other}-${span}-01`], undefined],
  [
    [...Array(3).fill(`traceparent: 00-${id}-${span}-01`), `traceparent: 00-${other}-${span}-01`],
    undefined,
  ],
  [Array(100).fill(`x-b3-traceid: ${id}`), id],
  // others
  [[`tracestate: 00-${id}-${span}-01`, `traceparents: 00-${id}-${span}-01`], undefined],
  [[`x-b3: ${id}-${span}`, `b33: ${id}-${span}`, `x-trace-id: ${id}`], undefined],
]

const nameOf = (lines: readonly string[]) => lines.join(' | ').slice(0, 120) || 'nothing'

for (const [lines, expected] of heads) {
  test(`HTTP/1, ${nameOf(lines)}: ${expected ?? 'no trace'}`, () => {
    assert.equal(ofHttp(lines), expected)
    const shouted = lines.map(line => line.replace(/^[^:]*/, name => name.toUpperCase()))
    assert.equal(ofHttp(shouted), expected, 'names in capital letters')
    assert.equal(ofHttp(lines, 1), expected, 'byte by byte')
  })

  test(`HTTP/2, ${nameOf(lines)}: ${expected ?? 'no trace'}`, () => {
    for (const isCoded of [false, true]) assert.equal(ofHttp2(lines, isCoded), expected)
  })
}

test('a head names its own trace, not that of the one before, and an answer names none', () => {
  const traced = `GET /a HTTP/1.1\r\ntraceparent: 00-${id}-${span}-01\r\n\r\n`
  const untraced = 'GET /b HTTP/1.1\r\nHost: b\r\n\r\n'
  const answer = `HTTP/1.1 200 OK\r\nContent-Length: 0\r\ntraceparent: 00-${other}-${span}-01\r\n\r\n`
  const { transactions } = hear(talkOf(traced + untraced, answer + answer), protocols)
  assert.deepEqual(
    transactions.map(({ traceId }) => traceId),
    [id, undefined],
  )
})

test('a trace in what follows a chunked body is none', () => {
  const chunked =
    'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n' +
    `traceparent: 00-${id}-${span}-01\r\n\r\n`
  const { transactions } = hear(talkOf(chunked, 'HTTP/1.1 204 No\r\n\r\n'), protocols)
  assert.deepEqual(
    transactions.map(({ traceId }) => traceId),
    [undefined],
  )
})

test('what was added to the table names its trace again; whoever came later knows a traceparent by its looks', () => {
  const fields = requestFields()
  const said = literal('traceparent', `00-${id}-${span}-01`, true, true)
  assert.equal(traceOf(fields, said), id)
  assert.equal(traceOf(fields, Buffer.from('be', 'hex')), id)
  for (const isCoded of [false, true]) {
    const value = stringOf(`00-${other}-${span}-01`, isCoded)
    const late = Buffer.concat([Buffer.from('7f05', 'hex'), value])
    assert.equal(traceOf(requestFields(), late), other)
    const text = stringOf(`what-looks-otherwise-and-is-as-long-as-a-traceparent-is`, isCoded)
    assert.equal(
      traceOf(requestFields(), Buffer.concat([Buffer.from('7f05', 'hex'), text])),
      undefined,
    )
  }
})

test('what a server says names no trace', () => {
  const fields = new Fields(false, { raw: false, interners: new Interners() })
  assert.equal(traceOf(fields, literal('traceparent', `00-${id}-${span}-01`, false)), undefined)
})

/** The trace of a request with these lines in its head, said in pieces of so many bytes. */
function ofHttp(lines: readonly string[], pieceBytes = 100_000): string | undefined {
  const head = ['GET /cart HTTP/1.1', 'Host: a', ...lines, 'Accept: */*', '', ''].join('\r\n')
  const talk = talkOf(head, 'HTTP/1.1 204 No Content\r\n\r\n', pieceBytes)
  const { transactions } = hear(talk, protocols)
  assert.equal(transactions.length, 1)
  return transactions[0].traceId
}

function talkOf(request: string, response: string, pieceBytes = 100_000): Talk {
  const cut = (side: 0 | 1, text: string) => {
    const bytes = new Uint8Array(Buffer.from(text, 'latin1'))
    const count = Math.ceil(bytes.length / pieceBytes)
    return Array.from({ length: count }, (_, i) => ({
      side,
      bytes: bytes.subarray(i * pieceBytes, (i + 1) * pieceBytes),
      lostBytes: 0,
      timeUs: side * 1000,
    }))
  }
  const pieces = [...cut(0, request), ...cut(1, response)]
  return { transport: 'tcp', raw: false, midstream: false, pieces }
}

const requestFields = () => new Fields(true, { raw: false, interners: new Interners() })

function ofHttp2(lines: readonly string[], isCoded: boolean): string | undefined {
  const fields = lines.map(line => {
    const colon = line.indexOf(':')
    return literal(line.slice(0, colon), line.slice(colon + 1).trim(), isCoded)
  })
  return traceOf(requestFields(), Buffer.concat([Buffer.from('828684', 'hex'), ...fields]))
}

function traceOf(fields: Fields, block: Uint8Array): string | undefined {
  assert.ok(fields.read(block, 0, block.length))
  return fields.trace.id
}

/** A field whose name is spelled out (RFC 7541, 6.2); `isAdded`: to the table. */
function literal(name: string, value: string, isCoded: boolean, isAdded = false): Buffer {
  const first = Uint8Array.of(isAdded ? 0x40 : 0)
  return Buffer.concat([first, stringOf(name, isCoded), stringOf(value, isCoded)])
}

/** RFC 7541, 5.2. */
function stringOf(text: string, isCoded: boolean): Buffer {
  const bytes = isCoded ? encodeHuffman(text) : Buffer.from(text)
  const flag = isCoded ? 0x80 : 0
  if (bytes.length < 127) return Buffer.concat([Uint8Array.of(flag | bytes.length), bytes])
  const length: number[] = [flag | 127]
  let rest = bytes.length - 127
  for (; rest >= 128; rest = rest >> 7) length.push((rest & 127) | 128)
  return Buffer.concat([Uint8Array.from([...length, rest]), bytes])
}
