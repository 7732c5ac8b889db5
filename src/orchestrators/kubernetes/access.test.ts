import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Fault } from '#lib/fault.ts'
import { Notebook } from '../notebook.ts'
import { type Access, accessOf, inCluster, isSafe } from './access.ts'
import { smallCluster } from './fake-objects.ts'
import { kubernetes } from './index.ts'

const forever = new AbortController().signal

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-kubernetes-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

function write(folder: string, name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** As kubectl writes it. */
const written = (user: string, server = 'https://10.0.0.1:6443') => `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: Q0E=
    server: ${server}
  name: kind
contexts:
- context:
    cluster: kind
    user: me
  name: kind-me
current-context: kind-me
kind: Config
preferences: {}
users:
- name: me
  user:
    ${user}
`

test('a kubeconfig as kubectl writes it: the server, whom it believes, and who asks', async t => {
  const folder = folderFor(t)
  write(folder, 'token', ' from-file \n')
  write(folder, 'cert.pem', 'CERT')
  const table: [string, object][] = [
    ['token: abc', { authorization: 'Bearer abc' }],
    ['token: abc\n    tokenFile: token', { authorization: 'Bearer from-file' }],
    ['username: a\n    password: b', { authorization: `Basic ${btoa('a:b')}` }],
    [
      'client-certificate: cert.pem\n    client-key-data: S0VZ',
      { cert: Buffer.from('CERT'), key: Buffer.from('KEY') },
    ],
    ['client-certificate: cert.pem', {}],
  ]
  for (const [user, wanted] of table) {
    const access = accessOf([write(folder, 'config', written(user))], {})
    assert.equal(access.server.href, 'https://10.0.0.1:6443/')
    assert.deepEqual(access.trust(), { ca: Buffer.from('CA') })
    assert.deepEqual(await access.credentials(forever), wanted, user)
  }
})

test('several files are one, the first wins; the context may be named', async t => {
  const folder = folderFor(t)
  const first = write(folder, 'a', written('token: first'))
  const second = write(folder, 'b', written('token: second').replaceAll('kind', 'other'))
  const tokenOf = async (access: Access) => (await access.credentials(forever)).authorization
  assert.equal(await tokenOf(accessOf([first, second], {})), 'Bearer first')
  const environment = { INKLING_KUBERNETES_CONTEXT: 'other-me' }
  assert.equal(await tokenOf(accessOf([first, second], environment)), 'Bearer first')
  assert.equal(await tokenOf(accessOf([second], environment)), 'Bearer second')
})

test('a command gives credentials: once, until they end or are refused', async t => {
  const folder = folderFor(t)
  const script = write(
    folder,
    'login',
    `#!/bin/sh
echo run >> ${folder}/runs
echo hunter2 >&2
[ -e ${folder}/broken ] && exit 3
[ -e ${folder}/odd ] && echo hunter2 && exit
printf '{"kind":"ExecCredential","status":{"token":"%s-%s","expirationTimestamp":"2099-01-01T00:00:00Z"}}' "$1" "$WHO"
`,
  )
  chmodSync(script, 0o755)
  const exec =
    'exec:\n      apiVersion: client.authentication.k8s.io/v1\n      command: ./login\n      args:\n      - hello\n      env:\n      - name: WHO\n        value: me\n      interactiveMode: IfAvailable'
  const access = accessOf([write(folder, 'config', written(exec))], {})
  const ask = () => access.credentials(forever)
  const runs = () => readFileSync(join(folder, 'runs'), 'utf8').split('\n').length - 1
  const [one] = await Promise.all([ask(), ask(), ask()])
  assert.deepEqual(one, { authorization: 'Bearer hello-me' })
  await ask()
  assert.equal(runs(), 1)
  access.refused()
  await ask()
  assert.equal(runs(), 2)
  access.refused()
  write(folder, 'odd', '')
  await assert.rejects(ask(), /^Error: credentials come from .\/login, and it answered none$/)
  write(folder, 'broken', '')
  await assert.rejects(ask(), /^Error: credentials come from .\/login, and it ended with 3$/)
})

test('what makes no sense is said in one sentence, and repeats no secret', t => {
  const folder = folderFor(t)
  const good = written('token: hunter2')
  const table: [string, RegExp][] = [
    ['x: |', /no clusters|no current context/],
    ['[]', /is no kubeconfig/],
    ['\0\x01', /is no kubeconfig/],
    ['token: "hunter2', /is no kubeconfig.*line 1 \(token\)/],
    [good.replace('current-context: kind-me', ''), /has no current context/],
    [good.replace('current-context: kind-me', 'current-context: none'), /has no context none/],
    [good.replace('user: me', 'user: you'), /has no user you/],
    [good.replace('cluster: kind', 'cluster: none'), /has no cluster none/],
    [good.replace('https://10.0.0.1:6443', 'ftp://x'), /is no address/],
    [good.replace('server:', 'sever:'), /cluster kind makes no sense/],
    [good.replace('server:', 'proxy-url: http://p\n    server:'), /proxy-url is not understood/],
    [good.replace('token: hunter2', 'auth-provider:\n      name: gcp'), /auth-provider is gone/],
    ['x'.repeat(2 << 20), /it is too long/],
  ]
  for (const [text, wanted] of table) {
    const path = write(folder, 'config', text)
    assert.throws(
      () => accessOf([path], {}),
      (error: Error) =>
        error instanceof Fault && wanted.test(error.message) && !error.message.includes('hunter2'),
      text.slice(0, 200),
    )
  }
  assert.throws(() => accessOf(['/nowhere'], {}), /--kubernetes \/nowhere/)
  assert.throws(() => accessOf([], {}), /this is none .*give --kubernetes ~\/.kube\/config/)
  assert.throws(() => accessOf(['in-cluster'], {}), /this is none/)
})

test('in a pod the service account is read anew each time', async t => {
  const folder = folderFor(t)
  const environment = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' }
  assert.throws(() => inCluster(environment, folder), /finds no service account/)
  write(folder, 'token', 'first\n')
  write(folder, 'ca.crt', 'CA')
  const access = inCluster(environment, folder)
  assert.equal(access.server.href, 'https://[fd00::1]:6443/')
  assert.deepEqual(access.trust(), { ca: Buffer.from('CA') })
  assert.deepEqual(await access.credentials(forever), { authorization: 'Bearer first' })
  write(folder, 'token', 'second')
  assert.deepEqual(await access.credentials(forever), { authorization: 'Bearer second' })
})

test('credentials go nowhere in clear text but to this machine', () => {
  const safe = [
    'https://10.0.0.1',
    'http://127.0.0.1:8001',
    'http://localhost:8001',
    'http://[::1]:1',
  ]
  for (const url of safe) assert.ok(isSafe(new URL(url)), url)
  for (const url of ['http://10.0.0.1', 'http://localhost.example.com']) {
    assert.ok(!isSafe(new URL(url)), url)
  }
})

test('TLS both ways: our authority, our certificate, and neither a stranger', async t => {
  const folder = folderFor(t)
  if (!makeCertificates(folder)) return t.skip('needs the openssl command')
  const file = (name: string) => readFileSync(join(folder, name))
  const api = smallCluster()
  const tls = { key: file('key.pem'), cert: file('cert.pem'), ca: file('cert.pem') }
  const url = await api.start(0, { ...tls, requestCert: true, rejectUnauthorized: true })
  t.after(() => api.stop())
  mkdirSync(join(folder, 'other'))
  assert.ok(makeCertificates(join(folder, 'other')))
  const withFiles = (ca: string, cert: string) =>
    written(`client-certificate: ${cert}cert.pem\n    client-key: ${cert}key.pem`, url).replace(
      'certificate-authority-data: Q0E=',
      `certificate-authority: ${ca}cert.pem`,
    )
  const statusOf = async (text: string) => {
    const notebook = new Notebook()
    const stop = new AbortController()
    const access = accessOf([write(folder, 'config', text)], {})
    const options = { backoff: { firstMs: 5, maxMs: 20 } }
    const watching = kubernetes(access, options).watch(notebook, stop.signal)
    await notebook.until(() => notebook.statuses.length > 0)
    stop.abort()
    await watching
    return JSON.stringify(notebook.statuses[0])
  }
  assert.match(await statusOf(withFiles('', '')), /connected/)
  assert.match(
    await statusOf(withFiles('other/', '')),
    /absent.*certificate is not of the authority/,
  )
  assert.match(await statusOf(withFiles('', 'other/')), /absent/)
  const trusting = withFiles('', '').replace(
    'certificate-authority: cert.pem',
    'insecure-skip-tls-verify: true',
  )
  assert.match(await statusOf(trusting), /connected/)
  rmSync(join(folder, 'key.pem'))
  assert.match(await statusOf(withFiles('', '')), /absent.*key.pem/)
})

/** One certificate that is its own authority; false where there is no openssl. */
function makeCertificates(folder: string): boolean {
  const words =
    'req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=api -addext subjectAltName=IP:127.0.0.1'
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')]
  try {
    execFileSync('openssl', [...words.split(' '), ...files], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
