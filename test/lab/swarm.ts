import { waitFor } from './command.ts'
import { type Machine, type Machines, startMachines } from './machines.ts'

/** Machines whose engines are joined into one Swarm; the first is its manager. */
export interface Swarm extends Machines {
  readonly manager: Machine
}

export interface SwarmOptions {
  /** How many machines. */
  readonly nodes?: number
}

const joinMs = 30_000

/** Starts the machines and their engines, joins them, and waits until all are ready. */
export async function startSwarm({ nodes: count = 2 }: SwarmOptions = {}): Promise<Swarm> {
  const machines = await startMachines(count)
  try {
    await joinAll(machines.nodes)
    return { ...machines, manager: machines.nodes[0] }
  } catch (error) {
    machines.stop()
    throw error
  }
}

async function joinAll([manager, ...workers]: readonly Machine[]): Promise<void> {
  await manager.docker('swarm', 'init', '--advertise-addr', manager.address)
  const token = (await manager.docker('swarm', 'join-token', '-q', 'worker')).trim()
  const target = `${manager.address}:2377`
  const joining = workers.map(({ address, docker }) =>
    docker('swarm', 'join', '--token', token, '--advertise-addr', address, target),
  )
  await Promise.all(joining)
  const ready = async () => {
    const states = await manager.docker('node', 'ls', '--format', '{{.Status}}')
    const count = states.split('\n').filter(state => state === 'Ready').length
    return count === workers.length + 1 ? true : undefined
  }
  await waitFor(ready, joinMs, () => 'the nodes of the Swarm did not get ready')
}
