import type { Address, Instance, Service, ServiceGroup } from '#model/service.ts'
import { Told } from '../told.ts'
import { type Cuts, instanceOf, type Seen } from './instance.ts'
import { isSandbox, serviceOf } from './service.ts'
import type { Inspected } from './shape.ts'

interface Member {
  readonly service: Service
  readonly instance: Instance
  /** The container whose network it shares: an id, the start of one, or a name. */
  readonly sharesWith: string | undefined
  /** Known for its addresses only. */
  readonly hidden: boolean
}

/** Containers beyond this many are not shown; an engine is unwell long before. */
const containersMax = 4096
/** `container:` of `container:` of ...: the engine refuses circles, we do not rely on it. */
const sharesMax = 4

/** The containers of one engine, grouped by service, and what was already told of them. */
export class Roster {
  readonly #members = new Map<string, Member>()
  readonly #told = new Told()
  readonly cuts: Cuts & { containers: number } = {
    labels: 0,
    addresses: 0,
    published: 0,
    mounts: 0,
    containers: 0,
  }

  /** A container as just inspected; one that does not run is as good as gone. */
  put(container: Inspected, seen: Seen): void {
    const instance = instanceOf(container, seen, this.cuts)
    if (instance.state === 'exited') {
      this.#members.delete(container.Id)
      return
    }
    if (!this.#members.has(container.Id) && this.#members.size >= containersMax) {
      this.cuts.containers++
      return
    }
    const mode = container.HostConfig.NetworkMode
    this.#members.set(container.Id, {
      service: serviceOf(container),
      instance,
      sharesWith: mode.startsWith('container:') ? mode.slice('container:'.length) : undefined,
      hidden: isSandbox(container),
    })
  }

  delete(id: string): void {
    this.#members.delete(id)
  }

  /** The state of a container as last inspected; undefined when it is not known. */
  stateOf(id: string): Instance['state'] | undefined {
    return this.#members.get(id)?.instance.state
  }

  ids(): readonly string[] {
    return [...this.#members.keys()]
  }

  /** All groups; from now on only what differs from them is a change. */
  all(): readonly ServiceGroup[] {
    return this.#told.all([...this.#groups().values()])
  }

  /** Groups that are not as they were told, whole; empty ones are gone. Each is told once. */
  changes(): readonly ServiceGroup[] {
    return this.#told.changes([...this.#groups().values()])
  }

  #groups(): Map<string, { service: Service; instances: Instance[] }> {
    const groups = new Map<string, { service: Service; instances: Instance[] }>()
    for (const member of this.#members.values()) {
      if (member.hidden) continue
      const group = groups.get(member.service.id) ?? { service: member.service, instances: [] }
      group.instances.push(this.#withSharedNetwork(member))
      groups.set(member.service.id, group)
    }
    for (const group of groups.values()) {
      group.instances.sort((a, b) =>
        a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1,
      )
    }
    return groups
  }

  /** In `container:<id>` mode the engine tells no addresses: they are the other's, and so is the namespace. */
  #withSharedNetwork(member: Member): Instance {
    const owner = this.#networkOwner(member)
    if (owner === undefined || owner === member) return member.instance
    const addresses: readonly Address[] = owner.instance.addresses
    const namespace = member.instance.namespace ?? owner.instance.namespace
    return { ...member.instance, addresses, ...(namespace === undefined ? {} : { namespace }) }
  }

  #networkOwner(member: Member): Member | undefined {
    let owner: Member | undefined = member
    for (let hop = 0; hop < sharesMax && owner?.sharesWith !== undefined; hop++) {
      owner = this.#find(owner.sharesWith)
    }
    return owner
  }

  #find(reference: string): Member | undefined {
    const exact = this.#members.get(reference)
    if (exact !== undefined) return exact
    for (const [id, member] of this.#members) {
      if (member.instance.name === reference) return member
      if (reference.length >= 12 && id.startsWith(reference)) return member
    }
    return undefined
  }
}
