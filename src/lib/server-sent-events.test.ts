import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ServerSentEvent, ServerSentEvents } from './server-sent-events.ts'

const stream = Buffer.from(
  'event: event_stream_attached\r\ndata: {"a":"ü"}\r\n\r\n' +
    '\r\n\r\n' + // two heartbeats
    ': a comment\r\nid: 7\r\nevent:status_update_event\r\ndata:{"b":1}\r\n\r\n' +
    'data: one\ndata: two\n\n' +
    'event: nothing\r\n\r\n' +
    'data: lone\r\r' +
    'data\r\n\r\n',
)

const expected = ['event_stream_attached {"a":"ü"}', 'status_update_event {"b":1}']
const all = [...expected, 'message one\ntwo', 'message lone', 'message ']

const said = ({ type, data }: ServerSentEvent) => `${type} ${data}`

test('a stream is the same events wherever it is cut', () => {
  for (let cut = 0; cut <= stream.length; cut++) {
    const reader = new ServerSentEvents()
    const events = [...reader.read(stream.subarray(0, cut)), ...reader.read(stream.subarray(cut))]
    assert.deepEqual(events.map(said), all, `cut at ${cut}`)
  }
  const reader = new ServerSentEvents()
  const single = [...stream].flatMap(byte => reader.read(Buffer.from([byte])))
  assert.deepEqual(single.map(said), all)
})

test('an event is told when its empty line comes, not with the next byte', () => {
  const reader = new ServerSentEvents()
  assert.equal(reader.read(Buffer.from('data: x\r\n\r')).length, 1)
  assert.equal(reader.read(Buffer.from('\n')).length, 0)
})

test('data without end is let go, the event still counts', () => {
  const reader = new ServerSentEvents()
  const events = reader.read(Buffer.from('event: deployment_info\r\ndata: '))
  const megabyte = Buffer.alloc(1 << 20, 'x')
  for (let i = 0; i < 8; i++) events.push(...reader.read(megabyte))
  events.push(...reader.read(Buffer.from('\r\n\r\ndata: next\n\n')))
  assert.deepEqual(
    events.map(event => `${said(event)} ${event.isCut}`),
    ['deployment_info  true', 'message next false'],
  )
  assert.equal(reader.cut, 1)
})

test('many lines of data are bounded together', () => {
  const reader = new ServerSentEvents()
  for (let i = 0; i < 40; i++) reader.read(Buffer.from(`data: ${'x'.repeat(60_000)}\n`))
  const [event] = reader.read(Buffer.from('\n'))
  assert.deepEqual([event.isCut, event.data], [true, ''])
})
