import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Interners } from '#lib/intern.ts'
import type { Transaction } from '#model/transaction.ts'
import { protocols } from '../index.ts'
import { formatTransaction, hear, parseTalk } from '../talk.ts'
import { detect } from './detect.ts'
import { mqtt } from './index.ts'

const usual = 1883
const heard = (text: string, port = usual) => hear(parseTalk(text), protocols, undefined, port)
const lines = (text: string, port?: number) => heard(text, port).transactions.map(formatTransaction)

const evidence = (line: string) => {
  const { bytes } = parseTalk(`> ${line}`).pieces[0]
  return detect(bytes, 0, bytes.length)
}

const connect = `> x'1010 0004' "MQTT" x'04 02 003c 0004' "till"\n< x'2002 00 00'\n`

test('CONNECT proves it, by whatever version, also of a bridge', () => {
  assert.equal(evidence(`x'1010 0004' "MQTT" x'04 02 003c 0004' "till"`), 'request')
  assert.equal(evidence(`x'1010 0004' "MQTT" x'84 02 003c 0004' "till"`), 'request')
  assert.equal(evidence(`x'1012 0006' "MQIsdp" x'03 02 003c 0004' "till"`), 'request')
  assert.equal(evidence(`x'1010 0004' "MQTX" x'04 02 003c 0004' "till"`), 'no')
  assert.equal(evidence(`x'1010 0004' "MQ"`), 'maybe')
})

test('all else is weak, and tells who asks only where one side alone says it', () => {
  assert.equal(evidence(`x'2002 00 00'`), 'weak-response')
  assert.equal(evidence(`x'2002 00 09'`), 'no')
  assert.equal(evidence(`x'c000'`), 'weak-request')
  assert.equal(evidence(`x'd000'`), 'weak-response')
  assert.equal(evidence(`x'3006 0004' "news"`), 'weak-either')
  assert.equal(evidence(`x'3006 0004' "ne+s"`), 'no')
  assert.equal(evidence(`x'3006 0004' "news" x'd000'`), 'weak-response')
  assert.equal(evidence(`x'c000 d000'`), 'no')
  assert.equal(evidence(`x'4002 0000'`), 'no')
})

const joined = (who: string, other: string) => `midstream
${who} x'320a 0004' "news" x'0001' "hi"
${other} x'4002 0001'
${who} x'320a 0004' "news" x'0002' "hi"
${other} x'4002 0002'`

test('messages alone, joined in midstream, are known on the usual port: it says who is the server', () => {
  const published = 'mqtt PUBLISH news Success ok 12>4 bytes 1000us'
  assert.deepEqual(lines(joined('>', '<')), [published, published])
  const delivered = 'mqtt DELIVER news Success ok 12>4 bytes 1000us'
  assert.deepEqual(lines(joined('<', '>')), [delivered, delivered])
})

test('on another port they are not: nobody knows who is the server', () => {
  assert.equal(heard(joined('>', '<'), 4711).flow.protocol, undefined)
  const pinged = `${joined('>', '<')}\n< x'c000'\n> x'd000'\n`
  const { flow, transactions } = heard(pinged, 4711)
  assert.equal(flow.server.port, 40000)
  assert.deepEqual(transactions.map(formatTransaction), [
    'mqtt DELIVER news Success ok 12>4 bytes 1000us',
    'mqtt DELIVER news Success ok 12>4 bytes 1000us',
    "mqtt PINGREQ '' Success ok 2>2 bytes 1000us",
  ])
})

test('passwords, wills and messages stay in the node, raw too', () => {
  const secret = `raw
> x'102a 0004' "MQTT" x'04 c6 003c 0004' "till" x'0004' "will" x'0006' "hidden" x'0003' "ann" x'0006' "hidden"
< x'2002 00 00'
> x'300c 0004' "news" "hidden"
`
  const found = lines(secret).join()
  assert.match(found, /CONNECT till Success.*PUBLISH news/)
  assert.doesNotMatch(found, /hidden|ann/)
})

test('a subscription in midstream tells the version by its form', () => {
  const old = `midstream\n> x'8209 0001 0004' "news" x'01'\n< x'9003 0001 01'\n`
  assert.match(lines(old)[0], /SUBSCRIBE news Granted QoS 1 ok/)
  const later = `midstream\n> x'820c 0001 02 0b05 0004' "news" x'09'\n< x'9004 0001 00 87'\n`
  assert.match(lines(later)[0], /SUBSCRIBE news Not authorized warning/)
})

test('a message as large as there is any is passed over', () => {
  const text = `${connect}> x'32ffffff7f 0004' "news" x'0001' "begin"\n> lost 268435442\n< x'4002 0001'\n> x'c000'\n< x'd000'\n`
  assert.deepEqual(lines(text).slice(1), [
    'mqtt PUBLISH news Success ok 268435460>4 bytes 2000us gap',
    "mqtt PINGREQ '' Success ok 2>2 bytes 1000us",
  ])
})

test('a message that was not said to its end is not told', () => {
  assert.equal(lines(`${connect}> x'300a 0004' "news" "hi"\n`).length, 1)
})

test('aliases beyond the limit are forgotten, not kept', () => {
  const topics: string[] = []
  const interners = new Interners()
  const done = ({ resource }: Transaction) => topics.push(resource)
  const decoder = mqtt.open(done, { raw: false, interners }, 'tcp')
  const say = (text: string) => {
    for (const { side, bytes } of parseTalk(text).pieces)
      decoder.read(side, bytes, 0, bytes.length, 0)
  }
  say(`> x'1011 0004' "MQTT" x'05 02 003c 00 0004' "till"\n< x'2003 00 00 00'`)
  for (let alias = 1; alias < 60000; alias += 7) {
    say(`> x'3009 0001' "a" x'03 23 ${alias.toString(16).padStart(4, '0')}' "xx"`)
  }
  assert.ok(decoder.heldBytes! < 64 * 1024)
  say(`> x'3006 0000 03 23 ea5f'`)
  assert.equal(topics.at(-1), '<alias 59999>')
})
