import assert from 'node:assert/strict'
import { test } from 'node:test'
import { protocols } from '../index.ts'
import { formatTransaction, hear, parseTalk, type Talk } from '../talk.ts'

const lines = (text: string) => heard(parseTalk(text))
const heard = (talk: Talk) => hear(talk, protocols).transactions.map(formatTransaction)

const bulk = (text: string) => `$${Buffer.byteLength(text)}\\r\\n${text}\\r\\n`
const command = (...words: string[]) => `> "*${words.length}\\r\\n${words.map(bulk).join('')}"\n`
const words = (line: string) => line.split(' ').slice(1, 5).join(' ')

for (const [error, expected] of Object.entries({
  'MOVED 3999 127.0.0.1:6381': 'MOVED warning',
  'ASK 3999 127.0.0.1:6381': 'ASK warning',
  'NOAUTH Authentication required.': 'NOAUTH warning',
  'LOADING Redis is loading the dataset in memory': 'LOADING warning',
  'NOSCRIPT No matching script.': 'NOSCRIPT warning',
  "ERR unknown command 'x'": 'ERR error',
  'OOM command not allowed': 'OOM error',
  'CLUSTERDOWN The cluster is down': 'CLUSTERDOWN error',
  'something else': 'ERR error',
})) {
  test(`the error ${error} is ${expected}`, () => {
    assert.deepEqual(lines(`${command('GET', 'k')}< "-${error}\\r\\n"\n`).map(words), [
      `GET k ${expected}`,
    ])
  })
}

for (const raw of [false, true]) {
  test(`passwords and values stay in the node${raw ? ', raw too' : ''}`, () => {
    const text =
      (raw ? 'raw\n' : '') +
      command('AUTH', 'ann', 'hidden') +
      command('AUTH', 'hidden') +
      command('HELLO', '3', 'AUTH', 'ann', 'hidden') +
      command('SET', 'key', 'hidden') +
      command('CONFIG', 'SET', 'requirepass', 'hidden') +
      command('CLIENT', 'SETNAME', 'hidden') +
      '< "+OK\\r\\n+OK\\r\\n+OK\\r\\n+OK\\r\\n+OK\\r\\n+OK\\r\\n"\n'
    assert.equal(lines(text).length, 6)
    assert.doesNotMatch(lines(text).join(), /hidden/)
  })
}

test('scripts and echoed words are replaced unless raw', () => {
  const text = `${command('EVAL', 'return 1', '0')}${command('ECHO', 'word')}< ":1\\r\\n$4\\r\\nword\\r\\n"\n`
  assert.deepEqual(lines(text).map(words), ['EVAL ? OK ok', 'ECHO ? OK ok'])
  assert.deepEqual(
    hear(parseTalk(`raw\n${text}`), protocols).transactions.map(({ resource }) => resource),
    ['return 1', 'word'],
  )
})

test('a long key is cut, the command after it is not missed', () => {
  const key = 'k'.repeat(3000)
  const found = lines(`${command('GET', key)}${command('GET', 'b')}< "$-1\\r\\n$-1\\r\\n"\n`)
  assert.equal(found.length, 2)
  assert.ok(found[0].length < 350)
  assert.match(found[1], /^redis GET b OK/)
})

test('a value as large as Redis takes is passed over', () => {
  const text =
    '> "*3\\r\\n$3\\r\\nSET\\r\\n$1\\r\\nk\\r\\n$500000000\\r\\nbegin"\n> lost 499999995\n> "\\r\\n"\n< "+OK\\r\\n"\n'
  assert.deepEqual(lines(text).map(words), ['SET k OK ok'])
})

test('a replica gets its commands without answering them', () => {
  const text =
    command('REPLCONF', 'capa', 'eof') +
    '< "+OK\\r\\n"\n' +
    command('PSYNC', '?', '-1') +
    '< "+FULLRESYNC 8de1787ba490483314a4d30f1c628bc5025eb761 0\\r\\n"\n' +
    '< "$4\\r\\nRDB!*3\\r\\n$3\\r\\nSET\\r\\n$1\\r\\na\\r\\n$1\\r\\n1\\r\\n"\n' +
    command('REPLCONF', 'ACK', '59')
  assert.deepEqual(lines(text).map(words), ['REPLCONF capa OK ok', 'PSYNC ? OK ok'])
})

test('SYNC is answered by the head of the data, after signs of life', () => {
  const text =
    command('SYNC') +
    '< "\\n\\n"\n< "\\n$59\\r\\nREDIS0010 and so on"\n' +
    command('REPLCONF', 'ACK', '0')
  assert.deepEqual(lines(text).map(words), ["SYNC '' OK ok"])
})

test('the stream of a replica that was joined in midstream is no conversation', () => {
  const stream = '*3\\r\\n$3\\r\\nSET\\r\\n$1\\r\\na\\r\\n$1\\r\\n1\\r\\n'
  const progress = '*3\\r\\n$8\\r\\nREPLCONF\\r\\n$3\\r\\nACK\\r\\n$2\\r\\n59\\r\\n'
  for (const first of [`< "${stream}"\n`, `> "${progress}"\n`]) {
    const talk = parseTalk(`midstream\n${first}${`> "${progress}"\n< "${stream}"\n`.repeat(3)}`)
    assert.deepEqual(heard(talk), [])
  }
})

test('lengths that are none break the reply', () => {
  for (const length of ['!-1', '!?', '!x', '$x', '*-7', '*x']) {
    const text = `${command('GET', 'a')}< "${length}\\r\\n"\n< "+OK\\r\\n"\n`
    assert.deepEqual(hear(parseTalk(text), protocols).faults, [], length)
    assert.deepEqual(lines(text).map(words), ['GET a OK ok'], length)
  }
})

test('RESET ends silence', () => {
  const text = `${command('CLIENT', 'REPLY', 'OFF')}${command('RESET')}${command('GET', 'a')}< "+RESET\\r\\n$-1\\r\\n"\n`
  assert.deepEqual(lines(text).map(words), ['CLIENT REPLY - ok', "RESET '' OK ok", 'GET a OK ok'])
})

test('words of a line may be quoted', () => {
  assert.deepEqual(
    lines('> "GET \\"a b\\" c\\r\\n"\n< "$-1\\r\\n"\n').map(l => l.slice(0, 20)),
    ['redis GET a b OK ok '],
  )
})

test('a reply in midstream is not a command, whatever words it holds', () => {
  const text =
    'midstream\n< "*2\\r\\n$3\\r\\nfoo\\r\\n$3\\r\\nbar\\r\\n"\n' +
    command('GET', 'a') +
    '< "$-1\\r\\n"\n'
  const { flow, transactions } = hear(parseTalk(text), protocols, undefined, 6379)
  assert.equal(flow.server.port, 6379)
  assert.deepEqual(transactions.map(formatTransaction).map(words), ['GET a OK ok'])
})

test('aggregates that nest without an end are bounded', () => {
  const deep = '*1\\r\\n'.repeat(5000)
  const open = '*?\\r\\n'.repeat(5000)
  for (const reply of [deep, open]) {
    const { faults } = hear(parseTalk(`${command('GET', 'a')}< "${reply}"\n`), protocols)
    assert.deepEqual(faults, [])
  }
})

test('an element that says message is a message only to a subscriber', () => {
  const reply = `< "*3\\r\\n${bulk('message')}${bulk('a')}${bulk('b')}"\n`
  assert.deepEqual(lines(command('LRANGE', 'k', '0', '-1') + reply).map(words), ['LRANGE k OK ok'])
})
