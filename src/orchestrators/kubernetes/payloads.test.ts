import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ServiceGroup } from '#model/service.ts'
import { type Kind, type Kinds, resources } from './resources.ts'
import { Roster } from './roster.ts'

const shared = process.env.INKLING_SHARED ?? join(import.meta.dirname, '../../../../shared')
const folder = join(shared, 'payloads/kubernetes')
const skip = existsSync(folder) ? false : 'needs objects of other clusters: set INKLING_SHARED'

const object = (name: string): unknown =>
  JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))

function read<K extends Kind>(kind: K, name: string): Kinds[K] {
  const found = resources[kind].read(object(name))
  assert.ok(found, name)
  return found
}

/** `kubernetes:default:pod:nginx` and the rest of what recorded objects together are told as. */
function told(files: Partial<Record<Kind, readonly string[]>>): Map<string, ServiceGroup> {
  const roster = new Roster(() => {})
  for (const kind of Object.keys(files) as Kind[]) {
    roster.sink(kind).replace(files[kind]!.map(name => read(kind, name)) as Kinds[typeof kind][])
  }
  return new Map(roster.all().map(group => [group.service.id, group]))
}

test('pods of Kubernetes 1.15 and 1.16: alone, of a ReplicaSet, with first containers', {
  skip,
}, () => {
  for (const name of ['pod', 'pod_init']) {
    const group = told({ pods: [name] }).get('kubernetes:default:pod:nginx')!
    const [instance] = group.instances
    assert.deepEqual(
      {
        ...{ id: instance.id, task: instance.task, node: instance.node, image: instance.image },
        ...{ state: instance.state, health: instance.health, restarts: instance.restarts },
        ...{ ips: instance.addresses.map(({ ip }) => ip), since: instance.sinceMs },
        ...{ mounts: instance.mounts, containers: new Set(instance.containers).size },
      },
      {
        id: 'kubernetes:614908ed-415b-4506-8370-e3e36fa8cc13',
        task: '614908ed-415b-4506-8370-e3e36fa8cc13',
        ...{ node: 'minikube', image: 'nginx:alpine' },
        ...{ state: 'running', health: 'healthy', restarts: 0 },
        ...{ ips: ['172.17.0.6'], since: Date.parse('2019-08-09T05:12:19Z') },
        mounts: [{ source: 'web', target: '/usr/share/nginx/html', writable: true }],
        containers: 1,
      },
      name,
    )
    assert.deepEqual(instance.published, [])
  }
  const [group] = told({ pods: ['pod_p1'] }).values()
  assert.equal(group.service.id, 'kubernetes:default:deployment:nginx')
  assert.equal(group.instances[0].labels['pod-template-hash'], '7fb78fb6d8')
  assert.equal(group.instances[0].addresses[0].ip, '10.44.0.229')
})

test('a pod of Cilium in the host’s network has no address, and no port of the node but those it names', {
  skip,
}, () => {
  const [group] = told({ pods: ['cilium_pod'], nodes: ['node_full'] }).values()
  assert.equal(group.service.id, 'kubernetes:kube-system:deployment:cilium-operator')
  const [instance] = group.instances
  assert.deepEqual([instance.addresses, instance.published], [[], []])
  assert.equal(instance.node, 'minikube')
  assert.ok(!JSON.stringify(group).includes('cilium-aws'), 'nothing of its environment')
})

test('a Deployment and its ReplicaSet, which says networking.k8s.io of itself', { skip }, () => {
  const [group] = told({ deployments: ['deployment'], replicasets: ['replicaset'] }).values()
  assert.equal(group.service.id, 'kubernetes:icx:deployment:icx-db')
  assert.deepEqual([group.desired, group.doing, group.instances], [1, undefined, []])
  const { owner, uid } = read('replicasets', 'replicaset')
  assert.deepEqual([owner?.kind, owner?.name], ['Deployment', 'icx-db'])
  assert.equal(uid, '6f637a60-a5f3-11e9-990f-42010a800218')
})

test('a Job of a CronJob that is over: nothing is wanted, and whose it was is known', {
  skip,
}, () => {
  const job = read('jobs', 'job')
  assert.equal(job.service.id, 'kubernetes:default:cronjob:hello')
  assert.deepEqual([job.desired, job.doing], [undefined, undefined])
  assert.equal(told({ jobs: ['job'] }).size, 0)
})

test('a Service without pods stands for itself; its port has a name only', { skip }, () => {
  const [group] = told({ services: ['service'] }).values()
  assert.equal(group.service.id, 'kubernetes:default:service:dictionary1')
  assert.deepEqual(
    group.virtual?.map(({ ip, ports }) => [ip, ports]),
    [['10.47.248.116', [{ port: 4001, targetPort: 4001, transport: 'tcp' }]]],
  )
})

test('a slice without the label of a Service is nobody’s, and is read all the same', {
  skip,
}, () => {
  const slice = read('endpointslices', 'endpointslice')
  assert.deepEqual(slice, {
    ...{ namespace: 'blee', name: 'fred', service: '', pods: ['zorg', 'zorg'] },
    ...{ hasOthers: false, ports: [{ name: 'peer-service', port: 4244 }] },
  })
  assert.equal(told({ endpointslices: ['endpointslice'] }).size, 0)
})

test('nodes of minikube: an address, no range for pods', { skip }, () => {
  const addresses = { node: '192.168.64.107', node_full: '192.168.64.6' }
  for (const [name, ip] of Object.entries(addresses)) {
    assert.deepEqual(read('nodes', name), {
      ...{ namespace: '', name: 'minikube', addresses: [ip], podSubnets: [], isSilent: false },
    })
  }
})

test('objects that are not read tell nothing: events, ingresses, namespaces, statistics, Nomad’s', {
  skip,
}, () => {
  const others = ['event', 'ingress', 'namespace', 'kubelet_stats_summary', 'nomad_service']
  const files = [...others, 'nomad_services', 'nomad_allocation_networks']
  for (const name of files) {
    for (const kind of Object.keys(resources) as Kind[]) {
      const found = resources[kind].read(object(name))
      if (found === undefined) continue
      const roster = new Roster(() => {})
      roster.sink(kind).put(found as Kinds[typeof kind])
      const ids = roster.all().flatMap(({ instances, virtual = [] }) => [...instances, ...virtual])
      assert.deepEqual(ids, [], `${name} as ${kind}`)
    }
  }
})
