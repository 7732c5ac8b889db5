import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FeedService, indexNames, type Topology } from './feed.ts'
import { frameOf, namesOf } from './fixtures.ts'
import { foldFrame } from './fold.ts'
import { around, crumbsOf, levelOf, placeToSee } from './level.ts'
import { isInward, machinesPlace, pathsTo, placeOf } from './place.ts'

/** Services `path/name`, of kind external without a path; links between them by `a>b`. */
function world(text: string): Topology {
  const names = namesOf(text)
  const services = names.services.map((service): FeedService => {
    const path = service.id.split('/')
    const group = path.slice(0, -1)
    return { ...service, name: path.at(-1)!, group, kind: group.length > 0 ? 'swarm' : 'external' }
  })
  return indexNames({ ...names, services })
}

/** `count` services in each of these groups, each calling the next of its group. */
function crowd(groups: readonly string[], count: number): string {
  return groups
    .flatMap(group =>
      Array.from({ length: count - 1 }, (_, i) => `${group}/s${i}>${group}/s${i + 1}`),
    )
    .join(' ')
}

const seen = ({ topology }: { topology: Topology }) => topology.services.map(({ id }) => id)
const links = ({ topology }: { topology: Topology }) => topology.links.map(({ id }) => id)

test('few services are seen for themselves, in districts by the part of their path that tells them apart', () => {
  const level = levelOf(
    world('prod/blue/a>prod/blue/b prod/green/c>prod/blue/a b>prod/green/c'),
    '',
  )
  assert.deepEqual(seen(level), ['prod/blue/a', 'prod/blue/b', 'prod/green/c', 'b'])
  assert.deepEqual(level.districts, ['prod/blue', 'prod/blue', 'prod/green', undefined])
  assert.equal(level.isFolded, false)
  assert.deepEqual([...level.linkOf], [0, 1, 2])
})

test('many are seen as groups; links between two groups are one, and those inside a loop', () => {
  const between = 'x/s0>y/s0 x/s1>y/s0 ext>x/s0 ext>x/s1'
  const level = levelOf(world(`${crowd(['x', 'y'], 40)} ${between}`), '')
  assert.deepEqual(seen(level), ['group:x', 'group:y', 'ext'])
  assert.deepEqual(links(level), [
    'group:x > group:x',
    'group:y > group:y',
    'group:x > group:y',
    'ext > group:x',
  ])
  assert.equal(level.topology.services[0].instances, 40)
})

test('a group of one is that one', () => {
  const level = levelOf(world(`${crowd(['x'], 70)} solo/one>x/s0`), '')
  assert.deepEqual(seen(level), ['group:x', 'solo/one'])
})

test('in a place one sees its services, and who is around as the groups beside it', () => {
  const text = `${crowd(['p/x', 'p/y', 'q/z'], 30)} p/x/s0>p/y/s1 q/z/s3>p/x/s1 ext>p/x/s0 far>q/z/s0`
  const level = levelOf(world(text), 'p/x')
  assert.equal(seen(level).filter(id => id.startsWith('p/x/')).length, 30)
  assert.deepEqual(
    seen(level).filter(id => !id.startsWith('p/x/')),
    ['group:p/y', 'group:q', 'ext'],
  )
  assert.equal(level.topology.links.length, 29 + 3)
})

test('by machine, what runs on one is in its district, on several in none, and who is outside stays outside', () => {
  const told = world('shop/a>shop/b shop/a>bank/c shop/a>shop/everywhere out>shop/a')
  const homes: Record<string, string> = { a: 'blue/n1', b: 'blue/n1', c: 'blue/n2' }
  const services = told.services.map(each => ({ ...each, node: homes[each.name] }))
  const topology = indexNames({ ...told, services })
  const all = levelOf(topology, machinesPlace)
  assert.deepEqual(
    seen(all),
    told.services.map(({ id }) => id),
  )
  const [n1, n2] = ['machines:/blue/n1', 'machines:/blue/n2']
  assert.deepEqual(
    seen(all).map((id, i) => [id, all.districts[i]]),
    [
      ['shop/a', n1],
      ['shop/b', n1],
      ['bank/c', n2],
      ['shop/everywhere', undefined],
      ['out', undefined],
    ],
  )
  const here = levelOf(topology, n1)
  assert.deepEqual(seen(here), ['shop/a', 'shop/b', 'bank/c', 'shop/everywhere', 'out'])
  assert.deepEqual(links(here).length, 4)
  assert.deepEqual(
    crumbsOf(topology, n1).map(({ name }) => name),
    ['Machines', 'blue', 'n1'],
  )
  assert.deepEqual([around(topology, n1), around(topology, machinesPlace)], ['machines:/blue', ''])
})

test('a place does not flip when one service comes or goes', () => {
  const [many, fewer, few] = [61, 60, 40].map(count => world(crowd(['x', 'y'], count / 2 + 1)))
  const folded = levelOf(many, '')
  assert.equal(folded.isFolded, true)
  assert.equal(levelOf(fewer, '', folded).isFolded, true)
  assert.equal(levelOf(few, '', folded).isFolded, false)
})

test('a second of a river is the sum of its links, its median weighted, its p99 the worst', () => {
  const inner = crowd(['x', 'y'], 40)
  const topology = world(`${inner} x/s0>y/s0 x/s1>y/s0`)
  const level = levelOf(topology, '')
  const rows = topology.links.map(() => [0] as [number])
  const frame = frameOf([...rows.slice(0, -2), [10, 0, 0, 100, 900], [20, 5, 5, 400, 500]])
  const folded = foldFrame(level, frame)
  const river = level.topology.linkIndex.get('group:x > group:y')!
  const row = [folded.ok, folded.warning, folded.error, folded.p50Us, folded.p99Us]
  assert.deepEqual(
    row.map(column => column[river]),
    [30, 5, 5, 325, 900],
  )
})

test('a service in a group is seen for itself one place further in', () => {
  const topology = world(`${crowd(['p/x', 'p/y'], 40)} ext>p/x/s0`)
  const level = levelOf(topology, '')
  assert.deepEqual(seen(level), ['group:p/x', 'group:p/y', 'ext'])
  assert.equal(placeToSee(topology, level, topology.serviceIndex.get('p/x/s7')!), 'p/x')
  assert.equal(placeToSee(topology, level, topology.serviceIndex.get('ext')!), '')
})

test('every service stands somewhere on the outermost map, every link of two of them too', () => {
  const topology = world(`${crowd(['a', 'b/c', 'b/d', 'e/f/g'], 25)} a/s1>e/f/g/s2 ext>b/c/s0`)
  const level = levelOf(topology, '')
  assert.ok([...level.nodeOf].every(node => node >= 0))
  assert.ok([...level.linkOf].every(link => link >= 0))
})

test('a place that is gone is empty', () => {
  assert.deepEqual(seen(levelOf(world('x/a>x/b'), 'gone/away')), [])
})

test('paths lead in and out', () => {
  const topology = world('p/x/a>p/x/b solo>p/x/a')
  assert.deepEqual(pathsTo('a/b/c'), ['a', 'a/b', 'a/b/c'])
  assert.deepEqual(pathsTo(''), [])
  assert.deepEqual(
    ['a/b', 'a', '', 'service:p/x/a', 'service:gone'].map(at => around(topology, at)),
    ['a', '', '', '', ''],
  )
  assert.deepEqual(
    crumbsOf(topology, 'service:p/x/a').map(({ name }) => name),
    ['p', 'x', 'a'],
  )
  assert.deepEqual(
    [isInward('', 'p'), isInward('p/x', 'p'), isInward('p', placeOf('p/x/a'))],
    [true, false, true],
  )
})

test('a service is seen with those it talks with, and what they say to it alone', () => {
  const level = levelOf(
    world('a/x>a/y b/z>a/x a/x>ext a/y>ext b/z>a/y q/far>q/away'),
    placeOf('a/x'),
  )
  assert.deepEqual(seen(level), ['a/x', 'b/z', 'a/y', 'ext'])
  assert.deepEqual(links(level), ['a/x>a/y', 'b/z>a/x', 'a/x>ext'])
  assert.deepEqual(new Set(level.districts), new Set([undefined]))
})

test('of very many whom a service talks with the groups are seen', () => {
  const calls = Array.from({ length: 80 }, (_, i) => `hub/h>${i % 2 ? 'x' : 'y'}/s${i}`).join(' ')
  const level = levelOf(world(`${calls} ext>hub/h`), placeOf('hub/h'))
  assert.deepEqual(seen(level), ['hub/h', 'ext', 'group:y', 'group:x'])
  assert.equal(around(level.whole, level.at), '')
})

test('around a service of a crowd is the group in which it is seen for itself', () => {
  const topology = world(crowd(['p/x', 'p/y'], 40))
  assert.equal(around(topology, placeOf('p/x/s3')), 'p/x')
})
