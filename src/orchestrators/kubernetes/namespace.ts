import type {
  Instance,
  PublishedPort,
  Service,
  ServiceGroup,
  VirtualAddress,
} from '#model/service.ts'
import { Told } from '../told.ts'
import type { Node } from './node.ts'
import { type Parent, service, workloadBehind } from './owner.ts'
import { type Pod, placed } from './pod.ts'
import { type ClusterService, reachOf, type Slice, selects } from './reach.ts'
import type { Workload } from './workload.ts'

/** A group while it is put together. */
interface Draft {
  readonly service: Service
  readonly instances: Instance[]
  readonly virtual: VirtualAddress[]
  readonly nodePorts: PublishedPort[]
  desired?: number
  doing?: string
}

/** What the cluster's nodes say to a namespace. */
export interface Machines {
  node(name: string): Node | undefined
  isAddress(ip: string): boolean
}

const virtualMax = 256
const nodePortsMax = 512

/** One namespace: what leads where in it concerns no other. */
export class Namespace {
  readonly pods = new Map<string, Pod>()
  readonly services = new Map<string, ClusterService>()
  readonly slices = new Map<string, Slice>()
  /** ReplicaSets and Jobs, by kind and name. */
  readonly parents = new Map<string, Parent>()
  readonly workloads = new Map<string, Workload>()
  readonly told = new Told()

  /** All its groups, in order of their ids. */
  groups(machines: Machines): ServiceGroup[] {
    const drafts = new Map<string, Draft>()
    const draftOf = (service: Service) => {
      const draft = drafts.get(service.id) ?? emptyDraft(service)
      drafts.set(service.id, draft)
      return draft
    }
    const behind = new Map<string, Service>()
    for (const pod of this.pods.values()) {
      const workload = workloadBehind(pod, (kind, name) => this.parents.get(`${kind} ${name}`))
      behind.set(pod.name, workload)
      draftOf(workload).instances.push(placed(pod, machines.node(pod.node)))
    }
    for (const workload of this.workloads.values()) describe(draftOf(workload.service), workload)
    this.#lead(behind, machines, draftOf)
    return [...drafts.values()].filter(isSomething).map(groupOf).sort(byService)
  }

  /**
   * A Service's addresses are those of the workload behind it. Behind one with several (a canary beside its elder), with
   * none, or with addresses of outside, nobody knows who answers a call: it stands for itself.
   */
  #lead(
    behind: ReadonlyMap<string, Service>,
    machines: Machines,
    draftOf: (service: Service) => Draft,
  ) {
    const slices = this.#slicesByService()
    for (const each of this.services.values()) {
      const own = slices.get(each.name) ?? []
      const pods = this.#podsOf(each, own)
      const workloads = new Map(
        [...pods.map(pod => behind.get(pod.name)!), ...this.#meant(each, pods)].map(
          workload => [workload.id, workload] as const,
        ),
      )
      const isOnes = workloads.size === 1 && !own.some(({ hasOthers }) => hasOthers)
      const [only] = workloads.values()
      const draft = draftOf(isOnes ? only : service(each.namespace, 'service', each.name))
      const { virtual, nodePorts } = reachOf(each, own, pods, machines.isAddress)
      draft.virtual.push(...virtual)
      draft.nodePorts.push(...nodePorts)
    }
  }

  #slicesByService(): Map<string, Slice[]> {
    const slices = new Map<string, Slice[]>()
    for (const slice of this.slices.values()) {
      const own = slices.get(slice.service)
      if (own) own.push(slice)
      else slices.set(slice.service, [slice])
    }
    return slices
  }

  /** Its slices name them; where there are none, its labels find them. */
  #podsOf({ selector }: ClusterService, slices: readonly Slice[]): Pod[] {
    const named = new Set(slices.flatMap(({ pods }) => pods))
    if (named.size > 0) return [...named].flatMap(name => this.pods.get(name) ?? [])
    return [...this.pods.values()].filter(({ labels }) => selects(selector, labels))
  }

  /** Without pods: workloads whose pods would be its own. */
  #meant({ selector }: ClusterService, pods: readonly Pod[]): Service[] {
    if (pods.length > 0) return []
    return [...this.workloads.values()]
      .filter(({ podLabels }) => selects(selector, podLabels))
      .map(each => each.service)
  }
}

function emptyDraft(service: Service): Draft {
  return { service, instances: [], virtual: [], nodePorts: [] }
}

/** Several runs of one CronJob add up. */
function describe(draft: Draft, { desired, doing }: Workload): void {
  if (desired !== undefined) draft.desired = (draft.desired ?? 0) + desired
  if (doing !== undefined) draft.doing = doing
}

/** Nothing runs, nothing is meant to, nothing leads there: no group of ours. */
function isSomething({ instances, virtual, nodePorts, desired = 0 }: Draft): boolean {
  return instances.length > 0 || desired > 0 || virtual.length > 0 || nodePorts.length > 0
}

function groupOf({ service, instances, virtual, nodePorts, desired, doing }: Draft): ServiceGroup {
  return {
    service,
    instances: instances.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)),
    ...(virtual.length > 0 ? { virtual: virtual.slice(0, virtualMax) } : {}),
    ...(nodePorts.length > 0 ? { nodePorts: nodePorts.slice(0, nodePortsMax) } : {}),
    ...(desired === undefined ? {} : { desired }),
    ...(doing === undefined ? {} : { doing }),
  }
}

const byService = (a: ServiceGroup, b: ServiceGroup) => (a.service.id < b.service.id ? -1 : 1)
