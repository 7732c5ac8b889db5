import { z } from 'zod'
import { environmentIn } from '../environment.ts'

/**
 * What we read of a manager's answers, in its own words (Docker Engine API 1.24 to 1.55). Tolerant on purpose: unknown keys
 * are ignored and what is null, absent or of another type counts as empty. Of `Env` only names are kept: it holds secrets.
 */
const text = z.string().catch('')
const count = z.number().catch(0)
const flag = z.boolean().catch(false)
const labels = z.record(z.string(), text).catch({})
const version = z.object({ Index: count }).catch({ Index: 0 })
const listOf = <Shape extends z.ZodType>(shape: Shape) => z.array(shape).catch([])

const emptySwarm = {
  NodeID: '',
  LocalNodeState: '',
  ControlAvailable: false,
  Managers: 0,
  Error: '',
  Cluster: { ID: '' },
}
const info = z.object({
  Swarm: z
    .object({
      NodeID: text,
      /** `inactive`, `pending`, `active`, `error`, `locked`. */
      LocalNodeState: text,
      /** It is a manager. */
      ControlAvailable: flag,
      Managers: count,
      Error: text,
      Cluster: z.object({ ID: text }).catch({ ID: '' }),
    })
    .catch(emptySwarm),
})

/** What `GET /info` says of Swarm. An engine from before Swarm says nothing of it. */
export type SwarmInfo = z.infer<typeof info>['Swarm']

export function readInfo(answer: unknown): SwarmInfo {
  return info.safeParse(answer).data?.Swarm ?? emptySwarm
}

const port = z.object({
  Protocol: text,
  TargetPort: count,
  PublishedPort: count,
  /** `ingress` or `host`; engines before 1.13 know the first only and do not say it. */
  PublishMode: text,
})

const container = z.object({
  Image: text,
  Labels: labels,
  Env: z.array(z.unknown()).catch([]).transform(environmentIn),
  Healthcheck: z.object({ Test: listOf(text) }).catch({ Test: [] }),
})
const emptyContainer = { Image: '', Labels: {}, Env: [], Healthcheck: { Test: [] } }
const template = z.object({ ContainerSpec: container.catch(emptyContainer) })
const emptyTemplate = { ContainerSpec: emptyContainer }

const service = z.object({
  ID: z.string().min(1),
  Version: version,
  Spec: z.object({
    Name: z.string().min(1),
    Labels: labels,
    TaskTemplate: template.catch(emptyTemplate),
    Mode: z
      .object({
        Replicated: z.object({ Replicas: z.number().catch(1) }).optional(),
        ReplicatedJob: z.unknown().optional(),
        GlobalJob: z.unknown().optional(),
      })
      .catch({}),
  }),
  Endpoint: z
    .object({
      Ports: listOf(port),
      // One whose address is still to be found has none.
      VirtualIPs: listOf(z.object({ NetworkID: text, Addr: text })),
    })
    .catch({ Ports: [], VirtualIPs: [] }),
  UpdateStatus: z
    .object({ State: text, StartedAt: text, Message: text })
    .catch({ State: '', StartedAt: '', Message: '' }),
  /** Only where it was asked for, since API 1.41. */
  ServiceStatus: z
    .object({ RunningTasks: count, DesiredTasks: count, CompletedTasks: count })
    .optional()
    .catch(undefined),
})

/** One of `GET /services`. */
export type SwarmService = z.infer<typeof service>

const attachment = z.object({
  Network: z
    .object({ ID: text, Spec: z.object({ Name: text }).catch({ Name: '' }) })
    .catch({ ID: '', Spec: { Name: '' } }),
  /** `10.0.1.7/24`. */
  Addresses: listOf(text),
})

const task = z.object({
  ID: z.string().min(1),
  Version: version,
  CreatedAt: text,
  Spec: template.catch(emptyTemplate),
  ServiceID: text,
  /** Not for the tasks of global services. */
  Slot: count,
  /** Not until it is assigned. */
  NodeID: text,
  DesiredState: text,
  Status: z
    .object({
      Timestamp: text,
      State: text,
      Err: text,
      PortStatus: z.object({ Ports: listOf(port) }).catch({ Ports: [] }),
    })
    .catch({ Timestamp: '', State: '', Err: '', PortStatus: { Ports: [] } }),
  NetworksAttachments: listOf(attachment),
})

/** One of `GET /tasks`. */
export type SwarmTask = z.infer<typeof task>

const node = z.object({
  ID: z.string().min(1),
  Version: version,
  Description: z.object({ Hostname: text }).catch({ Hostname: '' }),
  Status: z.object({ State: text, Addr: text }).catch({ State: '', Addr: '' }),
  ManagerStatus: z.object({ Addr: text }).catch({ Addr: '' }),
})

/** One of `GET /nodes`. */
export type SwarmNode = z.infer<typeof node>

const reading =
  <Noun>(shape: z.ZodType<Noun>) =>
  (answer: readonly unknown[]): Noun[] =>
    answer.map(line => shape.safeParse(line).data).filter(line => line !== undefined)

/** The services of a list that have an id and a name. */
export const readServices = reading(service)
/** The tasks of a list that have an id. */
export const readTasks = reading(task)
/** The nodes of a list that have an id. */
export const readNodes = reading(node)
