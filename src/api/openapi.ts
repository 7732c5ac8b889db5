import { detailPaths } from './openapi-details.ts'
import {
  at,
  counts,
  error,
  graph,
  id,
  json,
  line,
  lineChoices,
  link,
  nodes,
  number,
  place,
  placeAt,
  serviceAnswer,
  text,
  trace,
  window,
} from './openapi-schemas.ts'

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
        responses: { 200: json('The service.', serviceAnswer), 404: error },
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
        parameters: [id, ...lineChoices, trace],
        responses: {
          200: json('The lines.', {
            type: 'object',
            properties: { lines: { type: 'array', items: line }, total: counts, windowMs: number },
          }),
          404: error,
        },
      },
    },
    '/api/v1/transactions': {
      get: {
        summary: 'The lines of a trace in the access logs of all links, newest first',
        parameters: [{ ...trace, required: true }, ...lineChoices],
        responses: {
          200: json('The lines.', {
            type: 'object',
            properties: { lines: { type: 'array', items: line } },
          }),
          400: error,
        },
      },
    },
    ...detailPaths,
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
