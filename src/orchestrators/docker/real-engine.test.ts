import assert from 'node:assert/strict'
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { UsageMeter } from '../control-group-usage.ts'
import { Notebook } from '../notebook.ts'
import { containersOf, namespaceOf, readProc } from '../proc.ts'
import { ProcessSockets } from '../process/index.ts'
import { docker } from './index.ts'

const run = promisify(execFile)
const busybox = '/bin/busybox'
const skip = missing()

function missing(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'a real engine needs root on Linux'
  if (!existsSync('/usr/sbin/dockerd')) return 'no engine: apt-get install docker.io'
  return existsSync(busybox) ? undefined : 'no image to run: apt-get install busybox-static'
}

/** An engine of our own: no bridge, no firewall rules, nothing that another one on this machine could notice. */
class RealEngine {
  readonly folder = mkdtempSync(join(tmpdir(), 'inkling-engine-'))
  readonly host = `unix://${this.folder}/docker.sock`
  #daemon: ChildProcess | undefined

  async start(): Promise<void> {
    const place = ['data-root', 'exec-root', 'pidfile'].map(
      name => `--${name}=${this.folder}/${name}`,
    )
    const apart = ['--bridge=none', '--iptables=false', '--ip6tables=false', '--live-restore']
    const log = openSync(join(this.folder, 'log'), 'a')
    this.#daemon = spawn('/usr/sbin/dockerd', ['-H', this.host, ...place, ...apart], {
      stdio: ['ignore', log, log],
    })
    for (let i = 0; i < 150; i++) {
      if (
        await this.docker('version').then(
          () => true,
          () => false,
        )
      )
        return
      await new Promise(resolve => setTimeout(resolve, 200))
    }
    throw new Error(`the engine did not start: ${this.folder}/log`)
  }

  async docker(...words: string[]): Promise<string> {
    const { stdout } = await run('docker', ['-H', this.host, ...words])
    return stdout.trim()
  }

  async stop(): Promise<void> {
    const daemon = this.#daemon
    if (daemon === undefined || daemon.exitCode !== null) return
    const ended = new Promise(resolve => daemon.once('exit', resolve))
    daemon.kill('SIGTERM')
    await ended
  }

  async buildImage(): Promise<void> {
    copyFileSync(busybox, join(this.folder, 'busybox'))
    const lines = ['FROM scratch', 'COPY busybox /bin/busybox', 'ENTRYPOINT ["/bin/busybox"]']
    writeFileSync(join(this.folder, 'Dockerfile'), lines.join('\n'))
    writeFileSync(join(this.folder, '.dockerignore'), 'data-root\nexec-root\n')
    await this.docker('build', '-q', '-t', 'bb', this.folder)
  }

  /** Leaves nothing behind, also when a test failed halfway. */
  async remove(): Promise<void> {
    const ids = await this.docker('ps', '-aq').catch(() => '')
    for (const id of ids.split('\n').filter(Boolean))
      await this.docker('rm', '-f', id).catch(() => '')
    await this.docker('network', 'prune', '-f').catch(() => '')
    await this.stop()
    for (const pid of readdirSync('/proc').map(Number)) {
      // Shims outlive an engine with live restore; the folder in their command line is ours alone.
      if (pid > 0 && readProc(`/proc/${pid}/cmdline`)?.includes(this.folder))
        process.kill(pid, 'SIGKILL')
    }
    for (const line of (readProc('/proc/self/mounts') ?? '').split('\n')) {
      const place = line.split(' ')[1] ?? ''
      if (place.startsWith(this.folder)) execFileSync('umount', ['-l', place])
    }
    rmSync(this.folder, { recursive: true, force: true })
  }
}

let engine: RealEngine
const notebook = new Notebook()
const stop = new AbortController()
let watching: Promise<void>

before(async () => {
  if (skip !== undefined) return
  engine = new RealEngine()
  await engine.start()
  await engine.buildImage()
  await engine.docker('network', 'create', '--subnet', '10.231.41.0/24', 'shopnet')
  watching = docker({ environment: { DOCKER_HOST: engine.host } }).watch(notebook, stop.signal)
  await notebook.until(() => notebook.lines.includes('status connected'))
})

after(async () => {
  if (skip !== undefined) return
  stop.abort()
  await watching
  await engine.remove()
})

test('a container that starts is known, with address, namespace and ports, and gone when it ends', {
  skip,
}, async () => {
  const labels = ['-l', 'com.docker.compose.project=shop', '-l', 'com.docker.compose.service=vote']
  const where = ['--network', 'shopnet', '--ip', '10.231.41.9', '-p', '127.0.0.1:39301:80']
  const id = await engine.docker('run', '-d', ...labels, ...where, 'bb', 'httpd', '-f', '-p', '80')
  await notebook.until(() => notebook.groups.has('compose:shop:vote'), 10_000)
  const [instance] = notebook.groups.get('compose:shop:vote')!.instances
  assert.equal(instance.id, `docker:${id}`)
  assert.deepEqual(
    instance.addresses.map(({ ip, networkName }) => [ip, networkName]),
    [['10.231.41.9', 'shopnet']],
  )
  assert.equal(instance.namespace, namespaceOf('/proc', instance.pid!))
  assert.notEqual(instance.namespace, namespaceOf('/proc', 'self'))
  assert.deepEqual(containersOf(readProc(`/proc/${instance.pid}/cgroup`) ?? ''), [id])
  assert.deepEqual(instance.published, [
    { ip: '127.0.0.1', port: 39301, targetPort: 80, transport: 'tcp' },
  ])
  const network = notebook.told.find(({ name }) => name === 'shopnet')
  assert.deepEqual(
    [network?.id, network?.gateways],
    [instance.addresses[0].network, ['10.231.41.1']],
  )
  await proxySpeaksFor(39301, '10.231.41.9')
  await engine.docker('kill', id)
  await notebook.until(() => !notebook.groups.has('compose:shop:vote'), 10_000)
})

async function proxySpeaksFor(port: number, ip: string): Promise<void> {
  const sockets = new ProcessSockets()
  sockets.start()
  const owner = sockets.ownerOf({ transport: 'tcp', local: { ip: '127.0.0.1', port } })
  sockets.close()
  const proxy = owner?.proxy === 'gone' ? undefined : owner?.proxy
  assert.deepEqual(proxy?.container, { ip, port: 80 })
}

test('a host-network container owns its sockets by its control group', { skip }, async () => {
  const id = await engine.docker(
    'run',
    '-d',
    '--network',
    'host',
    'bb',
    'httpd',
    '-f',
    '-p',
    '39302',
  )
  const sockets = new ProcessSockets()
  try {
    await new Promise(resolve => setTimeout(resolve, 300))
    sockets.start()
    const owner = sockets.ownerOf({ transport: 'tcp', local: { ip: '127.0.0.1', port: 39302 } })
    assert.deepEqual(owner, { instance: `docker:${id}` })
  } finally {
    sockets.close()
    await engine.docker('kill', id)
  }
})

test('what a container takes is measured, and of its environment only names are told', {
  skip,
}, async () => {
  const secret = `hunter2-${Math.random()}`
  const limits = ['--cpus', '0.5', '--memory', '64m', '-e', `PASSWORD=${secret}`]
  const loop = ['sh', '-c', 'while :; do :; done']
  const where = ['--name', 'busy', '--network', 'none']
  const id = await engine.docker('run', '-d', ...where, ...limits, 'bb', ...loop)
  const meter = new UsageMeter('/proc')
  try {
    await notebook.until(() => notebook.groups.has('container:busy'), 10_000)
    const group = notebook.groups.get('container:busy')!
    assert.deepEqual(group.instances[0].environment, ['PASSWORD', 'PATH'])
    assert.equal(JSON.stringify([...notebook.groups]).includes(secret), false)
    meter.expect(group.instances)
    meter.measure(performance.now())
    await new Promise(resolve => setTimeout(resolve, 2000))
    const usage = meter.measure(performance.now()).get(`docker:${id}`)
    assert.ok(usage, 'its control groups were found')
    assert.equal(usage.memoryBytesMax, 64 * 1024 * 1024)
    assert.equal(usage.cpusMax, 0.5)
    assert.ok(usage.cpus! > 0.02 && usage.cpus! < 0.7, `${usage.cpus} processors`)
    assert.ok(usage.memoryBytes! > 0 && usage.memoryBytes! < 64 * 1024 * 1024)
  } finally {
    meter.close()
    await engine.docker('kill', id)
  }
})

test('ten containers that start at once are all told', { skip }, async () => {
  const names = Array.from({ length: 10 }, (_, i) => `burst${i}`)
  await Promise.all(
    names.map(name =>
      engine.docker('create', '--name', name, '--network', 'none', 'bb', 'sleep', '600'),
    ),
  )
  await engine.docker('start', ...names)
  const told = () => names.filter(name => notebook.groups.has(`container:${name}`)).length
  await notebook.until(() => told() === names.length, 20_000)
  await engine.docker('kill', ...names)
  await notebook.until(() => told() === 0, 20_000)
})

test('an engine that restarts is lost in between, and what ran on is never gone', {
  skip,
}, async () => {
  await engine.docker('run', '-d', '--name', 'steady', '--network', 'none', 'bb', 'sleep', '600')
  await notebook.until(() => notebook.groups.has('container:steady'))
  const before = notebook.lines.length
  await engine.stop()
  await notebook.until(() => notebook.statuses.at(-1)?.kind === 'lost')
  assert.ok(notebook.groups.has('container:steady'), 'the old truth stays')
  await engine.start()
  await notebook.until(() => notebook.statuses.at(-1)?.kind === 'connected', 20_000)
  assert.ok(notebook.groups.has('container:steady'))
  assert.deepEqual(
    notebook.lines.slice(before).filter(line => line.includes('steady 0')),
    [],
  )
})
