import { run } from './command.ts'
import type { Kubernetes } from './kubernetes.ts'

/** A Service's address and ports, and the pods behind it. */
export interface Balanced {
  readonly clusterIp: string
  readonly nodePort: number
  /** It keeps who calls from outside, and answers only on the nodes of its pods. */
  readonly isLocal?: boolean
  /** `10.244.1.2:8080`, by the node they are on. */
  readonly pods: readonly { readonly node: string; readonly ip: string }[]
  readonly targetPort: number
}

const pods = '10.244.0.0/16'

/**
 * What kube-proxy writes on every node: cluster addresses and node ports lead to pods, and who is not a pod calls them from
 * the node's address. What pods send to others than pods leaves from the node's address too.
 */
export async function writeRules({ nodes }: Kubernetes, services: readonly Balanced[]) {
  for (const { name, namespace } of nodes) {
    const rules = services.flatMap(service => rulesOf(service, name))
    const table = `table ip kube {
  chain services {
    ${rules.join('\n    ')}
  }
  chain in { type nat hook prerouting priority -100; jump services; }
  chain out { type nat hook output priority -100; jump services; }
  chain leave {
    type nat hook postrouting priority 100;
    meta mark 0x4000 masquerade
    ip saddr ${pods} ip daddr != ${pods} masquerade
  }
}`
    const script = `nft delete table ip kube 2>/dev/null || true\nnft -f - <<END\n${table}\nEND`
    await run(['nsenter', `--net=/var/run/netns/${namespace}`, 'sh', '-ec', script])
  }
}

function rulesOf({ clusterIp, nodePort, isLocal, pods: all, targetPort }: Balanced, node: string) {
  const here = isLocal ? all.filter(pod => pod.node === node) : all
  const toAny = (those: typeof all) =>
    `dnat to numgen inc mod ${those.length} map { ${those.map(({ ip }, i) => `${i} : ${ip}`).join(', ')} } : ${targetPort}`
  const mark = 'meta mark set 0x4000'
  const cluster = `ip daddr ${clusterIp} tcp dport 80`
  const port = `fib daddr type local tcp dport ${nodePort}`
  return [
    `${cluster} ip saddr != ${pods} ${mark}`,
    `${cluster} ${toAny(all)}`,
    ...(here.length > 0 && !isLocal ? [`${port} ${mark}`] : []),
    ...(here.length > 0 ? [`${port} ${toAny(here)}`] : []),
  ]
}
