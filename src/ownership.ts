import type { Network } from '#model/network.ts'
import type { Resident } from '#model/resident.ts'
import { isGone, type ServiceGroup } from '#model/service.ts'
import type { GroupsMessage, NetworksMessage, ResidentsMessage } from '#wire/agent.ts'

export type OwnershipMessage = GroupsMessage | NetworksMessage | ResidentsMessage

/** Who owns what on this node at present, as its orchestrators tell it: the sum of all that was told. */
export class Ownership {
  readonly #groups = new Map<string, Map<string, ServiceGroup>>()
  readonly #networks = new Map<string, readonly Network[]>()
  #residents: readonly Resident[] | undefined

  allGroups(orchestrator: string, groups: readonly ServiceGroup[]): GroupsMessage {
    this.#groups.set(orchestrator, new Map(groups.map(group => [group.service.id, group])))
    return { type: 'groups', orchestrator, isAll: true, groups }
  }

  changedGroup(orchestrator: string, group: ServiceGroup): GroupsMessage {
    const known = this.#groups.get(orchestrator) ?? new Map<string, ServiceGroup>()
    if (isGone(group)) known.delete(group.service.id)
    else known.set(group.service.id, group)
    this.#groups.set(orchestrator, known)
    return { type: 'groups', orchestrator, isAll: false, groups: [group] }
  }

  networks(orchestrator: string, networks: readonly Network[]): NetworksMessage {
    this.#networks.set(orchestrator, networks)
    return { type: 'networks', orchestrator, networks }
  }

  residents(residents: readonly Resident[]): ResidentsMessage {
    this.#residents = residents
    return { type: 'residents', residents }
  }

  /** All of it, networks before the groups on them. */
  messages(): OwnershipMessage[] {
    const networks = [...this.#networks].map(
      ([orchestrator, networks]): OwnershipMessage => ({
        ...{ type: 'networks', orchestrator, networks },
      }),
    )
    const groups = [...this.#groups].map(
      ([orchestrator, groups]): OwnershipMessage => ({
        ...{ type: 'groups', orchestrator, isAll: true, groups: [...groups.values()] },
      }),
    )
    const residents = this.#residents ? [this.residents(this.#residents)] : []
    return [...networks, ...groups, ...residents]
  }
}
