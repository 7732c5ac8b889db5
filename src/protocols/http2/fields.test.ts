import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Interners } from '#lib/intern.ts'
import { Fields } from './fields.ts'
import { decodeHuffman, encodeHuffman } from './huffman.ts'

const fieldsOf = (asks = true, raw = true) => new Fields(asks, { raw, interners: new Interners() })

/** What is read of a block, in few words; `broken` when it is none. */
function read(fields: Fields, hex: string): string {
  const bytes = Buffer.from(hex.replace(/\s/g, ''), 'hex')
  if (!fields.read(bytes, 0, bytes.length)) return 'broken'
  const { method, path, authority, status, grpcStatus, isGrpc, hasUnknown } = fields
  const words = [method, path, authority, status, grpcStatus]
  if (isGrpc !== undefined) words.push(isGrpc ? 'grpc' : 'no grpc')
  if (hasUnknown) words.push('unknown')
  return words.filter(word => word !== undefined).join(' ')
}

test('requests of RFC 7541, C.3 and C.4', () => {
  const plain = fieldsOf()
  assert.equal(read(plain, '828684410f7777772e6578616d706c652e636f6d'), 'GET / www.example.com')
  assert.equal(read(plain, '828684be58086e6f2d6361636865'), 'GET / www.example.com')
  const custom = '828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565'
  assert.equal(read(plain, custom), 'GET /index.html www.example.com')
  const coded = fieldsOf()
  assert.equal(read(coded, '828684418cf1e3c2e5f23a6ba0ab90f4ff'), 'GET / www.example.com')
  assert.equal(read(coded, '828684be5886a8eb10649cbf'), 'GET / www.example.com')
  const customCoded = '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf'
  assert.equal(read(coded, customCoded), 'GET /index.html www.example.com')
})

test('responses of RFC 7541, C.5 and C.6, whose table of 256 bytes forgets', () => {
  const plain = [
    `4803333032 580770726976617465 611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54
     6e1768747470733a2f2f7777772e6578616d706c652e636f6d`,
    '4803333037 c1c0bf',
    `88c1 611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54 c0 5a04677a6970
     7738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b
     2076657273696f6e3d31`,
  ]
  const coded = [
    `488264025885aec3771a4b 6196d07abe941054d444a8200595040b8166e082a62d1bff
     6e919d29ad171863c78f0b97c8e9ae82ae43d3`,
    '4883640eff c1c0bf',
    `88c1 6196d07abe941054d444a8200595040b8166e084a62d1bff c0 5a839bd9ab
     77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007`,
  ]
  for (const blocks of [plain, coded]) {
    const fields = fieldsOf(false)
    fields.table.resize(256)
    const statuses = blocks.map(block => read(fields, block))
    assert.deepEqual(statuses, ['302', '307', '200'])
  }
})

for (const [what, hex, expected] of [
  ['index 0', '80', 'broken'],
  ['a string that is longer than the block', '410a77', 'broken'],
  ['a number without an end', 'ffffffffffffffffffff01', 'broken'],
  ['a name without characters', '400001 61', 'broken'],
  ['names that are spelled out', '00073a6d6574686f64 03505554 00053a70617468 022f61', 'PUT /a'],
  ['names that are Huffman coded', '0084b958d33f 022f61', '/a'],
  ['an authority behind a path', '82 86 04022f61 01026462', 'GET /a db'],
  ['what nobody said', '82 86 be', 'GET unknown'],
  ['a path whose name nobody said', '82 86 7f00022f61 be', 'GET /a'],
  ['a status that is none', '08036f6b6b', ''],
  ['never to be indexed', '82 86 14022f61', 'GET /a'],
  ['a table of size 0, then of 4096', '20 3fe11f 82 86 84', 'GET /'],
  ['a type of gRPC', '0f10 10 6170706c69636174696f6e2f67727063', 'grpc'],
  ['a type of gRPC-Web', '0f10 14 6170706c69636174696f6e2f677270632d776562', 'no grpc'],
] as const) {
  test(`of ${what} is read: ${expected}`, () => assert.equal(read(fieldsOf(), hex), expected))
}

test('values of a path are replaced, Huffman coded or not, in the table too', () => {
  const path = '/cart?token=secret'
  const coded = encodeHuffman(path)
  const text = (name: number, bytes: Uint8Array, flag: number) =>
    Buffer.concat([Uint8Array.of(name, flag | bytes.length), bytes]).toString('hex')
  for (const literal of [text(0x44, Buffer.from(path), 0), text(0x44, coded, 0x80)]) {
    const fields = fieldsOf(true, false)
    assert.equal(read(fields, literal), '/cart?token=?')
    assert.equal(read(fields, 'be'), '/cart?token=?')
  }
})

test('a table joined in midstream knows what was added since, and no more', () => {
  const fields = fieldsOf()
  assert.equal(read(fields, '82 86 44022f61'), 'GET /a')
  assert.equal(read(fields, '82 86 bf'), 'GET unknown')
  assert.equal(read(fields, '82 86 be'), 'GET /a')
  fields.forget()
  assert.equal(read(fields, '82 86 be'), 'GET unknown')
})

test('what is larger than the table empties it', () => {
  const fields = fieldsOf()
  fields.table.resize(100)
  assert.equal(read(fields, '44022f61'), '/a')
  const long = Buffer.alloc(90, 'x').toString('hex')
  assert.equal(read(fields, `40017a5a${long}`), '')
  assert.equal(read(fields, 'be'), 'unknown')
})

test('a table is never larger than 64 KB, whatever is asked', () => {
  const fields = fieldsOf()
  fields.table.resize(2 ** 28)
  const path = Buffer.alloc(100, '/').toString('hex')
  for (let i = 0; i < 10_000; i++) read(fields, `4464${path}`)
  assert.ok(fields.table.heldBytes < 128 * 1024, String(fields.table.heldBytes))
})

test('every byte has a Huffman code', () => {
  const all = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join('')
  const coded = encodeHuffman(all)
  assert.equal(Buffer.from(decodeHuffman(coded, 0, coded.length, 1000)!).toString('latin1'), all)
})

for (const [what, hex] of [
  ['the end of a string', 'ffffffff'],
  ['padding of a byte', '1fff'],
  ['padding with zeros', '18'],
] as const) {
  test(`a Huffman code with ${what} is none`, () => {
    const bytes = Buffer.from(hex, 'hex')
    assert.equal(decodeHuffman(bytes, 0, bytes.length, 1000), undefined)
  })
}
