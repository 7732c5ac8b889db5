import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteReader } from '#lib/byte-reader.ts'
import { formatTransaction, hear, parseTalk } from '../talk.ts'
import { detect } from './detect.ts'
import { dns } from './index.ts'
import { readName } from './name.ts'

const name = (hex: string, at = 0) => {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
  const reader = new ByteReader().reset(bytes, at, bytes.length)
  const text = readName(reader, 0)
  return reader.short ? undefined : { text, at: reader.at }
}

const evidence = (line: string) => {
  const { bytes } = parseTalk(`udp\n> ${line}`).pieces[0]
  return detect(bytes, 0, bytes.length, 'udp')
}

test('compression pointers are followed, and the cursor stays behind the first', () => {
  assert.deepEqual(name('03777777 04 74657374 00 03 667470 c004', 10), { text: 'ftp.test', at: 16 })
  assert.deepEqual(name('00'), { text: '', at: 1 })
})

test('pointers that lead in circles, out of the message or through too much are no name', () => {
  assert.equal(name('c000'), undefined)
  assert.equal(name('0161 c000'), undefined)
  assert.equal(name('c0ff'), undefined)
  assert.equal(name(`${'3f'.padEnd(128, '61')}`.repeat(5)), undefined)
  assert.equal(name('40 00'), undefined)
})

test('a dot or control character inside a label is escaped', () => {
  assert.equal(name('03 612e62 02 0961 00')?.text, 'a\\.b.\\009a')
})

test('multicast DNS, LLMNR and NetBIOS names are no DNS', () => {
  const question = `x'04' "test" x'05' "local" x'00 0001 0001'`
  assert.equal(evidence(`x'0007 0100 0001 0000 0000 0000' ${question}`), 'request')
  assert.equal(evidence(`x'0000 0000 0001 0000 0000 0000' ${question}`), 'no')
  assert.equal(evidence(`x'0007 0000 0001 0000 0000 0000' x'04' "test" x'00 0001 0001'`), 'no')
  const netbios = `x'20' "EBEDEFEHEIEJELEMENEPFAFBFCFDFEFF" x'00'`
  assert.equal(evidence(`x'0007 0110 0001 0000 0000 0000' ${netbios} x'0020 0001'`), 'no')
  assert.equal(evidence(`x'0007 0110 0001 0000 0000 0000' ${netbios} x'0021 0001'`), 'no')
})

test('a query nobody answers is told after five seconds, while others go on', () => {
  const { pieces } = parseTalk(`udp
> x'0001 0100 0001 0000 0000 0000' x'01' "a" x'04' "test" x'00 0001 0001'
> x'0002 0100 0001 0000 0000 0000' x'01' "b" x'04' "test" x'00 0001 0001'
< x'0001 8183 0001 0000 0000 0000' x'01' "a" x'04' "test" x'00 0001 0001'`)
  const late = pieces.map((piece, i) => ({ ...piece, timeUs: i * 5_000_001 }))
  const { transactions } = hear({ transport: 'udp', raw: false, midstream: false, pieces: late }, [
    dns,
  ])
  assert.deepEqual(transactions.map(formatTransaction), [
    'dns A a.test - error 24>0 bytes unanswered',
    'dns A b.test - error 24>0 bytes unanswered',
  ])
})

test('a flood of queries leaves no more waiting than the limit', () => {
  const [piece] = parseTalk(`udp
> x'0001 0100 0001 0000 0000 0000' x'01' "a" x'04' "test" x'00 0001 0001'`).pieces
  let told = 0
  const decoder = dns.open(() => told++, { raw: false, interners: undefined as never }, 'udp')
  for (let i = 0; i < 10_000; i++) decoder.read(0, piece.bytes, 0, piece.bytes.length, i)
  assert.equal(told, 10_000 - 256)
  decoder.close(20_000)
  assert.equal(told, 10_000)
})

test('names are taught only for what was asked: an answer has no say about others', () => {
  const { transactions } = hear(
    parseTalk(`udp
> x'0001 0100 0001 0000 0000 0000' x'01' "a" x'04' "test" x'00 0001 0001'
< x'0001 8180 0001 0002 0000 0000' x'01' "a" x'04' "test" x'00 0001 0001'
  x'c00c 0001 0001 00000005 0004 0a000009' x'04' "bank" x'00 0001 0001 00000005 0004 0a000666'`),
    [dns],
  )
  assert.deepEqual(transactions[0].names, [{ ip: '10.0.0.9', name: 'a.test' }])
})
