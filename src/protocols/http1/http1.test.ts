import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shareOptions } from '../conversation.ts'
import { protocols } from '../index.ts'
import { formatTransaction, hear, parseTalk, type Talk } from '../talk.ts'
import { http1 } from './index.ts'

const heard = (talk: Talk) => hear(talk, protocols).transactions.map(formatTransaction)
const lines = (text: string) => heard(parseTalk(text))

/** A talk of two sides as plain text, too long to be written in the notation. */
function talkOf(request: string, response: string): Talk {
  const piece = (side: 0 | 1, text: string) => ({
    side,
    bytes: new Uint8Array(Buffer.from(text, 'latin1')),
    lostBytes: 0,
    timeUs: side * 1000,
  })
  const pieces = [piece(0, request), piece(1, response)]
  return { transport: 'tcp', raw: false, midstream: false, pieces }
}

test('heads up to 64 KB are read, longer ones are not', () => {
  const head = (bytes: number) =>
    `GET / HTTP/1.1\r\nX: ${'x'.repeat(100)}\r\n${`Y: ${'y'.repeat(97)}\r\n`.repeat(bytes / 102)}\r\n`
  const ok = 'HTTP/1.1 204 No Content\r\n\r\n'
  assert.equal(heard(talkOf(head(60_000), ok)).length, 1)
  assert.equal(heard(talkOf(head(70_000), ok)).length, 0)
})

test('a body as large as it says is passed over, however large', () => {
  const talk = parseTalk(
    '> "GET /film HTTP/1.1\\r\\n\\r\\n"\n< "HTTP/1.1 200 OK\\r\\nContent-Length: 9007199254740000\\r\\n\\r\\n"\n' +
      '< lost 9007199254739999\n< "x"\n> "GET /next HTTP/1.1\\r\\n\\r\\n"\n< "HTTP/1.1 204 No\\r\\n\\r\\n"',
  )
  assert.deepEqual(
    heard(talk).map(line => line.split(' ')[2]),
    ['/film', '/next'],
  )
})

test('lengths that contradict each other end a response with the connection', () => {
  const ok = '< "HTTP/1.1 200 OK\\r\\nContent-Length: 1\\r\\nContent-Length: 2\\r\\n\\r\\nab"\n'
  assert.deepEqual(lines(`> "GET / HTTP/1.1\\r\\n\\r\\n"\n${ok}`), [
    'http GET / 200 ok 18>59 bytes 1000us',
  ])
})

test('a transfer coding wins over a length', () => {
  const post =
    '> "POST / HTTP/1.1\\r\\nContent-Length: 5\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n1\\r\\na\\r\\n0\\r\\n\\r\\n"\n'
  const next = '> "GET /b HTTP/1.1\\r\\n\\r\\n"\n'
  assert.deepEqual(
    lines(post + next).map(line => line.split(' ')[2]),
    ['/', '/b'],
  )
})

test('an interim response answers nothing, however many there are', () => {
  const interim = '< "HTTP/1.1 103 Early Hints\\r\\nLink: </a.css>\\r\\n\\r\\n"\n'
  const ok = '< "HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n"\n'
  assert.equal(lines(`> "GET / HTTP/1.1\\r\\n\\r\\n"\n${interim}${interim}${ok}`).length, 1)
})

test('a response that comes before the request is all there answers it', () => {
  const text =
    '> "POST /upload HTTP/1.1\\r\\nContent-Length: 100\\r\\n\\r\\nfirst"\n' +
    '< "HTTP/1.1 413 Too Large\\r\\nContent-Length: 0\\r\\n\\r\\n"\n'
  assert.deepEqual(lines(text), ['http POST /upload 413 warning 51>45 bytes 1000us'])
})

test('a radio answers ICY', () => {
  const text =
    '> "GET /radio HTTP/1.0\\r\\n\\r\\n"\n< "ICY 200 OK\\r\\nicy-name: x\\r\\n\\r\\nmp3"\n'
  assert.deepEqual(lines(text), ['http GET /radio 200 ok 23>30 bytes 1000us'])
})

for (const [upgrade, protocol] of [
  ['Upgrade: websocket', 'websocket'],
  ['UPGRADE:WebSocket', 'websocket'],
  ['upgrade:\r\n\twebsocket', 'websocket'],
  ['Upgrade: TLS/1.0, h2c', 'http2'],
  ['Upgrade: TLS/1.0', undefined],
  ['X-Upgrade: h2c', undefined],
  ['Server: Upgrade: h2c', undefined],
] as const) {
  test(`after 101 with ${JSON.stringify(upgrade)} follows ${protocol}`, () => {
    const heard = { restStart: 0, protocol: '', method: '', resource: '' }
    const decoder = http1.open(() => {}, shareOptions({ raw: false, fault: assert.fail }), 'tcp')
    const said = (side: 0 | 1, text: string) =>
      decoder.read(side, Buffer.from(text, 'latin1'), 0, text.length, 0)
    said(0, 'GET /chat?token=secret HTTP/1.1\r\nUpgrade: websocket, h2c\r\n\r\n')
    assert.equal(decoder.handover, undefined)
    const response = `HTTP/1.1 101 Switching\r\nContent-Length: 9\r\n${upgrade}\r\nX: y\r\n\r\n`
    said(1, `${response}rest`)
    Object.assign(heard, decoder.handover)
    const asked = { method: 'GET', resource: '/chat?token=?' }
    assert.deepEqual(heard, { restStart: response.length, protocol, ...asked })
  })
}
