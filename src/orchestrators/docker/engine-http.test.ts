import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { addressOf } from './address.ts'
import { EngineHttp } from './engine-http.ts'

const forever = new AbortController().signal

async function listening(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

async function client(t: TestContext, listener: RequestListener): Promise<EngineHttp> {
  const port = await listening(t, createServer(listener))
  const http = new EngineHttp(addressOf({ DOCKER_HOST: `tcp://127.0.0.1:${port}` }), 2)
  t.after(() => http.close())
  return http
}

test('an answer over TCP is JSON, or text where it is none', async t => {
  const http = await client(t, (request, response) => {
    response.statusCode = request.url === '/json' ? 200 : 500
    response.end(request.url === '/json' ? '[1,2]' : 'page not found')
  })
  assert.deepEqual((await http.get('/json', forever)).body, [1, 2])
  const { status, body } = await http.get('/text', forever)
  assert.deepEqual([status, body], [500, 'page not found'])
})

test('an answer that breaks off in its middle fails', async t => {
  const http = await client(t, (_, response) => {
    response.writeHead(200, { 'Content-Length': 100 })
    response.write('[', () => response.destroy())
  })
  await assert.rejects(http.get('/', forever))
})

test('an answer that never comes ends with the signal', async t => {
  const http = await client(t, () => {})
  await assert.rejects(http.get('/', AbortSignal.timeout(50)))
})

test('no more connections are open than allowed', async t => {
  let open = 0
  let most = 0
  const http = await client(t, (_, response) => {
    most = Math.max(most, ++open)
    setTimeout(() => {
      open--
      response.end('1')
    }, 5)
  })
  await Promise.all(Array.from({ length: 20 }, () => http.get('/', forever)))
  assert.equal(most, 2)
})

test('TLS is spoken both ways: the engine asks for our certificate', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-tls-'))
  t.after(() => rmSync(folder, { recursive: true }))
  if (!makeCertificate(folder)) return t.skip('needs the openssl command')
  const [ca, cert, key] = ['ca', 'cert', 'key'].map(name =>
    readFileSync(join(folder, `${name}.pem`)),
  )
  const options = { ca, cert, key, requestCert: true, rejectUnauthorized: true }
  const port = await listening(
    t,
    createTlsServer(options, (_, response) => response.end('"safe"')),
  )
  const DOCKER_HOST = `https://127.0.0.1:${port}`
  const http = new EngineHttp(addressOf({ DOCKER_HOST, DOCKER_CERT_PATH: folder }), 2)
  t.after(() => http.close())
  assert.equal((await http.get('/', forever)).body, 'safe')
})

/** One certificate that is its own authority; false where there is no openssl. */
function makeCertificate(folder: string): boolean {
  const words =
    'req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=engine -addext subjectAltName=IP:127.0.0.1'
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')]
  try {
    execFileSync('openssl', [...words.split(' '), ...files], { stdio: 'ignore' })
    execFileSync('cp', [join(folder, 'cert.pem'), join(folder, 'ca.pem')])
    return true
  } catch {
    return false
  }
}
