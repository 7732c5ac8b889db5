import { serviceKinds } from '#model/service.ts'

const json = (description: string, schema: object = { type: 'object' }) => ({
  description,
  content: { 'application/json': { schema } },
})

const error = json('What is wrong, in one sentence.', {
  type: 'object',
  properties: { error: { type: 'string' } },
  required: ['error'],
})

const query = (name: string, description: string, schema: object) => ({
  name,
  in: 'query',
  required: false,
  description,
  schema,
})

const at = query('at', 'End of the window: ms since the epoch or ISO 8601. Default: now.', {
  type: 'string',
})
const window = query('window', 'Length of the window in seconds.', {
  type: 'number',
  minimum: 1,
  maximum: 900,
  default: 60,
})
const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } }

const number = { type: 'number' }
const text = { type: 'string' }

const figures = {
  requestsPerSecond: number,
  errorShare: { ...number, description: 'Share of all transactions, 0 to 1.' },
  warningShare: number,
  p50Us: { ...number, description: 'Median latency in microseconds; absent without answers.' },
  p90Us: number,
  p99Us: number,
  bytesPerSecond: number,
}

const counts = { type: 'object', properties: { ok: number, warning: number, error: number } }

const service = {
  type: 'object',
  properties: {
    id: text,
    name: text,
    kind: { enum: serviceKinds },
    group: { type: 'array', items: text },
  },
  required: ['id', 'name', 'kind', 'group'],
}

const link = {
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

const graph = {
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

const spot = {
  type: 'object',
  properties: {
    x: number,
    y: number,
    hand: { const: true, description: 'Somebody put it there.' },
  },
  required: ['x', 'y'],
}

const nodes = {
  type: 'object',
  description: 'By the id of what stands there: at most 2000.',
  additionalProperties: spot,
}

const place = { type: 'object', properties: { at: text, nodes }, required: ['at', 'nodes'] }

const placeAt = query('at', 'A place of the map: the path of a group. Default: everything.', text)

const line = {
  type: 'object',
  properties: {
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
    client: { type: 'object' },
    server: { type: 'object' },
  },
}

/** The HTTP contract as OpenAPI 3.1. */
export const openapi = {
  openapi: '3.1.0',
  info: {
    title: 'Inkling',
    version: '1',
    description: 'What a container cluster is really doing: services, links, single requests.',
  },
  paths: {
    '/api/v1/graph': {
      get: {
        summary: 'Services and links over a window, with rates, outcomes, latency and attribution',
        parameters: [at, window],
        responses: { 200: json('The graph.', graph), 400: error },
      },
    },
    '/api/v1/services/{id}': {
      get: {
        summary: 'A service, its instances, its callers and its calls',
        parameters: [id, at, window],
        responses: { 200: json('The service.'), 404: error },
      },
    },
    '/api/v1/links/{id}': {
      get: {
        summary: 'A link and its figures',
        parameters: [id, at, window],
        responses: { 200: json('The link.', link), 404: error },
      },
    },
    '/api/v1/links/{id}/transactions': {
      get: {
        summary: 'The access log of a link, newest first; a sample, with exact totals beside it',
        parameters: [
          id,
          query('outcome', 'Only these.', { enum: ['ok', 'warning', 'error'] }),
          query('limit', 'Lines at most.', { type: 'integer', maximum: 1000, default: 100 }),
          query('after', 'Only lines with a higher sequence number: to follow.', number),
          query('since', 'Requests from this moment on.', text),
          query('until', 'Requests before this moment.', text),
          query('text', 'Part of method, resource, status or instance name.', text),
        ],
        responses: {
          200: json('The lines.', {
            type: 'object',
            properties: { lines: { type: 'array', items: line }, total: counts, windowMs: number },
          }),
          404: error,
        },
      },
    },
    '/api/v1/vizceral': {
      get: {
        summary: 'The graph of the last minute as Netflix Vizceral’s traffic JSON',
        responses: { 200: json('A root node with one region.') },
      },
    },
    '/api/v1/places': {
      get: {
        summary: 'Where things stand in a place of the map that somebody has arranged',
        parameters: [placeAt],
        responses: { 200: json('The place; without nodes where nobody has.', place), 400: error },
      },
      put: {
        summary: 'Arranges a place of the map for all viewers: the last who writes wins',
        parameters: [placeAt],
        requestBody: json('Where everything stands there.', {
          type: 'object',
          properties: { nodes, by: { ...text, description: 'What the writer calls itself.' } },
          required: ['nodes'],
        }),
        responses: { 200: json('The place.', place), 400: error, 413: error },
      },
    },
    '/api/v1/live': {
      get: {
        summary:
          'WebSocket: topology, status and arranged places as JSON text, one binary frame of figures a second',
        responses: { 101: { description: 'Switching protocols.' } },
      },
    },
    '/api/v1/openapi.json': { get: { summary: 'This', responses: { 200: json('OpenAPI.') } } },
    '/metrics': {
      get: {
        summary: 'Prometheus exposition; links as traces_service_graph_request_*',
        responses: { 200: { description: 'Text.', content: { 'text/plain': {} } } },
      },
    },
    '/healthz': { get: { summary: 'Life', responses: { 200: json('Alive.') } } },
    '/readyz': {
      get: { summary: 'Readiness', responses: { 200: json('Ready.'), 503: error } },
    },
  },
}
