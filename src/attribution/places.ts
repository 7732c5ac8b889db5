import { BlockList, isIP } from 'node:net'
import { isLoopback } from '#lib/ip.ts'
import type { Transport } from '#model/flow.ts'
import type { Network } from '#model/network.ts'
import type { Subject } from '#model/window.ts'

/** A machine whose agent reports: its name, its own network namespace and the addresses in it. */
export interface NodePlace {
  readonly node: string
  readonly hostNamespace: string
  readonly addresses: ReadonlySet<string>
}

/**
 * The node passed it on: it left by an interface of the node, and whose address it has is no socket of the node's. A bridge
 * floods what it has for a container that it does not know yet, or no more.
 */
export function isPassedOn(subject: Subject, place: NodePlace): boolean {
  const { namespace, local, client, clientOwner } = subject
  if (local !== 'client' || namespace !== place.hostNamespace) return false
  return clientOwner === undefined && !isLoopback(client.ip) && !place.addresses.has(client.ip)
}

/** Sockets of nodes that were seen to be listened on. */
const listenersMax = 50_000

/**
 * The machines of the cluster, seen together: whose an address is, which addresses are nobody's (balancers), and who listens
 * on a port of a machine, as its own agent saw.
 */
export class Places {
  readonly #places = new Map<string, NodePlace>()
  readonly #networks = new Map<string, readonly Network[]>()
  /** Nodes by address; of an address that several have (a bridge's gateway) nobody is told. */
  #nodes: Map<string, string | undefined> | undefined
  #balancers: Map<string, Set<string>> | undefined
  /** Networks that span nodes, by id: whose addresses are inside. */
  readonly #insides = new Map<string, BlockList>()
  readonly #listeners = new Map<string, string>()

  place(place: NodePlace): void {
    const before = this.#places.get(place.node)
    this.#places.set(place.node, place)
    if (!before || !isEqual(before.addresses, place.addresses)) this.#nodes = undefined
  }

  networks(node: string, networks: readonly Network[]): void {
    this.#networks.set(node, networks)
    for (const { id, isShared, subnets } of networks) {
      if (isShared && !this.#insides.has(id)) this.#insides.set(id, insideOf(subnets))
    }
    this.#nodes = undefined
    this.#balancers = undefined
  }

  of(node: string): NodePlace | undefined {
    return this.#places.get(node)
  }

  /** The machine of that name or address, as its agent calls it. */
  nodeNamed(text: string): string | undefined {
    return this.#places.has(text) ? text : this.nodeOf(text)
  }

  /** The machine whose address it is, if it is that of one alone and leads there from others. */
  nodeOf(ip: string): string | undefined {
    this.#nodes ??= this.#indexNodes()
    return this.#nodes.get(ip)
  }

  /** A balancer of one of these networks: behind it stands any client of its node. */
  isBalancer(ip: string, networks: readonly string[]): boolean {
    this.#balancers ??= this.#indexBalancers()
    const own = this.#balancers.get(ip)
    return own !== undefined && networks.some(network => own.has(network))
  }

  /** An address within one of these networks, where they span nodes: whoever has it does not come from outside. */
  isInside(ip: string, networks: readonly string[]): boolean {
    const family = isIP(ip) === 6 ? 'ipv6' : 'ipv4'
    return networks.some(network => this.#insides.get(network)?.check(ip, family))
  }

  /** An agent saw that an instance answers on a port of its machine. */
  heard(node: string, transport: Transport, port: number, instance: string): void {
    const key = `${node} ${transport} ${port}`
    this.#listeners.delete(key)
    this.#listeners.set(key, instance)
    for (const oldest of this.#listeners.keys()) {
      if (this.#listeners.size <= listenersMax) break
      this.#listeners.delete(oldest)
    }
  }

  listener(node: string, transport: Transport, port: number): string | undefined {
    return this.#listeners.get(`${node} ${transport} ${port}`)
  }

  #indexNodes(): Map<string, string | undefined> {
    const gateways = new Set(
      [...this.#networks.values()].flat().flatMap(({ gateways }) => [...gateways]),
    )
    const nodes = new Map<string, string | undefined>()
    for (const { node, addresses } of this.#places.values()) {
      for (const ip of addresses) {
        if (!gateways.has(ip)) nodes.set(ip, nodes.has(ip) ? undefined : node)
      }
    }
    return nodes
  }

  #indexBalancers(): Map<string, Set<string>> {
    const balancers = new Map<string, Set<string>>()
    for (const { id, balancers: ips = [] } of [...this.#networks.values()].flat()) {
      for (const ip of ips) balancers.set(ip, (balancers.get(ip) ?? new Set()).add(id))
    }
    return balancers
  }
}

function isEqual(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every(one => b.has(one))
}

function insideOf(subnets: readonly string[]): BlockList {
  const inside = new BlockList()
  for (const subnet of subnets) {
    const [base, bits] = subnet.split('/')
    const family = isIP(base)
    const length = Number(bits)
    if (family === 0 || !Number.isInteger(length) || length < 0) continue
    if (length <= (family === 6 ? 128 : 32)) {
      inside.addSubnet(base, length, family === 6 ? 'ipv6' : 'ipv4')
    }
  }
  return inside
}
