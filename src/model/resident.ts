/**
 * A container that lives in a network namespace of a node, as the control group of its processes tells, whatever runtime
 * started it. Who it is only an orchestrator knows.
 */
export interface Resident {
  /**
   * What it may be known by, nearest first: the container itself (`docker:<64 hex>` whoever runs it, `mesos:<id>`), the
   * task it runs (`task:<pod uid>`), the containers around it.
   */
  readonly names: readonly string[]
  /** Inode of the network namespace, as text. */
  readonly namespace: string
  /** Addresses found in that namespace; none of the node's own. */
  readonly addresses: readonly string[]
}

/** The name of a task among those of a resident. */
export const taskName = (task: string): string => `task:${task}`

/** Its pod or task; undefined when it is a container of no orchestrator that says so. */
export function taskOf({ names }: Pick<Resident, 'names'>): string | undefined {
  return names.find(name => name.startsWith('task:'))
}
