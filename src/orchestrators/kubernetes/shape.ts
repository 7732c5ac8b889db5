import { z } from 'zod'

/**
 * What we read of the API's objects, in its own words (Kubernetes 1.9 to 1.35). Tolerant on purpose: unknown keys are
 * ignored and what is null, absent or of another type counts as empty. Of `env` only names are kept: it holds secrets.
 */
const nameCharsMax = 253
const textCharsMax = 512
const text = z.string().catch('').transform(cutTo(textCharsMax))
const name = z.string().catch('').transform(cutTo(nameCharsMax))
const count = z.number().int().nonnegative().optional().catch(undefined)
const flag = z.boolean().catch(false)
const port = z.number().int().min(1).max(65_535).optional().catch(undefined)
const texts = z.record(z.string(), text).catch({})

function cutTo(charsMax: number) {
  return (whole: string): string => whole.slice(0, charsMax)
}

/** A list without what is not as it should be; null is an empty one. */
function listOf<T>(item: z.ZodType<T>, max: number) {
  return z
    .array(z.unknown())
    .catch([])
    .transform(items =>
      items.slice(0, max).flatMap(each => {
        const read = item.safeParse(each)
        return read.success ? [read.data] : []
      }),
    )
}

/** What is missing is as if it were an empty object. */
function part<T>(shape: z.ZodType<T>) {
  const isRecord = (value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  return z.preprocess(value => (isRecord(value) ? value : {}), shape)
}

const owner = z.object({ kind: name, name, uid: name, controller: flag })
const metadata = part(
  z.object({
    name,
    namespace: name,
    uid: name,
    labels: texts,
    annotations: z.record(z.string(), z.unknown()).catch({}),
    ownerReferences: listOf(owner, 16),
    generation: count,
  }),
)

/** An owner, as an object names it. */
export type OwnerReference = z.infer<typeof owner>
/** What every object has. */
export type Metadata = z.infer<typeof metadata>

const transports: Readonly<Record<string, 'tcp' | 'udp' | undefined>> = {
  TCP: 'tcp',
  UDP: 'udp',
  SCTP: undefined,
}
const transport = z
  .enum(['TCP', 'UDP', 'SCTP'])
  .catch('TCP')
  .transform(protocol => transports[protocol])

const containerPort = z.object({
  name,
  containerPort: port,
  hostPort: port,
  hostIP: name,
  protocol: transport,
})
const volumeMount = z.object({ name, mountPath: text, readOnly: flag })
const container = z.object({
  name,
  image: text,
  restartPolicy: name,
  ports: listOf(containerPort, 256),
  volumeMounts: listOf(volumeMount, 64),
  env: listOf(z.object({ name }), 256),
})
const volume = z.object({
  name,
  persistentVolumeClaim: part(z.object({ claimName: name })),
  hostPath: part(z.object({ path: text })),
})
const containerStatus = z.object({
  name,
  restartCount: count,
  containerID: name,
  state: part(
    z.object({
      waiting: part(z.object({ reason: name })),
      running: part(z.object({ startedAt: name })),
    }),
  ),
})
const condition = z.object({ type: name, status: name, reason: name, lastTransitionTime: name })

const pod = z.object({
  metadata,
  spec: part(
    z.object({
      nodeName: name,
      hostNetwork: flag,
      containers: listOf(container, 128),
      initContainers: listOf(container, 128),
      volumes: listOf(volume, 256),
    }),
  ),
  status: part(
    z.object({
      phase: name,
      podIP: name,
      podIPs: listOf(z.object({ ip: name }), 16),
      hostIP: name,
      startTime: name,
      conditions: listOf(condition, 32),
      containerStatuses: listOf(containerStatus, 128),
      initContainerStatuses: listOf(containerStatus, 128),
    }),
  ),
})

const servicePort = z.object({
  name,
  port,
  targetPort: z.union([z.number(), z.string()]).optional().catch(undefined),
  nodePort: port,
  protocol: transport,
})
const service = z.object({
  metadata,
  spec: part(
    z.object({
      type: name,
      clusterIP: name,
      clusterIPs: listOf(name, 4),
      externalIPs: listOf(name, 64),
      ports: listOf(servicePort, 1024),
      selector: texts,
    }),
  ),
  status: part(
    z.object({ loadBalancer: part(z.object({ ingress: listOf(z.object({ ip: name }), 64) })) }),
  ),
})

const endpoint = z.object({
  addresses: listOf(name, 8),
  targetRef: part(z.object({ kind: name, name })),
})
const endpointSlice = z.object({
  metadata,
  addressType: name,
  endpoints: listOf(endpoint, 1000),
  ports: listOf(z.object({ name, port, protocol: transport }), 1024),
})

const node = z.object({
  metadata,
  spec: part(z.object({ podCIDR: name, podCIDRs: listOf(name, 4) })),
  status: part(
    z.object({
      addresses: listOf(z.object({ type: name, address: name }), 32),
      conditions: listOf(condition, 32),
    }),
  ),
})

const workload = z.object({
  metadata,
  spec: part(
    z.object({
      replicas: count,
      paused: flag,
      suspend: flag,
      parallelism: count,
      completions: count,
      template: part(z.object({ metadata: part(z.object({ labels: texts })) })),
    }),
  ),
  status: part(
    z.object({
      observedGeneration: count,
      replicas: count,
      readyReplicas: count,
      updatedReplicas: count,
      currentRevision: name,
      updateRevision: name,
      desiredNumberScheduled: count,
      updatedNumberScheduled: count,
      numberReady: count,
      succeeded: count,
      failed: count,
      conditions: listOf(condition, 32),
    }),
  ),
})

const owned = z.object({ metadata })

export type PodObject = z.infer<typeof pod>
export type ServiceObject = z.infer<typeof service>
export type EndpointSliceObject = z.infer<typeof endpointSlice>
export type NodeObject = z.infer<typeof node>
/** A Deployment, StatefulSet, DaemonSet or Job: whichever keys it has. */
export type WorkloadObject = z.infer<typeof workload>
/** Of what only the owner matters. */
export type OwnedObject = z.infer<typeof owned>

export const readPod = reader(pod)
export const readService = reader(service)
export const readEndpointSlice = reader(endpointSlice)
export const readNode = reader(node)
export const readWorkload = reader(workload)
export const readOwned = reader(owned)

/** Undefined for what has no name: it is no object. */
function reader<T extends { readonly metadata: Metadata }>(shape: z.ZodType<T>) {
  return (object: unknown): T | undefined => {
    const read = shape.safeParse(object).data
    return read && read.metadata.name !== '' ? read : undefined
  }
}

const list = z.object({
  metadata: part(
    z.object({ resourceVersion: z.string().catch(''), continue: z.string().catch('') }),
  ),
  items: z.array(z.unknown()).nullish(),
})

/** One page of a list; undefined when the answer is none. */
export function readPage(answer: unknown) {
  const read = list.safeParse(answer).data
  if (read === undefined) return undefined
  const { resourceVersion, continue: next } = read.metadata
  return { items: read.items ?? [], version: resourceVersion, next }
}

const status = z.object({
  code: z.number().catch(0),
  reason: text,
  message: text,
  details: part(z.object({ retryAfterSeconds: count })),
})

/** What the API says when it does not do as asked. */
export function readStatus(answer: unknown) {
  return part(status).parse(answer)
}

const event = z.object({
  type: z.enum(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']),
  object: z.looseObject({}),
})
const versioned = part(
  z.object({ metadata: part(z.object({ resourceVersion: z.string().catch('') })) }),
)

/** One line of a watch, and the version it leads to; undefined when it is none. */
export function readEvent(line: string) {
  try {
    const { type, object } = event.parse(JSON.parse(line))
    return { type, object, version: versioned.parse(object).metadata.resourceVersion }
  } catch {
    return undefined
  }
}
