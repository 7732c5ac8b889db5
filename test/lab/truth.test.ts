import assert from 'node:assert/strict'
import { test } from 'node:test'
import { format, linksOf, parseCalls } from './truth.ts'

const call = (client: string, outcome: string, atUs: number) =>
  JSON.stringify({ atUs, client, server: 'redis', protocol: 'redis', method: 'GET', outcome })

test('a line that is still being written waits', () => {
  const text = `${call('vote', 'ok', 1)}\n${call('vote', 'ok', 2).slice(0, 20)}`
  assert.equal(parseCalls(text).length, 1)
  assert.deepEqual(parseCalls(''), [])
})

test('calls are counted per link and outcome, links in order', () => {
  const calls = [call('worker', 'ok', 1), call('vote', 'error', 2), call('vote', 'warning', 3), '']
  assert.deepEqual(linksOf(parseCalls(calls.join('\n'))).map(format), [
    'vote -> redis redis 2 calls, 1 warnings, 1 errors',
    'worker -> redis redis 1 calls',
  ])
})
