import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import type { Link } from '#model/graph.ts'
import { lack } from '../install/needs.ts'
import { run, waitFor } from './command.ts'
import { type Engine, lackForEngine, startEngine } from './engine.ts'
import { baseImage, libraryImage, load } from './image.ts'

const root = join(import.meta.dirname, '../..')
const hasPage = existsSync(join(root, 'dist/web/index.html'))
const skip =
  lackForEngine() ??
  lack(['tini-static', 'openssl']) ??
  (hasPage ? undefined : 'needs the page: run npm run build first')

/** The lines of code that follow a heading of a document. */
function commandsOf(path: string, heading: string): string {
  const text = readFileSync(join(root, path), 'utf8')
  const [, section = ''] = text.split(`\n## ${heading}\n`)
  return /(?:\n {4}.*)+/.exec(section)?.[0].replaceAll('\n    ', '\n') ?? ''
}

const readme = commandsOf('README.md', 'On a Docker Swarm')

test('the README and the guide say the same', () => {
  assert.match(readme, /docker service create/)
  assert.equal(commandsOf('docs/use/swarm.md', 'One command'), readme)
})

suite('the one command of the README, on a Swarm', { skip }, () => {
  let engine: Engine
  const create = [
    'service',
    'create',
    '--quiet',
    '--detach',
    '--no-resolve-image',
    '--network',
    'shop',
  ]

  before(async () => {
    engine = await startEngine({ apart: true })
    for (const image of [libraryImage, baseImage]) await load(engine, image)
    const context = join(engine.place.dir, 'context')
    const env = {
      ...process.env,
      DOCKER_HOST: engine.host,
      BASE: libraryImage.name,
      CONTEXT: context,
    }
    await run([join(root, 'deploy/build'), 'inkling:latest'], env)
    await engine.docker('swarm', 'init', '--advertise-addr', engine.outside.nodeAddress)
    await engine.docker('network', 'create', '--driver', 'overlay', 'shop')
    const web = [baseImage.name, 'httpd', '-f', '-p', '80']
    await engine.docker(...create, '--name', 'web', '--endpoint-mode', 'dnsrr', ...web)
    const calls = 'for i in $(seq 600); do wget -q -O /dev/null http://web/; sleep 0.2; done'
    await engine.docker(...create, '--name', 'caller', baseImage.name, 'sh', '-c', calls)
    const count = async () => (await engine.docker('ps', '-q')).trim().split('\n').length === 2
    await waitFor(
      async () => (await count()) || undefined,
      60_000,
      () => 'no tasks run',
    )
  })
  after(() => engine?.stop())

  test('brings the map up, with the first link on it', async t => {
    const startMs = Date.now()
    // The lab's engine listens elsewhere, and no registry has the image.
    const commands = readme
      .replace('src=/var/run/docker.sock', `src=${engine.place.dir}/docker.sock`)
      .replace('service create', 'service create --quiet --detach --no-resolve-image')
    const script = `${commands}\necho; echo "$MANAGER $TOKEN"`
    const said = await run(['sh', '-ec', script], { ...process.env, DOCKER_HOST: engine.host })
    const [manager, token] = said.trim().split('\n').at(-1)!.split(' ')
    assert.equal(manager, engine.outside.nodeAddress)
    const seen = () => linksOf(engine, `http://${manager}:7171`, token)
    const isIt = ({ client, server, protocol }: Link) =>
      `${client} > ${server} ${protocol}` === 'swarm:caller > swarm:web http'
    const links = await waitFor(
      async () => {
        const links = await seen()
        return links?.some(isIt) ? links : undefined
      },
      60_000,
      () => 'the call is not on the map',
    )
    t.diagnostic(
      `${((Date.now() - startMs) / 1000).toFixed(1)} s from the command to the first link`,
    )
    const wrong = links.filter(link => link.protocol === 'http' && !isIt(link))
    assert.deepEqual(wrong, [])
  })
})

/** What the map shows to whoever has the token, asked from the machine itself; undefined while there is none. */
async function linksOf(
  { docker }: Engine,
  url: string,
  token: string,
): Promise<Link[] | undefined> {
  const id = (await docker('ps', '--quiet', '--filter', 'name=inkling')).trim()
  if (id === '') return undefined
  const headers = `{ headers: { authorization: 'Bearer ${token}' } }`
  const script = `fetch('${url}/api/v1/graph', ${headers}).then(r => r.text()).then(console.log)`
  const answer = await docker('exec', id, 'node', '-e', script).catch(() => undefined)
  if (answer === undefined) return undefined
  return JSON.parse(answer).links.map(({ link }: { link: Link }) => link)
}
