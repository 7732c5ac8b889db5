import assert from 'node:assert/strict'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { encodeNative } from '../native.ts'
import { noEngine, type TestEngine, testEngine, textOf } from './for-tests.ts'
import { mendInserts } from './mend.ts'

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-mend-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

const cases: [what: string, parts: string[], logs: string[], mended: string][] = [
  ['a part that is there', ['0_1_1_0'], ['1 0_1_1_0 b;'], '1 0_1_1_0 b;'],
  ['one that was merged', ['0_1_7_2'], ['1 0_3_3_0 b;'], '1 0_3_3_0 b;'],
  ['one that was changed since', ['0_3_3_0_9'], ['1 0_3_3_0 b;'], '1 0_3_3_0 b;'],
  ['one that is not there', ['0_1_1_0'], ['1 0_2_2_0 b;'], '1 0_2_2_0 b;2 0_2_2_0 b;'],
  ['one of another partition', ['1-2_2_2_0'], ['1 1_2_2_0 b;'], '1 1_2_2_0 b;2 1_2_2_0 b;'],
  ['one that was dropped', [], ['1 0_2_2_0 b;2 0_2_2_0 b;'], '1 0_2_2_0 b;2 0_2_2_0 b;'],
  ['one of the log before', ['0_1_1_0'], ['1 0_2_2_0 b;', ''], '2 0_2_2_0 b;'],
  ['a line that was cut', ['0_1_1_0'], ['1 0_1_1_0 b;1 0_2_'], '1 0_1_1_0 b;'],
]
for (const [what, parts, logs, mended] of cases) {
  test(`of inserts: ${what}`, t => {
    const data = folderFor(t)
    const table = join(data, 'store/abc/abcdef')
    const folder = join(table, 'deduplication_logs')
    mkdirSync(folder, { recursive: true })
    for (const part of parts) mkdirSync(join(table, part))
    const written = (text: string) => text.replaceAll(' ', '\t').replaceAll(';', '\n')
    logs.forEach((text, i) => {
      writeFileSync(join(folder, `deduplication_log_${i + 9}.txt`), written(text))
    })
    mendInserts(data)
    const last = readFileSync(join(folder, `deduplication_log_${logs.length + 8}.txt`), 'utf8')
    assert.equal(last, written(mended))
    assert.equal(mendInserts(data), 0)
  })
}

const block = encodeNative(1, [{ name: 'n', type: 'UInt8', values: Uint8Array.of(7) }])
const insert = ({ client }: TestEngine, token: string) =>
  client.insert('kept', ['n'], 'Native', block, { token })
const count = ({ client }: TestEngine) => textOf(client, 'SELECT count() FROM kept')

/** A table with one insert, `a`, whose engine has ended; answers the table's own folder. */
async function tableWithOne(folder: string): Promise<string> {
  const first = testEngine({ folder })
  await first.engine.settled()
  await first.client.query(
    `CREATE TABLE kept (n UInt8) ENGINE = MergeTree ORDER BY n
     SETTINGS non_replicated_deduplication_window = 100`,
  )
  await insert(first, 'a')
  await insert(first, 'a')
  assert.equal(await count(first), '1')
  const table = await textOf(
    first.client,
    "SELECT data_paths[1] FROM system.tables WHERE name = 'kept'",
  )
  await first.close()
  return table
}

test('an insert that was written down, but not done, is done when it is sent again', {
  skip: noEngine,
}, async t => {
  const folder = folderFor(t)
  const table = await tableWithOne(folder)
  rmSync(join(table, 'all_1_1_0'), { recursive: true })
  const second = testEngine({ folder })
  t.after(() => second.close())
  await second.engine.settled()
  assert.equal(await count(second), '0')
  await insert(second, 'a')
  await insert(second, 'a')
  assert.equal(await count(second), '1')
})

test('a line that was being written hides no later insert', { skip: noEngine }, async t => {
  const folder = folderFor(t)
  const logs = join(await tableWithOne(folder), 'deduplication_logs')
  appendFileSync(join(logs, readdirSync(logs).sort().at(-1)!), '1\tall_2_2_0\tall_18')
  const second = testEngine({ folder })
  await second.engine.settled()
  await insert(second, 'b')
  await second.close()
  const third = testEngine({ folder })
  t.after(() => third.close())
  await third.engine.settled()
  await insert(third, 'a')
  await insert(third, 'b')
  assert.equal(await count(third), '2')
})
