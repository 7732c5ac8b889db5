import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { docker } from '#orchestrators/docker/index.ts'
import { Notebook } from '#orchestrators/notebook.ts'
import { swarm } from '#orchestrators/swarm/index.ts'
import { type Engine, lackForEngine, startEngine } from './engine.ts'
import { baseImage, load } from './image.ts'

const skip = lackForEngine()
const limitMs = 60_000
const web = ['lab/base', 'httpd', '-f', '-p', '80']
const create = [
  ...['service', 'create', '--quiet', '--detach', '--no-resolve-image'],
  ...['--stop-grace-period', '1s'],
]

suite('a manager of a real Swarm', { skip }, () => {
  let engine: Engine
  /** What the manager tells, and what its own engine does. */
  const [told, seen] = [new Notebook(), new Notebook()]
  const stop = new AbortController()
  const watches: Promise<void>[] = []
  const until = (claim: () => boolean) => told.until(claim, limitMs)
  const running = (id: string) =>
    (told.groups.get(id)?.instances ?? []).filter(({ state }) => state === 'running')

  before(async () => {
    engine = await startEngine({ apart: true })
    await load(engine, baseImage)
    const environment = { DOCKER_HOST: engine.host }
    watches.push(swarm({ environment, lookAgainMs: 500 }).watch(told, stop.signal))
    watches.push(docker({ environment }).watch(seen, stop.signal))
    await until(() => told.statuses.length > 0)
  })
  after(async () => {
    stop.abort()
    await Promise.all(watches)
    engine?.stop()
  })

  test('is none before the swarm is made, and then tells', async () => {
    assert.match(JSON.stringify(told.statuses), /"absent".*is in no swarm/)
    await engine.docker('swarm', 'init', '--advertise-addr', '127.0.0.1')
    await until(() => told.statuses.at(-1)?.kind === 'connected')
    await engine.docker('network', 'create', '--driver', 'overlay', 'shop')
  })

  test('tells tasks with the addresses that their engine tells too, and where all of them are reached', async () => {
    const stack = ['--label', 'com.docker.stack.namespace=shop']
    const onShop = [...create, '--network', 'shop', ...stack]
    await engine.docker(...onShop, '--name', 'shop_web', '--replicas', '2', '-p', '8080:80', ...web)
    const hostPort = ['--publish', 'mode=host,published=5555,target=80']
    await engine.docker(...onShop, '--name', 'db', '--endpoint-mode', 'dnsrr', ...hostPort, ...web)
    await until(() => running('swarm:shop_web').length === 2 && running('swarm:db').length === 1)
    await seen.until(() => seen.groups.get('swarm:shop_web')?.instances.length === 2, limitMs)
    const addresses = ({ groups }: Notebook) =>
      (groups.get('swarm:shop_web')?.instances ?? [])
        .map(
          ({ task, addresses }) =>
            `${task} ${addresses.map(({ ip, network }) => `${ip} ${network}`)}`,
        )
        .sort()
    assert.deepEqual(addresses(told), addresses(seen))
    const { service, virtual = [], nodePorts, desired } = told.groups.get('swarm:shop_web')!
    assert.deepEqual([service.name, service.group, desired], ['web', ['shop'], 2])
    const inspected = JSON.parse(await engine.docker('service', 'inspect', 'shop_web'))[0]
    const addressed = virtual.map(({ ip, network }) => ({ NetworkID: network, Addr: `${ip}/24` }))
    assert.deepEqual(addressed, inspected.Endpoint.VirtualIPs)
    assert.deepEqual(nodePorts, [{ ip: '0.0.0.0', port: 8080, targetPort: 80, transport: 'tcp' }])
    assert.deepEqual(running('swarm:db')[0].published, [
      { ip: '0.0.0.0', port: 5555, targetPort: 80, transport: 'tcp' },
    ])
    assert.equal(running('swarm:db')[0].node, engine.namespace)
  })

  test('has balancers on its networks, which are nobody’s', async () => {
    const balancers = async (network: string, key: string) => {
      const [{ Containers }] = JSON.parse(await engine.docker('network', 'inspect', network))
      return [Containers[key].IPv4Address.replace(/\/.*/, '')]
    }
    const ofNetwork = (name: string) => seen.told.find(network => network.name === name)
    assert.deepEqual(ofNetwork('ingress')?.balancers, await balancers('ingress', 'ingress-sbox'))
    assert.deepEqual(ofNetwork('shop')?.balancers, await balancers('shop', 'lb-shop'))
    assert.equal(ofNetwork('shop')?.isShared, true)
  })

  test('tells of scaling, of an update while it goes on, and of what is gone', async () => {
    await engine.docker('service', 'scale', '--detach', 'shop_web=3')
    await until(() => running('swarm:shop_web').length === 3)
    const before = running('swarm:shop_web').map(({ id }) => id)
    const update = ['service', 'update', '--quiet', '--detach', '--no-resolve-image']
    await engine.docker(...update, '--env-add', 'A=1', 'shop_web')
    await until(() =>
      /^rolling update, \d of 3$/.test(told.groups.get('swarm:shop_web')?.doing ?? ''),
    )
    const isNew = () =>
      running('swarm:shop_web').filter(({ id }) => !before.includes(id)).length === 3
    await until(() => isNew() && told.groups.get('swarm:shop_web')?.doing === undefined)
    await engine.docker('service', 'rm', 'db')
    await until(() => !told.groups.has('swarm:db'))
  })

  test('tells a job while it runs, and why a service does not', async () => {
    const job = ['--name', 'job', '--mode', 'replicated-job', 'lab/base', 'sleep', '3']
    await engine.docker(...create, ...job)
    await until(() => running('swarm:job').length === 1)
    await until(() => !told.groups.has('swarm:job'))
    const nowhere = ['--name', 'nowhere', '--constraint', 'node.labels.x == y']
    await engine.docker(...create, ...nowhere, ...web)
    await until(() =>
      /^0 of 1 run: no suitable node/.test(told.groups.get('swarm:nowhere')?.doing ?? ''),
    )
  })

  test('takes its swarm with it when it leaves as the only one', async () => {
    await engine.docker('swarm', 'leave', '--force')
    await until(() => told.groups.size === 0 && told.statuses.at(-1)?.kind === 'absent')
  })
})
