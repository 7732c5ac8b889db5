import type { Network } from '#model/network.ts'
import { isGone, type ServiceGroup } from '#model/service.ts'
import type { Observer, OrchestratorStatus } from './orchestrator.ts'

/** For tests: an observer that writes down what it is told and keeps the picture that follows from it. */
export class Notebook implements Observer {
  /** In order: `status connected`, `all 3`, `changed compose:shop:vote 2`, `networks 1`. */
  readonly lines: string[] = []
  readonly statuses: OrchestratorStatus[] = []
  readonly groups = new Map<string, ServiceGroup>()
  told: readonly Network[] = []

  all(groups: readonly ServiceGroup[]): void {
    this.lines.push(`all ${groups.length}`)
    this.groups.clear()
    for (const group of groups) this.groups.set(group.service.id, group)
  }

  changed(group: ServiceGroup): void {
    this.lines.push(`changed ${group.service.id} ${group.instances.length}`)
    if (isGone(group)) this.groups.delete(group.service.id)
    else this.groups.set(group.service.id, group)
  }

  networks(networks: readonly Network[]): void {
    this.lines.push(`networks ${networks.length}`)
    this.told = networks
  }

  status(status: OrchestratorStatus): void {
    this.lines.push(`status ${status.kind}`)
    this.statuses.push(status)
  }

  /** `vote: shop_vote_1 running 10.213.7.2; ...`, in order of service. */
  text(): string {
    return [...this.groups.values()]
      .map(({ service, instances }) => `${service.id}: ${instances.map(instance => instance.name)}`)
      .sort()
      .join('\n')
  }

  /** Waits until `claim` holds; fails with what was written down when it does not within `limitMs`. */
  async until(claim: () => boolean, limitMs = 5_000): Promise<void> {
    const end = Date.now() + limitMs
    while (!claim()) {
      if (Date.now() > end) throw new Error(`never: ${claim}\n${this.lines.join('\n')}`)
      await new Promise(resolve => setTimeout(resolve, 5))
    }
  }
}
