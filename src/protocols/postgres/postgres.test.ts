import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatTransaction, hear, parseTalk } from '../talk.ts'
import { postgres } from './index.ts'
import { outcomeOf } from './outcome.ts'

const lines = (text: string) =>
  hear(parseTalk(text), [postgres]).transactions.map(formatTransaction)

test('joined in midstream, a statement prepared before is named, not read', () => {
  const talk = `midstream
> "B" x'00000010 00' "S_18" x'00 0000 0000 0000' "E" x'00000009 00 00000000' "S" x'00000004'
< "2" x'00000004' "C" x'0000000d' "SELECT 0" x'00' "Z" x'00000005' "I"
> "Q" x'0000000d' "SELECT 1" x'00'
< "C" x'0000000d' "SELECT 1" x'00' "Z" x'00000005' "T"
`
  assert.deepEqual(lines(talk), [
    'postgres EXECUTE <prepared S_18> OK ok 32>25 bytes 1000us',
    'postgres SELECT SELECT ? OK ok 14>20 bytes 1000us',
  ])
})

test('a Sync behind copied data belongs to the query that copied', () => {
  const talk = `midstream
> "P" x'0000001c 00' "COPY cart FROM STDIN" x'00 0000' "B" x'0000000c 0000 0000 0000 0000'
  "E" x'00000009 00 00000000' "S" x'00000004'
< "1" x'00000004' "2" x'00000004' "G" x'0000000b 00 0002 0000 0000'
> "d" x'00000008' "1\\tx\\n" "c" x'00000004' "S" x'00000004'
< "C" x'0000000b' "COPY 1" x'00' "Z" x'00000005' "I"
> "S" x'00000004'
< "Z" x'00000005' "I"
`
  assert.deepEqual(lines(talk), [
    'postgres COPY COPY cart FROM STDIN OK ok 76>40 bytes 3000us',
    "postgres Sync '' OK ok 5>6 bytes 1000us",
  ])
})

test('after an error nothing is answered before the next Sync, Flush or not', () => {
  const talk = `midstream
> "P" x'00000011' "s" x'00' "SELECT a" x'00 0000' "D" x'00000007' "Ss" x'00' "H" x'00000004'
< "E" x'0000001a' "SERROR" x'00' "C42703" x'00' "Mwrong" x'0000'
> "S" x'00000004'
< "Z" x'00000005' "I"
`
  assert.deepEqual(lines(talk), ['postgres PREPARE SELECT a 42703 error 36>33 bytes 3000us'])
})

test('what was flushed and answered is told, even when no Sync follows', () => {
  const talk = `midstream
> "P" x'00000011' "s" x'00' "SELECT a" x'00 0000' "D" x'00000007' "Ss" x'00' "H" x'00000004'
< "1" x'00000004' "t" x'00000006 0000' "n" x'00000004'
> "X" x'00000004'
`
  assert.deepEqual(lines(talk), ['postgres PREPARE SELECT a OK ok 31>17 bytes 1000us'])
})

test('replication streams both ways: its answer is that it begins', () => {
  const talk = `midstream
> "Q" x'0000001a' "START_REPLICATION 0/1" x'00'
< "W" x'00000007 00 0000'
< "d" x'00000008' "wwww" "d" x'00000008' "wwww"
> "d" x'00000008' "rrrr"
`
  assert.deepEqual(lines(talk), [
    'postgres START_REPLICATION START_REPLICATION ?/? OK ok 27>8 bytes 1000us',
  ])
})

test('an error after the server noticed nobody asks is nobody’s', () => {
  const talk = `midstream
> "Q" x'0000000d' "SELECT 1" x'00'
< "C" x'0000000d' "SELECT 1" x'00' "Z" x'00000005' "I"
< "E" x'00000025' "SFATAL" x'00' "VFATAL" x'00' "C57P01" x'00' "Mshutdown" x'0000'
`
  assert.deepEqual(lines(talk), ['postgres SELECT SELECT ? OK ok 14>20 bytes 1000us'])
})

test('what the client must expect is a warning, other errors are errors', () => {
  for (const sqlstate of ['28P01', '42501', '40001', '40P01', '57014', '55P03']) {
    assert.equal(outcomeOf(sqlstate), 'warning', sqlstate)
  }
  for (const sqlstate of ['23505', '42P01', '57P01', '53300', 'ERROR']) {
    assert.equal(outcomeOf(sqlstate), 'error', sqlstate)
  }
})

test('thousands of prepared names are forgotten, the latest are known', () => {
  const message = (type: string, body: string) => {
    const bytes = Buffer.from(`${type}\0\0\0\0${body}`, 'latin1')
    bytes.writeUInt32BE(bytes.length - 1, 1)
    return bytes
  }
  const sync = message('S', '')
  const pieces = Array.from({ length: 2000 }, (_, i) => [
    message('P', `s${i}\0SELECT ${i}, c${i}\0\0\0`),
    sync,
  ])
  const run = (name: string) => [
    message('B', `\0${name}\0\0\0\0\0\0\0`),
    message('E', '\0\0\0\0\0'),
    sync,
  ]
  const all = [...pieces, run('s0'), run('s1999')].map((parts, i) => ({
    side: 0 as const,
    bytes: Uint8Array.from(Buffer.concat(parts)),
    lostBytes: 0,
    timeUs: i,
  }))
  const talk = { transport: 'tcp' as const, raw: false, midstream: true, pieces: all }
  const told = hear(talk, [postgres]).transactions.slice(-2)
  assert.deepEqual(
    told.map(({ resource }) => resource),
    ['<prepared s0>', 'SELECT ?, c1999'],
  )
})

test('a database of any length has a bounded name', () => {
  const settings = `user\\0ann\\0database\\0${'d'.repeat(4000)}\\0\\0`
  const length = (8 + 'user.ann.database..'.length + 4001 - 1).toString(16).padStart(8, '0')
  const [line] = lines(`> x'${length} 00030000' "${settings}"\n`)
  assert.match(line, /^postgres Startup d{255}… - error /)
})
