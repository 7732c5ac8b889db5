/**
 * What clients of NATS do for nats.sh: `nats.mjs PART CERTIFICATE`. Prints what they asked and were answered, as truth:
 * see test/recordings.test.ts. An inbox is `*`: its name is the client's own affair.
 */
import { createRequire } from 'node:module'
import { createConnection } from 'node:net'
import { argv, env } from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'

const {
  connect: open,
  createInbox,
  Empty,
  headers,
  StringCodec,
} = createRequire(`${env.INKLING_CLIENTS}/`)('nats')
const [part, certificate] = argv.slice(2)
const text = StringCodec()

function tell(method, resource = '', status = '-', outcome = 'ok') {
  console.log(['nats', method, resource, status, outcome].join('\t'))
}

/** Connecting takes a CONNECT and a PING. */
async function connect(servers, options = {}) {
  const client = await open({ servers, reconnect: false, ...options })
  tell('CONNECT', '', 'OK')
  tell('PING', '', 'OK')
  return client
}

async function flush(...clients) {
  for (const client of clients) {
    await client.flush()
    tell('PING', '', 'OK')
  }
}

function subscribe(client, subject, options = {}) {
  tell('SUB', subject.startsWith('_INBOX') ? '*' : subject)
  return client.subscribe(subject, options)
}

/** A service that answers each message with what `answer` gives for it. */
function serve(client, subject, answer) {
  subscribe(client, subject, {
    queue: 'workers',
    callback: (_, message) => {
      tell(message.headers ? 'HMSG' : 'MSG', message.subject)
      const { payload = Empty, headers } = answer(message) ?? {}
      message.respond(payload, { headers })
      tell(headers ? 'HPUB' : 'PUB', '*')
    },
  })
}

const parts = { requests, queues, jetstream, faults, typed, tls, servers }

async function requests() {
  const service = await connect('[::1]:4222')
  const client = await connect('127.0.0.1:4222')
  serve(service, 'echo.*', message => ({ payload: message.data }))
  const failure = headers()
  failure.set('Nats-Service-Error-Code', '500')
  failure.set('Nats-Service-Error', 'out of order')
  serve(service, 'broken', () => ({ headers: failure }))
  const good = headers()
  good.set('Color', 'green')
  serve(service, 'colored', () => ({ payload: text.encode('x'), headers: good }))
  subscribe(service, 'silent', { callback: (_, { subject }) => tell('MSG', subject) })
  await flush(service)

  tell('SUB', '*')
  const payload = text.encode('hello')
  for (const subject of ['echo.a', 'echo.b']) {
    const answer = await client.request(subject, payload)
    if (text.decode(answer.data) !== 'hello') throw new Error('no echo')
    tell('PUB', subject, 'OK')
  }
  // many at once
  const subjects = Array.from({ length: 20 }, (_, i) => `echo.${i}`)
  await Promise.all(subjects.map(subject => client.request(subject, payload)))
  for (const subject of subjects) tell('PUB', subject, 'OK')
  const large = await client.request('echo.large', new Uint8Array(6000))
  if (large.data.length !== 6000) throw new Error('no large echo')
  tell('PUB', 'echo.large', 'OK')
  const asked = headers()
  asked.set('Wish', 'green')
  await client.request('colored', payload, { headers: asked, timeout: 1000 })
  tell('HPUB', 'colored', 'OK')
  const broken = await client.request('broken')
  tell('PUB', 'broken', broken.headers.get('Nats-Service-Error-Code'), 'error')
  const nobody = await client.request('nobody').catch(error => error)
  tell('PUB', 'nobody', `${nobody.code} No Responders`, 'error')
  const silent = await client.request('silent', Empty, { timeout: 200 }).catch(error => error)
  if (silent.code !== 'TIMEOUT') throw silent
  tell('PUB', 'silent', '-', 'error')
  // an inbox for one request alone
  tell('SUB', '*')
  tell('UNSUB', '*')
  await client.request('echo.alone', payload, { noMux: true, timeout: 1000 })
  tell('PUB', 'echo.alone', 'OK')
  await client.close()
  await service.close()
}

async function queues() {
  const workers = [await connect('127.0.0.1:4222'), await connect('127.0.0.1:4222')]
  const client = await connect('127.0.0.1:4222')
  let heard = 0
  for (const worker of workers) {
    const callback = (_, { subject, headers }) => {
      heard++
      tell(headers ? 'HMSG' : 'MSG', subject)
    }
    subscribe(worker, 'jobs.>', { queue: 'workers', callback })
    subscribe(worker, 'news', { callback })
  }
  await flush(...workers)
  const urgent = headers()
  urgent.set('Priority', '1')
  for (let i = 0; i < 10; i++) {
    client.publish(`jobs.${i}`, text.encode(`job ${i}`))
    tell('PUB', `jobs.${i}`)
  }
  client.publish('jobs.urgent', text.encode('now'), { headers: urgent })
  tell('HPUB', 'jobs.urgent')
  client.publish('news', new Uint8Array(3000))
  tell('PUB', 'news')
  client.publish('unheard')
  tell('PUB', 'unheard')
  // for somebody else to answer
  client.publish('news', Empty, { reply: 'letters.to.me' })
  tell('PUB', 'news')
  await flush(client)
  while (heard < 15) await sleep(10)
  const left = subscribe(client, 'left')
  left.unsubscribe()
  tell('UNSUB', '*')
  await flush(client)
  for (const one of [client, ...workers]) await one.close()
}

async function jetstream() {
  const client = await connect('127.0.0.1:4222')
  tell('SUB', '*')
  const ask = async (subject, value = '') => {
    const answer = await client.request(subject, text.encode(value && JSON.stringify(value)))
    tell('PUB', subject, 'OK')
    return JSON.parse(text.decode(answer.data))
  }
  await ask('$JS.API.INFO')
  const stream = { name: 'ORDERS', subjects: ['orders.*'], storage: 'memory', retention: 'limits' }
  await ask('$JS.API.STREAM.CREATE.ORDERS', {
    ...stream,
    max_consumers: -1,
    max_msgs: -1,
    max_bytes: -1,
  })
  // the error is in the answer's text, which is not read
  const missing = await ask('$JS.API.STREAM.INFO.NOWHERE')
  if (missing.error.code !== 404) throw new Error('it is there')
  const consumer = { durable_name: 'worker', ack_policy: 'explicit', deliver_policy: 'all' }
  await ask('$JS.API.CONSUMER.DURABLE.CREATE.ORDERS.worker', {
    stream_name: 'ORDERS',
    config: consumer,
  })
  for (const subject of ['orders.book', 'orders.pen']) await ask(subject, { count: 1 })

  const inbox = createInbox()
  const heard = subscribe(client, inbox)
  const next = '$JS.API.CONSUMER.MSG.NEXT.ORDERS.worker'
  client.publish(next, text.encode('{"batch":2}'), { reply: inbox })
  tell('PUB', next)
  let count = 0
  for await (const message of heard) {
    if (message.headers?.code) {
      tell('HMSG', '*', `${message.headers.code} ${message.headers.description}`)
      break
    }
    tell('MSG', message.subject)
    message.respond(text.encode('+ACK'))
    tell('PUB', '*')
    if (++count < 2) continue
    client.publish(next, text.encode('{"batch":1,"no_wait":true}'), { reply: inbox })
    tell('PUB', next)
  }
  tell('UNSUB', '*')
  await ask('$JS.API.STREAM.DELETE.ORDERS')
  await client.close()
}

async function faults() {
  const ann = { user: 'ann', pass: 'secret' }
  const refused = await open({ servers: '127.0.0.1:4223', user: 'ann', pass: 'wrong' }).catch(
    e => e,
  )
  if (refused.code !== 'AUTHORIZATION_VIOLATION') throw refused
  tell('CONNECT', '', 'Authorization Violation', 'warning')
  tell('PING', '', 'Authorization Violation', 'warning')

  const client = await connect('127.0.0.1:4223', ann)
  client.publish('private.letter', text.encode('x'))
  tell('PUB', 'private.letter')
  tell('-ERR', 'private.letter', 'Permissions Violation', 'warning')
  subscribe(client, 'hidden.>', { callback: () => {} })
  tell('-ERR', 'hidden.>', 'Permissions Violation', 'warning')
  await flush(client)
  await client.close()
}

/** Lines as a person types them: what comes back is all there is. */
async function typed() {
  const talk = async (port, steps) => {
    const socket = createConnection(port, '127.0.0.1')
    let got = ''
    socket.setEncoding('latin1').on('data', data => {
      got += data
    })
    const until = async wanted => {
      while (!got.includes(wanted)) await sleep(5)
      got = got.slice(got.indexOf(wanted) + wanted.length)
    }
    await until('INFO')
    for (const [line, answer] of steps) {
      socket.write(line)
      await until(answer)
    }
    socket.destroy()
  }
  await talk(4222, [
    ['CONNECT {"verbose":true,"headers":true}\r\n', '+OK\r\n'],
    ['sub  news\t7\r\n', '+OK\r\n'],
    ['PUB news 5\r\nhello\r\n', 'MSG news 7 5\r\nhello\r\n'],
    ['PUB quiet 3\r\na\r\n\r\nPING\r\n', 'PONG\r\n'],
    ['HPUB news 12 14\r\nNATS/1.0\r\n\r\nhi\r\n', 'HMSG news 7 12 14\r\nNATS/1.0\r\n\r\nhi\r\n'],
    ['UNSUB 7 3\r\n', '+OK\r\n'],
    ['PUB news.more 0\r\n\r\n', '+OK\r\n'],
    // the server asks, too
    ['', 'PING\r\n'],
    ['PONG\r\n', ''],
    ['NONSENSE\r\n', "-ERR 'Unknown Protocol Operation'\r\n"],
  ])
  tell('CONNECT', '', 'OK')
  tell('SUB', 'news', 'OK')
  tell('PUB', 'news', 'OK')
  tell('MSG', 'news')
  tell('PUB', 'quiet', 'OK')
  tell('PING', '', 'OK')
  tell('HPUB', 'news', 'OK')
  tell('HMSG', 'news')
  tell('UNSUB', '*', 'OK')
  tell('PUB', 'news.more', 'OK')
  tell('PING', '', 'OK')
  tell('-ERR', '', 'Unknown Protocol Operation', 'warning')
  // who does not say is answered
  await talk(4222, [
    ['CONNECT {}\r\n', '+OK\r\n'],
    ['PUB huge 100000\r\n', "-ERR 'Maximum Payload Violation'\r\n"],
  ])
  tell('CONNECT', '', 'OK')
  tell('-ERR', '', 'Maximum Payload Violation', 'warning')
  await talk(4223, [['PUB early 2\r\nhi\r\n', "-ERR 'Authorization Violation'\r\n"]])
  tell('PUB', 'early')
  tell('-ERR', '', 'Authorization Violation', 'warning')
}

/** Nothing of what is said on the encrypted connection is to be told. */
async function tls() {
  const hidden = await open({ servers: 'localhost:4224', tls: { caFile: certificate } })
  hidden.publish('hidden', text.encode('hidden'))
  await hidden.flush()
  const client = await connect('127.0.0.1:4222')
  client.publish('plain')
  tell('PUB', 'plain')
  await flush(client)
  await client.close()
  await hidden.close()
}

async function servers() {
  const [left, right, leaf] = await Promise.all(
    [4225, 4226, 4227].map(port => open({ servers: `127.0.0.1:${port}` })),
  )
  right.subscribe('routed.*', { callback: (_, message) => message.respond(text.encode('right')) })
  leaf.subscribe('leafed.*', { callback: (_, message) => message.respond(text.encode('leaf')) })
  await Promise.all([right.flush(), leaf.flush()])
  await sleep(500)
  for (const subject of ['routed.a', 'leafed.a']) await left.request(subject, text.encode('x'))
  await leaf.request('routed.b', text.encode('x'))
  for (const one of [left, right, leaf]) await one.close()
}

console.log('# clients of NATS (nats.js 2.29.3): what they asked, what they were answered')
await parts[part]()
