import { isIP } from 'node:net'
import { isLoopback } from '#lib/ip.ts'
import type { SwarmNode } from './shape.ts'

/** A machine of the swarm, as tasks are told to run on it. */
export interface Machine {
  /**
   * What its agent is called unless told otherwise: its host name. Where several have one name they are told apart by their
   * addresses, which an agent has too.
   */
  readonly name: string
  /** Where others reach it; empty when the manager knows no such address. */
  readonly address: string
  /** Nobody hears of it: its tasks may well run. */
  readonly isUnreachable: boolean
}

/** All machines by node id. */
export function machinesOf(nodes: readonly SwarmNode[]): ReadonlyMap<string, Machine> {
  const names = nodes.map(({ Description }) => Description.Hostname)
  const isUnique = (name: string) => name !== '' && names.indexOf(name) === names.lastIndexOf(name)
  const unique = new Set(names.filter(isUnique))
  return new Map(
    nodes.map(node => {
      const { Hostname } = node.Description
      const address = addressOf(node)
      const name = unique.has(Hostname) ? Hostname : address || Hostname || node.ID
      return [node.ID, { name, address, isUnreachable: isUnreachable(node) }]
    }),
  )
}

/** A leader calls itself `0.0.0.0` or `127.0.0.1`; the managers among themselves know better. */
function addressOf({ Status, ManagerStatus }: SwarmNode): string {
  const manager = ManagerStatus.Addr.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
  return [Status.Addr, manager].find(isUsable) ?? ''
}

function isUsable(ip: string): boolean {
  return isIP(ip) !== 0 && ip !== '0.0.0.0' && ip !== '::' && !isLoopback(ip)
}

/** What is `unknown` was heard of before the manager was asked anew; it may be well. */
function isUnreachable({ Status }: SwarmNode): boolean {
  return Status.State === 'down' || Status.State === 'disconnected'
}
