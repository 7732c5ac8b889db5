import { Packr } from 'msgpackr'
import { z } from 'zod'
import type { AgentReport } from '#model/graph.ts'
import type { Network } from '#model/network.ts'
import { instanceStates, type ServiceGroup, serviceKinds } from '#model/service.ts'
import type { WindowBatch } from '#model/window.ts'

/**
 * What an agent tells the server over `/api/v1/agents` (WebSocket, binary MessagePack messages). A batch of windows
 * carries a sequence number and is kept by the agent until the server acknowledges it: nothing that was acknowledged
 * is lost, nothing counts twice.
 */
export type AgentMessage =
  | Hello
  | { readonly type: 'windows'; readonly sequence: number; readonly batch: WindowBatch }
  | GroupsMessage
  | NetworksMessage
  | {
      readonly type: 'orchestrator'
      readonly name: string
      readonly state: string
      readonly text: string
    }
  | { readonly type: 'report'; readonly report: AgentReport }

/** The first message. `run` is new at every start of the agent: sequence numbers belong to a run. */
export interface Hello {
  readonly type: 'hello'
  readonly node: string
  readonly run: string
  readonly version: string
  readonly hostNamespace: string
  readonly addresses: readonly string[]
}

/** `isAll`: these are all groups of that orchestrator; otherwise each replaces one. */
export interface GroupsMessage {
  readonly type: 'groups'
  readonly orchestrator: string
  readonly isAll: boolean
  readonly groups: readonly ServiceGroup[]
}

/** All networks that an orchestrator of the node knows. */
export interface NetworksMessage {
  readonly type: 'networks'
  readonly orchestrator: string
  readonly networks: readonly Network[]
}

/** What the server answers: the last sequence number that it has. */
export interface Acknowledgement {
  readonly type: 'acknowledged'
  readonly sequence: number
}

const packr = new Packr({ useRecords: false, int64AsType: 'number' })

export const encodeAgentMessage = (message: AgentMessage): Uint8Array => packr.pack(message)
export const encodeAcknowledgement = (message: Acknowledgement): Uint8Array => packr.pack(message)

const text = z.string().max(4096)
const count = z.number().nonnegative()
const endpoint = z.object({ ip: z.string().max(64), port: z.int().min(0).max(65535) })
const counts = z.object({ ok: count, warning: count, error: count })
const named = z.object({ ip: z.string().max(64), name: text, called: z.literal(true).optional() })
const outcome = z.enum(['ok', 'warning', 'error'])

const sample = z.object({
  protocol: text,
  method: text,
  resource: z.string().max(65536),
  status: text.optional(),
  outcome,
  startUs: z.number(),
  durationUs: z.number().optional(),
  requestBytes: count,
  responseBytes: count,
  gap: z.boolean(),
  clientPort: z.int(),
})

const traffic = z.object({
  requestBytes: count,
  responseBytes: count,
  packets: count,
  retransmissions: count,
  lostBytes: count,
  connections: count,
  failures: count,
})

const subject = z.object({
  namespace: text,
  local: z.enum(['client', 'server', 'both', 'unknown']),
  transport: z.enum(['tcp', 'udp']),
  protocol: text,
  client: endpoint,
  server: endpoint,
  clientOwner: text.optional(),
  serverOwner: text.optional(),
})

const window = z.object({
  subject,
  counts,
  traffic,
  latency: z.array(count),
  samples: z.array(sample).max(1000),
})

const batch = z.object({
  startMs: z.number(),
  windows: z.array(window).max(100_000),
  names: z.array(named).max(10_000),
})

const service = z.object({
  id: text,
  name: text,
  kind: z.enum(serviceKinds),
  group: z.array(text).max(32),
})

const address = z.object({ ip: text, network: text, networkName: text.optional() })
const port = z.int().min(0).max(65535)
const portPair = z.object({ port, targetPort: port, transport: z.enum(['tcp', 'udp']) })
const publishedPort = portPair.extend({ ip: text })

const instance = z.object({
  id: text,
  name: text,
  task: text.optional(),
  node: text.optional(),
  state: z.enum(instanceStates),
  health: z.enum(['healthy', 'unhealthy', 'starting', 'unknown']),
  restarts: count,
  sinceMs: z.number(),
  pid: z.number().optional(),
  namespace: text.optional(),
  image: text.optional(),
  addresses: z.array(address).max(256),
  published: z.array(publishedPort).max(4096),
  mounts: z.array(z.object({ source: text, target: text, writable: z.boolean() })).max(1024),
  labels: z.record(text, text),
})

const serviceGroup = z.object({
  service,
  cluster: z.object({ id: text, version: count }).optional(),
  instances: z.array(instance).max(10_000),
  virtual: z
    .array(address.extend({ ports: z.array(portPair).max(4096).optional() }))
    .max(256)
    .optional(),
  nodePorts: z.array(publishedPort).max(4096).optional(),
  desired: count.optional(),
  doing: text.optional(),
})

const network = z.object({
  id: text,
  name: text,
  driver: text,
  gateways: z.array(text).max(256),
  subnets: z.array(text).max(256),
  isShared: z.boolean().optional(),
  balancers: z.array(text).max(256).optional(),
})

const report = z.object({
  node: text,
  version: text,
  namespaces: count,
  packets: count,
  drops: count,
  flows: count,
  evictedFlows: count,
  droppedSamples: count,
  foldedWindows: count,
  cpuShare: count,
  residentBytes: count,
  notices: z.array(text).max(32),
})

const agentMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    node: text.min(1),
    run: text,
    version: text,
    hostNamespace: text,
    addresses: z.array(text).max(4096),
  }),
  z.object({ type: z.literal('windows'), sequence: z.int().min(1), batch }),
  z.object({
    type: z.literal('groups'),
    orchestrator: text,
    isAll: z.boolean(),
    groups: z.array(serviceGroup).max(10_000),
  }),
  z.object({
    type: z.literal('networks'),
    orchestrator: text,
    networks: z.array(network).max(10_000),
  }),
  z.object({ type: z.literal('orchestrator'), name: text, state: text, text }),
  z.object({ type: z.literal('report'), report }),
])

/** A message of an agent, or the reason why it is none. */
export function decodeAgentMessage(
  bytes: Uint8Array,
): { readonly message: AgentMessage } | { readonly fault: string } {
  let unpacked: unknown
  try {
    unpacked = packr.unpack(bytes)
  } catch (error) {
    return { fault: `not MessagePack: ${error instanceof Error ? error.message : error}` }
  }
  const parsed = agentMessage.safeParse(unpacked)
  if (!parsed.success) return { fault: z.prettifyError(parsed.error).slice(0, 500) }
  // The schema leaves an undefined key out; the nouns have it there, undefined.
  return { message: parsed.data as AgentMessage }
}

const acknowledgement = z.object({ type: z.literal('acknowledged'), sequence: z.int() })

/** The server's answer; undefined when it is none. */
export function decodeAcknowledgement(bytes: Uint8Array): Acknowledgement | undefined {
  try {
    return acknowledgement.safeParse(packr.unpack(bytes)).data
  } catch {
    return undefined
  }
}
