import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import type { Link } from '#model/graph.ts'
import { lack } from '../install/needs.ts'
import { run, waitFor } from './command.ts'
import { type Engine, lackForEngine, startEngine } from './engine.ts'
import { libraryImage, load, nginxImage, nodeImage } from './image.ts'

const root = join(import.meta.dirname, '../..')
const hasPage = existsSync(join(root, 'dist/web/index.html'))
const skip =
  lackForEngine() ??
  lack(['tini-static']) ??
  (hasPage ? undefined : 'needs the page: run npm run build first')

const base = 'http://127.0.0.1:7171'
/** Ready once the agent has told what it watches. */
const ready = `fetch('${base}/readyz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))`
/** What deploy/compose.yaml asks for, as options of `docker run`. */
const compose = [
  ...['--network', 'host', '--pid', 'host', '--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL'],
  ...['NET_RAW', 'NET_ADMIN', 'SYS_ADMIN', 'SYS_PTRACE', 'SYS_CHROOT', 'DAC_READ_SEARCH'].flatMap(
    name => ['--cap-add', name],
  ),
  ...['--security-opt', 'apparmor=unconfined', '--security-opt', 'no-new-privileges'],
]

suite('the image', { skip }, () => {
  let engine: Engine
  const context = () => join(engine.place.dir, 'context')

  before(async () => {
    engine = await startEngine({ apart: true })
    for (const image of [libraryImage, nodeImage, nginxImage]) await load(engine, image)
    await engine.docker('network', 'create', 'net')
    await engine.docker('run', '-d', '--network', 'net', '--name', 'web', nginxImage.name)
    const env = {
      ...process.env,
      DOCKER_HOST: engine.host,
      BASE: libraryImage.name,
      CONTEXT: context(),
    }
    await run([join(root, 'deploy/build'), 'inkling:lab'], env)
  })
  after(() => engine?.stop())

  test('holds the command, and no tests, no page sources, no tools', async () => {
    const said = await engine.docker('run', '--rm', 'inkling:lab', '--version')
    assert.match(said, /^\d+\.\d+\.\d+\n$/)
    const where = ['--rm', '--entrypoint', 'find', 'inkling:lab', '/opt/inkling']
    const what = ['-name', '*.test.ts', '-o', '-name', 'vite', '-o', '-name', 'draw']
    const found = await engine.docker('run', ...where, ...what)
    assert.equal(found, '')
  })

  test('buries its orphans', async () => {
    const init = ['--entrypoint', '/opt/inkling/bin/init', 'inkling:lab', '--', 'sh', '-c']
    const script = '(sleep 0.2 &); sleep 1; grep -l "^State:.Z" /proc/[0-9]*/status; true'
    assert.equal(await engine.docker('run', '--rm', ...init, script), '')
  })

  for (const [how, options] of [
    ['with all privileges', ['--privileged', '--network', 'host', '--pid', 'host']],
    ['with the privileges that deploy/compose.yaml lists', compose],
  ] as const) {
    test(`sees a call ${how}, and stops when told to`, async t => {
      const refusal = await refusalOf(engine, options)
      if (refusal) return t.skip(`this machine cannot give those privileges: ${refusal}`)
      t.after(() => engine.docker('rm', '-f', 'inkling'))
      const socket = `${join(engine.place.dir, 'docker.sock')}:/var/run/docker.sock`
      await engine.docker('run', '-d', '--name', 'inkling', ...options, '-v', socket, 'inkling:lab')
      const ask = () => engine.docker('exec', 'inkling', 'node', '-e', ready).catch(() => undefined)
      await waitFor(ask, 20_000, () => 'the map did not come up')
      const said = () =>
        engine.docker('logs', 'inkling').then(logs => logs.includes(base) || undefined)
      await waitFor(said, 5000, () => 'it does not say where the map is')
      await callOnce(engine)
      await waitFor(
        () => linkOf(engine),
        10_000,
        () => 'the call is not on the map',
      )
      const startMs = Date.now()
      await engine.docker('stop', '--time', '8', 'inkling')
      assert.ok(Date.now() - startMs < 5000, 'it did not listen to the signal')
      const code = await engine.docker('inspect', '-f', '{{.State.ExitCode}}', 'inkling')
      assert.equal(code.trim(), '0')
    })
  }
})

/** A machine that is a sandbox itself may lack what `--privileged` gives away. */
async function refusalOf(
  { docker }: Engine,
  options: readonly string[],
): Promise<string | undefined> {
  const said = await docker('run', '--rm', ...options, libraryImage.name, 'true').catch(
    error => error,
  )
  return said instanceof Error ? said.message.split('\n')[0] : undefined
}

/** A container that makes one call a second after its start, and is gone. */
async function callOnce({ docker }: Engine): Promise<void> {
  const settings = {
    SELF: 'container:caller',
    SERVER: 'container:web',
    URL: 'http://web/',
    COUNT: '1',
    DELAY_MS: '1000',
  }
  const env = Object.entries(settings).flatMap(([name, value]) => ['-e', `${name}=${value}`])
  const where = ['--rm', '--network', 'net', '--name', 'caller']
  await docker('run', ...where, ...env, nodeImage.name, '/app/calls.ts')
}

/** The link of that call, asked where the map is served; undefined while it is not there. */
async function linkOf({ docker }: Engine): Promise<true | undefined> {
  const script = `fetch('${base}/api/v1/graph').then(r => r.text()).then(console.log)`
  const { links } = JSON.parse(await docker('exec', 'inkling', 'node', '-e', script))
  const isIt = ({ link }: { link: Link }) =>
    link.client === 'container:caller' &&
    link.server === 'container:web' &&
    link.protocol === 'http'
  return links.some(isIt) || undefined
}
