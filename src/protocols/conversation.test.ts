import assert from 'node:assert/strict'
import { test } from 'node:test'
import { converse, shareOptions } from './conversation.ts'
import { protocols } from './index.ts'
import type { Decoder, Evidence, Protocol } from './protocol.ts'
import { flowOf, formatTransaction, hear, parseTalk } from './talk.ts'

const lines = (text: string, list: readonly Protocol[] = protocols) =>
  hear(parseTalk(text), list).transactions.map(formatTransaction)

const get = '> "GET /a HTTP/1.1\\r\\n\\r\\n"\n'
const ok = '< "HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n"\n'

const swapped = (line: string) => (line[0] === '>' ? '<' : '>') + line.slice(1)

/** A protocol that goes wrong in a chosen way once it has the flow. */
function faulty(decoder: Partial<Decoder>): Protocol {
  return {
    name: 'faulty',
    title: 'Faulty',
    transports: ['tcp'],
    ports: [1],
    detect: () => 'request',
    open: () => ({ read() {}, gap() {}, close() {}, ...decoder }),
  }
}

/** `BEGIN` begins it. */
function begins(bytes: Uint8Array, start: number, end: number): Evidence {
  const text = Buffer.from(bytes.subarray(start, end)).toString('latin1')
  if (text.startsWith('BEGIN')) return 'request'
  return 'BEGIN'.startsWith(text) ? 'maybe' : 'no'
}

test('a decoder that throws is told, and its flow is bytes', () => {
  const thrower = faulty({
    read() {
      throw new Error('our fault')
    },
  })
  const { flow, faults, transactions } = hear(parseTalk(get + ok + get), [thrower])
  assert.deepEqual(faults.map(String), ['Error: our fault'])
  assert.equal(flow.protocol, undefined)
  assert.deepEqual(transactions, [])
})

test('a decoder that is lost loses the flow', () => {
  const { flow } = hear(parseTalk(get + ok), [faulty({ lost: true })])
  assert.equal(flow.protocol, undefined)
})

test('who says what either side may say leaves client and server as they are', () => {
  const talk = parseTalk('midstream\n< "bytes"\n')
  const { flow } = hear(talk, [{ ...faulty({}), detect: () => 'either' }])
  assert.equal(flow.protocol, 'faulty')
  assert.equal(flow.client.port, 40000)
})

const smtp = '< "220 mail\\r\\n"\n> "STARTTLS\\r\\n"\n< "220 go ahead\\r\\n"\n'

test('who may begin late begins where a turn does, whatever was said before', () => {
  const list = [...protocols, { ...faulty({}), name: 'late', mayBeginLate: true, detect: begins }]
  const late = (text: string) => hear(parseTalk(text), list).flow.protocol
  assert.equal(late(`${smtp}> "BEGIN"\n`), 'late')
  assert.equal(late(`${smtp}> "BE"\n> "GIN"\n`), 'late')
  assert.equal(late(`${smtp}> "x"\n> "BEGIN"\n`), undefined)
  assert.equal(late(`${smtp}< "BEGIN"\n`), undefined)
  assert.equal(late(`${smtp.repeat(50)}> "BEGIN"\n`), undefined)
})

test('others do not begin late', () => {
  const list = [...protocols, { ...faulty({}), detect: begins }]
  assert.equal(hear(parseTalk(`${smtp}> "BEGIN"\n`), list).flow.protocol, undefined)
  assert.equal(hear(parseTalk(smtp + get), list).flow.protocol, undefined)
})

test('what a decoder hands over is begun anew, from the byte on that is not its own', () => {
  let once = true
  const upgrade: Protocol = {
    ...faulty({ handover: { restStart: 7 } }),
    detect: () => {
      const answer = once ? 'request' : 'no'
      once = false
      return answer
    },
  }
  const text = `> "UPGRADE" "GET /inner HTTP/1.1\\r\\n\\r\\n"\n${ok}`
  const heard = hear(parseTalk(text), [upgrade, ...protocols])
  assert.equal(heard.flow.protocol, 'http')
  assert.deepEqual(heard.transactions.map(formatTransaction), [
    'http GET /inner 200 ok 23>38 bytes 1000us',
  ])
})

test('what both sides agreed upon is not looked for, and gets what was asked', () => {
  const offered: (string | undefined)[] = []
  const agreed: Protocol = {
    ...faulty({}),
    name: 'agreed',
    detect: () => 'no',
    open(_, { resource }) {
      offered.push(resource)
      return faulty({}).open(() => {}, shareOptions({ raw: false, fault() {} }), 'tcp')
    },
  }
  const upgrade = faulty({ handover: { restStart: 7, protocol: 'agreed', resource: '/chat' } })
  const { flow } = hear(parseTalk('> "UPGRADE" "rest"\n'), [upgrade, agreed])
  assert.equal(flow.protocol, 'agreed')
  assert.deepEqual(offered, ['/chat'])
})

test('a flow takes the name of what its protocol is found to carry', () => {
  const { flow } = hear(parseTalk(get + ok), [faulty({ carries: 'inner' })])
  assert.equal(flow.protocol, 'inner')
})

test('a flow is handed over a few times, not for ever', () => {
  const switching = '"HTTP/1.1 101 x\\r\\n\\r\\n" '.repeat(3000)
  const { faults } = hear(parseTalk(`${get}< ${switching}\n`), protocols)
  assert.deepEqual(faults, [])
})

for (const [version, preface] of Object.entries({
  1: '"PROXY TCP4 10.9.0.1 10.9.0.2 56324 443\\r\\n"',
  2: "x'0d0a0d0a000d0a515549540a 21 11 000c 0a090001 0a090002 dc04 01bb'",
})) {
  test(`what a proxy says of its client (version ${version}) is passed over`, () => {
    assert.deepEqual(lines(`> ${preface} ${get.slice(2)}${ok}`), [
      'http GET /a 200 ok 19>38 bytes 1000us',
    ])
    assert.deepEqual(lines(`> ${preface}\n${get}${ok}`), ['http GET /a 200 ok 19>38 bytes 1000us'])
  })
}

test('what all flows keep together is limited: one that would keep more goes on as bytes', () => {
  const held = { bytes: 0, bytesMax: 100_000, refused: 0 }
  const options = { ...shareOptions({ raw: false, fault: assert.fail }), held }
  const head = Buffer.from(`GET /a HTTP/1.1\r\nCookie: ${'x'.repeat(20_000)}`)
  const flows = Array.from({ length: 20 }, () => {
    const flow = flowOf({ transport: 'tcp', midstream: false }, 80)
    const reader = converse(flow, protocols, () => {}, options)
    reader.read(0, head, 0, head.length, 0)
    return { flow, reader }
  })
  assert.ok(held.bytes <= 100_000)
  assert.ok(held.refused > 0)
  assert.equal(flows[0].flow.protocol, 'http')
  assert.equal(flows[19].flow.protocol, undefined)
  for (const { reader } of flows) reader.close('ended', 0)
  assert.equal(held.bytes, 0)
})

test('of a flow that was put out for want of room, what waits is not told', () => {
  const told: unknown[] = []
  const flow = flowOf({ transport: 'tcp', midstream: false }, 80)
  const options = shareOptions({ raw: false, fault: assert.fail })
  const reader = converse(flow, protocols, transaction => told.push(transaction), options)
  const bytes = Buffer.from('GET /a HTTP/1.1\r\n\r\n')
  reader.read(0, bytes, 0, bytes.length, 0)
  reader.close('evicted', 1)
  assert.deepEqual(told, [])
})

test('bytes that came before the protocol was known keep their times', () => {
  const text = '> "GE"\n> "T /a HTT"\n> "P/1.1\\r\\n"\n> "\\r\\n"\n'
  assert.deepEqual(lines(text + ok), ['http GET /a 200 ok 19>38 bytes 4000us'])
})

test('client and server are turned where their roles were a guess', () => {
  const turned = `midstream\n${swapped(ok)}${swapped(get)}${swapped(ok)}`
  const { flow, transactions } = hear(parseTalk(turned), protocols, undefined, 80)
  assert.equal(flow.client.port, 80)
  assert.deepEqual(transactions.map(formatTransaction), ['http GET /a 200 ok 19>38 bytes 1000us'])
})

test('where a handshake proved the roles, a server that asks is not believed', () => {
  const { flow } = hear(parseTalk(swapped(get) + swapped(ok)), protocols)
  assert.equal(flow.protocol, undefined)
})

test('a flow joined within a body is recognised at the next request', () => {
  const text = `midstream\n< "rest of a body"\n< "more of it"\n${get}${ok}`
  assert.deepEqual(lines(text), ['http GET /a 200 ok 19>38 bytes 1000us'])
})

test("a flow whose beginning is nobody's stays bytes, whatever follows", () => {
  const { flow } = hear(parseTalk(`> "\\x01\\x02\\x03\\x04\\r\\n"\n${get}${ok}`), protocols)
  assert.equal(flow.protocol, undefined)
})

test('weak evidence of one side needs the other', () => {
  assert.equal(hear(parseTalk('> "PING\\r\\n"\n'), protocols).flow.protocol, undefined)
  assert.equal(
    hear(parseTalk('> "PING\\r\\n"\n< "PONG\\r\\n"\n'), protocols).flow.protocol,
    undefined,
  )
  assert.equal(
    hear(parseTalk('> "PING\\r\\n"\n< "+PONG\\r\\n"\n'), protocols).flow.protocol,
    'redis',
  )
})

for (const [name, text] of Object.entries({
  RTSP: '> "OPTIONS rtsp://cam/1 RTSP/1.0\\r\\nCSeq: 1\\r\\n\\r\\n"\n< "RTSP/1.0 200 OK\\r\\n\\r\\n"\n',
  SIP: '> "OPTIONS sip:a@b SIP/2.0\\r\\n\\r\\n"\n< "SIP/2.0 200 OK\\r\\n\\r\\n"\n',
  POP3: '< "+OK POP3 ready\\r\\n"\n> "USER ann\\r\\n"\n< "+OK\\r\\n"\n> "PASS x\\r\\n"\n< "-ERR no\\r\\n"\n',
  SMTP: '< "220 mail ESMTP\\r\\n"\n> "EHLO a\\r\\n"\n< "250 a\\r\\n"\n',
  beanstalk:
    '> "delete 15\\r\\n"\n< "DELETED\\r\\n"\n> "put 0 0 60 5\\r\\nhello\\r\\n"\n< "INSERTED 16\\r\\n"\n',
  STOMP:
    '> "CONNECT\\naccept-version:1.2\\n\\n\\0"\n< "CONNECTED\\nversion:1.2\\n\\n\\0"\n> "SEND\\n\\nx\\0"\n',
  FTP: '< "220 ready\\r\\n"\n> "USER anonymous\\r\\n"\n< "331 ok\\r\\n"\n',
  IMAP: '< "* OK ready\\r\\n"\n> "a1 CAPABILITY\\r\\n"\n< "* CAPABILITY IMAP4\\r\\n"\n',
  SSH: '< "SSH-2.0-OpenSSH_9\\r\\n"\n> "SSH-2.0-Go\\r\\n"\n',
})) {
  test(`${name} is not taken for a protocol we know`, () => {
    for (const opening of ['', 'midstream\n']) {
      for (const port of [1, ...protocols.flatMap(({ ports }) => ports)]) {
        const { flow } = hear(parseTalk(opening + text), protocols, undefined, port)
        assert.equal(flow.protocol, undefined, `port ${port}`)
      }
    }
  })
}

test("random bytes are nobody's", () => {
  const seed = (Math.random() * 2 ** 31) | 0
  let state = seed
  const random = () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return state >> 16
  }
  for (let round = 0; round < 3000; round++) {
    const pieces = Array.from({ length: 4 }, (_, index) => ({
      side: (random() & 1) as 0 | 1,
      bytes: Uint8Array.from({ length: (random() & 63) + 1 }, random),
      lostBytes: random() % 10 === 0 ? 100 : 0,
      timeUs: index,
    }))
    const talk = { transport: 'tcp' as const, raw: false, midstream: round % 2 === 0, pieces }
    const { flow, faults } = hear(talk, protocols)
    assert.deepEqual(faults, [], `seed ${seed}`)
    assert.equal(flow.protocol, undefined, `seed ${seed}, round ${round}`)
  }
})
