import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { missingPrivilege } from '#capture/privilege.ts'
import { writeHttp } from '../bench/capture-file.ts'

const bin = join(import.meta.dirname, '../bin/inkling')
const dir = mkdtempSync(join(tmpdir(), 'inkling-cli-'))
after(() => rmSync(dir, { recursive: true, force: true }))

const capture = join(dir, 'http.pcap')
const packets = writeHttp(capture, 50, 3)

function inkling(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(bin, args, { encoding: 'utf8', timeout: 30_000 })
  return { status, stdout, stderr }
}

/** One sentence that names the command, and exit code 2. */
function assertFault(found: ReturnType<typeof inkling>, says: RegExp): void {
  assert.equal(found.status, 2, found.stderr)
  assert.match(found.stderr, says)
  assert.doesNotMatch(found.stderr, /^\s+at /m)
  const lines = found.stderr.trim().split('\n')
  assert.match(lines[0], /^inkling: /)
  assert.ok(lines.length <= 2, found.stderr)
}

test('a capture file is printed one transaction a line, in order of time', () => {
  const { status, stdout } = inkling('read', capture, '--json')
  assert.equal(status, 0)
  const lines = stdout.trim().split('\n')
  assert.equal(lines.length, 50)
  const first = JSON.parse(lines[0])
  assert.deepEqual(
    [first.protocol, first.method, first.resource, first.status, first.outcome],
    ['http', 'GET', '/articles/0?page=?', '200', 'ok'],
  )
  assert.deepEqual(first.client, { ip: '10.1.0.0', port: 40_000 })
  assert.equal(first.durationUs, 10)
  const starts = lines.map(line => JSON.parse(line).start)
  assert.deepEqual(starts, [...starts].sort())
})

test('--raw keeps values, --flows prints flows, --stats ends with totals', () => {
  assert.match(inkling('read', capture, '--raw').stdout, /GET \/articles\/1\?page=1 200 ok/)
  const flows = inkling('read', capture, '--flows', '--json').stdout.trim().split('\n')
  assert.equal(flows.length, 3)
  assert.equal(JSON.parse(flows[0]).protocol, 'http')
  const stats = inkling('read', capture, '--stats', '--json').stdout.trim().split('\n').at(-1)!
  assert.deepEqual(JSON.parse(stats).stats.transactions, { http: 50 })
  assert.equal(JSON.parse(stats).stats.packets, packets)
})

test('a file that is cut short gives what it has, then says so', () => {
  const cut = join(dir, 'cut.pcap')
  writeFileSync(cut, readFileSync(capture).subarray(0, 20_000))
  const found = inkling('read', cut)
  assertFault(found, /cut\.pcap .*cut short/)
  assert.ok(found.stdout.split('\n').length > 5)
})

test('what is no capture file, or not there, is one sentence', () => {
  const foreign = join(dir, 'foreign.txt')
  writeFileSync(foreign, 'not a capture file at all')
  assertFault(inkling('read', foreign), /foreign\.txt is no capture file/)
  assertFault(inkling('read', join(dir, 'none.pcap')), /none\.pcap/)
  assertFault(inkling('read', dir), /directory/)
  assertFault(inkling('replay', foreign), /no capture file/)
})

test('an unknown option, command or value is one sentence', () => {
  assertFault(inkling('read', '--jsn', capture), /unknown option '--jsn'/)
  assertFault(inkling('fly'), /unknown command 'fly'/)
  assertFault(inkling('read'), /missing required argument/)
  assertFault(inkling('replay', '--speed', '-1', capture), /above 0/)
  assertFault(inkling('up', '--listen', 'here'), /ADDRESS:PORT/)
  assertFault(inkling('up', '--place', 'a b'), /ENVIRONMENT\/CLUSTER/)
  assertFault(inkling('server', '--marathon', '../=http://127.0.0.1:1'), /127\.0\.0\.1:1/)
  assertFault(inkling('agent', '--server', 'nowhere'), /address of the server/)
  for (const command of ['server', 'up'])
    assertFault(inkling(command, '--tls-cert', 'one.crt'), /--tls-cert and --tls-key/)
  assertFault(inkling('up', '--ca', '/none.crt'), /\/none\.crt/)
  const pair = ['--tls-cert', '/none.crt', '--tls-key', '/none.key']
  assertFault(inkling('server', ...pair, '--listen', '127.0.0.1:0'), /There is no file \/none\.crt/)
  const agent = ['agent', '--server', 'https://127.0.0.1:1', '--token', 't']
  assertFault(inkling(...agent, '--ca', '/none.pem'), /There is no file \/none\.pem/)
  assertFault(inkling(...agent, '--spool-size', '1'), /whole number from 8/)
  assertFault(inkling('server', '--listen', '0.0.0.0:0'), /--view-token/)
})

test('an agent ends with whoever started it, however that ended', {
  skip: missingPrivilege() && 'needs root',
}, async () => {
  const tied = [
    'agent',
    '--tied',
    '--server',
    'http://127.0.0.1:1',
    '--token',
    't',
    '--spool',
    'none',
  ]
  // It says its number and waits to be killed; nobody is left to ask the agent to end.
  const script = `const { pid } = require('node:child_process').spawn(${JSON.stringify(bin)}, ${JSON.stringify(tied)}, { stdio: ['pipe', 'ignore', 'ignore'] })
    console.log(pid); setInterval(() => {}, 1000)`
  const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = await once(parent.stdout.setEncoding('utf8'), 'data')
  const agent = Number(said)
  const isAlive = () =>
    existsSync(`/proc/${agent}`) && !/\) Z /.test(readFileSync(`/proc/${agent}/stat`, 'utf8'))
  await sleep(2000)
  assert.ok(isAlive(), 'it did not run')
  parent.kill('SIGKILL')
  for (const endMs = Date.now() + 8000; isAlive() && Date.now() < endMs; ) await sleep(100)
  const isOrphan = isAlive()
  if (isOrphan) process.kill(agent, 'SIGKILL')
  assert.ok(!isOrphan, 'the agent was left behind')
})

test('a port in use is one sentence', async () => {
  const other = createServer()
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
  const place = other.address()
  const port = typeof place === 'object' ? place?.port : 0
  assertFault(inkling('server', '--listen', `127.0.0.1:${port}`), /in use .*--listen/)
  other.close()
})

test('a full disk is one sentence', { skip: !existsSync('/dev/full') && 'no /dev/full' }, () => {
  const full = openSync('/dev/full', 'w')
  const { status, stderr } = spawnSync(bin, ['read', capture], {
    encoding: 'utf8',
    stdio: ['ignore', full, 'pipe'],
  })
  assert.equal(status, 2)
  assert.match(stderr, /^inkling: .*(no space|write)/i)
})

test('without a server top says how to start one', () => {
  assertFault(inkling('top', '--once', '--server', 'http://127.0.0.1:9'), /inkling up/)
})

test('each command has --help', () => {
  for (const command of ['', 'up', 'server', 'agent', 'read', 'replay', 'top']) {
    const found = inkling(...[command, '--help'].filter(Boolean))
    assert.equal(found.status, 0, command)
    assert.match(found.stdout, /Usage: inkling/)
  }
})

const asNobody = process.getuid?.() === 0 && existsSync('/usr/bin/setpriv')

test('without the privilege up says what is missing and offers replay', { skip: !asNobody }, () => {
  const args = ['--reuid=65534', '--clear-groups', bin, 'up', '--listen', '127.0.0.1:0']
  const { status, stderr } = spawnSync('setpriv', args, { encoding: 'utf8', timeout: 20_000 })
  assert.equal(status, 2, stderr)
  assert.match(stderr, /^inkling: .*(sudo|root).*replay/s)
})
