import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readSecrets } from './secrets.ts'

test('a token may lie in a file; one that is given as such comes first', t => {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-secret-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'token')
  writeFileSync(path, 'hush\n')
  const environment: NodeJS.ProcessEnv = { INKLING_TOKEN_FILE: path, INKLING_VIEW_TOKEN_FILE: path }
  readSecrets(environment)
  assert.deepEqual([environment.INKLING_TOKEN, environment.INKLING_VIEW_TOKEN], ['hush', 'hush'])
  const given: NodeJS.ProcessEnv = { INKLING_TOKEN: 'mine', INKLING_TOKEN_FILE: '/nowhere' }
  readSecrets(given)
  assert.equal(given.INKLING_TOKEN, 'mine')
  const lost = { INKLING_TOKEN_FILE: join(folder, 'absent') }
  assert.throws(() => readSecrets(lost), /INKLING_TOKEN_FILE: cannot read .*absent/)
  writeFileSync(path, '\n')
  assert.throws(() => readSecrets({ INKLING_TOKEN_FILE: path }), /is empty/)
})
