import type { Service } from '#model/service.ts'
import type { Metadata, OwnedObject, OwnerReference } from './shape.ts'

/** Who made a pod, as far as the pod says. */
export interface Origin {
  readonly namespace: string
  readonly name: string
  readonly node: string
  readonly owner: OwnerReference | undefined
  /** A node's kubelet runs it from a file of its own; the API only mirrors it. */
  readonly isStatic: boolean
  /** `pod-template-hash`: the end of its ReplicaSet's name. */
  readonly templateHash: string
}

/** What stands between a pod and the workload that people care about: a Deployment's ReplicaSet, a CronJob's Job. */
export interface Parent {
  readonly namespace: string
  readonly name: string
  readonly kind: string
  readonly uid: string
  readonly owner: OwnerReference | undefined
}

export function parentOf(kind: string, { metadata }: OwnedObject): Parent {
  const { namespace, name, uid } = metadata
  return { namespace, name, kind, uid, owner: controllerOf(metadata) }
}

/** The owner that steers it; others only want to be asked when it goes. */
export function controllerOf({ ownerReferences }: Metadata): OwnerReference | undefined {
  return ownerReferences.find(({ controller }) => controller)
}

/**
 * The workload behind a pod: the outermost known owner. `parent` finds a ReplicaSet or a Job; where the API does not let
 * us see it, its name and the pod's labels say as much.
 */
export function workloadBehind(
  pod: Origin,
  parent: (kind: string, name: string) => Parent | undefined,
): Service {
  const { namespace, owner } = pod
  if (pod.isStatic) return service(namespace, 'static', staticName(pod))
  if (!owner) return service(namespace, 'pod', pod.name)
  const found = parent(owner.kind, owner.name)
  const known = found && (found.uid === owner.uid || owner.uid === '') ? found : undefined
  if (known?.owner) return service(namespace, known.owner.kind, known.owner.name)
  const guessed = known ? undefined : grandparentOf(pod, owner)
  const { kind, name } = guessed ?? owner
  return service(namespace, kind, name)
}

/**
 * What a pod's name alone says of its workload: a ReplicaSet's name ends with its template's hash, in the letters that
 * Kubernetes (1.10 and newer) writes hashes in; any other name is the pod's own.
 */
export function workloadNamed(namespace: string, pod: string): Service {
  const ofDeployment = /^(.+)-(?=\d*[bcdf])[4-9bcdf]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}$/.exec(
    pod,
  )
  return ofDeployment
    ? service(namespace, 'deployment', ofDeployment[1])
    : service(namespace, 'pod', pod)
}

/** A service of the cluster by its namespace, kind and name: `kubernetes:shop:deployment:vote`. */
export function service(namespace: string, kind: string, name: string): Service {
  const id = `kubernetes:${namespace}:${kind.toLowerCase()}:${name}`
  return { id, name, kind: 'kubernetes', group: [namespace] }
}

/** `kube-apiserver-node1` of every node is one service. */
function staticName({ name, node }: Origin): string {
  return node !== '' && name.endsWith(`-${node}`) ? name.slice(0, -node.length - 1) : name
}

function grandparentOf({ templateHash }: Origin, { kind, name }: OwnerReference) {
  if (kind === 'ReplicaSet' && templateHash !== '' && name.endsWith(`-${templateHash}`)) {
    return { kind: 'Deployment', name: name.slice(0, -templateHash.length - 1) }
  }
  const scheduled = kind === 'Job' ? /^(.+)-\d{8,10}$/.exec(name) : null
  return scheduled ? { kind: 'CronJob', name: scheduled[1] } : undefined
}
