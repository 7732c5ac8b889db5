import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { noEngine, type TestEngine, testEngine, textOf } from './for-tests.ts'
import type { EngineOptions } from './supervisor.ts'

const withEngine = { skip: noEngine }
const pace = { lookMs: 150, firstMs: 50 }

function started(t: TestContext, options: Partial<EngineOptions> = {}): TestEngine {
  const running = testEngine({ pace, ...options })
  t.after(() => running.close())
  return running
}

const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

async function untilDead(pid: number, withinMs: number): Promise<void> {
  for (const endMs = performance.now() + withinMs; isAlive(pid); await sleep(20)) {
    assert.ok(performance.now() < endMs, `${pid} lives`)
  }
}

test('it is starting, then ready; what it keeps is there the next time', withEngine, async t => {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-engine-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const first = testEngine({ folder })
  assert.equal(first.engine.state.kind, 'starting')
  assert.equal((await first.engine.settled()).kind, 'ready')
  await first.client.query('CREATE TABLE kept ENGINE = MergeTree ORDER BY a AS SELECT 7 AS a')
  const pid = first.engine.pid!
  await first.close()
  assert.equal(isAlive(pid), false)
  assert.deepEqual(readdirSync(folder).sort(), ['engine', 'incoming', 'reserve'])
  const second = started(t, { folder })
  await second.engine.settled()
  assert.equal(await textOf(second.client, 'SELECT a FROM kept'), '7')
})

test('stopping lets what runs end', withEngine, async t => {
  const { engine, client } = started(t)
  await engine.settled()
  const asked = textOf(client, 'SELECT sleep(1)')
  await sleep(200)
  await engine.stop()
  assert.equal(await asked, '0')
})

test('one that hangs is killed and started again, and its folder opens', withEngine, async t => {
  const { engine, client, until, states } = started(t)
  await engine.settled()
  await client.query('CREATE TABLE kept ENGINE = MergeTree ORDER BY a AS SELECT 7 AS a')
  const pid = engine.pid!
  process.kill(pid, 'SIGSTOP')
  const down = await until('down')
  assert.match(down.kind === 'down' ? down.reason : '', /did not answer 3 times/)
  await until('ready', states.indexOf(down))
  assert.notEqual(engine.pid, pid)
  assert.equal(await textOf(client, 'SELECT a FROM kept'), '7')
})

test(
  'one that met a fatal signal is killed: it would hold the folder for minutes',
  withEngine,
  async t => {
    const { engine, until, states } = started(t)
    await engine.settled()
    process.kill(engine.pid!, 'SIGSEGV')
    const down = await until('down')
    await until('ready', states.indexOf(down))
  },
)

test('one that takes too much memory is killed and started again', withEngine, async t => {
  const { until } = started(t, { limits: { privateBytesMax: 20 << 20 } })
  const down = await until('down')
  assert.match(down.kind === 'down' ? down.reason : '', /took .* of memory, more than 21.0 MB/)
})

test('the pause before a start grows', withEngine, async t => {
  const { engine, until, states } = started(t)
  const pausesMs: number[] = []
  for (let i = 0, from = 0; i < 4; i++) {
    await until('ready', from)
    process.kill(engine.pid!, 'SIGKILL')
    const down = await until('down', from)
    const downMs = performance.now()
    await until('starting', states.indexOf(down))
    pausesMs.push(performance.now() - downMs)
    from = states.length - 1
  }
  assert.ok(pausesMs[3] > 2 * pausesMs[0], `${pausesMs}`)
})

test(
  'a second server on the same folder is told, and gets it when the first ends',
  withEngine,
  async t => {
    const folder = mkdtempSync(join(tmpdir(), 'inkling-engine-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const first = started(t, { folder })
    await first.engine.settled()
    await first.client.query('CREATE TABLE kept ENGINE = MergeTree ORDER BY a AS SELECT 7 AS a')
    const second = started(t, { folder })
    const down = await second.until('down')
    assert.match(down.kind === 'down' ? down.reason : '', /is in use by another server/)
    assert.equal(await textOf(first.client, 'SELECT a FROM kept'), '7')
    await first.engine.stop()
    await second.until('ready')
    assert.equal(await textOf(second.client, 'SELECT a FROM kept'), '7')
  },
)

test(
  'a folder that cannot be read is put aside, said, and a new one begun',
  withEngine,
  async t => {
    const folder = mkdtempSync(join(tmpdir(), 'inkling-engine-'))
    t.after(() => rmSync(folder, { recursive: true }))
    mkdirSync(join(folder, 'engine-broken-long-ago'))
    const first = testEngine({ folder })
    await first.engine.settled()
    await first.client.query('CREATE TABLE kept ENGINE = MergeTree ORDER BY a AS SELECT 7 AS a')
    await first.close()
    const definition = found(join(folder, 'engine'), 'kept.sql')
    writeFileSync(definition, readFileSync(definition).subarray(0, 20))
    const second = started(t, { folder })
    await second.until('ready')
    assert.match(
      second.losses.join(),
      /begins anew; what it held is in .*engine-broken-2.*Code: 62/,
    )
    assert.equal(await textOf(second.client, 'EXISTS TABLE kept'), '0')
    const aside = readdirSync(folder).filter(name => name.startsWith('engine-broken'))
    assert.equal(aside.length, 1)
    assert.ok(found(join(folder, aside[0]), 'kept.sql'))
  },
)

test('parts that cannot be read are left out, and that is said', withEngine, async t => {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-engine-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const first = testEngine({ folder })
  await first.engine.settled()
  const { client } = first
  await client.query('CREATE TABLE kept (a UInt8) ENGINE = MergeTree ORDER BY a')
  await client.query('INSERT INTO kept VALUES (1)')
  await client.query('INSERT INTO kept VALUES (2)')
  await first.close()
  writeFileSync(found(join(folder, 'engine'), 'columns.txt'), 'noise')
  const second = started(t, { folder })
  await second.engine.settled()
  assert.equal(await textOf(second.client, 'SELECT count() FROM kept'), '1')
  assert.match(
    second.losses.join(),
    /^1 part of default\.kept \(.*\) could not be read and is left out$/,
  )
})

test('a folder that cannot be made is a reason, and nothing is thrown', withEngine, async t => {
  const { until } = started(t, { folder: '/dev/null/none' })
  const down = await until('down')
  assert.equal(down.kind === 'down' && down.reason, '/dev/null/none is no folder')
})

test('a path too long for a socket has it elsewhere', withEngine, async t => {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-engine-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const { engine, client } = started(t, { folder: join(folder, 'long'.repeat(30)) })
  await engine.settled()
  assert.equal(await textOf(client, 'SELECT 1'), '1')
})

/** A server of its own, whose engine it tells the number of. */
const server = `
import { Engine } from ${JSON.stringify(join(import.meta.dirname, 'supervisor.ts'))}
const engine = new Engine({ folder: process.argv[1] })
await engine.settled()
console.log(engine.pid)
setInterval(() => {}, 1000)
`

for (const [what, before] of [
  ['at work', () => {}],
  ['that hangs', (pid: number) => process.kill(pid, 'SIGSTOP')],
] as [string, (pid: number) => void][]) {
  test(`an engine ${what} ends with its server, when that is killed`, withEngine, async t => {
    const folder = mkdtempSync(join(tmpdir(), 'inkling-engine-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const parent = spawn(process.execPath, ['--input-type=module', '-e', server, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await parent.stdout.setEncoding('utf8').take(1).toArray()) as string[]
    const pid = Number(line)
    assert.ok(isAlive(pid))
    before(pid)
    parent.kill('SIGKILL')
    await untilDead(pid, 3000)
  })
}

test('without chDB there is a reason in words, and nothing is tried again', async t => {
  const code = `
import { registerHooks } from 'node:module'
registerHooks({ resolve(name, context, next) {
  if (name.startsWith('chdb')) throw Object.assign(new Error('none'), { code: 'MODULE_NOT_FOUND' })
  return next(name, context)
} })
const { Engine } = await import(${JSON.stringify(join(import.meta.dirname, 'supervisor.ts'))})
const engine = new Engine({ folder: '/nowhere' })
console.log(JSON.stringify(await engine.settled()))
await engine.stop()
`
  const without = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => without.kill())
  const text = (await without.stdout.setEncoding('utf8').toArray()).join('')
  const state = JSON.parse(text)
  assert.deepEqual([state.kind, state.isFinal], ['down', true])
  assert.match(state.reason, /not installed: npm install chdb/)
})

/** The first file of that name under a folder. */
function found(folder: string, name: string): string {
  const path = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find(each =>
    each.endsWith(`/${name}`),
  )
  assert.ok(path, `${name} in ${folder}`)
  return join(folder, path)
}
