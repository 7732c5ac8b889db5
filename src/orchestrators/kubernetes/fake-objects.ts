import { FakeApi, type FakeObject } from './fake-api.ts'

/** For tests: objects in few words, in the namespace `shop`. */
export const paths = {
  pods: '/api/v1/pods',
  services: '/api/v1/services',
  nodes: '/api/v1/nodes',
  slices: '/apis/discovery.k8s.io/v1/endpointslices',
  replicaSets: '/apis/apps/v1/replicasets',
  deployments: '/apis/apps/v1/deployments',
  statefulSets: '/apis/apps/v1/statefulsets',
  daemonSets: '/apis/apps/v1/daemonsets',
  jobs: '/apis/batch/v1/jobs',
}

export function ownedBy(kind: string, name: string) {
  return [{ apiVersion: 'apps/v1', kind, name, uid: `uid-${name}`, controller: true }]
}

interface PodWords {
  readonly owner?: readonly [kind: string, name: string]
  readonly ip?: string
  readonly node?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly metadata?: object
  readonly spec?: object
  readonly status?: object
}

export function pod(name: string, words: PodWords = {}): FakeObject {
  const { owner, ip = '10.244.1.5', node = 'n1', labels = {} } = words
  return {
    metadata: {
      ...{ name, namespace: 'shop', uid: `uid-${name}`, labels },
      ...(owner ? { ownerReferences: ownedBy(...owner) } : {}),
      ...words.metadata,
    },
    spec: {
      nodeName: node,
      containers: [{ name: 'app', image: 'app:1', ports: [{ name: 'http', containerPort: 8080 }] }],
      ...words.spec,
    },
    status: {
      ...{ phase: 'Running', podIP: ip, podIPs: [{ ip }], startTime: '2026-01-01T00:00:00Z' },
      conditions: [{ type: 'Ready', status: 'True' }],
      ...words.status,
    },
  }
}

export function replicaSet(name: string, deployment: string): FakeObject {
  const ownerReferences = ownedBy('Deployment', deployment)
  return { metadata: { name, namespace: 'shop', uid: `uid-${name}`, ownerReferences } }
}

export function deployment(name: string, replicas: number, status: object = {}): FakeObject {
  return {
    metadata: { name, namespace: 'shop', uid: `uid-${name}`, generation: 1 },
    spec: { replicas, template: { metadata: { labels: { app: name } } } },
    status: {
      observedGeneration: 1,
      ...{ replicas, updatedReplicas: replicas, readyReplicas: replicas },
      ...status,
    },
  }
}

export function service(name: string, spec: object, status: object = {}): FakeObject {
  return { metadata: { name, namespace: 'shop' }, spec, status }
}

/** `slice('vote', ['vote-1'], 8080)`: endpoints that are these pods. */
export function slice(of: string, pods: readonly string[], port: number, more = {}): FakeObject {
  return {
    metadata: {
      name: `${of}-abc`,
      namespace: 'shop',
      labels: { 'kubernetes.io/service-name': of },
    },
    addressType: 'IPv4',
    endpoints: pods.map((name, index) => ({
      addresses: [`10.244.9.${index}`],
      targetRef: { kind: 'Pod', name, namespace: 'shop' },
    })),
    ports: [{ name: 'http', port, protocol: 'TCP' }],
    ...more,
  }
}

export function node(name: string, ip: string, status: object = {}): FakeObject {
  return {
    metadata: { name },
    spec: { podCIDR: '10.244.1.0/24' },
    status: { addresses: [{ type: 'InternalIP', address: ip }], ...status },
  }
}

/** A cluster with one Deployment of one pod, its Service, and a node. */
export function smallCluster(served: readonly string[] = Object.values(paths)): FakeApi {
  const api = new FakeApi(served)
  api.put(paths.nodes, node('n1', '192.168.0.1'))
  api.put(paths.deployments, deployment('vote', 1))
  api.put(paths.replicaSets, replicaSet('vote-7d4b578979', 'vote'))
  api.put(paths.pods, pod('vote-7d4b578979-2w75j', { owner: ['ReplicaSet', 'vote-7d4b578979'] }))
  const ports = [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }]
  api.put(paths.services, service('vote', { clusterIP: '10.96.0.7', ports }))
  api.put(paths.slices, slice('vote', ['vote-7d4b578979-2w75j'], 8080))
  return api
}
