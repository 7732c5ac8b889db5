import { type Node, nodeOf } from './node.ts'
import { type Parent, parentOf } from './owner.ts'
import { type Pod, podOf } from './pod.ts'
import { type ClusterService, type Slice, serviceOf, sliceOf } from './reach.ts'
import {
  readEndpointSlice,
  readNode,
  readOwned,
  readPod,
  readService,
  readWorkload,
} from './shape.ts'
import { type Workload, workloadOf } from './workload.ts'

/** One kind of object that is listed and watched. */
export interface Resource<T> {
  /** As the API and the role call it. */
  readonly name: string
  /** Where it is; the newest first, for older servers the ones before. */
  readonly paths: readonly string[]
  readonly accept: { readonly list: string; readonly watch: string }
  /** Without it there is nothing to tell. */
  readonly isNeeded: boolean
  /** What of an object is of use; undefined when it is none. */
  read(object: unknown): T | undefined
  /** More of them are not kept. */
  readonly max: number
}

/** What is kept of each kind. */
export interface Kinds {
  readonly pods: Pod
  readonly services: ClusterService
  readonly endpointslices: Slice
  readonly nodes: Node
  readonly replicasets: Parent
  readonly deployments: Workload
  readonly statefulsets: Workload
  readonly daemonsets: Workload
  readonly jobs: Workload & Parent
}
export type Kind = keyof Kinds

const json = { list: 'application/json', watch: 'application/json' }
/** Only names, labels and owners, where the server can (1.15 and newer): of a ReplicaSet no more is wanted. */
const metadataOnly = {
  list: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json',
  watch: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json',
}

/** A cluster is specified for 150,000 pods. */
const podsMax = 150_000
const othersMax = 50_000

const plain = { accept: json, isNeeded: false, max: othersMax }

/** Everything that is read, and the whole of what a role must allow: get, list, watch of these. */
export const resources: { readonly [K in Kind]: Resource<Kinds[K]> } = {
  pods: {
    ...{ ...plain, name: 'pods', paths: ['/api/v1/pods'], isNeeded: true, max: podsMax },
    read: object => mapped(readPod(object), podOf),
  },
  services: {
    ...{ ...plain, name: 'services', paths: ['/api/v1/services'] },
    read: object => mapped(readService(object), serviceOf),
  },
  endpointslices: {
    ...{ ...plain, name: 'endpointslices' },
    paths: [
      '/apis/discovery.k8s.io/v1/endpointslices',
      '/apis/discovery.k8s.io/v1beta1/endpointslices',
    ],
    read: object => mapped(readEndpointSlice(object), sliceOf),
  },
  nodes: {
    ...{ ...plain, name: 'nodes', paths: ['/api/v1/nodes'] },
    read: object => mapped(readNode(object), nodeOf),
  },
  replicasets: {
    ...{ ...plain, name: 'replicasets', paths: ['/apis/apps/v1/replicasets'], max: podsMax },
    accept: metadataOnly,
    read: object => mapped(readOwned(object), each => parentOf('ReplicaSet', each)),
  },
  deployments: {
    ...{ ...plain, name: 'deployments', paths: ['/apis/apps/v1/deployments'] },
    read: object => mapped(readWorkload(object), each => workloadOf('Deployment', each)),
  },
  statefulsets: {
    ...{ ...plain, name: 'statefulsets', paths: ['/apis/apps/v1/statefulsets'] },
    read: object => mapped(readWorkload(object), each => workloadOf('StatefulSet', each)),
  },
  daemonsets: {
    ...{ ...plain, name: 'daemonsets', paths: ['/apis/apps/v1/daemonsets'] },
    read: object => mapped(readWorkload(object), each => workloadOf('DaemonSet', each)),
  },
  jobs: {
    ...{ ...plain, name: 'jobs', paths: ['/apis/batch/v1/jobs'] },
    read: object =>
      mapped(readWorkload(object), each => ({
        ...workloadOf('Job', each),
        ...parentOf('Job', each),
      })),
  },
}

function mapped<T, U>(value: T | undefined, to: (value: T) => U): U | undefined {
  return value === undefined ? undefined : to(value)
}
