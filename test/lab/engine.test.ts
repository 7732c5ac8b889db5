import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { run } from './command.ts'
import { lackForEngine, startEngine } from './engine.ts'
import { leftoversOf, listed } from './leftovers.ts'
import { type EngineRecord, sweep } from './tear-down.ts'

const skip = lackForEngine()
const main = join(import.meta.dirname, 'main.ts')

/** A lab run by hand, once its shop is open. */
interface OpenLab {
  readonly child: ChildProcess
  readonly dir: string
  readonly pool: string
  readonly isApart: boolean
}

async function openLab(): Promise<OpenLab> {
  const child = spawn(process.execPath, [main, '--minutes', '2'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  for await (const bytes of child.stdout!) {
    said += bytes
    if (said.includes('The shop is open')) break
  }
  const socket = /DOCKER_HOST=unix:\/\/(\S+)/.exec(said)?.[1]
  assert.ok(socket, `the lab did not open: ${said}`)
  const record = JSON.parse(
    readFileSync(join(dirname(socket), 'engine.json'), 'utf8'),
  ) as EngineRecord
  return { child, dir: dirname(socket), pool: record.pool, isApart: record.namespace !== undefined }
}

/** Everything on this machine that still speaks of the lab. */
function leftovers({ dir, pool, isApart }: OpenLab): string[] {
  const named = leftoversOf({ id: dir.slice(-6), dir })
  const ofPool = (argv: readonly string[]) =>
    listed(argv).filter(line => line.includes(` ${pool}.`))
  return isApart
    ? named
    : [...named, ...ofPool(['iptables-save']), ...ofPool(['ip', '-o', 'address'])]
}

test('a lab that is interrupted takes everything with it', { skip }, async () => {
  const lab = await openLab()
  assert.notDeepEqual(leftovers(lab), [], 'the lab is not where it is looked for')
  lab.child.kill('SIGINT')
  const [code] = await once(lab.child, 'exit')
  assert.equal(code, 130)
  assert.deepEqual(leftovers(lab), [])
})

test('what a killed lab left behind is swept by the next', { skip }, async () => {
  const lab = await openLab()
  lab.child.kill('SIGKILL')
  await once(lab.child, 'exit')
  assert.notDeepEqual(leftovers(lab), [], 'there was nothing to sweep')
  sweep()
  assert.deepEqual(leftovers(lab), [])
})

test('an engine apart has processes, interfaces and a name that nobody shares', {
  skip,
}, async t => {
  const engine = await startEngine({ apart: true })
  t.after(() => engine.stop())
  const on = (...argv: string[]) => run(engine.inside(...argv))
  assert.equal((await on('hostname')).trim(), engine.namespace)
  const [first, ...others] = (await on('ps', '-eo', 'comm=')).trim().split('\n')
  assert.match(first, /^(docker-init|tini)/)
  assert.ok(others.includes('dockerd') && !others.includes('MainThread'), others.join())
  const links = (await on('ls', '/sys/class/net')).trim().split('\n')
  assert.ok(links.includes('docker0') && !links.includes('eth0'), links.join())
})

test('what runs on the node gets the signal that its command line got, and its exit code is told', {
  skip,
}, async t => {
  const engine = await startEngine({ apart: true })
  t.after(() => engine.stop())
  const [file, ...args] = engine.inside(
    'sh',
    '-c',
    'trap "exit 7" TERM; echo up; while :; do sleep 0.1; done',
  )
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  assert.equal(code, 7)
})
