import type { Instance, Service, ServiceRole } from '#model/service.ts'

/** An invented cluster to develop the page with: never part of the product. */
export interface DemoService extends Service {
  readonly role: ServiceRole
  readonly image: string
  readonly instances: number
  readonly health?: Instance['health']
}

export interface DemoLink {
  readonly id: string
  readonly client: string
  readonly server: string
  readonly protocol: string
  readonly requestsPerSecond: number
  readonly p50Us: number
  readonly errorShare: number
  readonly warningShare: number
  /** Errors come in bouts: `errorShare` rises tenfold for 20 s out of each `boutSeconds`. */
  readonly boutSeconds?: number
  readonly asks: readonly (readonly [method: string, resource: string, bytes: number])[]
}

const compose = (
  name: string,
  role: ServiceRole,
  image: string,
  instances = 1,
  health?: Instance['health'],
): DemoService => ({
  id: `compose:shop:${name}`,
  name,
  kind: 'compose',
  role,
  group: ['shop'],
  image,
  instances,
  health,
})

const lone = (
  kind: Service['kind'],
  name: string,
  role: ServiceRole,
  image = '',
  group: readonly string[] = [],
): DemoService => ({
  id: kind === 'internet' ? 'internet' : `${kind}:${name}`,
  name,
  kind,
  role,
  group,
  image,
  instances: kind === 'internet' || kind === 'external' ? 0 : 1,
})

export const services: readonly DemoService[] = [
  lone('internet', 'INTERNET', 'plain'),
  lone('container', 'proxy', 'web', 'nginx:1.29-alpine'),
  compose('vote', 'web', 'example/vote:2.4.1', 3, 'healthy'),
  compose('result', 'web', 'example/result:2.4.0', 2, 'healthy'),
  compose('cart', 'web', 'example/cart:1.9.3', 2, 'unhealthy'),
  compose('worker', 'plain', 'example/worker:2.3.7', 2),
  compose('mailer', 'plain', 'example/mailer:1.1.0'),
  compose('redis', 'store', 'redis:8.2-alpine', 1, 'healthy'),
  compose('db', 'store', 'postgres:17', 1, 'healthy'),
  compose('rabbit', 'queue', 'rabbitmq:4.1', 1, 'healthy'),
  lone('process', 'prometheus', 'web', '', ['host']),
  lone('process', 'cron', 'plain', '', ['host']),
  lone('external', 'api.payments.example', 'web'),
  lone('external', 'smtp.mail.example', 'plain'),
]

const link = (
  client: string,
  server: string,
  protocol: string,
  requestsPerSecond: number,
  p50Us: number,
  asks: DemoLink['asks'],
  trouble: { error?: number; warning?: number; boutSeconds?: number } = {},
): DemoLink => ({
  id: `${client}>${server}>${protocol}`,
  client: idOf(client),
  server: idOf(server),
  protocol,
  requestsPerSecond,
  p50Us,
  errorShare: trouble.error ?? 0,
  warningShare: trouble.warning ?? 0,
  boutSeconds: trouble.boutSeconds,
  asks,
})

const idOf = (name: string) => services.find(service => service.name === name)!.id

const pages = [
  ['GET', '/', 5210],
  ['GET', '/static/app.js', 41200],
  ['GET', '/vote?poll=?', 3120],
  ['POST', '/vote', 210],
  ['GET', '/favicon.ico', 1150],
] as const

export const links: readonly DemoLink[] = [
  link('INTERNET', 'proxy', 'http', 420, 6200, pages, { error: 0.001, warning: 0.012 }),
  link('proxy', 'vote', 'http', 260, 4100, pages, { error: 0.0008, warning: 0.006 }),
  link('proxy', 'result', 'http', 120, 7400, [
    ['GET', '/results', 8200],
    ['GET', '/api/tally?poll=?', 640],
  ]),
  link(
    'proxy',
    'cart',
    'http',
    64,
    18400,
    [
      ['GET', '/cart/?', 2300],
      ['POST', '/cart/items', 410],
      ['DELETE', '/cart/items/?', 90],
      ['POST', '/checkout', 730],
    ],
    { error: 0.008, warning: 0.02, boutSeconds: 60 },
  ),
  link('vote', 'redis', 'redis', 310, 240, [
    ['RPUSH', 'votes', 4],
    ['HGET', 'poll:?', 96],
    ['INCR', 'hits:?', 4],
  ]),
  link('worker', 'redis', 'redis', 190, 310, [
    ['BLPOP', 'votes', 180],
    ['PING', '', 7],
  ]),
  link('worker', 'db', 'postgres', 150, 1900, [
    ['INSERT', 'INSERT INTO votes (poll, choice, at) VALUES ($1, $2, $3)', 40],
    ['SELECT', 'SELECT id FROM polls WHERE open = $1', 320],
  ]),
  link('result', 'db', 'postgres', 88, 5200, [
    ['SELECT', 'SELECT choice, count(*) FROM votes WHERE poll = $1 GROUP BY choice', 840],
  ]),
  link(
    'cart',
    'db',
    'postgres',
    96,
    9800,
    [
      ['SELECT', 'SELECT * FROM cart_items WHERE cart_id = ? ORDER BY added_at', 2100],
      ['UPDATE', 'UPDATE cart_items SET quantity = ? WHERE id = ?', 24],
      ['COMMIT', '', 12],
    ],
    { error: 0.012, boutSeconds: 60 },
  ),
  link('cart', 'redis', 'redis', 140, 280, [['GET', 'session:?', 512]]),
  link('cart', 'rabbit', 'amqp', 12, 900, [['PUBLISH', 'orders', 640]]),
  link('rabbit', 'mailer', 'amqp', 12, 700, [['DELIVER', 'orders', 640]]),
  link('mailer', 'smtp.mail.example', 'tls', 3, 84000, [['CONNECT', 'smtp.mail.example', 4100]]),
  link('cart', 'api.payments.example', 'http', 7, 142000, [['POST', '/v2/charges', 980]], {
    warning: 0.14,
  }),
  link('prometheus', 'vote', 'http', 0.2, 2100, [['GET', '/metrics', 18200]]),
  link('prometheus', 'cart', 'http', 0.2, 2600, [['GET', '/metrics', 16100]]),
  link('prometheus', 'rabbit', 'http', 0.2, 8400, [['GET', '/metrics', 92000]]),
  link('cron', 'db', 'postgres', 0.1, 240000, [['VACUUM', 'VACUUM ANALYZE votes', 12]]),
]

const hex = (seed: string, length: number) => {
  let state = 7
  for (const letter of seed) state = (Math.imul(state, 31) + letter.charCodeAt(0)) >>> 0
  let text = ''
  while (text.length < length) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    text += (state >>> 8).toString(16).padStart(6, '0')
  }
  return text.slice(0, length)
}

/** The invented containers or processes of a service. */
export function instancesOf(service: DemoService, startMs: number): Instance[] {
  return Array.from({ length: service.instances }, (_, i) => instanceOf(service, i, startMs))
}

function instanceOf(service: DemoService, i: number, startMs: number): Instance {
  const place = Math.max(
    0,
    services.findIndex(({ id }) => id === service.id),
  )
  const isProcess = service.kind === 'process'
  const name = service.kind === 'compose' ? `shop-${service.name}-${i + 1}` : service.name
  const sick = service.health === 'unhealthy' && i > 0
  const network = hex('shop', 12)
  return {
    id: isProcess ? `process:${900 + place}:88120` : `docker:${hex(name, 64)}`,
    name,
    state: sick ? 'restarting' : 'running',
    health: service.health === 'unhealthy' && !sick ? 'healthy' : (service.health ?? 'unknown'),
    restarts: sick ? 7 : 0,
    sinceMs: startMs - (sick ? 42_000 : 3_600_000 * (5 + place)),
    pid: 20_000 + 37 * place + i,
    image: service.image || undefined,
    addresses: isProcess
      ? [{ ip: '192.168.10.21', network: 'host' }]
      : [{ ip: `172.19.0.${10 + place * 4 + i}`, network, networkName: 'shop_default' }],
    published:
      service.name === 'proxy'
        ? [80, 443].map(port => ({ ip: '0.0.0.0', port, targetPort: port, transport: 'tcp' }))
        : [],
    mounts:
      service.role === 'store'
        ? [{ source: `shop_${service.name}-data`, target: '/data', writable: true }]
        : [],
    node: nodeOf(service, place + i),
    environment: isProcess ? undefined : ['HOME', 'LOG_LEVEL', 'PATH', 'POLL_TOKEN'],
    usage: { cpus: 0.12, cpusMax: 1, memoryBytes: 84_000_000, memoryBytesMax: 268_435_456 },
    labels: service.kind === 'compose' ? composeLabels(service.name, i) : {},
  }
}

const nodeNames = ['demo-node', 'demo-node-2', 'demo-node-3']

const nodeOf = ({ group }: DemoService, place: number): string =>
  group.length > 1
    ? `${group.slice(0, 2).join('/')}/node-${1 + (place % 2)}`
    : nodeNames[place % nodeNames.length]

const composeLabels = (name: string, i: number): Record<string, string> => ({
  'com.docker.compose.project': 'shop',
  'com.docker.compose.service': name,
  'com.docker.compose.container-number': String(i + 1),
})
