import { z } from 'zod'
import { environmentIn } from '../environment.ts'

/**
 * What we read of the engine's answers, in its own words (Docker Engine API 1.24 to 1.55). Tolerant on purpose: unknown
 * keys are ignored and what is null, absent or of another type counts as empty, because documents lag behind engines.
 * Of `Config.Env` only names are ever kept, and the values of those few that are named here: it holds secrets.
 */
const text = z.string().catch('')
const count = z.number().catch(0)
const flag = z.boolean().catch(false)

const port = z.object({ HostIp: text, HostPort: text })

const attachment = z.object({
  NetworkID: text,
  IPAddress: text,
  Gateway: text,
  GlobalIPv6Address: text,
  IPv6Gateway: text,
})

const secondary = z.object({ Addr: text })

const mount = z.object({ Type: text, Name: text, Source: text, Destination: text, RW: flag })

const emptyState = {
  Running: false,
  Paused: false,
  Restarting: false,
  Pid: 0,
  StartedAt: '',
  Health: { Status: '' },
}
const state = z.object({
  Running: flag,
  Paused: flag,
  Restarting: flag,
  Pid: count,
  StartedAt: text,
  Health: z.object({ Status: text }).catch({ Status: '' }),
})

const emptySettings = {
  Ports: {},
  Networks: {},
  SecondaryIPAddresses: [],
  SecondaryIPv6Addresses: [],
}
const settings = z.object({
  Ports: z.record(z.string(), z.array(port).catch([])).catch({}),
  Networks: z.record(z.string(), attachment).catch({}),
  SecondaryIPAddresses: z.array(secondary).catch([]),
  SecondaryIPv6Addresses: z.array(secondary).catch([]),
})

/** What Mesos and Marathon tell a task of itself. */
const environmentNames = ['MESOS_TASK_ID', 'MARATHON_APP_ID', 'MARATHON_APP_VERSION'] as const
export type EnvironmentName = (typeof environmentNames)[number]
const environmentCharsMax = 512

/** `["NAME=value", ...]`: all names, and the values of those few that are named above; all others end here. */
const environment = z
  .array(z.unknown())
  .catch([])
  .transform(lines => {
    const kept: Partial<Record<EnvironmentName, string>> = {}
    for (const line of lines) {
      const name = environmentNames.find(
        each => typeof line === 'string' && line.startsWith(`${each}=`),
      )
      if (name)
        kept[name] = String(line).slice(name.length + 1, name.length + 1 + environmentCharsMax)
    }
    return { kept, names: environmentIn(lines) }
  })

const container = z.object({
  Id: z.string().regex(/^[0-9a-f]{64}$/),
  Name: text,
  RestartCount: count,
  State: state.catch(emptyState),
  HostConfig: z.object({ NetworkMode: text }).catch({ NetworkMode: '' }),
  Config: z
    .object({ Image: text, Labels: z.record(z.string(), text).catch({}), Env: environment })
    .catch({ Image: '', Labels: {}, Env: { kept: {}, names: [] } }),
  Mounts: z.array(mount).catch([]),
  NetworkSettings: settings.catch(emptySettings),
})

/** `GET /containers/<id>/json`. */
export type Inspected = z.infer<typeof container>

/** A container's answer in our keys; undefined when it has no id. */
export function readContainer(answer: unknown): Inspected | undefined {
  return container.safeParse(answer).data
}

const listed = z.object({ Id: z.string().regex(/^[0-9a-f]{64}$/), State: text })

/** One line of `GET /containers/json`. */
export type Listed = z.infer<typeof listed>

/** The lines of a container list that have an id. */
export function readList(answer: unknown): readonly Listed[] {
  if (!Array.isArray(answer)) return []
  return answer.map(line => listed.safeParse(line).data).filter(line => line !== undefined)
}

const pool = z.object({ Subnet: text, Gateway: text })
const network = z.object({
  Id: z.string().min(1),
  Name: text,
  Driver: text,
  /** `local`; `swarm` or `global` for one that spans nodes. Engines before 1.10 do not tell it. */
  Scope: text,
  /** The network of Swarm's routing mesh; those before API 1.29 are called so. */
  Ingress: flag,
  Options: z.record(z.string(), text).catch({}),
  IPAM: z.object({ Config: z.array(pool).catch([]) }).catch({ Config: [] }),
})

/** One of `GET /networks`. */
export type ListedNetwork = z.infer<typeof network>

/** The networks of a list that have an id. */
export function readNetworks(answer: unknown): readonly ListedNetwork[] {
  if (!Array.isArray(answer)) return []
  return answer.map(line => network.safeParse(line).data).filter(line => line !== undefined)
}

const endpoint = z.object({ Name: text, IPv4Address: text, IPv6Address: text })
const inspectedNetwork = z.object({ Containers: z.record(z.string(), endpoint).catch({}) })

/** `GET /networks/<id>`: this node's endpoints, by container id or by what stands in for one. */
export type InspectedNetwork = z.infer<typeof inspectedNetwork>

/** Undefined when it is no network. */
export function readNetwork(answer: unknown): InspectedNetwork | undefined {
  return inspectedNetwork.safeParse(answer).data
}
