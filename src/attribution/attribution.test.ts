import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from '#model/endpoint.ts'
import type { Local } from '#model/flow.ts'
import type { Instance, ServiceGroup } from '#model/service.ts'
import type { Subject } from '#model/window.ts'
import { Attributor } from './attribute.ts'
import { Names } from './names.ts'
import { Observers, quality } from './observers.ts'
import { Outsiders } from './outsiders.ts'
import { type NodePlace, Places } from './places.ts'
import { Tenures } from './tenures.ts'

const place: NodePlace = {
  node: 'n1',
  hostNamespace: 'host',
  addresses: new Set(['10.0.0.5', '172.18.0.1', '172.17.0.1', '127.0.0.1']),
}

function containerOf(name: string, namespace: string, ip: string, more: Partial<Instance> = {}) {
  const instance: Instance = {
    id: `docker:${name}`,
    name,
    state: 'running',
    health: 'unknown',
    restarts: 0,
    sinceMs: 1000,
    namespace,
    addresses: ip ? [{ ip, network: 'shop_default' }] : [],
    published: [],
    mounts: [],
    labels: {},
    ...more,
  }
  const service = { id: `container:${name}`, name, kind: 'container', group: [] } as const
  return { service, instances: [instance] } satisfies ServiceGroup
}

const vote = containerOf('vote', 'ns-vote', '172.18.0.2', {
  published: [{ ip: '0.0.0.0', port: 8080, targetPort: 80, transport: 'tcp' }],
})
const redis = containerOf('redis', 'ns-redis', '172.18.0.3')
const agentless = containerOf('hostnet', 'host', '')

function worldOf(groups: ServiceGroup[]) {
  const tenures = new Tenures()
  tenures.all({ node: 'n1', orchestrator: 'docker' }, groups, 2000)
  const names = new Names()
  const places = new Places()
  places.place(place)
  const attributor = new Attributor(tenures, places, names, new Outsiders())
  return { tenures, names, places, attributor }
}

/** `ns-vote client 172.18.0.2:0 > 172.18.0.3:6379` */
function subjectOf(text: string, more: Partial<Subject> = {}): Subject {
  const [namespace, local, client, , server] = text.split(' ')
  const ends = { client: parse(client)!, server: parse(server)! }
  const rest = { namespace, local: local as Local, transport: 'tcp', protocol: 'http' } as const
  return { ...rest, ...ends, ...more }
}

function linkOf(world: ReturnType<typeof worldOf>, subject: Subject, atMs = 5000): string {
  const found = world.attributor.attribute(subject, place, atMs)
  if (found.kind !== 'link') return found.kind
  const { client, server } = found
  return `${client.service.id} > ${server.service.id}:${server.endpoint.port}`
}

const cases: [claim: string, subject: Subject, link: string][] = [
  [
    'container to container, seen by the client',
    subjectOf('ns-vote client 172.18.0.2:0 > 172.18.0.3:6379'),
    'container:vote > container:redis:6379',
  ],
  [
    'container to container, seen by the server',
    subjectOf('ns-redis server 172.18.0.2:0 > 172.18.0.3:6379'),
    'container:vote > container:redis:6379',
  ],
  [
    'a published port from outside, translated in the kernel',
    subjectOf('ns-vote server 203.0.113.9:0 > 172.18.0.2:80'),
    'internet > container:vote:80',
  ],
  [
    'the same before translation, on the uplink',
    subjectOf('host server 203.0.113.9:0 > 10.0.0.5:8080'),
    'internet > container:vote:80',
  ],
  [
    'a published port from the host over loopback',
    subjectOf('host both 127.0.0.1:4000 > 127.0.0.1:8080', { clientOwner: 'docker:hostnet' }),
    'container:hostnet > container:vote:80',
  ],
  [
    'a published port of the node from another container',
    subjectOf('ns-redis client 172.18.0.3:0 > 172.18.0.1:8080'),
    'container:redis > container:vote:80',
  ],
  [
    'a host process without an owner is the node, not known',
    subjectOf('ns-vote server 172.18.0.1:0 > 172.18.0.2:80'),
    'host:n1 > container:vote:80',
  ],
  [
    'a masqueraded call seen on the uplink, after the agent undid it',
    subjectOf('host client 172.18.0.3:0 > 198.51.100.7:443'),
    'container:redis > external:198.51.100.7:443',
  ],
  [
    'what a bridge floods for a container is from whom it was passed on, not from the node',
    subjectOf('host client 203.0.113.9:0 > 172.18.0.2:80'),
    'internet > container:vote:80',
  ],
  [
    'what is passed on to nobody of the node is the node’s',
    subjectOf('host client 172.30.0.9:0 > 198.51.100.7:443'),
    'host:n1 > external:198.51.100.7:443',
  ],
  [
    'a namespace of nobody we know may be another network with the same addresses',
    subjectOf('ns-other client 172.18.0.2:0 > 172.18.0.3:6379'),
    'host:n1 > external:172.18.0.3:6379',
  ],
  [
    'a process found behind two translations is itself, though its address is loopback',
    subjectOf('ns-vote server 127.0.0.1:0 > 172.18.0.2:80', { clientOwner: 'docker:redis' }),
    'container:redis > container:vote:80',
  ],
  [
    'a port that the engine publishes is the container’s, though the engine holds it',
    subjectOf('host server 203.0.113.9:0 > 10.0.0.5:8080', { serverOwner: 'docker:hostnet' }),
    'internet > container:vote:80',
  ],
  [
    'loopback inside one container',
    subjectOf('ns-vote both 127.0.0.1:0 > 127.0.0.1:9000'),
    'container:vote > container:vote:9000',
  ],
  [
    'the name server of the engine is plumbing',
    subjectOf('ns-vote both 127.0.0.1:0 > 127.0.0.11:40123'),
    'plumbing',
  ],
  ['multicast is plumbing', subjectOf('host client 10.0.0.5:0 > 224.0.0.251:5353'), 'plumbing'],
  [
    'an outside server without a name is its address',
    subjectOf('ns-vote client 172.18.0.2:0 > 198.51.100.7:443'),
    'container:vote > external:198.51.100.7:443',
  ],
]

for (const [claim, subject, link] of cases) {
  test(claim, () => assert.equal(linkOf(worldOf([vote, redis, agentless]), subject), link))
}

test('an outside server is called as DNS called it', () => {
  const world = worldOf([vote])
  world.names.learn([{ ip: '198.51.100.7', name: 'api.example.com' }])
  const subject = subjectOf('ns-vote client 172.18.0.2:0 > 198.51.100.7:443')
  assert.equal(linkOf(world, subject), 'container:vote > external:api.example.com:443')
})

test('an outside server is called as its clients call it, until DNS knows better', () => {
  const world = worldOf([vote])
  const ip = '198.51.100.7'
  const subject = subjectOf(`ns-vote client 172.18.0.2:0 > ${ip}:443`)
  const learned = (name: string, called?: true) => {
    world.names.learn([{ ip, name, called }])
    return linkOf(world, subject)
  }
  const link = (name: string) => `container:vote > external:${name}:443`
  assert.equal(learned('old.example.com', true), link('old.example.com'))
  assert.equal(learned('called.example.com', true), link('called.example.com'))
  assert.equal(learned('answered.example.com'), link('answered.example.com'))
  assert.equal(learned('called.example.com', true), link('answered.example.com'))
})

test('an address that was reused belongs to who held it at that time', () => {
  const world = worldOf([vote, redis])
  const next = containerOf('next', 'ns-next', '172.18.0.3', { sinceMs: 9500 })
  world.tenures.changed({ node: 'n1', orchestrator: 'docker' }, { ...redis, instances: [] }, 7000)
  world.tenures.changed({ node: 'n1', orchestrator: 'docker' }, next, 9600)
  const subject = subjectOf('ns-vote client 172.18.0.2:0 > 172.18.0.3:6379')
  assert.equal(linkOf(world, subject, 6999), 'container:vote > container:redis:6379')
  assert.equal(linkOf(world, subject, 7200), 'container:vote > container:redis:6379')
  assert.equal(linkOf(world, subject, 8000), 'container:vote > container:redis:6379')
  assert.equal(linkOf(world, subject, 9000), 'container:vote > container:next:6379')
  assert.equal(linkOf(world, subject, 10_000), 'container:vote > container:next:6379')
})

test('who is no longer told by a full listing is gone', () => {
  const world = worldOf([vote, redis])
  world.tenures.all({ node: 'n1', orchestrator: 'docker' }, [vote], 9000)
  const subject = subjectOf('ns-vote client 172.18.0.2:0 > 172.18.0.3:6379')
  assert.equal(linkOf(world, subject, 9000 + 31_000), 'container:vote > external:172.18.0.3:6379')
})

test('a listing of one orchestrator says nothing of another’s groups', () => {
  const world = worldOf([vote, redis])
  world.tenures.all({ node: 'n1', orchestrator: 'process' }, [], 9000)
  const subject = subjectOf('ns-vote client 172.18.0.2:0 > 172.18.0.3:6379')
  assert.equal(linkOf(world, subject, 60_000), 'container:vote > container:redis:6379')
})

test('a conversation seen by three observers counts once, by the nearest to the client', () => {
  const world = worldOf([vote, redis])
  const seen = [
    subjectOf('ns-vote client 172.18.0.2:0 > 172.18.0.3:6379'),
    subjectOf('ns-redis server 172.18.0.2:0 > 172.18.0.3:6379'),
    subjectOf('ns-vote client 172.18.0.2:0 > 172.18.0.3:6379', { protocol: 'tcp' }),
  ].sort((a, b) => quality(b, place) - quality(a, place))
  const observers = new Observers()
  const counted = seen.filter(subject => {
    const found = world.attributor.attribute(subject, place, 5000)
    assert.equal(found.kind, 'link')
    return (
      found.kind === 'link' && observers.counts(subject, found.client, found.server, place, 5000)
    )
  })
  assert.deepEqual(
    counted.map(({ namespace, protocol }) => `${namespace} ${protocol}`),
    ['ns-vote http', 'ns-vote tcp'],
  )
})

test('who recognised the protocol is believed before who sits nearer', () => {
  const world = worldOf([vote, redis])
  const observers = new Observers()
  const near = subjectOf('ns-vote client 172.18.0.2:0 > 172.18.0.3:6379', { protocol: 'tcp' })
  const far = subjectOf('ns-redis server 172.18.0.2:0 > 172.18.0.3:6379')
  const counts = (subject: Subject, atMs: number) => {
    const found = world.attributor.attribute(subject, place, atMs)
    return (
      found.kind === 'link' && observers.counts(subject, found.client, found.server, place, atMs)
    )
  }
  assert.equal(counts(near, 1000), true)
  assert.equal(counts(far, 2000), true)
  assert.equal(counts(near, 2000), false)
  assert.equal(counts(near, 6000), true)
})

test('late seconds count once, whoever tells of them and in whatever order they come', () => {
  const world = worldOf([vote, redis])
  const near = subjectOf('ns-vote client 172.18.0.2:0 > 172.18.0.3:6379')
  const far = subjectOf('ns-redis server 172.18.0.2:0 > 172.18.0.3:6379')
  const told = (order: readonly [Subject, number][]) => {
    const observers = new Observers()
    const counted = order.filter(([subject, atMs]) => {
      const found = world.attributor.attribute(subject, place, atMs)
      assert.equal(found.kind, 'link')
      if (found.kind !== 'link') return false
      return observers.counts(subject, found.client, found.server, place, atMs)
    })
    return counted.map(([{ local }, atMs]) => `${local} ${atMs / 1000}`).join(', ')
  }
  // The nearer one was cut off from 2 to 4; the other spoke for these seconds.
  const seconds = (subject: Subject, ...list: number[]) =>
    list.map((at): [Subject, number] => [subject, at * 1000])
  assert.equal(
    told([
      ...seconds(near, 1),
      ...seconds(far, 5, 6),
      ...seconds(near, 9),
      ...seconds(near, 5, 6, 2, 7),
    ]),
    'client 1, server 5, server 6, client 9, client 2, client 7',
  )
  // Newest first, and an observer that is no longer there: nobody else told of its seconds.
  assert.equal(
    told([...seconds(near, 9), ...seconds(far, 4, 3, 2)]),
    'client 9, server 4, server 3, server 2',
  )
})

test('a million invented names make one "others"', () => {
  const outsiders = new Outsiders()
  const ids = new Set<string>()
  for (let i = 0; i < 10_000; i++) ids.add(outsiders.of(`${i}.example.com`).id)
  assert.equal(ids.size, 501)
  assert.equal(outsiders.folded, 9_500)
})

test('containers that share a namespace are told apart by their sockets, and never guessed', () => {
  const app = containerOf('app', 'ns-app', '172.18.0.9')
  const mesh = containerOf('mesh', 'ns-app', '172.18.0.9')
  const world = worldOf([redis, app, mesh])
  const text = 'ns-app client 172.18.0.9:0 > 172.18.0.3:6379'
  const link = (clientOwner?: string) => linkOf(world, subjectOf(text, { clientOwner }))
  assert.equal(link('docker:app'), 'container:app > container:redis:6379')
  assert.equal(link('docker:mesh'), 'container:mesh > container:redis:6379')
  assert.equal(link(), 'host:n1 > container:redis:6379')
})

test('containers of one service that share a namespace are that service', () => {
  const [one, two] = ['one', 'two'].map(name => containerOf(name, 'ns-app', '172.18.0.9'))
  const both = { ...one, instances: [...one.instances, ...two.instances] }
  const subject = subjectOf('ns-app client 172.18.0.9:0 > 172.18.0.3:6379')
  assert.equal(linkOf(worldOf([redis, both]), subject), 'container:one > container:redis:6379')
})
