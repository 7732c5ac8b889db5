import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { recordOf, recordsOf, textOf } from '#lib/json.ts'
import { ServerSentEvents } from '#lib/server-sent-events.ts'
import type { ServiceGroup } from '#model/service.ts'
import { readApp } from './marathon/app.ts'
import { readDeployments, readQueue } from './marathon/deployment.ts'
import { changeOf } from './marathon/event.ts'
import { networkOf } from './marathon/network.ts'
import { readPod } from './marathon/pod.ts'
import { Roster } from './marathon/roster.ts'
import { MesosCluster } from './mesos/cluster.ts'
import { joinedOf, readTask } from './mesos/listed.ts'
import { leaderElsewhere, readAgent, readFramework, readState, readStateV1 } from './mesos/state.ts'
import { stateOf } from './mesos/task.ts'

const shared = process.env.INKLING_SHARED ?? join(import.meta.dirname, '../../../shared')
const folder = join(shared, 'payloads')
const skip = existsSync(folder) ? false : 'needs answers of other clusters: set INKLING_SHARED'

const answer = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'))

/** `vote x2/3: 10.0.0.1:31000>80/tcp 9.0.1.1@dcos running healthy; ...` */
function groupLine({ service, instances, desired, doing }: ServiceGroup): string {
  const lines = instances.map(({ state, health, addresses, published, node }) =>
    [
      ...published.map(each => `${each.ip}:${each.port}>${each.targetPort}/${each.transport}`),
      ...addresses.map(({ ip, network }) => `${ip}@${network}`),
      `on ${node} ${state} ${health}`,
    ].join(' '),
  )
  const wanted = desired === undefined ? '' : `/${desired}`
  return `${service.id} x${instances.length}${wanted}${doing ? ` ${doing}` : ''}${lines.map(line => ` | ${line}`).join('')}`
}

function groupsLine(groups: readonly ServiceGroup[]): string {
  const [first, ...others] = groups.map(groupLine)
  if (others.length > 7) return `${groups.length} services, ${first}`
  return [first, ...others].join(' ; ')
}

const apps = (body: unknown): string => {
  const roster = new Roster()
  const list = recordsOf(recordOf(body).apps)
  roster.putApps(list)
  return `${list.length - roster.counters.unreadable} apps: ${groupsLine(roster.groups(new Map()))}`
}

/** A definition: how its tasks are on the net. */
const definition = (body: unknown): string => {
  const { mode, names, mappings } = networkOf(recordOf(body))
  const ports = mappings.map(
    ({ containerPort, takesHostPort, transports }) =>
      `${containerPort ?? 'same'}${takesHostPort ? '+host' : ''}/${transports}`,
  )
  return `${readApp(body)?.path} x${readApp(body)?.desired} ${mode} [${names}] ${ports.join(' ')}`
}

/** Tasks without their app: as if it were behind a bridge. */
const tasks = (body: unknown): string => {
  const list = recordsOf(recordOf(body).tasks)
  const ids = [...new Set(list.map(task => textOf(task.appId)))]
  const container = { docker: { network: 'BRIDGE', portMappings: [{ containerPort: 80 }] } }
  return apps({
    apps: ids.map(id => ({
      ...{ id, instances: 2, container },
      tasks: list.filter(task => task.appId === id),
    })),
  })
}

const pods = (body: unknown): string => {
  const roster = new Roster()
  roster.putPods(Array.isArray(body) ? body : [body])
  return groupsLine(roster.groups(new Map()))
}

const podDefinition = (body: unknown): string => {
  const list = Array.isArray(body) ? body : [body]
  return list
    .map(spec => `${readPod({ id: spec.id, spec })?.desired} ${definition(spec)}`)
    .join(' ; ')
}

const doings = (read: (body: unknown) => ReadonlyMap<string, string>) => (body: unknown) =>
  [...read(body)].map(([path, doing]) => `${path} ${doing}`).join(' ; ')

const groupTree = (body: unknown): string => {
  const below = (group: unknown): unknown[] => {
    const { apps: own, groups } = recordOf(group)
    return [...recordsOf(own), ...recordsOf(groups).flatMap(below)]
  }
  return apps({ apps: below(body) })
}

const event = (body: unknown): string => {
  const type = textOf(recordOf(body).eventType)
  return `${type}: ${changeOf({ type, data: JSON.stringify(body), isCut: false })}`
}

/** Recorded frames, as Jetty sends them. */
const frames = (body: unknown): string => {
  const wire = recordsOf(body).map(
    ({ event: type, data }) => `event: ${type}\r\ndata: ${JSON.stringify(data)}\r\n\r\n`,
  )
  const events = new ServerSentEvents().read(Buffer.from(wire.join('\r\n')))
  return events.map(each => `${each.type}: ${changeOf(each)}`).join(' ; ')
}

const cluster = () => new MesosCluster({ isMarathonWatched: false, now: () => 0 })

const state = (body: unknown): string => {
  const found = readState(body)
  if (!found) return 'no state'
  const own = cluster()
  own.replace(found)
  const { agents, frameworks } = found
  const named = `${agents.length} agents ${agents.map(each => each.ip)}, ${frameworks.map(each => each.name)}`
  return `${named}, leads ${leaderElsewhere(body) ?? 'itself'}: ${groupsLine(own.groups())}`
}

const stateV1 = (body: unknown): string => {
  const found = readStateV1(recordOf(body).get_state)
  if (!found) return 'no state'
  const { agents, frameworks, tasks: all } = found
  return `${agents.map(each => `${each.hostname} ${each.ip}`)}, ${frameworks.map(each => each.name)}, ${all.length} tasks`
}

const masterTasks = (body: unknown): string =>
  recordsOf(recordOf(body).tasks)
    .map(task => readTask(task))
    .map(task => task && `${stateOf(task.state)} ${joinedOf(task).flatMap(({ ips }) => ips)}`)
    .join(' ; ')

const masterEvent = (body: unknown): string => {
  const own = cluster()
  const asks = own.apply(recordOf(body))
  const { strangeEvents } = own.counters
  return `${asks ? 'asks again ' : ''}${strangeEvents ? 'about nobody ' : ''}${groupsLine(own.groups())}`
}

const agents = (body: unknown): string =>
  recordsOf(recordOf(recordOf(body).get_agents).agents)
    .map(readAgent)
    .map(agent => `${agent.id} ${agent.hostname} ${agent.ip}`)
    .join(' ; ')

const frameworks = (body: unknown): string =>
  recordsOf(recordOf(recordOf(body).get_frameworks).frameworks)
    .map(readFramework)
    .map(framework => `${framework.id} ${framework.name}`)
    .join(' ; ')

/** Answers to what we do not ask: whatever reads them finds nothing in them, and does not stumble. */
const unasked = (body: unknown): string => {
  const found = [
    readApp(body),
    readPod(body),
    readState(body),
    readStateV1(recordOf(body).get_state),
  ]
  readDeployments(body)
  readQueue(body)
  return found.every(each => each === undefined) ? 'unasked' : 'something'
}

/** Which version it is and who leads. */
const info = (body: unknown): string => {
  const { version, leader } = recordOf(body)
  return `${textOf(version)} ${textOf(leader)}`
}

const keys = (body: unknown): string => Object.keys(recordOf(body)).join(' ')

const readers: [RegExp, (body: unknown) => string][] = [
  [/marathon\/(apps_|dcos_|datadog|gomarathon_apps\.|mlb)/, apps],
  [/marathon\/(def_pod|pod_v|pods\.)/, podDefinition],
  [/marathon\/(def_|app_v|app_patch)/, definition],
  [/marathon\/(app_)?tasks_/, tasks],
  [/marathon\/app_tasks/, tasks],
  [/marathon\/gomarathon_app_broken/, body => apps({ apps: [recordOf(body).app] })],
  [/marathon\/gomarathon_readiness/, apps],
  [/marathon\/pods?_status/, pods],
  [/marathon\/(gomarathon_)?deployments/, doings(readDeployments)],
  [/marathon\/queue/, doings(readQueue)],
  [/marathon\/(gomarathon_)?groups?/, groupTree],
  [/marathon\/(event_|gosub)/, event],
  [/marathon\/sse/, frames],
  [/mesos\/master_state/, state],
  [/mesos\/master_v1_GET_STATE/, stateV1],
  [/mesos\/master_v1_GET_AGENTS/, agents],
  [/mesos\/master_v1_GET_FRAMEWORKS/, frameworks],
  [/mesos\/master_tasks/, masterTasks],
  [/mesos\/master_v1_event/, masterEvent],
  [/marathon\/(gomarathon_)?info/, info],
  [/dcos\/login/, keys],
  [/./, unasked],
]

/** What each file says; several things one a line. */
const expected: Readonly<Record<string, string | readonly string[]>> = {
  'marathon/app_patch_v1.10': '/foo x2 host [] ',
  'marathon/app_tasks_lost_v1.3':
    '1 apps: marathon:/myapp x2/2 | 192.168.99.100:11089>80/tcp on 192.168.99.100 running healthy | 192.168.99.100:11170>80/tcp on 192.168.99.100 running healthy',
  'marathon/app_tasks_v1.10':
    '1 apps: marathon:/minecraft/survival-world x1/2 | 0.0.0.0:31756>80/tcp on srv7.hw.ca1.mesosphere.com starting unknown',
  'marathon/app_v1.10': '/foo x2 bridge [] 80+host/tcp',
  'marathon/app_v1.3': '/foo x2 bridge [] 80+host/tcp',
  'marathon/apps_100_v1.5': '25 apps: ',
  'marathon/apps_v0.13': '1 apps: marathon:/product/us-east/service/myapp x0/3',
  'marathon/apps_v1.10': '1 apps: marathon:/myapp x0/3',
  'marathon/datadog_apps_v1.1': '1 apps: marathon:/my-app x0/10',
  'marathon/dcos_apps_v1.4':
    '1 apps: marathon:/scheduler-alwaysthere x1/1 | 0.0.0.0:16000>80/tcp on 127.0.0.1 running healthy',
  'marathon/dcos_path_apps': '2 apps: marathon:/fake-app x0/2 ; marathon:/fake-app-broken x0/2',
  'marathon/def_docker_bridge_1.9': '/nginx-docker-bridge x4 bridge [] 80+host/tcp',
  'marathon/def_docker_host': '/nginx-docker-host x4 host [] same+host/tcp',
  'marathon/def_docker_ippc': '/nginx-docker-ippc x4 container [dcos] 80/tcp',
  'marathon/def_pod_container_net': '0 /container-net-pod x0 container [] ',
  'marathon/def_pod_ports': '0 /ports-pod x0 host [] ',
  'marathon/def_ucr_bridge': '/nginx-ucr-bridge x4 bridge [] 80+host/tcp',
  'marathon/def_ucr_ippc': '/nginx-ucr-ippc x4 container [dcos] ',
  'marathon/deployments_v0.13_doc': [
    '/test/service/srv1 waiting in a deployment',
    '/test/db/mongo1 waiting in a deployment',
    '/test/frontend/app1 waiting in a deployment',
  ],
  'marathon/deployments_v1.10': '/foo scaling ; /bla waiting in a deployment',
  'marathon/deployments_v1.3_doc': [
    '/test/service/srv1 waiting in a deployment',
    '/test/db/mongo1 waiting in a deployment',
    '/test/frontend/app1 rolling update',
  ],
  'marathon/event_api_post_event': 'api_post_event: /my-app',
  'marathon/event_app_terminated_event': 'app_terminated_event: /my-app',
  'marathon/event_deployment_failed': 'deployment_failed: all',
  'marathon/event_deployment_info_heavy_v1.4': 'deployment_info: /blubtest',
  'marathon/event_deployment_step_failure': 'deployment_step_failure: /my-app',
  'marathon/event_deployment_success': 'deployment_success: all',
  'marathon/event_event_stream_attached': 'event_stream_attached: ',
  'marathon/event_event_stream_attached_2': 'event_stream_attached: ',
  'marathon/event_event_stream_detached': 'event_stream_detached: ',
  'marathon/event_failed_health_check_event': 'failed_health_check_event: ',
  'marathon/event_framework_message_event': 'framework_message_event: ',
  'marathon/event_group_change_success': 'group_change_success: all',
  'marathon/event_health_status_changed_event': 'health_status_changed_event: /my-app',
  'marathon/event_instance_changed_event': 'instance_changed_event: /app-id',
  'marathon/event_pod_created_event': 'pod_created_event: /my-pod',
  'marathon/event_pod_deleted_event': 'pod_deleted_event: /my-pod',
  'marathon/event_pod_deployment_step_success_v1.7': 'deployment_step_success: /simplepod23',
  'marathon/event_remove_health_check_event': 'remove_health_check_event: /my-app',
  'marathon/event_status_update_event': 'status_update_event: /my-app',
  'marathon/event_subscribe_event': 'subscribe_event: ',
  'marathon/event_unhealthy_task_kill_event': 'unhealthy_task_kill_event: /my-app',
  'marathon/event_unknown_instance_terminated_event': 'unknown_instance_terminated_event: /app-id',
  'marathon/event_unsubscribe_event': 'unsubscribe_event: ',
  'marathon/gomarathon_app_broken':
    '1 apps: marathon:/fake-app-broken x2/2 | 10.141.141.10:31234>8080/tcp on 10.141.141.10 running unhealthy | 10.141.141.10:31045>8080/tcp on 10.141.141.10 running healthy',
  'marathon/gomarathon_apps': '2 apps: marathon:/fake-app x0/2 ; marathon:/fake-app-broken x0/2',
  'marathon/gomarathon_deployments_new': '/test-app-v1 scaling',
  'marathon/gomarathon_deployments_old': '/test scaling',
  'marathon/gomarathon_groups': '1 apps: marathon:/test/app x0/1',
  'marathon/gomarathon_info': '0.7.0-SNAPSHOT 127.0.0.1:8080',
  'marathon/gomarathon_readiness': '1 apps: ',
  'marathon/gosub_deployment_info': 'deployment_info: /my-app',
  'marathon/gosub_deployment_step_success': 'deployment_step_success: /my-app',
  'marathon/gosub_health_status_changed_event': 'health_status_changed_event: /my-app',
  'marathon/group_v1.3': [
    '3 apps: marathon:/tools/oauth-server x0/2',
    'marathon:/tools/datadog-agent x0/5',
    'marathon:/tools/docker/registry x0/1',
  ],
  'marathon/groups_v0.13': '1 apps: marathon:/test/app x0/1',
  'marathon/info_v0.13': '0.7.0-SNAPSHOT 127.0.0.1:8080',
  'marathon/info_v1.10': '1.5.0-SNAPSHOT localhost:8080',
  'marathon/mlb_apps_v1.5':
    '1 apps: marathon:/pywebserver x1/1 | 10.0.2.148:1565>80/tcp on 10.0.2.148 running unknown',
  'marathon/pod_status': 'marathon:/fake-pod x1/1 | on 192.168.99.100 running unknown',
  'marathon/pod_v1.10': '1 /foo x0 container [my-network] ',
  'marathon/pods': '1 /fake-pod x0 host []  ; 1 /fake-pod2 x0 host [] ',
  'marathon/pods_status_all': 'marathon:/fake-pod x1/1 | on 192.168.99.100 running unknown',
  'marathon/queue_v0.13': '/my/app backing off after failures',
  'marathon/queue_v1.3': [
    '/tools/datadog-agent waiting for resources',
    '/foo waiting for resources',
  ],
  'marathon/sse_capture_v1.4_scale_to_zero': [
    'event_stream_attached: ',
    'group_change_success: all',
    'api_post_event: /asgard-dev/bla',
    'status_update_event: /asgard-dev/bla',
    'instance_changed_event: /asgard-dev/bla',
  ],
  'marathon/sse_frames_2015': [
    'event_stream_attached: ',
    'status_update_event: /foo',
    'status_update_event: /test-app',
  ],
  'marathon/tasks_v1.10': [
    '2 apps: marathon:/frontend-foosball x1/2 | 0.0.0.0:31292>80/tcp on srv4.example.com running unknown',
    'marathon:/tools/docker/registry x1/2 | 0.0.0.0:31721>80/tcp on srv2.example.com running unknown',
  ],
  'marathon/tasks_v1.3': [
    '2 apps: marathon:/frontend-foosball x1/2 | 0.0.0.0:31292>80/tcp on srv4.example.com running unknown',
    'marathon:/tools/docker/registry x1/2 | 0.0.0.0:31721>80/tcp on srv2.example.com running unknown',
  ],
  'mesos/master_state_v0.19_plus': [
    '4 agents 1.2.3.10,1.2.3.11,1.2.3.12,2001:db8::1, ipv6-framework,chronos with a space AND MIXED CASE-2.0.1,no pid,marathon, leads itself: mesos:ipv6-framework:toy-store x1 | 12.0.1.3@dcos6 12.0.1.2@dcos6 fd01:b::1:8000:2@dcos6 on 2001:db8::1 running unknown',
    'mesos:chronos with a space AND MIXED CASE-2.0.1:some-box x1 | 1.2.3.11:31354>31354/tcp on 1.2.3.11 running unknown',
    'marathon:/liquor-store x2 | 1.2.3.12:31737>31737/tcp 1.2.3.12:31738>31738/tcp on 1.2.3.12 running unknown | 1.2.3.11:31354>31354/tcp 1.2.3.11:31355>31355/tcp on 1.2.3.11 running unknown',
    'marathon:/car-store x1 | 1.2.3.11:31364>31364/tcp 1.2.3.11:31365>31365/tcp on 1.2.3.11 running unknown',
    'marathon:/chronos x1 | 1.2.3.11:31332>31332/tcp on 1.2.3.11 running unknown',
    'marathon:/nginx x1 | on 1.2.3.11 running unknown',
    'marathon:/reviewbot x1 | 1.2.3.12:31744>31744/tcp on 1.2.3.12 running unknown',
  ],
  'mesos/master_state_v1.2_dcos': '0 agents , marathon, leads itself: ',
  'mesos/master_tasks_v1.6': 'exited 10.148.0.6 ; exited 10.148.0.5',
  'mesos/master_v1_GET_AGENTS': '3669ea49-c3c4-4b13-adee-05b8f9cb2562-S0 host 127.0.1.1',
  'mesos/master_v1_GET_FRAMEWORKS': '361be53a-4d1b-42c1-bec3-e3979eff90bd-0000 default',
  'mesos/master_v1_GET_STATE': 'myhost 127.0.1.1, default, 0 tasks',
  'mesos/master_v1_event_AGENT_ADDED': 'asks again ',
  'mesos/master_v1_event_FRAMEWORK_ADDED': '',
  'mesos/master_v1_event_FRAMEWORK_REMOVED': '',
  'mesos/master_v1_event_HEARTBEAT': '',
  // Of a framework that nobody told of: it waits until that is known.
  'mesos/master_v1_event_TASK_ADDED': 'asks again ',
  'mesos/master_v1_event_TASK_UPDATED': 'about nobody ',
  'dcos/login_ok': 'token',
  'dcos/login_request': 'uid password',
}

/** Answers to calls that are not made: metrics, quotas, what agents say of themselves. */
const unaskedFiles = [
  'marathon/deployment_result_v1.10',
  'marathon/gomarathon_apps_taskstats',
  'marathon/leader',
  'marathon/pod_instances_deleted',
  'mesos/agent_containers',
  'mesos/agent_containers_no_statistics',
  'mesos/agent_statistics_soft_limit',
  'mesos/agent_v1_GET_CONTAINERS',
  'mesos/agent_v1_GET_FRAMEWORKS',
  'mesos/agent_v1_GET_RESOURCE_PROVIDERS',
  'mesos/agent_v1_GET_STATE',
  'mesos/cni_stdin_contrail',
  'mesos/master_quota_v1.1',
  'mesos/master_v1_GET_FLAGS',
  'mesos/master_v1_GET_MASTER',
  'mesos/master_v1_GET_METRICS',
  'mesos/master_v1_GET_ROLES',
  'mesos/metrics_snapshot_master_v0.22',
  'mesos/state_summary_dcos_mock',
  'mesos/state_summary_v1.7',
  'dcos/avro_metriclist_sample',
  'dcos/avro_schema',
  'dcos/container_metrics_telegraf',
  'dcos/mesos_dns_srv',
  'dcos/node_metrics_telegraf',
  'dcos/seed_nan_and_times',
  'dcos/seed_node_datapoints',
]

test('answers of Marathon, Mesos and DC/OS of all releases are read as they are meant, each one', {
  skip,
}, () => {
  const found = ['marathon', 'mesos', 'dcos'].flatMap(name =>
    readdirSync(join(folder, name)).map(file => `${name}/${file.replace(/\.json$/, '')}`),
  )
  for (const file of found) {
    const read = readers.find(([pattern]) => pattern.test(`${file}.`))![1]
    const meant = unaskedFiles.includes(file) ? 'unasked' : expected[file]
    assert.ok(meant !== undefined, `${file} is in no table`)
    const text = typeof meant === 'string' ? meant : meant.join(' ; ')
    assert.equal(read(answer(`${file}.json`)), text, file)
  }
})
