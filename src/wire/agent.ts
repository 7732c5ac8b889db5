import { Packr } from 'msgpackr'
import { z } from 'zod'
import { bucketCount } from '#lib/histogram.ts'
import { ownText } from '#lib/text.ts'
import type { AgentReport } from '#model/graph.ts'
import type { Network } from '#model/network.ts'
import type { Resident } from '#model/resident.ts'
import {
  type InstanceUsage,
  instanceStates,
  type ServiceGroup,
  serviceKinds,
} from '#model/service.ts'
import { traceIdPattern } from '#model/trace-id.ts'
import type { WindowBatch } from '#model/window.ts'

/**
 * What an agent tells the server over `/api/v1/agents` (WebSocket, binary MessagePack messages). Seconds and changes of
 * ownership are numbered, in one row a run of the agent, and kept by it until the server says that it has them: nothing
 * that was told is lost, nothing counts twice. Times are the server's: the agent knows how far its own clock is off.
 */
export type AgentMessage =
  | Hello
  | WindowsMessage
  | GroupsMessage
  | NetworksMessage
  | ResidentsMessage
  | {
      readonly type: 'orchestrator'
      readonly name: string
      readonly state: string
      readonly text: string
    }
  | ReportMessage
  | ClockQuestion

/** Where windows were seen: addresses and namespaces mean what they mean there. */
export interface Identity {
  readonly hostNamespace: string
  readonly addresses: readonly string[]
}

/** The first message. `run` is new at every start of the agent. */
export interface Hello extends Identity {
  readonly type: 'hello'
  readonly node: string
  readonly run: string
  readonly version: string
  /** Runs before this one that left something to tell. */
  readonly former: readonly (Identity & { readonly run: string })[]
  readonly askedMs: number
}

/** Of the run that said hello, or of a former one. */
export interface Numbered {
  readonly run?: string
  readonly sequence: number
}

export interface WindowsMessage extends Numbered {
  readonly type: 'windows'
  readonly batch: WindowBatch
  /** A server before this one counted it; this one never had it. */
  readonly isAgain?: boolean
}

/**
 * `isAll`: these are all groups of that orchestrator; otherwise each replaces one. `atMs`: it was so then; else it is so now.
 */
export interface GroupsMessage extends Partial<Numbered> {
  readonly type: 'groups'
  readonly orchestrator: string
  readonly isAll: boolean
  readonly groups: readonly ServiceGroup[]
  readonly atMs?: number
}

/** All networks that an orchestrator of the node knows. */
export interface NetworksMessage extends Partial<Numbered> {
  readonly type: 'networks'
  readonly orchestrator: string
  readonly networks: readonly Network[]
  readonly atMs?: number
}

/** All containers that live on the node, as its control groups tell. */
export interface ResidentsMessage extends Partial<Numbered> {
  readonly type: 'residents'
  readonly residents: readonly Resident[]
  readonly atMs?: number
}

/** What the agent says of itself, and now and then what instances of its node take: those for which that has changed. */
export interface ReportMessage {
  readonly type: 'report'
  readonly report: AgentReport
  readonly usages?: readonly InstanceUsage[]
}

/** What the agent's steady clock says: comes back with what the server's clock said. */
export interface ClockQuestion {
  readonly type: 'clock'
  readonly askedMs: number
}

export interface ClockAnswer extends ClockQuestion {
  readonly receivedMs: number
  readonly answeredMs: number
}

/** The answer to a hello: which numbers of each run the server has, from and to. `life` is new when it starts with nothing. */
export interface Welcome extends Omit<ClockAnswer, 'type'> {
  readonly type: 'welcome'
  readonly life: string
  readonly had: readonly {
    readonly run: string
    readonly ranges: readonly (readonly [from: number, to: number])[]
  }[]
}

/** The server has it: taken into its graph and its log. */
export interface Acknowledgement {
  readonly type: 'acknowledged'
  readonly run: string
  readonly sequence: number
}

export type ServerMessage = Welcome | Acknowledgement | ClockAnswer

const packr = new Packr({ useRecords: false, int64AsType: 'number' })

export const encodeAgentMessage = (message: AgentMessage): Uint8Array => packr.pack(message)
export const encodeServerMessage = (message: ServerMessage): Uint8Array => packr.pack(message)

/** A text comes as a piece of its whole message: whoever keeps it is not to keep that. */
const textOf = (charsMax: number) => z.string().max(charsMax).overwrite(ownText)
const text = textOf(4096)
const ip = textOf(64)
const count = z.number().nonnegative()
/** What is summed and packed: whole numbers. */
const whole = z.int().nonnegative()
const endpoint = z.object({ ip, port: z.int().min(0).max(65535) })
const counts = z.object({ ok: whole, warning: whole, error: whole })
const named = z.object({ ip, name: text, called: z.literal(true).optional() })
const outcome = z.enum(['ok', 'warning', 'error'])

const sample = z.object({
  protocol: text,
  method: text,
  resource: textOf(65536),
  status: text.optional(),
  outcome,
  startUs: z.number(),
  durationUs: z.number().optional(),
  requestBytes: count,
  responseBytes: count,
  gap: z.boolean(),
  clientPort: z.int(),
  traceId: textOf(32).regex(traceIdPattern).optional(),
})

const traffic = z.object({
  requestBytes: whole,
  responseBytes: whole,
  packets: whole,
  retransmissions: whole,
  lostBytes: whole,
  connections: whole,
  failures: whole,
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
  latency: z.array(whole).max(2 * bucketCount),
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
  containers: z.array(text).max(128).optional(),
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
  environment: z.array(textOf(256)).max(256).optional(),
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

const resident = z.object({
  names: z.array(text).min(1).max(32),
  namespace: text,
  addresses: z.array(z.string().max(64)).max(64),
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
  backlogSeconds: count,
  backlogBytes: count,
  droppedSeconds: count,
  droppedWindows: count,
  clockOffsetMs: z.number().optional(),
  roundTripMs: count.optional(),
  notices: z.array(text).max(32),
  cpus: count.optional(),
  memoryBytes: count.optional(),
})

const usage = z.object({
  id: text,
  cpus: count.optional(),
  cpusMax: count.optional(),
  memoryBytes: count.optional(),
  memoryBytesMax: count.optional(),
})

const identity = { hostNamespace: text, addresses: z.array(text).max(4096) }
const run = z.string().min(1).max(64)
const sequence = z.int().min(1)
const toldThen = { run: run.optional(), sequence: sequence.optional(), atMs: z.number().optional() }

const agentMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    node: text.min(1),
    run,
    version: text,
    ...identity,
    former: z.array(z.object({ run, ...identity })).max(64),
    askedMs: z.number(),
  }),
  z.object({
    type: z.literal('windows'),
    run: run.optional(),
    sequence,
    isAgain: z.boolean().optional(),
    batch,
  }),
  z.object({
    type: z.literal('groups'),
    ...toldThen,
    orchestrator: text,
    isAll: z.boolean(),
    groups: z.array(serviceGroup).max(10_000),
  }),
  z.object({
    type: z.literal('networks'),
    ...toldThen,
    orchestrator: text,
    networks: z.array(network).max(10_000),
  }),
  z.object({
    type: z.literal('residents'),
    ...toldThen,
    residents: z.array(resident).max(10_000),
  }),
  z.object({ type: z.literal('orchestrator'), name: text, state: text, text }),
  z.object({ type: z.literal('report'), report, usages: z.array(usage).max(10_000).optional() }),
  z.object({ type: z.literal('clock'), askedMs: z.number() }),
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

const answer = { askedMs: z.number(), receivedMs: z.number(), answeredMs: z.number() }
const ranges = z.array(z.tuple([sequence, sequence])).max(1000)

const serverMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    life: z.string().min(1).max(64),
    had: z.array(z.object({ run, ranges })).max(64),
    ...answer,
  }),
  z.object({ type: z.literal('acknowledged'), run, sequence }),
  z.object({ type: z.literal('clock'), ...answer }),
])

/** What the server says; undefined when it is none of that. */
export function decodeServerMessage(bytes: Uint8Array): ServerMessage | undefined {
  try {
    return serverMessage.safeParse(packr.unpack(bytes)).data
  } catch {
    return undefined
  }
}

/** What this agent, or one before it, encoded and kept: it is believed. */
export function recallAgentMessage(bytes: Uint8Array): AgentMessage | undefined {
  try {
    return packr.unpack(bytes)
  } catch {
    return undefined
  }
}
