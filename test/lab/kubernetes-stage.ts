import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { paths, service, slice } from '#orchestrators/kubernetes/fake-objects.ts'
import { run, waitFor } from './command.ts'
import { type Balanced, writeRules } from './kube-proxy.ts'
import type { ContainerWords, Kubernetes, RunningPod } from './kubernetes.ts'
import type { Machine } from './machines.ts'
import { startProgram } from './program.ts'
import { linksOf, parseCalls, type TrueLink } from './truth.ts'

/** Who makes the calls. `sidecar`: the second container of a pod; `itself`: a pod that answers itself. */
export type Caller = 'pod' | 'sidecar' | 'itself' | 'host pod' | 'process' | 'outside'

/** Calls that one client makes. */
export interface Errand {
  readonly name: string
  readonly caller: Caller
  readonly on: Machine
  readonly url: string
  /** The service that answers, as Inkling names it; the caller's own unless told. */
  readonly server?: string
}

/** Servers of every kind on each node, and clients at command. */
export interface KubernetesStage {
  readonly cluster: Kubernetes
  /** The pod `web-n1`, `web-n2`, ... of each node. */
  readonly web: ReadonlyMap<Machine, RunningPod>
  call(errand: Errand): Promise<TrueLink[]>
}

export const ports = { pod: 8080, host: 5081, process: 5082, outside: 80 } as const
const numberOf = (node: Machine): number => Number(node.name.slice(1))
export const clusterIpOf = (node: Machine): string => `10.96.0.${10 + numberOf(node)}`
export const spreadIp = '10.96.0.100'
export const spreadPort = 30_300
export const nodePortOf = (node: Machine): number => 30_080 + numberOf(node)
export const localPortOf = (node: Machine): number => 30_180 + numberOf(node)
export const idOf = (kind: string, name: string): string => `kubernetes:shop:${kind}:${name}`

const readyMs = 30_000
const callMs = 60_000

/** Starts the servers and waits until they listen. */
export async function setKubernetesStage(
  cluster: Kubernetes,
  { calls = 20, delayMs = 4000 }: { readonly calls?: number; readonly delayMs?: number } = {},
): Promise<KubernetesStage> {
  const { nodes, outside, place } = cluster
  const web = new Map<Machine, RunningPod>()
  const local = new Map<Machine, RunningPod>()
  const spread = new Map<Machine, RunningPod>()
  for (const on of nodes) {
    const own = (name: string) =>
      startServer(cluster, on, `${name}-${on.name}-0`, ['StatefulSet', `${name}-${on.name}`])
    web.set(on, await own('web'))
    local.set(on, await own('local'))
    spread.set(on, await startServer(cluster, on, `spread-${on.name}`, ['DaemonSet', 'spread']))
    const host = ['StatefulSet', `host-${on.name}`] as const
    const containers = [server('host', ports.host)]
    await cluster.pod({ name: `host-${on.name}-0`, on, owner: host, isOnHost: true, containers })
    const env = { PORT: String(ports.process) }
    startProgram(place, { name: `server-${on.name}`, app: 'hello.ts', env, inside: on.inside })
  }
  startProgram(place, { name: 'outserver', app: 'hello.ts', env: {}, inside: outside.inside })
  await tellServices(cluster, { web, local, spread })
  for (const [, { network }] of [...web, ...local, ...spread]) await waitForPort(network, ports.pod)
  for (const { namespace } of nodes) {
    for (const port of [ports.host, ports.process]) await waitForPort(namespace, port)
  }
  const settings = { COUNT: String(calls), DELAY_MS: String(delayMs) }
  return { cluster, web, call: errand => call(cluster, settings, errand) }
}

const server = (name: string, port: number): ContainerWords => ({
  ...{ name, app: 'hello.ts', env: { PORT: String(port) } },
})

function startServer(
  cluster: Kubernetes,
  on: Machine,
  name: string,
  owner: readonly [kind: string, name: string],
): Promise<RunningPod> {
  return cluster.pod({ name, on, owner, containers: [server('web', ports.pod)] })
}

/** A Service for each node's pod, one that is reached only where its pod is, and one for pods of all nodes. */
async function tellServices(
  cluster: Kubernetes,
  { web, local, spread }: Readonly<Record<'web' | 'local' | 'spread', Pods>>,
): Promise<void> {
  const balanced: Balanced[] = []
  const add = (name: string, pods: Pods, how: Reached) => {
    const { clusterIp, nodePort, isLocal = false } = how
    const policy = isLocal ? { externalTrafficPolicy: 'Local' } : {}
    const port = { name: 'http', port: 80, targetPort: ports.pod, nodePort, protocol: 'TCP' }
    const spec = { type: 'NodePort', clusterIP: clusterIp, ports: [port], ...policy }
    cluster.tell({ path: paths.services, object: service(name, spec) })
    const names = [...pods.values()].map(pod => pod.name)
    cluster.tell({ path: paths.slices, object: slice(name, names, ports.pod) })
    const behind = [...pods].map(([node, { ip }]) => ({ node: node.name, ip }))
    balanced.push({ clusterIp, nodePort, isLocal, pods: behind, targetPort: ports.pod })
  }
  for (const [node, pod] of web) {
    const own = new Map([[node, pod]])
    add(`web-${node.name}`, own, { clusterIp: clusterIpOf(node), nodePort: nodePortOf(node) })
  }
  for (const [node, pod] of local) {
    const how = { clusterIp: `10.96.0.${50 + numberOf(node)}`, nodePort: localPortOf(node) }
    add(`local-${node.name}`, new Map([[node, pod]]), { ...how, isLocal: true })
  }
  add('spread', spread, { clusterIp: spreadIp, nodePort: spreadPort })
  await writeRules(cluster, balanced)
}

type Pods = ReadonlyMap<Machine, RunningPod>
type Reached = Pick<Balanced, 'clusterIp' | 'nodePort' | 'isLocal'>

async function waitForPort(network: string, port: number): Promise<void> {
  const argv = ['nsenter', `--net=/var/run/netns/${network}`]
  const ask = async () =>
    (await run([...argv, 'ss', '-Hltn', `sport = :${port}`])).trim() === '' ? undefined : true
  await waitFor(ask, readyMs, () => `nothing listens on port ${port} of ${network}`)
}

async function call(
  cluster: Kubernetes,
  settings: Record<string, string>,
  errand: Errand,
): Promise<TrueLink[]> {
  const { name, url } = errand
  const path = join(cluster.truth, `${name}.jsonl`)
  const own = selfOf(errand)
  const asked = { SELF: own, SERVER: errand.server ?? own, URL: url, TRUTH: path }
  await send(cluster, { ...settings, ...asked }, errand)
  const read = () => (existsSync(path) ? parseCalls(readFileSync(path, 'utf8')) : [])
  const all = () => (read().length >= Number(settings.COUNT) ? true : undefined)
  await waitFor(all, callMs, () => `${name} made ${read().length} of its calls`)
  return linksOf(read())
}

function selfOf({ caller, name }: Errand): string {
  if (caller === 'outside') return 'internet'
  return caller === 'process' ? `process:${name}` : idOf('statefulset', name)
}

/** Starts whoever runs the errand. */
async function send(
  cluster: Kubernetes,
  env: Record<string, string>,
  { name, caller, on }: Errand,
): Promise<void> {
  const { place, outside } = cluster
  if (caller === 'process' || caller === 'outside') {
    const { inside } = caller === 'outside' ? outside : on
    startProgram(place, { name, app: 'calls.ts', env, inside })
    return
  }
  const client = { name: 'client', app: 'calls.ts', env }
  const beside = caller === 'sidecar' || caller === 'itself' ? [server('web', ports.pod)] : []
  const containers = [...beside, client]
  const owner = ['StatefulSet', name] as const
  await cluster.pod({ name: `${name}-0`, on, owner, isOnHost: caller === 'host pod', containers })
}
