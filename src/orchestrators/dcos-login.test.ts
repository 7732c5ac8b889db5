import assert from 'node:assert/strict'
import { createVerify, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ApiClient } from './cluster-http.ts'
import { accessOf } from './cluster-login.ts'
import { DcosLogin } from './dcos-login.ts'
import { FakeMarathon } from './marathon/fake-marathon.ts'

const { signal } = new AbortController()
const claims = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

test('a service account proves itself with its key, as a file of it or as DC/OS keeps it', async t => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  const folder = mkdtempSync(join(tmpdir(), 'inkling-dcos-'))
  const server = await new FakeMarathon().start()
  t.after(async () => {
    await server.stop()
    rmSync(folder, { recursive: true })
  })
  writeFileSync(join(folder, 'key.pem'), pem)
  writeFileSync(join(folder, 'account.json'), JSON.stringify({ uid: 'svc', private_key: pem }))
  server.login = () => 'a.b.c'
  for (const [file, uid] of [
    ['key.pem', 'svc'],
    ['account.json', undefined],
  ] as const) {
    const environment = { INKLING_DCOS_KEY: join(folder, file), INKLING_DCOS_USER: uid }
    const { credentials, urls } = accessOf(
      'marathon',
      [`${server.host}/service/marathon`],
      environment,
    )
    assert.equal(await credentials.header(urls[0], signal), 'token=a.b.c')
    const sent = server.logins.pop() as { uid: string; token: string }
    assert.equal(sent.uid, 'svc')
    const [head, body, signature] = sent.token.split('.')
    const verify = createVerify('RSA-SHA256').update(`${head}.${body}`)
    assert.equal(verify.verify(publicKey, signature, 'base64url'), true)
    const told = JSON.parse(Buffer.from(body, 'base64url').toString())
    assert.equal(told.uid, 'svc')
    assert.ok(told.exp > Date.now() / 1000 && told.exp < Date.now() / 1000 + 600)
    credentials.close()
  }
})

test('a token is renewed before it ends, and a page instead of a token is none', async t => {
  let nowMs = 1_000_000
  const server = await new FakeMarathon().start()
  t.after(() => server.stop())
  server.login = () => `h.${claims({ exp: nowMs / 1000 + 600 })}.${server.logins.length}`
  const user = { uid: 'map', password: 's3cret' }
  const login = new DcosLogin(server.url, user, () => nowMs)
  const first = await login.header(server.url, signal)
  nowMs += 500_000
  assert.equal(await login.header(server.url, signal), first)
  nowMs += 50_000
  assert.notEqual(await login.header(server.url, signal), first)
  login.refused()
  server.broken = { status: 200, body: '<html>log in</html>', type: 'text/html' }
  server.login = () => 500
  await assert.rejects(login.header(server.url, signal), /answered 500 to a login, without a token/)
  login.close()
})

test('a token goes to no stranger, and from TLS to nothing without it', () => {
  const credentials = accessOf('marathon', ['https://u:p@dcos/marathon'], {}).credentials
  const client = new ApiClient({ credentials, hosts: ['dcos'] })
  const check = (to: string) => () => client.check(new URL('https://dcos/x'), new URL(to))
  assert.doesNotThrow(check('https://dcos/y'))
  assert.throws(check('http://dcos/y'), /not given/)
  assert.throws(check('https://dcos:8443/y'), /not given/)
  assert.throws(check('https://evil/y'), /evil/)
  client.trust('leader:8443')
  assert.doesNotThrow(check('https://leader:8443/v2/events'))
})
