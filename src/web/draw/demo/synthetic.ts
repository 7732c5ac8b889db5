import type { Scene, SceneFrame, SceneLink, SceneNode } from '../flow-map.ts'
import { hash } from '../schedule.ts'

/** A made-up cluster, the same for the same numbers: for the bench, the browser test and looking at the map. */
export interface Synthetic {
  readonly scene: Scene
  /** Requests a second by link, as they would be on average. */
  readonly rates: Float32Array
  frame(second: number, timeMs: number): SceneFrame
}

const names =
  'web api cart users search orders billing mail images stock prices auth feed jobs'.split(' ')
const groupNames = 'shop media ops blog forum pay lab core edge desk mint cargo'.split(' ')

function random(seed: number): () => number {
  let state = seed
  return () => {
    state = hash(state + 0x9e3779b9)
    return state / 2 ** 32
  }
}

/** The cluster that people first see: a shop and a blog in Compose, a process of the host, two outside parties. */
export function smallCluster(): Synthetic {
  const text = `
    INTERNET entry - ; proxy web - ; vote web shop ; result web shop ; worker plain shop ; redis store shop ;
    db store shop ; mail queue shop ; wordpress web blog ; mysql store blog ; memcached store blog ;
    api.stripe.com external - ; smtp.example.com external -`
  const nodes = text.split(';').map((part): SceneNode => {
    const [label, glyph, group] = part.trim().split(/\s+/)
    const district = group === '-' ? undefined : group
    return { id: `${group}:${label}`, label, glyph: glyph as SceneNode['glyph'], district }
  })
  const calls = `INTERNET proxy 84, proxy vote 41, proxy result 26, proxy wordpress 17, vote redis 41, worker redis 38,
    worker db 37, result db 26, worker mail 3, mail smtp.example.com 3, vote api.stripe.com 2, wordpress mysql 55,
    wordpress memcached 120, worker worker 1, db worker 2`
  const index = new Map(nodes.map((node, i) => [node.label, i]))
  const parsed = calls.split(',').map(call => call.trim().split(/\s+/))
  const links = parsed.map(([from, to]) => linkOf(index.get(from)!, index.get(to)!))
  return withRates(
    { nodes, links },
    Float32Array.from(parsed, ([, , rate]) => Number(rate)),
    3,
  )
}

function linkOf(client: number, server: number): SceneLink {
  return { id: `${client}>${server}`, client, server, protocol: 'http' }
}

/** `services` in groups of about 14, tier below tier, behind one entry; `calls` links, most of them within a group. */
export function cluster(services: number, calls: number, seed = 7): Synthetic {
  const next = random(seed)
  const groups = Math.max(1, Math.round(services / 14))
  const nodes: SceneNode[] = [{ id: 'internet', label: 'INTERNET', glyph: 'entry' }]
  for (let i = 1; i < services; i++) nodes.push(serviceOf(i, groups, next))
  const links = new Map<string, SceneLink>()
  for (let i = 1; i < services; i++) add(links, linkOf(callerOf(i, groups, next), i))
  for (let tries = 0; links.size < calls && tries < calls * 8; tries++)
    add(links, anyLink(services, groups, next))
  const list = [...links.values()].slice(0, Math.max(calls, services - 1))
  const rates = Float32Array.from(
    list,
    ({ client }) => (client === 0 ? 20 : 1) * 10 ** (next() * 2.2 - 0.6),
  )
  return withRates({ nodes, links: list }, rates, seed)
}

/** How far behind the group's front a service stands: 0 to 4. */
function tierOf(i: number, groups: number): number {
  return Math.min(4, Math.floor(Math.sqrt(Math.floor(i / groups) * 1.8)))
}

function serviceOf(i: number, groups: number, next: () => number): SceneNode {
  const at = i % groups
  const group = groupNames[at % groupNames.length] + (at >= groupNames.length ? at : '')
  const tier = tierOf(i, groups)
  const depth = Math.floor(i / groups)
  const glyph =
    tier === 0 ? 'web' : tier > 2 && next() < 0.6 ? 'store' : next() < 0.1 ? 'queue' : 'plain'
  const name =
    glyph === 'store' ? ['redis', 'postgres', 'mysql'][i % 3] : names[depth % names.length]
  const label = `${name}${depth >= names.length ? depth : ''}`
  return { id: `${group}:${label}:${i}`, label, glyph, district: group }
}

function callerOf(i: number, groups: number, next: () => number): number {
  const tier = tierOf(i, groups)
  if (tier === 0) return i <= groups * 0.6 || next() < 0.5 ? 0 : i - Math.floor(groups * 0.6)
  let caller = i
  while (caller > groups && tierOf(caller, groups) === tier) caller -= groups
  const back = Math.floor(next() * 2) * groups
  return caller - back > 0 && tierOf(caller - back, groups) === tier - 1 ? caller - back : caller
}

function anyLink(services: number, groups: number, next: () => number): SceneLink {
  const from = 1 + Math.floor(next() * (services - 1))
  const ahead =
    groups * (1 + Math.floor(next() * 4)) + (next() < 0.85 ? 0 : Math.floor(next() * groups * 0.5))
  const to = next() < 0.03 ? from - ahead : from + ahead
  return linkOf(from, to < 1 || to >= services ? from : to)
}

function add(links: Map<string, SceneLink>, link: SceneLink): void {
  if (link.client !== link.server) links.set(link.id, link)
}

/** The same cluster with so many requests a second in all, on no link more than is drawn as a solid bar; it answers slowly. */
export function busied({ scene, rates }: Synthetic, requestsPerSecond: number): Synthetic {
  const mean = requestsPerSecond / rates.length
  const sum = rates.reduce((all, rate) => all + Math.sqrt(rate), 0) / rates.length
  return withRates(
    scene,
    rates.map(rate => Math.min(120, (mean * Math.sqrt(rate)) / sum)),
    7,
    3,
  )
}

/** Each link's figures shake about its mean; some links are in trouble, some slow. */
function withRates(scene: Scene, rates: Float32Array, seed: number, slowness = 1): Synthetic {
  const columns = () => new Float32Array(scene.links.length)
  return {
    scene,
    rates,
    frame(second, timeMs) {
      const frame = {
        timeMs,
        ok: columns(),
        warning: columns(),
        error: columns(),
        p50Us: columns(),
        p99Us: columns(),
        bytes: columns(),
      }
      scene.links.forEach((_, i) => {
        const own = hash(i * 31 + seed)
        const shake = hash(own + second) / 2 ** 32
        const rate = rates[i] * (0.75 + 0.5 * shake)
        const bad = own % 29 === 3 ? 0.12 : own % 17 === 5 ? 0.01 : 0
        const odd = own % 23 === 4 ? 0.2 : 0
        frame.error[i] = Math.round(rate * bad)
        frame.warning[i] = Math.round(rate * odd)
        frame.ok[i] = Math.max(0, Math.round(rate) - frame.error[i] - frame.warning[i])
        frame.p50Us[i] = slowness * 300 * 10 ** ((own % 100) / 30)
        frame.p99Us[i] = frame.p50Us[i] * 6
        frame.bytes[i] = rate * 4000
      })
      return frame
    },
  }
}
