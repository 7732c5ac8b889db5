import type { DemoLink, DemoService } from './shop.ts'

/** An invented cluster of many services, the same each time: two clusters, some groups in each, tiers in each group. */
export interface City {
  readonly services: readonly DemoService[]
  readonly links: readonly DemoLink[]
}

const teams = ['checkout', 'search', 'media', 'accounts', 'billing', 'ops']
const parts = ['gate', 'api', 'jobs', 'feed', 'rank', 'mail', 'cache', 'db', 'queue']
const roles = { gate: 'web', api: 'web', cache: 'store', db: 'store', queue: 'queue' } as const

/** `copies` of every part in every team. */
export function city(copies = 2): City {
  const services: DemoService[] = [serviceOf('internet', 'INTERNET', [])]
  const links: DemoLink[] = []
  for (const cluster of ['blue', 'green'])
    for (const team of teams) {
      const group = ['production', cluster, team]
      const idOf = (part: string, copy: number) => `swarm:${team}_${part}${copy}@${cluster}`
      for (let copy = 0; copy < copies; copy++)
        for (const [i, part] of parts.entries()) {
          services.push(serviceOf('swarm', `${part}${copy || ''}`, group, idOf(part, copy), part))
          if (i > 0)
            links.push(linkOf(idOf(parts[Math.floor((i - 1) / 2)], copy), idOf(part, copy), 40 / i))
        }
      const gate = idOf('gate', 0)
      if (team === 'checkout' || team === 'search') links.push(linkOf('internet', gate, 60))
      const next = teams[(teams.indexOf(team) + 1) % teams.length]
      links.push(linkOf(idOf('api', 0), `swarm:${next}_gate0@${cluster}`, 12))
      if (team === 'billing')
        links.push(
          linkOf(idOf('db', 0), `swarm:billing_db0@${cluster === 'blue' ? 'green' : 'blue'}`, 3),
        )
    }
  const sick = links.findIndex(({ client }) => client === 'swarm:media_api0@green')
  links[sick] = { ...links[sick], errorShare: 0.12 }
  return { services, links }
}

function serviceOf(
  kind: DemoService['kind'],
  name: string,
  group: readonly string[],
  id: string = kind,
  part = '',
): DemoService {
  const role = roles[part as keyof typeof roles] ?? 'plain'
  return {
    id,
    name,
    kind,
    role,
    group,
    image: 'example/app:1',
    instances: kind === 'internet' ? 0 : 1,
  }
}

function linkOf(client: string, server: string, requestsPerSecond: number): DemoLink {
  const rest = { protocol: 'http', p50Us: 3000, errorShare: 0, warningShare: 0 }
  const asks = [['GET', '/', 300]] as const
  return { ...rest, id: `${client}>${server}`, client, server, requestsPerSecond, asks }
}
