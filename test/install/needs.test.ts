import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { mayInstall } from './install.ts'
import { find, lack, needs, postgresFolders, sentence } from './needs.ts'

test('a command on the PATH is found with its full path', () => {
  assert.match(find('sh') ?? '', /^\/.*\/sh$/)
  assert.equal(find('no-such-command-anywhere'), undefined)
})

test('what is missing is said in one sentence that can be pasted', () => {
  const absent = needs.filter(({ command }) => ['dockerd', 'wrk'].includes(command))
  const said = 'needs dockerd, wrk: apt-get install --no-install-recommends docker.io wrk'
  assert.equal(sentence(absent), said)
})

test('nothing is asked of a machine that nothing is needed of', () => {
  assert.equal(lack([]), undefined)
})

test('the newest PostgreSQL comes first, by number and not by letter', t => {
  const root = mkdtempSync(join(tmpdir(), 'inkling-postgres-'))
  t.after(() => rmSync(root, { recursive: true }))
  for (const version of ['9', '15', 'common']) mkdirSync(join(root, version))
  assert.deepEqual(postgresFolders(root), [join(root, '15', 'bin'), join(root, '9', 'bin')])
  assert.deepEqual(postgresFolders(join(root, 'absent')), [])
})

test('each need names its command once, a package and a reason', () => {
  assert.equal(new Set(needs.map(need => need.command)).size, needs.length)
  for (const need of needs) assert.ok(need.package.length > 0 && need.why.length > 0)
})

test('nothing is installed where the operator forbade it', () => {
  assert.equal(mayInstall({ INKLING_INSTALL: '0' }), false)
})
