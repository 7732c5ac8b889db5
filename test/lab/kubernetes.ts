import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FakeObject } from '#orchestrators/kubernetes/fake-api.ts'
import {
  node as nodeObject,
  paths,
  pod as podObject,
} from '#orchestrators/kubernetes/fake-objects.ts'
import { run } from './command.ts'
import type { Order } from './kubernetes-api.ts'
import { type Machine, type Machines, startMachines } from './machines.ts'
import { remember, rememberProcess } from './place.ts'
import { executable } from './program.ts'

/** A container of a pod: one of `apps/`. */
export interface ContainerWords {
  readonly name: string
  readonly app: string
  readonly env: Readonly<Record<string, string>>
}

export interface PodWords {
  readonly name: string
  readonly on: Machine
  /** The workload that owns it. */
  readonly owner: readonly [kind: string, name: string]
  readonly isOnHost?: boolean
  readonly containers: readonly ContainerWords[]
}

/** A pod that runs. */
export interface RunningPod {
  readonly name: string
  readonly ip: string
  /** Name of its network namespace. */
  readonly network: string
}

/**
 * Machines without an engine as nodes of a Kubernetes cluster: pods are processes in network namespaces and control groups
 * such as containerd (on the first node) and CRI-O (on the others) make; an API server tells of them as the real one does.
 */
export interface Kubernetes extends Machines {
  /** For the server: who is asked what runs. */
  readonly flags: readonly string[]
  /** Folder of truth logs. */
  readonly truth: string
  tell(order: Order): void
  pod(words: PodWords): Promise<RunningPod>
}

const apiPort = 6443
const podNet = '10.244'
/** How long the API is behind a pod that starts. */
const lagMs = 500

/** Where pods of a node have their addresses. */
const subnetOf = (node: Machine): string => `${podNet}.${node.name.slice(1)}`

export async function startKubernetes(count = 2): Promise<Kubernetes> {
  const machines = await startMachines(count, { isBare: true })
  const { place, nodes, wire } = machines
  try {
    const truth = join(place.dir, 'truth')
    mkdirSync(truth)
    for (const node of nodes) await prepareNode(node, nodes)
    const tell = startApi(machines)
    for (const each of nodes) {
      const { metadata, status } = nodeObject(each.name, each.address)
      const spec = { podCIDR: `${subnetOf(each)}.0/24` }
      tell({ path: paths.nodes, object: { metadata, spec, status } })
    }
    const groups = new Groups(machines)
    const ips = new Map<Machine, number>()
    const pod = async (words: PodWords) => {
      const number = (ips.get(words.on) ?? 1) + 1
      ips.set(words.on, number)
      return startPod({ machines, groups, tell }, words, `${subnetOf(words.on)}.${number}`)
    }
    const config = join(place.dir, 'kubeconfig')
    writeFileSync(config, kubeconfig(`http://127.0.0.1:${apiPort}`))
    const flags = ['--kubernetes', config]
    return { ...machines, nodes, wire, flags, truth, tell, pod }
  } catch (error) {
    machines.stop()
    throw error
  }
}

const kubeconfig = (server: string): string => `apiVersion: v1
clusters:
- cluster:
    server: ${server}
  name: lab
contexts:
- context:
    cluster: lab
    user: lab
  name: lab
current-context: lab
kind: Config
users:
- name: lab
  user: {}
`

/** Pods are routed, each by a cable of its own, as Calico has it; other nodes' lie behind those nodes. */
async function prepareNode(node: Machine, nodes: readonly Machine[]): Promise<void> {
  const others = nodes.filter(each => each !== node)
  const routes = others.map(each => `ip route add ${subnetOf(each)}.0/24 via ${each.address}`)
  const script = ['echo 1 > /proc/sys/net/ipv4/ip_forward', ...routes]
  await run(inNetwork(node.namespace, script))
}

const inNetwork = (name: string, script: readonly string[]): string[] => [
  ...['nsenter', `--net=/var/run/netns/${name}`, 'sh', '-ec', script.join('\n')],
]

/** It listens where the server runs. */
function startApi({ place, wire }: Machines): (order: Order) => void {
  const script = join(import.meta.dirname, 'kubernetes-api.ts')
  const [file, ...args] = wire.inside(process.execPath, script)
  const env = { ...process.env, PORT: String(apiPort), NODE_NO_WARNINGS: '1' }
  const api = spawn(file, args, { env, stdio: ['pipe', 'ignore', 'inherit'], detached: true })
  if (api.pid !== undefined) rememberProcess(place, api.pid)
  api.unref()
  return order => void api.stdin.write(`${JSON.stringify(order)}\n`)
}

/** Control groups of pods' containers, as runtimes make them, in a group of the lab's own. */
class Groups {
  readonly #roots: readonly string[]
  readonly #first: Machine

  constructor({ place, nodes }: Machines) {
    const all = '/sys/fs/cgroup'
    const hierarchies = ['systemd', 'unified'].map(name => join(all, name)).filter(existsSync)
    this.#first = nodes[0]
    this.#roots = (hierarchies.length > 0 ? hierarchies : [all]).map(root => {
      const own = join(root, `inkling-lab-${place.id}`)
      const empty = `find ${own} -depth -type d -exec rmdir {} + 2>/dev/null`
      const undo = `for i in 1 2 3 4 5; do ${empty}; [ -d ${own} ] || exit 0; sleep 0.3; done`
      remember(place, { kind: 'undo', command: ['sh', '-c', undo] })
      return own
    })
  }

  /** A new one of a container, in each hierarchy. */
  make(node: Machine, uid: string, container: string): string[] {
    const dashless = uid.replaceAll('-', '_')
    const path =
      node === this.#first
        ? `kubelet/kubepods/burstable/pod${uid}/${container}`
        : `kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${dashless}.slice/crio-${container}.scope`
    return this.#roots.map(root => {
      mkdirSync(join(root, path), { recursive: true })
      return join(root, path)
    })
  }
}

interface Around {
  readonly machines: Machines
  readonly groups: Groups
  readonly tell: (order: Order) => void
}

/** As the kubelet does it: the sandbox first, then the containers, and the API hears of it a little later. */
async function startPod(around: Around, words: PodWords, ownIp: string): Promise<RunningPod> {
  const { name, on, owner, isOnHost = false, containers } = words
  const ip = isOnHost ? on.address : ownIp
  const uid = randomUUID()
  const ids = containers.map(() => randomBytes(32).toString('hex'))
  const describe = (spec: object, status: object): FakeObject =>
    podObject(name, {
      ...{ owner, node: on.name, ip: '' },
      metadata: { uid },
      spec: { hostNetwork: isOnHost, containers: containers.map(specOf), ...spec },
      status,
    })
  const pending = { phase: 'Pending', podIP: '', podIPs: [], conditions: [] }
  around.tell({ path: paths.pods, object: describe({}, pending) })
  const network = isOnHost ? on.namespace : await makeSandbox(around, on, ip)
  const start = (id: string, argv: readonly string[], env: NodeJS.ProcessEnv) =>
    startIn(around, on.insideOf(network, ...argv), around.groups.make(on, uid, id), env)
  start(randomBytes(32).toString('hex'), ['sleep', 'infinity'], {})
  for (const [i, { name, app, env }] of containers.entries()) {
    const script = join(import.meta.dirname, 'apps', app)
    start(ids[i], [executable(around.machines.place, name), script], { TITLE: name, ...env })
  }
  const runtime = on.name === 'n1' ? 'containerd' : 'cri-o'
  const containerStatuses = containers.map(({ name }, i) => ({
    ...{ name, ready: true, restartCount: 0, containerID: `${runtime}://${ids[i]}` },
    state: { running: { startedAt: new Date().toISOString() } },
  }))
  const startTime = new Date().toISOString()
  const running = { podIP: ip, podIPs: [{ ip }], startTime, containerStatuses }
  setTimeout(() => around.tell({ path: paths.pods, object: describe({}, running) }), lagMs)
  return { name, ip, network }
}

const specOf = ({ name, env }: ContainerWords) => ({
  ...{ name, image: 'lab:1' },
  ports: env.PORT ? [{ name: 'http', containerPort: Number(env.PORT) }] : [],
})

/** A network namespace with a cable to its node. */
async function makeSandbox({ machines }: Around, node: Machine, ip: string): Promise<string> {
  const { place } = machines
  const number = ip.split('.').slice(2).join('x')
  const [network, cable] = [`ink${place.id}p${number}`, `cali${number}`]
  remember(place, { kind: 'undo', command: ['ip', 'netns', 'delete', network] })
  const own = ['ip', '-n', network].join(' ')
  const there = ['ip', '-n', node.namespace].join(' ')
  await run(
    inNetwork(node.namespace, [
      `ip netns add ${network}`,
      `${there} link add ${cable} type veth peer name eth0 netns ${network}`,
      `${there} link set ${cable} up`,
      `echo 1 > /proc/sys/net/ipv4/conf/${cable}/proxy_arp`,
      `echo 0 > /proc/sys/net/ipv4/neigh/${cable}/proxy_delay`,
      `${there} route add ${ip}/32 dev ${cable}`,
      `${own} link set lo up`,
      `${own} address add ${ip}/32 dev eth0`,
      `${own} link set eth0 up`,
      `${own} route add 169.254.1.1 dev eth0`,
      `${own} route add default via 169.254.1.1`,
    ]),
  )
  return network
}

/** Its shell joins the groups, then becomes the command. */
function startIn(
  { machines: { place } }: Around,
  argv: readonly string[],
  groups: readonly string[],
  env: NodeJS.ProcessEnv,
): ChildProcess {
  const join = groups.map(group => `echo $$ > ${group}/cgroup.procs`).join('\n')
  const script = `${join}\nexec "$@"`
  const child = spawn('sh', ['-ec', script, 'sh', ...argv], {
    env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', ...env },
    ...{ stdio: 'ignore', detached: true },
  })
  if (child.pid !== undefined) rememberProcess(place, child.pid)
  child.unref()
  return child
}
