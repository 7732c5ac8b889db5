import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import type { LogLine } from '#model/graph.ts'
import { curlOf } from './curl.ts'

const line = (method: string, resource: string, ip = '10.0.0.2') =>
  ({ method, resource, server: { ip, port: 8080, service: 'b' } }) as LogLine

/** What a shell would hand to curl as arguments. */
function argumentsOf(command: string): string[] {
  const script = `curl() { printf '%s\\n' "$@"; }\n${command}`
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).trimEnd().split('\n')
}

test('a request for a path becomes a command that asks the same', () => {
  assert.deepEqual(argumentsOf(curlOf(line('GET', '/a?b=1'))!), [
    '-sS',
    '--globoff',
    'http://10.0.0.2:8080/a?b=1',
  ])
  assert.match(
    curlOf(line('DELETE', '/a', 'fd00::1'))!,
    /-X DELETE 'http:\/\/\[fd00::1\]:8080\/a'$/,
  )
})

test('what is no request for a path has no command', () => {
  for (const [method, resource] of [
    ['SELECT', 'SELECT 1'],
    ['GET', 'session:?'],
    ['GET; reboot', '/'],
  ]) {
    assert.equal(curlOf(line(method, resource)), undefined)
  }
})

test('whatever a path holds, the shell sees one argument and runs nothing else', () => {
  const hostile = [
    "/'; echo owned; '",
    '/$(echo owned)',
    '/`echo owned`',
    '/a\necho owned\n',
    '/\\\'"',
    '/\u001b[2Jx',
  ]
  for (const path of hostile) {
    const given = argumentsOf(curlOf(line('GET', path))!)
    assert.equal(given.length, 3, JSON.stringify(path))
    assert.ok(given[2].startsWith('http://10.0.0.2:8080/'))
    assert.ok(
      [...given[2]].every(character => character > ' '),
      'no blanks, no control characters',
    )
  }
})
