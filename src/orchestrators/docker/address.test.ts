import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { addressOf, formatAddress } from './address.ts'

test('DOCKER_HOST is read as the docker command reads it', () => {
  const cases: readonly (readonly [string | undefined, string])[] = [
    [undefined, '/var/run/docker.sock'],
    ['', '/var/run/docker.sock'],
    ['unix://', '/var/run/docker.sock'],
    ['unix:///run/user/1000/docker.sock', '/run/user/1000/docker.sock'],
    ['/tmp/x.sock', '/tmp/x.sock'],
    ['tcp://10.0.0.1:2375', 'tcp://10.0.0.1:2375'],
    ['http://engine', 'tcp://engine:2375'],
    ['engine:1234', 'tcp://engine:1234'],
    ['tcp://[::1]:2375', 'tcp://::1:2375'],
  ]
  for (const [DOCKER_HOST, expected] of cases) {
    assert.equal(formatAddress(addressOf({ DOCKER_HOST })), expected)
  }
})

test('TLS is used when asked for, with the three files of DOCKER_CERT_PATH', t => {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-tls-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const name of ['ca', 'cert', 'key']) writeFileSync(join(folder, `${name}.pem`), name)
  for (const environment of [
    { DOCKER_HOST: 'tcp://engine:2376' },
    { DOCKER_HOST: 'https://engine' },
    { DOCKER_HOST: 'tcp://engine', DOCKER_TLS_VERIFY: '1' },
  ]) {
    const address = addressOf({ ...environment, DOCKER_CERT_PATH: folder })
    assert.equal(formatAddress(address), 'https://engine:2376')
    assert.equal(address.kind === 'tcp' && String(address.tls?.key), 'key')
  }
})

test('what the operator got wrong is said in one sentence', () => {
  assert.throws(() => addressOf({ DOCKER_HOST: 'ssh://me@engine' }), /write unix:/)
  assert.throws(() => addressOf({ DOCKER_HOST: 'https://engine' }), /set DOCKER_CERT_PATH/)
  const missing = { DOCKER_HOST: 'https://engine', DOCKER_CERT_PATH: '/nowhere' }
  assert.throws(() => addressOf(missing), /cannot read ca\.pem/)
})
