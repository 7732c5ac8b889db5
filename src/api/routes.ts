import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import { arrangedAtSchema, arrangementSchema } from '#stores/arrangements.ts'
import type { LogQuery } from '#stores/store.ts'
import { graphAnswer, linkAnswer, type Source, serviceAnswer } from './answers.ts'
import { addDetails } from './details.ts'
import { cookieOf, type Guard, isEqual, refuseViewer } from './guard.ts'
import { openapi } from './openapi.ts'
import { graphQuery, linesQuery, traceQuery } from './queries.ts'

const windowMsMax = 15 * 60_000

const placeQuery = z.object({ at: arrangedAtSchema.default('') })
const placeBody = z.object({ nodes: arrangementSchema, by: z.string().max(64).default('') })
const placeBytesMax = 1024 * 1024

/** Where a fault of ours is told. */
export interface FaultLog {
  error(text: string, fault?: unknown): void
}

type Env = { Bindings: HttpBindings }

/** The HTTP contract: design of the routes in `openapi.ts`, answers in `answers.ts`. */
export function createRoutes(source: Source, guard: Guard, log: FaultLog): Hono<Env> {
  const app = new Hono<Env>()
  addGuard(app, guard)
  addHealth(app, source)
  addGraph(app, source)
  addLinks(app, source)
  addDetails(app, source)
  addNodes(app, source)
  addPlaces(app, source)
  app.get('/api/v1/openapi.json', context => context.json(openapi))
  app.notFound(context => context.json({ error: `There is no ${context.req.path} here.` }, 404))
  app.onError((error, context) => {
    const fault = error instanceof z.ZodError
    if (!fault) log.error(`A request to ${context.req.path} failed`, error)
    const text = fault ? z.prettifyError(error).replaceAll('\n', ' ') : 'A fault of the server.'
    return context.json({ error: text }, fault ? 400 : 500)
  })
  return app
}

/** Life and readiness are for whoever runs the server; all else passes the guard. */
function addGuard(app: Hono<Env>, guard: Guard): void {
  app.use('*', async (context, next) => {
    const { path } = context.req
    if (path === '/healthz' || path === '/readyz') return next()
    const token = context.req.query('token')
    if (token !== undefined && guard.viewToken && isEqual(token, guard.viewToken)) {
      const headers = { Location: path, 'Set-Cookie': cookieOf(token, guard.isSecure) }
      return new Response(undefined, { status: 302, headers })
    }
    const refusal = refuseViewer(guard, context.env.incoming.headers)
    if (refusal) return context.json({ error: refusal.error }, refusal.status)
    await next()
    context.header('X-Content-Type-Options', 'nosniff')
    context.header('Referrer-Policy', 'no-referrer')
  })
}

function addHealth(app: Hono<Env>, source: Source): void {
  app.get('/healthz', context => context.json({ status: 'alive' }))
  app.get('/readyz', context =>
    source.isReady()
      ? context.json({ status: 'ready' })
      : context.json({ status: 'waiting', error: 'No agent has reported yet.' }, 503),
  )
}

function addGraph(app: Hono<Env>, source: Source): void {
  app.get('/api/v1/graph', context => {
    const { at, window } = graphQuery.parse(context.req.query())
    return context.json(graphAnswer(source.graph(at ?? source.now(), window * 1000)))
  })
  app.get('/api/v1/vizceral', context => formatted(source, 'vizceral') ?? context.notFound())
  app.get('/metrics', context => formatted(source, 'prometheus') ?? context.notFound())
  app.get('/api/v1/services/:id', context => {
    const { at, window } = graphQuery.parse(context.req.query())
    const id = context.req.param('id')
    const graph = source.graph(at ?? source.now(), window * 1000)
    const answer = serviceAnswer(graph, id, source.instances(id))
    return answer
      ? context.json(answer)
      : context.json({ error: `There is no service ${id}.` }, 404)
  })
}

function formatted(source: Source, name: string): Response | undefined {
  const text = source.format(name)
  return text && new Response(text.body, { headers: { 'Content-Type': text.contentType } })
}

function addLinks(app: Hono<Env>, source: Source): void {
  app.get('/api/v1/links/:id', context => {
    const { at, window } = graphQuery.parse(context.req.query())
    const id = context.req.param('id')
    const graph = source.graph(at ?? source.now(), window * 1000)
    const link = graph.links.find(each => each.link.id === id)
    if (!link) return context.json({ error: `There is no link ${id}.` }, 404)
    return context.json(linkAnswer(graph, link))
  })
  app.get('/api/v1/links/:id/transactions', context => {
    const asked = linesQuery.parse(context.req.query())
    const { since, until } = asked
    const link = context.req.param('id')
    const atMs = Math.min(until ?? source.now(), source.now())
    const windowMs = Math.min(Math.max(atMs - (since ?? atMs - 60_000), 1000), windowMsMax)
    const found = source.link(link, atMs, windowMs)
    if (!found) return context.json({ error: `There is no link ${link}.` }, 404)
    const lines = source.lines({ ...logQueryOf(asked), link })
    return context.json({ lines, total: found.counts, windowMs })
  })
  app.get('/api/v1/transactions', context => {
    const asked = traceQuery.parse(context.req.query())
    return context.json({ lines: source.lines(logQueryOf(asked)) })
  })
}

function logQueryOf({
  since,
  until,
  slower,
  trace,
  ...rest
}: z.infer<typeof linesQuery>): LogQuery {
  const times = { sinceMs: since, untilMs: until, slowerUs: slower * 1000 }
  return { ...rest, ...times, traceId: trace }
}

function addNodes(app: Hono<Env>, source: Source): void {
  app.get('/api/v1/nodes', context => context.json({ nodes: source.nodes() }))
  app.get('/api/v1/nodes/:name', context => {
    const name = context.req.param('name')
    const node = source.node(name)
    return node ? context.json(node) : context.json({ error: `There is no node ${name}.` }, 404)
  })
}

/** Whoever may look may also arrange what all look at. */
function addPlaces(app: Hono<Env>, source: Source): void {
  app.get('/api/v1/places', context => {
    const { at } = placeQuery.parse(context.req.query())
    return context.json(source.arrangement(at))
  })
  const onError = (context: { json(body: object, status: 413): Response }) =>
    context.json({ error: `An arrangement takes at most ${placeBytesMax} bytes.` }, 413)
  app.put('/api/v1/places', bodyLimit({ maxSize: placeBytesMax, onError }), async context => {
    const { at } = placeQuery.parse(context.req.query())
    const { nodes, by } = placeBody.parse(jsonOf(await context.req.text()))
    source.arrange({ at, nodes }, by)
    return context.json({ at, nodes })
  })
}

/** What is no JSON is no arrangement either: the schema says so. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
