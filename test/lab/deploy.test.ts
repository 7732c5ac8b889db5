import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { lack } from '../install/needs.ts'
import { run, waitFor } from './command.ts'
import { type Engine, lackForEngine, startEngine } from './engine.ts'
import { libraryImage, load } from './image.ts'

const root = join(import.meta.dirname, '../..')
const hasPage = existsSync(join(root, 'dist/web/index.html'))
const skip =
  lackForEngine() ??
  lack(['tini-static']) ??
  (hasPage ? undefined : 'needs the page: run npm run build first')

const healthz =
  "fetch('http://127.0.0.1:7171/healthz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"
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
    await load(engine, libraryImage)
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
    test(`serves the map ${how}, and stops when told to`, async t => {
      const refusal = await refusalOf(engine, options)
      if (refusal) return t.skip(`this machine cannot give those privileges: ${refusal}`)
      t.after(() => engine.docker('rm', '-f', 'inkling'))
      const socket = `${join(engine.place.dir, 'docker.sock')}:/var/run/docker.sock`
      await engine.docker('run', '-d', '--name', 'inkling', ...options, '-v', socket, 'inkling:lab')
      const ask = () =>
        engine.docker('exec', 'inkling', 'node', '-e', healthz).catch(() => undefined)
      await waitFor(ask, 20_000, () => 'the map did not come up')
      const logs = await engine.docker('logs', 'inkling')
      assert.match(logs, /The map is at http:\/\/127\.0\.0\.1:7171/)
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
