import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { platform } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Told } from './conntrack/inside.ts'
import { rules } from './conntrack/rules.ts'

const name = `inkling-ct-${process.pid}`
const inside = join(import.meta.dirname, 'conntrack/inside.ts')

/** Why this machine cannot play it; undefined when it can. */
function lack(): string | undefined {
  if (platform() !== 'linux' || process.getuid?.() !== 0) return 'it needs Linux and root'
  for (const command of ['ip', 'nft']) {
    if (spawnSync(command, ['-V']).error) return `it needs the command ${command}`
  }
  return undefined
}

function run(command: string, words: readonly string[], input?: string): string {
  const { status, stdout, stderr } = spawnSync(command, words, {
    ...{ input, encoding: 'utf8', timeout: 30_000 },
  })
  if (status !== 0) throw new Error(`${command} ${words.slice(0, 3).join(' ')}: ${stderr}`)
  return stdout
}

/** Plays it in a network namespace of its own. */
function play(): Told[] {
  run('ip', ['netns', 'add', name])
  try {
    const there = ['netns', 'exec', name]
    run('ip', ['-n', name, 'link', 'set', 'lo', 'up'])
    run('ip', [...there, 'nft', '-f', '-'], rules)
    return JSON.parse(run('ip', [...there, process.execPath, inside]))
  } finally {
    spawnSync('ip', ['netns', 'delete', name])
  }
}

test('the kernel’s own translations', { skip: lack() }, async t => {
  const told = play()
  const of = (to: string) => told.find(one => one.to === to)!

  await t.test('a translated connection is told as its caller sees it', () => {
    const { netlink, seen, ...rest } = of('127.0.0.1 8080')
    assert.equal(seen.client.ip, '127.0.0.5')
    assert.deepEqual(netlink, rest.true)
  })

  await t.test('so it is in a zone of its own', () => {
    const { netlink, ...rest } = of('127.0.0.1 8081')
    assert.deepEqual(netlink, rest.true)
  })

  await t.test('one that was not translated is not told', () => {
    assert.equal(of('127.0.0.1 9090').netlink, undefined)
  })

  await t.test('IPv6 is as IPv4', () => {
    const { netlink, ...rest } = of('::1 8080')
    assert.deepEqual(netlink, rest.true)
  })

  await t.test('the file says the same', t => {
    if (!told[0].hasFile) return t.skip('this kernel does not show the table as a file')
    for (const { to, netlink, file } of told) assert.deepEqual(file, netlink, to)
  })
})
