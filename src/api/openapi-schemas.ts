import { instanceStates, serviceKinds } from '#model/service.ts'

export const json = (description: string, schema: object = { type: 'object' }) => ({
  description,
  content: { 'application/json': { schema } },
})

export const error = json('What is wrong, in one sentence.', {
  type: 'object',
  properties: { error: { type: 'string' } },
  required: ['error'],
})

export const query = (name: string, description: string, schema: object) => ({
  name,
  in: 'query',
  required: false,
  description,
  schema,
})

export const at = query('at', 'End of the window: ms since the epoch or ISO 8601. Default: now.', {
  type: 'string',
})
export const window = query('window', 'Length of the window in seconds.', {
  type: 'number',
  minimum: 1,
  maximum: 900,
  default: 60,
})
export const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } }

export const number = { type: 'number' }
export const text = { type: 'string' }

export const figures = {
  requestsPerSecond: number,
  errorShare: { ...number, description: 'Share of all transactions, 0 to 1.' },
  warningShare: number,
  p50Us: { ...number, description: 'Median latency in microseconds; absent without answers.' },
  p90Us: number,
  p99Us: number,
  bytesPerSecond: number,
}

export const counts = { type: 'object', properties: { ok: number, warning: number, error: number } }

export const service = {
  type: 'object',
  properties: {
    id: text,
    name: text,
    kind: { enum: serviceKinds },
    group: { type: 'array', items: text },
  },
  required: ['id', 'name', 'kind', 'group'],
}

export const usage = {
  type: 'object',
  description: 'What it takes of its machine, where its node or its orchestrator measures it.',
  properties: {
    cpus: { type: 'number', description: 'Processors kept busy.' },
    cpusMax: number,
    memoryBytes: { type: 'number', description: 'Without what can be given back.' },
    memoryBytesMax: number,
  },
}

export const instance = {
  type: 'object',
  properties: {
    id: text,
    name: text,
    node: { type: 'string', description: 'The machine, as in /api/v1/nodes.' },
    state: { enum: instanceStates },
    health: { enum: ['healthy', 'unhealthy', 'starting', 'unknown'] },
    restarts: number,
    sinceMs: number,
    image: text,
    environment: {
      type: 'array',
      items: text,
      description: 'Names of its variables; never a value.',
    },
    usage,
  },
  required: ['id', 'name', 'state', 'health', 'restarts', 'sinceMs'],
}

export const link = {
  type: 'object',
  properties: {
    link: { type: 'object', properties: { id: text, client: text, server: text, protocol: text } },
    counts,
    latency: {
      type: 'array',
      items: number,
      description: 'Sparse log-linear histogram: bucket, count, bucket, count, ...',
    },
    traffic: { type: 'object' },
    lastMs: number,
    ...figures,
  },
}

export const serviceAnswer = {
  type: 'object',
  properties: {
    service,
    instances: { type: 'array', items: instance },
    callers: { type: 'array', items: link },
    calls: { type: 'array', items: link },
  },
}

export const graph = {
  type: 'object',
  properties: {
    atMs: number,
    windowMs: number,
    services: { type: 'array', items: service },
    links: { type: 'array', items: link },
    attribution: {
      type: 'object',
      description: 'Share of transactions with both services known.',
      properties: { score: number, known: number, total: number },
    },
  },
}

export const spot = {
  type: 'object',
  properties: {
    x: number,
    y: number,
    hand: { const: true, description: 'Somebody put it there.' },
  },
  required: ['x', 'y'],
}

export const nodes = {
  type: 'object',
  description: 'By the id of what stands there: at most 2000.',
  additionalProperties: spot,
}

export const place = { type: 'object', properties: { at: text, nodes }, required: ['at', 'nodes'] }

export const placeAt = query(
  'at',
  'A place of the map: the path of a group. Default: everything.',
  text,
)

/** Which lines of an access log, besides its link. */
export const lineChoices = [
  query('outcome', 'Only these.', { enum: ['ok', 'warning', 'error'] }),
  query('limit', 'Lines at most.', { type: 'integer', maximum: 1000, default: 100 }),
  query('after', 'Only lines with a higher sequence number: to follow.', number),
  query('since', 'Requests from this moment on.', text),
  query('until', 'Requests before this moment.', text),
  query('text', 'Part of method, resource, status, trace id or instance name.', text),
  query('slower', 'Requests that took at least so many milliseconds.', number),
]

export const trace = {
  ...query('trace', 'Of this trace: its id, 32 hexadecimal digits, or the 16 of B3.', text),
  example: '4bf92f3577b34da6a3ce929d0e0e4736',
}

export const line = {
  type: 'object',
  properties: {
    link: { ...text, description: 'Id of the link.' },
    sequence: number,
    protocol: text,
    method: text,
    resource: text,
    status: text,
    outcome: { enum: ['ok', 'warning', 'error'] },
    startUs: number,
    durationUs: number,
    requestBytes: number,
    responseBytes: number,
    traceId: {
      ...text,
      description: 'The trace that the request says it is part of: 32 hexadecimal digits.',
    },
    client: { type: 'object' },
    server: { type: 'object' },
  },
}
