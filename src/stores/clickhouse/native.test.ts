import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { noEngine, type TestEngine, testEngine } from './engine/for-tests.ts'
import { type Column, encodeNative, lowCardinality } from './native.ts'

test('a block is columns of names, types and values', () => {
  const bytes = encodeNative(2, [
    { name: 'n', type: 'UInt16', values: Uint16Array.of(1, 258) },
    { name: 's', type: 'String', values: ['', 'é'] },
  ])
  const hex = '02 02 016e 0655496e743136 0100 0201 0173 06537472696e67 00 02c3a9'
  assert.equal(bytes.toString('hex'), hex.replaceAll(' ', ''))
})

test('a column of another length is a fault of ours', () => {
  const short: Column = { name: 'n', type: 'UInt8', values: Uint8Array.of(1) }
  assert.throws(() => encodeNative(2, [short]), /n has 1 rows of 2/)
  const ends = Uint32Array.of(1, 3)
  const values = { type: 'UInt8', values: Uint8Array.of(1, 2) } as const
  assert.throws(() => encodeNative(2, [{ name: 'a', type: 'Array', ends, values }]), /2 values/)
})

let running: TestEngine | undefined
before(async () => {
  if (noEngine) return
  running = testEngine()
  await running.engine.settled()
})
after(() => running?.close())

/** Rows as an engine that has read a block tells them. */
async function readBack(
  types: string,
  rows: number,
  columns: readonly Column[],
): Promise<unknown[]> {
  const { client } = running!
  const names = columns.map(({ name }) => name)
  await client.query(`CREATE OR REPLACE TABLE there (${types}) ENGINE = MergeTree ORDER BY tuple()`)
  await client.insert('there', names, 'Native', encodeNative(rows, columns), { token: 'once' })
  const settings = { output_format_json_quote_64bit_integers: 1 }
  const answer = await client.query('SELECT * FROM there FORMAT JSONCompactEachRow', { settings })
  const lines = answer.toString().trim()
  return lines === '' ? [] : lines.split('\n').map(line => JSON.parse(line))
}

const engine = { skip: noEngine }

/** A type, three rows of it, and how the engine tells them. */
const cases: [type: string, column: Omit<Column, 'name'>, told: unknown[]][] = [
  ['UInt8', { type: 'UInt8', values: Uint8Array.of(0, 1, 255) }, [0, 1, 255]],
  ['UInt16', { type: 'UInt16', values: Uint16Array.of(0, 1, 65535) }, [0, 1, 65535]],
  ['UInt32', { type: 'UInt32', values: Uint32Array.of(0, 1, 2 ** 32 - 1) }, [0, 1, 2 ** 32 - 1]],
  [
    'UInt64',
    { type: 'UInt64', values: BigUint64Array.of(0n, 1n, 2n ** 64n - 1n) },
    ['0', '1', '18446744073709551615'],
  ],
  [
    'UInt64',
    { type: 'UInt64', values: Float64Array.of(0, 2 ** 32 + 7, Number.MAX_SAFE_INTEGER) },
    ['0', '4294967303', '9007199254740991'],
  ],
  ['Int8', { type: 'Int8', values: Int8Array.of(-128, 0, 127) }, [-128, 0, 127]],
  ['Int16', { type: 'Int16', values: Int16Array.of(-32768, 0, 32767) }, [-32768, 0, 32767]],
  ['Int32', { type: 'Int32', values: Int32Array.of(-(2 ** 31), 0, 1) }, [-(2 ** 31), 0, 1]],
  [
    'Int64',
    { type: 'Int64', values: Float64Array.of(-1, -(2 ** 40), Number.MIN_SAFE_INTEGER) },
    ['-1', '-1099511627776', '-9007199254740991'],
  ],
  [
    'Int64',
    { type: 'Int64', values: BigInt64Array.of(-(2n ** 63n), 0n, 5n) },
    ['-9223372036854775808', '0', '5'],
  ],
  ['Float32', { type: 'Float32', values: Float32Array.of(0.5, -1, 3) }, [0.5, -1, 3]],
  ['Float64', { type: 'Float64', values: Float64Array.of(0.1, -1e300, 3) }, [0.1, -1e300, 3]],
  [
    'DateTime',
    { type: 'DateTime', values: Uint32Array.of(0, 1_767_225_600, 2 ** 32 - 1) },
    ['1970-01-01 00:00:00', '2026-01-01 00:00:00', '2106-02-07 06:28:15'],
  ],
  [
    'DateTime64(6)',
    { type: 'DateTime64', precision: 6, values: Float64Array.of(0, 1_767_225_600_000_001, -1) },
    ['1970-01-01 00:00:00.000000', '2026-01-01 00:00:00.000001', '1969-12-31 23:59:59.999999'],
  ],
  [
    'String',
    { type: 'String', values: ['', 'a\u0000"\n', `${'ü'.repeat(100)}😀`] },
    ['', 'a\u0000"\n', `${'ü'.repeat(100)}😀`],
  ],
  [
    'FixedString(3)',
    { type: 'FixedString', length: 3, values: Buffer.from('abcdef\0\0\0') },
    ['abc', 'def', '\0\0\0'],
  ],
  ['LowCardinality(String)', lowCardinality(['b', '', 'b']), ['b', '', 'b']],
  [
    'Map(Int16, UInt64)',
    {
      type: 'Map',
      ends: Uint32Array.of(2, 2, 3),
      keys: { type: 'Int16', values: Int16Array.of(-4, 9, 1) },
      values: { type: 'UInt64', values: Float64Array.of(1, 2 ** 40, 3) },
    },
    [{ '-4': '1', '9': '1099511627776' }, {}, { '1': '3' }],
  ],
  [
    'Map(LowCardinality(String), String)',
    {
      type: 'Map',
      ends: Uint32Array.of(0, 0, 0),
      keys: lowCardinality([]),
      values: { type: 'String', values: [] },
    },
    [{}, {}, {}],
  ],
  [
    'Array(LowCardinality(String))',
    { type: 'Array', ends: Uint32Array.of(0, 2, 3), values: lowCardinality(['x', 'y', 'x']) },
    [[], ['x', 'y'], ['x']],
  ],
  [
    'Array(Array(UInt8))',
    {
      type: 'Array',
      ends: Uint32Array.of(0, 2, 2),
      values: {
        type: 'Array',
        ends: Uint32Array.of(1, 3),
        values: { type: 'UInt8', values: Uint8Array.of(1, 2, 3) },
      },
    },
    [[], [[1], [2, 3]], []],
  ],
] as [string, Omit<Column, 'name'>, unknown[]][]

for (const [type, column, told] of cases) {
  test(`the engine reads ${type}`, engine, async () => {
    const rows = await readBack(`v ${type}`, 3, [{ name: 'v', ...column } as Column])
    assert.deepEqual(
      rows,
      told.map(value => [value]),
    )
  })
}

test('the engine reads all types beside each other, and a block without rows', engine, async () => {
  const types = cases.map(([type], i) => `c${i} ${type}`).join(', ')
  const columns = cases.map(([, column], i) => ({ name: `c${i}`, ...column }) as Column)
  const rows = await readBack(types, 3, columns)
  assert.deepEqual(
    rows,
    [0, 1, 2].map(row => cases.map(([, , told]) => told[row])),
  )
  const none: Column[] = [
    { name: 'c0', type: 'UInt8', values: new Uint8Array() },
    { name: 'c16', ...lowCardinality([]) },
  ]
  assert.deepEqual(await readBack(types, 0, none), [])
})

for (const words of [256, 257, 65_536, 65_537]) {
  test(`the engine reads 100,000 rows of ${words} words`, engine, async () => {
    const texts = Array.from({ length: 100_000 }, (_, i) => `word-${i % words}`)
    const { client } = running!
    await client.query(
      'CREATE OR REPLACE TABLE there (n UInt32, w LowCardinality(String)) ENGINE = MergeTree ORDER BY n',
    )
    const bytes = encodeNative(texts.length, [
      { name: 'n', type: 'UInt32', values: Uint32Array.from(texts.keys()) },
      { name: 'w', ...lowCardinality(texts) },
    ])
    await client.insert('there', ['n', 'w'], 'Native', bytes, { token: 'once' })
    const sql = `SELECT count(), uniqExact(w), countIf(w = 'word-' || toString(n % ${words})) FROM there`
    assert.equal((await client.query(sql)).toString(), `100000\t${words}\t100000\n`)
  })
}
