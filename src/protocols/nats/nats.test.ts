import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Interners } from '#lib/intern.ts'
import { clientSide, type Side, serverSide } from '#model/side.ts'
import type { Transaction } from '#model/transaction.ts'
import { formatTransaction, hear, parseTalk } from '../talk.ts'
import { readError } from './errors.ts'
import { nats } from './index.ts'
import { readStatus } from './status.ts'
import { Subjects } from './subjects.ts'
import { Subscriptions } from './subscriptions.ts'

const heard = (text: string) => hear(parseTalk(text), [nats])
const lines = (text: string) => heard(text).transactions.map(formatTransaction)

/** A decoder that is told what each side says, second by second. */
function listen() {
  const told: Transaction[] = []
  const options = { raw: false, interners: new Interners() }
  const decoder = nats.open(transaction => told.push(transaction), options, 'tcp')
  const say = (side: Side, text: string, second: number) => {
    const bytes = Buffer.from(text)
    decoder.read(side, bytes, 0, bytes.length, second * 1e6)
  }
  return { told, say, decoder }
}

test('joined in midstream, a request is told with its reply, and a reply without its request is not', () => {
  const talk = `midstream
< "MSG _INBOX.me.1 4 1\\r\\nx\\r\\n"
> "PUB svc.a _INBOX.me.2 1\\r\\nx\\r\\n"
> "PUB svc.b replies.2 1\\r\\nx\\r\\n"
< "MSG _INBOX.me.2 4 1\\r\\nx\\r\\n"
`
  assert.deepEqual(lines(talk), [
    'nats PUB svc.b - ok 26>0 bytes unanswered',
    'nats PUB svc.a OK ok 28>24 bytes 2000us',
  ])
})

test('a request that nobody answered is told after a while, not when the connection ends', () => {
  const { told, say, decoder } = listen()
  say(clientSide, 'CONNECT {"verbose":false}\r\nSUB _INBOX.me.* 1\r\n', 0)
  say(clientSide, 'PUB svc.a _INBOX.me.1 1\r\nx\r\n', 1)
  say(clientSide, 'PUB svc.b _INBOX.me.2 1\r\nx\r\n', 50)
  say(clientSide, 'PUB svc.c _INBOX.me.3 1\r\nx\r\n', 62)
  const words = ({ method, resource, outcome }: Transaction) => `${method} ${resource} ${outcome}`
  assert.deepEqual(told.map(words), ['SUB _INBOX.? ok', 'PUB svc.a error'])
  say(serverSide, 'MSG _INBOX.me.2 1 1\r\nx\r\n', 63)
  assert.equal(words(told[told.length - 1]), 'PUB svc.b ok')
  assert.ok(decoder.heldBytes! > 0)
})

test('requests and subscriptions without end take memory within bounds', () => {
  const { told, say, decoder } = listen()
  say(clientSide, 'CONNECT {"verbose":false}\r\nSUB _INBOX.me.* 1\r\n', 0)
  for (let i = 0; i < 20000; i++) {
    say(clientSide, `SUB a.${i} ${i}\r\nPUB svc _INBOX.me.${i} 0\r\n\r\n`, 1)
  }
  assert.ok(decoder.heldBytes! < 8e6, String(decoder.heldBytes))
  decoder.close(2e6)
  assert.equal(told.filter(({ method }) => method === 'PUB').length, 20000)
})

test('subjects as long as a line are not kept, and cost little', () => {
  const { told, say, decoder } = listen()
  const dots = '.'.repeat(30_000)
  say(clientSide, 'CONNECT {"verbose":false}\r\nSUB > 1\r\n', 0)
  const startMs = performance.now()
  for (let i = 0; i < 1000; i++) {
    say(clientSide, `SUB ${i}${dots} ${i}\r\nPUB a ${i}${dots} 0\r\n\r\n`, 1)
  }
  assert.ok(decoder.heldBytes! < 300_000, String(decoder.heldBytes))
  assert.equal(
    told.filter(({ method, outcome }) => method === 'PUB' && outcome === 'ok').length,
    1000,
  )
  say(serverSide, `-ERR '${' '.repeat(30_000)}x'\r\n`, 2)
  assert.ok(performance.now() - startMs < 5000)
})

test('who listens to a reply', () => {
  const subscriptions = new Subscriptions()
  assert.ok(subscriptions.hears('_INBOX.a.1'))
  assert.ok(!subscriptions.hears('a.1'))
  subscriptions.complete = true
  assert.ok(!subscriptions.hears('_INBOX.a.1'))
  for (const filter of ['_INBOX.a.*', 'exact', 'one.*', 'deep.>']) subscriptions.add(filter)
  for (const subject of ['_INBOX.a.1', 'exact', 'one.a', 'deep.a', 'deep.a.b.c']) {
    assert.ok(subscriptions.hears(subject), subject)
  }
  for (const subject of ['_INBOX.a.1.2', '_INBOX.b.1', 'one', 'one.a.b', 'deep', 'other', '']) {
    assert.ok(!subscriptions.hears(subject), subject)
  }
  subscriptions.add('>')
  assert.ok(subscriptions.hears('other'))
})

test('what was made for one client or request is left out of subjects', () => {
  const subjects = new Subjects({ raw: false, interners: new Interners() })
  const shown = (text: string) => subjects.text(Buffer.from(text), 0, text.length)
  for (const [subject, wanted] of [
    ['_INBOX.dR7nhYWqTTzqicG1BcZrM6.oVkiuwjU', '_INBOX.?'],
    ['_INBOX_ann.dR7nhYWqTTzqicG1BcZrM6', '_INBOX_ann.?'],
    ['_INBOX', '_INBOX'],
    ['$JS.ACK.ORDERS.worker.1.2.3.4.5', '$JS.ACK.ORDERS.worker.?'],
    ['$JS.ACK.hub.hash.ORDERS.worker.1.2.3.4.5.x', '$JS.ACK.ORDERS.worker.?'],
    ['$JS.API.CONSUMER.CREATE.S.b1Bfbk4sW6kwLDp0SqJ4XO.f', '$JS.API.CONSUMER.CREATE.S.?.f'],
    ['cart.3f2504e0-4f89-11d3-9a0c-0305e82c3301', 'cart.?'],
    ['antidisestablishmentarianism.internationalization', ''],
    ['orders.2024.*.>', ''],
  ]) {
    assert.equal(shown(subject), wanted || subject)
    assert.equal(subjects.shown(subject), wanted || subject)
  }
  const raw = new Subjects({ raw: true, interners: new Interners() })
  assert.equal(raw.shown('_INBOX.a.b'), '_INBOX.a.b')
})

test('statuses of headers', () => {
  const read = (text: string) => readStatus(Buffer.from(text), 0, text.length)?.text
  assert.equal(read('NATS/1.0\r\nStatus: 500\r\n\r\n'), undefined)
  assert.equal(read('NATS/1.0 503\r\n\r\n'), '503 No Responders')
  assert.equal(
    read('NATS/1.0 409 Message Size Exceeds MaxBytes\r\n\r\n'),
    '409 Message Size Exceeds MaxBytes',
  )
  assert.equal(read('NATS/1.0 409 $ecret\r\n\r\n'), '409')
  assert.equal(read('NATS/1.0\r\nNats-Service-Error-Code: 404\r\n\r\n'), '404')
})

test('errors', () => {
  assert.deepEqual(readError(`'Permissions Violation for Publish to "a.b" using queue "q"'`), {
    status: 'Permissions Violation',
    outcome: 'warning',
    fatal: false,
    subject: 'a.b',
  })
  assert.equal(
    readError("'Attempted To Connect To Route Port'").status,
    'Attempted To Connect To Route Port',
  )
  assert.equal(readError("'maximum connections exceeded'").outcome, 'error')
  assert.equal(readError('').status, 'ERR')
})

test('lines of others are not taken for NATS', () => {
  for (const talk of [
    '> "CONNECT example.org:443 HTTP/1.1\\r\\n\\r\\n"',
    '> "INFO\\r\\n"\n< "$3\\r\\nabc\\r\\n"',
    '> "PING\\r\\n"\n< "+PONG\\r\\n"',
    '> "SUB news archive\\n"\n< x\'00000006 00000000\' "OK"',
    '> "PUB news\\n" x\'00000002\' "hi"',
    '< "+OK POP3 ready\\r\\n"\n> "STAT\\r\\n"',
    '> "CONNECT\\naccept-version:1.2\\n\\n" x\'00\'\n< "CONNECTED\\nversion:1.2\\n\\n" x\'00\'',
  ]) {
    assert.equal(heard(talk).flow.protocol, undefined, talk)
    assert.equal(heard(`midstream\n${talk}`).flow.protocol, undefined, talk)
  }
})
