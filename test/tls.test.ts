import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { followTls, readCa, readTls } from '#api/tls.ts'
import { Spool } from '#spool/spool.ts'
import { type RunningServer, startServer } from '../src/server.ts'
import { ownClock, ServerTime } from '../src/server-time.ts'
import { Uplink } from '../src/uplink.ts'
import { lack } from './install/needs.ts'
import { parties, secondOf } from './outage/seconds.ts'

const dir = mkdtempSync(join(tmpdir(), 'inkling-tls-'))
after(() => rmSync(dir, { recursive: true, force: true }))
const at = (name: string) => join(dir, name)
const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' })
}

/** A certificate for this machine, signed by itself. */
function sign(
  name: string,
  subject = 'inkling',
  days = '30',
  names = 'IP:127.0.0.1,DNS:localhost',
) {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const files = ['-keyout', `${name}.key`, '-out', `${name}.crt`]
  const what = ['-days', days, '-subj', `/CN=${subject}`, '-addext', `subjectAltName=${names}`]
  openssl('req', '-x509', ...key, ...files, ...what)
}

const filesOf = (name: string) => ({ cert: at(`${name}.crt`), key: at(`${name}.key`) })

/** Who the server says it is. */
function whoServes(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { rejectUnauthorized: false, agent: false }, answer => {
      const { subject } = (answer.socket as TLSSocket).getPeerCertificate()
      answer.resume()
      answer.on('end', () => resolve(String(subject.CN)))
    })
    asked.on('error', reject)
    asked.end()
  })
}

async function until<T>(ask: () => Promise<T | undefined>, what: string): Promise<T> {
  for (const endMs = Date.now() + 10_000; Date.now() < endMs; await sleep(50)) {
    const answer = await ask()
    if (answer !== undefined) return answer
  }
  throw new Error(`waited in vain for ${what}`)
}

/** An agent without capture; gives what it logs. */
function agentOf(url: string, ca?: string) {
  const said: string[] = []
  const note = (text: string) => void said.push(text)
  const uplink = new Uplink({
    ...{ server: new URL(url), token: 'agents', ca, node: 'n1', version: 'v' },
    ...{ time: new ServerTime(ownClock), spool: new Spool({ run: 'r1', clock: ownClock }) },
    identity: () => ({ hostNamespace: 'host', addresses: [] }),
    log: { info: note, warn: note, error: note },
  })
  return { uplink, said }
}

suite('over TLS', { skip: lack(['openssl']) }, () => {
  const said: string[] = []
  const note = (text: string) => void said.push(text)
  const log = { info: note, warn: note, error: note }
  let server: RunningServer

  before(async () => {
    sign('one')
    sign('two', 'renewed')
    sign('other', 'inkling', '30', 'DNS:elsewhere.example')
    const options = { host: '127.0.0.1', port: 0, agentToken: 'agents', viewToken: 'viewers', log }
    server = await startServer({ ...options, tls: filesOf('one') })
  })
  after(() => server.close())

  test('agents that know who signed come in, and the map is served', async () => {
    assert.match(server.url, /^https:/)
    const { uplink } = agentOf(server.url, readCa(at('one.crt')))
    uplink.allGroups('docker', parties)
    const startMs = Math.floor(Date.now() / 1000) * 1000 - 3000
    uplink.windows(secondOf(startMs, 1), true)
    const headers = { authorization: 'Bearer viewers' }
    const answer = await until(async () => {
      const text = await new Promise<string>((resolve, reject) => {
        const ca = readFileSync(at('one.crt'))
        const asked = request(`${server.url}/api/v1/graph`, { ca, headers, agent: false }, got => {
          let body = ''
          got.on('data', part => {
            body += part
          })
          got.on('end', () => resolve(body))
        })
        asked.on('error', reject)
        asked.end()
      })
      const { links } = JSON.parse(text)
      return links.length > 0 ? links : undefined
    }, 'the link')
    assert.equal(answer[0].counts.ok, 2)
    await uplink.close()
  })

  test('the cookie that remembers a viewer goes over TLS alone', async () => {
    const cookie = await new Promise<string>((resolve, reject) => {
      const asked = request(
        `${server.url}/?token=viewers`,
        { rejectUnauthorized: false, agent: false },
        got => {
          got.resume()
          resolve(got.headers['set-cookie']?.[0] ?? '')
        },
      )
      asked.on('error', reject)
      asked.end()
    })
    assert.match(cookie, /; Secure$/)
  })

  const refusals: [how: string, url: () => string, ca: () => string | undefined, says: RegExp][] = [
    ['nobody known signed it', () => server.url, () => undefined, /signed by nobody .* --ca/],
    ['another signed it', () => server.url, () => readCa(at('two.crt')), /signed by nobody/],
    [
      'TLS is wanted and not asked for',
      () => server.url.replace('https', 'http'),
      () => undefined,
      /hung up; if it speaks TLS there, write https/,
    ],
  ]
  for (const [how, url, ca, says] of refusals) {
    test(`an agent says why it stays out: ${how}`, async () => {
      const { uplink, said } = agentOf(url(), ca())
      await until(async () => (said.length > 0 ? true : undefined), 'a word')
      assert.match(said[0], says)
      await uplink.close()
    })
  }

  test('an agent says why it stays out: the name is another, the server speaks no TLS', async () => {
    const quiet = { info() {}, warn() {}, error() {} }
    const options = { host: '127.0.0.1', port: 0, agentToken: 'agents', log: quiet }
    const elsewhere = await startServer({ ...options, tls: filesOf('other') })
    const named = agentOf(elsewhere.url, readCa(at('other.crt')))
    await until(async () => (named.said.length > 0 ? true : undefined), 'a word')
    assert.match(named.said[0], /certificate is not for that name/)
    const plain = await startServer(options)
    const secure = agentOf(plain.url.replace('http', 'https'))
    await until(async () => (secure.said.length > 0 ? true : undefined), 'a word')
    assert.match(secure.said[0], /speaks no TLS there/)
    for (const { uplink } of [named, secure]) await uplink.close()
    for (const each of [elsewhere, plain]) await each.close()
  })

  test('a renewed certificate is served without a restart; one that cannot be is not', async () => {
    const files = filesOf('served')
    const put = (name: string) => {
      copyFileSync(at(`${name}.crt`), files.cert)
      copyFileSync(at(`${name}.key`), files.key)
    }
    put('one')
    const http = createServer(readTls(files), (_, answer) => answer.end('yes'))
    const said: string[] = []
    const note = (text: string) => void said.push(text)
    const unfollow = followTls(http, files, { info: note, warn: note }, 20)
    await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
    const address = http.address()
    const url = `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
    assert.equal(await whoServes(url), 'inkling')
    copyFileSync(at('two.crt'), files.cert)
    await until(async () => (said.length > 0 ? true : undefined), 'a word')
    assert.match(said[0], /served as it was: The key in .* does not belong to the certificate/)
    assert.equal(await whoServes(url), 'inkling')
    put('two')
    await until(
      async () => ((await whoServes(url)) === 'renewed' ? true : undefined),
      'the new one',
    )
    assert.match(said.at(-1)!, /was renewed/)
    unfollow()
    http.close()
  })

  test('what is wrong with a file is one sentence', () => {
    writeFileSync(at('empty.crt'), '')
    writeFileSync(
      at('broken.crt'),
      '-----BEGIN CERTIFICATE-----\nxxxx\n-----END CERTIFICATE-----\n',
    )
    openssl('ec', '-in', 'one.key', '-aes256', '-passout', 'pass:secret', '-out', 'locked.key')
    const wrong: [cert: string, key: string, says: RegExp][] = [
      ['none.crt', 'one.key', /^There is no file .*none\.crt\.$/],
      ['one.crt', 'none.key', /^There is no file .*none\.key\.$/],
      ['empty.crt', 'one.key', /empty\.crt holds no certificate in PEM form\.$/],
      ['broken.crt', 'one.key', /broken\.crt holds no certificate in PEM form\.$/],
      ['one.key', 'one.key', /one\.key holds no certificate in PEM form\.$/],
      ['one.crt', 'one.crt', /one\.crt holds no key in PEM form\.$/],
      ['one.crt', 'two.key', /two\.key does not belong to the certificate in .*one\.crt\.$/],
      ['one.crt', 'locked.key', /locked\.key is locked with a passphrase/],
      ['.', 'one.key', /cannot be read/],
    ]
    for (const [cert, key, says] of wrong) {
      assert.throws(() => readTls({ cert: at(cert), key: at(key) }), {
        name: 'Fault',
        message: says,
      })
    }
    assert.throws(() => readCa(at('one.key')), /holds no certificate/)
  })
})
