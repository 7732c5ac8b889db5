import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientSide, serverSide } from '#model/side.ts'
import { formatTransaction, hear, parseTalk } from '../talk.ts'
import { outcomeOf, statusOf } from './codes.ts'
import { amqp } from './index.ts'

const heard = (text: string) => hear(parseTalk(text), [amqp])
const lines = (text: string) => heard(text).transactions.map(formatTransaction)

test('joined in midstream, what was named before is shown as unknown', () => {
  const talk = `midstream
> x'01000100 00000d 003c0050 0000000000000006 00 ce'
< x'030001 00000011' "rest of something" x'ce'
< x'010001 0000001e 003c003c 06' "worker" x'0000000000000007 00 04' "logs" x'04' "info" x'ce'
  x'020001 0000000e 003c0000 0000000000000005 0000 ce' x'030001 00000005' "hello" x'ce'
> x'010001 0000000d 003c0050 0000000000000007 00 ce'
< x'010001 0000000d 003c0050 000000000000005a 00 ce'
< x'010001 0000000c 003c001e 06' "worker" x'01 ce'
> x'010001 00000013 00320014 0000 00 04' "logs" x'01' "#" x'00 00000000 ce'
< x'010001 00000004 00320015 ce'
`
  assert.deepEqual(lines(talk), [
    "amqp basic.ack '' - ok 21>0 bytes unanswered",
    'amqp basic.deliver logs/info - ok 73>0 bytes unanswered',
    "amqp basic.ack '' - ok 21>0 bytes unanswered",
    'amqp basic.cancel <consumed queue> - warning 20>0 bytes unanswered',
    'amqp queue.bind <last queue> OK ok 27>12 bytes 1000us',
  ])
})

test('what is called AMQP but is not 0-9-1 or older stays unknown', () => {
  for (const version of ['00010000', '03010000', '02010000', '0101000a', '41414141']) {
    const { flow } = heard(`> "AMQP" x'${version}'\n< "AMQP" x'${version}'\n> x'0000001a02000000'`)
    assert.equal(flow.protocol, undefined, version)
  }
})

test('names made for one connection are shown when raw', () => {
  const declare = `> "AMQP" x'00000901'
> x'010001 0000000c 0032000a 0000 00 00 00000000 ce'
< x'010001 0000001a 0032000b 0d' "amq.gen-7f3aQ" x'00000000 00000000 ce'
`
  assert.deepEqual(lines(declare), ['amqp queue.declare amq.gen-? OK ok 20>34 bytes 1000us'])
  assert.deepEqual(lines(`raw\n${declare}`), [
    'amqp queue.declare amq.gen-7f3aQ OK ok 20>34 bytes 1000us',
  ])
})

test('a fault is told by who says it, and by what', () => {
  assert.equal(outcomeOf(404, serverSide), 'warning')
  assert.equal(outcomeOf(541, serverSide), 'error')
  assert.equal(outcomeOf(320, serverSide), 'error')
  assert.equal(outcomeOf(501, clientSide), 'error')
  assert.equal(outcomeOf(541, clientSide), 'warning')
  assert.equal(outcomeOf(0, clientSide), 'ok')
  assert.equal(statusOf(504), '504 CHANNEL_ERROR')
  assert.equal(statusOf(599), '599')
})

test('confirmations of publishes that never were cost nothing', () => {
  const acks = "x'010001 0000000d 003c0050 ffffffffffffffff 01 ce'\n".repeat(2000)
  const talk = `> "AMQP" x'00000901' x'010001 00000005 0055000a 01 ce'
  x'010001 0000000b 003c0028 0000 01' "x" x'01' "y" x'00 ce' x'020001 0000000e 003c0000 0000000000000000 0000 ce'
< ${acks}`
  assert.deepEqual(lines(talk), [
    "amqp confirm.select '' - ok 13>0 bytes unanswered",
    'amqp basic.publish x/y ACK ok 41>21 bytes 1000us',
  ])
})
