import { eventKinds } from '#model/event.ts'
import {
  at,
  error,
  figures,
  id,
  instance,
  json,
  number,
  query,
  service,
  text,
  window,
} from './openapi-schemas.ts'

const list = (items: object, description?: string) => ({
  type: 'array',
  items,
  ...(description && { description }),
})
const nullable = { type: ['number', 'null'] }

const seriesParameters = [
  id,
  query(
    'from',
    'Where it begins: ms since the epoch or ISO 8601. Default: 15 minutes before.',
    text,
  ),
  query('to', 'Where it ends. Default: now.', text),
  query('step', 'Seconds of each step; at most 1,000 steps.', {
    ...{ type: 'integer', minimum: 1, maximum: 900, default: 5 },
  }),
]

const series = {
  type: 'object',
  description: 'One entry a step in each list. Counts are exact.',
  properties: {
    fromMs: { ...number, description: 'The first step: whole steps since the epoch.' },
    stepMs: number,
    keptFromMs: { ...number, description: 'Nobody kept what was before: zeros.' },
    toldUntilMs: { ...number, description: 'All have told of what was before.' },
    ok: list(number),
    warning: list(number),
    error: list(number),
    bytes: list(number, 'Both directions.'),
    p50Us: list(nullable, 'Null without answers.'),
    p90Us: list(nullable),
    p99Us: list(nullable),
    boundsUs: list(number, 'Where each bucket of the histograms begins.'),
    latency: list(
      list({ type: 'array', prefixItems: [number, number] }),
      'A histogram a step: buckets by their place in boundsUs, and how many fell in.',
    ),
  },
}

const resources = {
  type: 'object',
  properties: {
    resources: {
      type: 'array',
      description: 'Most frequent first, at most 50.',
      items: {
        type: 'object',
        properties: {
          ...{ method: text, resource: text, count: number, errors: number, warnings: number },
          ...{ p50Us: nullable, maxUs: nullable },
        },
      },
    },
    sampled: { ...number, description: 'Lines that they were counted in.' },
    total: { ...number, description: 'All transactions of the window.' },
    windowMs: number,
  },
}

const flowEnd = {
  type: 'object',
  properties: {
    service: text,
    instance: { ...text, description: 'Id of the instance, where it is known.' },
  },
  required: ['service'],
}

const flows = {
  type: 'object',
  properties: {
    atMs: { ...number, description: 'All have told of what was before.' },
    windowMs: number,
    folded: {
      ...number,
      description: 'Windows without their instances, since the start: there were too many pairs.',
    },
    flows: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          link: { ...text, description: 'Id of the link of the two services.' },
          protocol: text,
          client: flowEnd,
          server: flowEnd,
          counts: { type: 'object', properties: { ok: number, warning: number, error: number } },
          requestsPerSecond: figures.requestsPerSecond,
          errorShare: figures.errorShare,
          warningShare: figures.warningShare,
          p50Us: nullable,
          p99Us: nullable,
          bytesPerSecond: figures.bytesPerSecond,
        },
      },
    },
  },
}

const events = {
  type: 'object',
  properties: {
    dropped: {
      ...number,
      description: 'Events let go to stay inside the budget, since the start.',
    },
    events: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          timeMs: number,
          kind: { enum: eventKinds },
          service: { ...text, description: 'Id of the service.' },
          instance: { ...text, description: 'Id of the instance it happened to.' },
          instanceName: text,
          from: { ...text, description: 'How it was: a state, a health, a number, an image.' },
          to: text,
        },
        required: ['timeMs', 'kind', 'service'],
      },
    },
  },
}

const clusterNode = {
  name: { ...text, description: 'Its cluster included: `production/blue/node-1`.' },
  place: { ...text, description: 'The cluster; absent where there is one alone.' },
  agent: { type: 'object', description: 'What its agent says of itself, if one reports.' },
  services: number,
  instances: number,
  cpus: number,
  memoryBytes: number,
}

const nodeDetail = {
  type: 'object',
  properties: {
    ...clusterNode,
    runs: {
      type: 'array',
      description: 'Its instances, at most 1000, each with its service.',
      items: { type: 'object', properties: { service, instance } },
    },
  },
}

const nodeList = {
  type: 'object',
  properties: { nodes: { type: 'array', items: { type: 'object', properties: clusterNode } } },
}

/** What panels show of one link, one service or one node. */
export const detailPaths = {
  '/api/v1/links/{id}/series': {
    get: {
      summary: 'A link over time: outcomes, bytes and latencies step by step',
      parameters: seriesParameters,
      responses: { 200: json('The series.', series), 400: error, 404: error },
    },
  },
  '/api/v1/links/{id}/resources': {
    get: {
      summary: 'What is asked for most on a link, by its sampled lines',
      parameters: [id, at, window],
      responses: { 200: json('The resources.', resources), 404: error },
    },
  },
  '/api/v1/services/{id}/series': {
    get: {
      summary: 'A service over time: what is said to it, or what it says itself',
      parameters: [
        ...seriesParameters,
        query('side', 'What its callers say to it, or its own calls.', {
          ...{ enum: ['callers', 'calls'], default: 'callers' },
        }),
      ],
      responses: { 200: json('The series.', series), 400: error, 404: error },
    },
  },
  '/api/v1/services/{id}/flows': {
    get: {
      summary: 'Which of a service’s instances speaks with whom',
      parameters: [
        id,
        query('window', 'Length of the window in seconds.', {
          ...{ type: 'integer', minimum: 1, maximum: 60, default: 5 },
        }),
      ],
      responses: { 200: json('The flows.', flows), 400: error, 404: error },
    },
  },
  '/api/v1/events': {
    get: {
      summary: 'What happened to services, as orchestrators tell it, newest first',
      parameters: [
        query('service', 'Of this service alone.', text),
        query('since', 'From this moment on: ms since the epoch or ISO 8601.', text),
        query('until', 'Before this moment.', text),
        query('limit', 'Events at most.', { type: 'integer', maximum: 1000, default: 100 }),
      ],
      responses: { 200: json('The events.', events), 400: error },
    },
  },
  '/api/v1/nodes': {
    get: { summary: 'All machines', responses: { 200: json('The nodes.', nodeList) } },
  },
  '/api/v1/nodes/{name}': {
    get: {
      summary: 'A machine, and what runs on it',
      parameters: [{ ...id, name: 'name' }],
      responses: { 200: json('The node.', nodeDetail), 404: error },
    },
  },
}
