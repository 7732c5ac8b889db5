import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findProcRoot } from './proc-root.ts'

test('processes of the machine are where the operator says, else where they are mounted, else here', () => {
  assert.equal(findProcRoot({ INKLING_PROC: '/node/proc' }), '/node/proc')
  assert.equal(findProcRoot({}, '/proc'), '/proc')
  assert.equal(findProcRoot({ INKLING_PROC: '' }, '/nowhere'), '/proc')
})
