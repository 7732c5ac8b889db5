import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type ClickHouse, ClickHouseFault, refusals } from '../client.ts'
import { encodeNative } from '../native.ts'
import { noEngine, testEngine, textOf } from './for-tests.ts'

/** A disk of 40 MB, in memory; undefined where this user may have none. */
function smallDisk(t: TestContext): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'inkling-disk-'))
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'none', path])
  t.after(() => {
    if (status === 0) spawnSync('umount', ['-l', path])
    rmdirSync(path)
  })
  return status === 0 ? path : undefined
}

const rows = 20_000

/** A batch that does not shrink when it is compressed. */
function insert(client: ClickHouse, batch: number): Promise<void> {
  const numbers = Float64Array.from({ length: rows }, (_, i) => batch * rows + i)
  const texts = Array.from(numbers, () => Math.random().toString(36))
  const bytes = encodeNative(rows, [
    { name: 'n', type: 'UInt64', values: numbers },
    { name: 's', type: 'String', values: texts },
  ])
  return client.insert('kept', ['n', 's'], 'Native', bytes, { token: `${batch}` })
}

test('on a full disk inserts are refused by number, the engine lives and starts, and partitions can be dropped', {
  skip: noEngine,
}, async t => {
  const disk = smallDisk(t)
  if (!disk) return t.skip('No disk of its own: this user may not mount one.')
  const running = testEngine({ folder: join(disk, 'store'), pace: { lookMs: 150, firstMs: 50 } })
  t.after(() => running.close())
  const { engine, client, states, until } = running
  await engine.settled()
  await client.query(
    `CREATE TABLE kept (n UInt64, s String) ENGINE = MergeTree PARTITION BY intDiv(n, ${10 * rows}) ORDER BY n
     SETTINGS non_replicated_deduplication_window = 100`,
  )
  let done = 0
  const refused = async () => {
    for (; done < 100; done++) await insert(client, done)
  }
  await assert.rejects(refused, error => {
    assert.ok(error instanceof ClickHouseFault)
    return error.code === refusals.diskFull
  })
  const count = async () => Number(await textOf(client, 'SELECT count() FROM kept')) / rows
  assert.ok(done > 10)
  assert.equal(await count(), done)
  assert.deepEqual(readdirSync(join(disk, 'store/incoming')), [])

  assert.throws(() => writeFileSync(join(disk, 'rest'), Buffer.alloc(32 << 20)), { code: 'ENOSPC' })
  await assert.rejects(insert(client, done), { code: refusals.diskFull })
  process.kill(engine.pid!, 'SIGKILL')
  const down = await until('down')
  await until('ready', states.indexOf(down))
  assert.equal(await count(), done)
  assert.deepEqual(running.losses, [])

  await client.query("ALTER TABLE kept DROP PARTITION '0'")
  await insert(client, done)
  assert.equal(await count(), done + 1 - 10)
  rmSync(join(disk, 'rest'))
  await client.query("ALTER TABLE kept DROP PARTITION '1'")
  assert.equal(statSync(join(disk, 'store/reserve')).size, 16 << 20)
})
