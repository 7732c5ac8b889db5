import type { Hono } from 'hono'
import { z } from 'zod'
import { type SeriesOf, type SeriesRange, type SeriesSide, seriesSides } from '#model/series.ts'
import { resourcesAnswer, type Source } from './answers.ts'
import { graphQuery, moment } from './queries.ts'

const stepsMax = 1000
const usualSeriesMs = 15 * 60_000
/** More than the store keeps of one link. */
const linesMax = 2000

const seriesQuery = z.object({
  from: moment,
  to: moment,
  step: z.coerce.number().int().min(1).max(900).default(5),
  side: z.enum(seriesSides).default('callers'),
})

const seriesRange = z
  .object({ fromMs: z.number(), toMs: z.number(), stepMs: z.number() })
  .refine(({ fromMs, toMs }) => fromMs < toMs, '`from` has to be before `to`')
  .refine(
    ({ fromMs, toMs, stepMs }) => (toMs - fromMs) / stepMs <= stepsMax,
    `that would be more than ${stepsMax} steps: take a longer \`step\``,
  )

const flowsQuery = z.object({ window: z.coerce.number().int().min(1).max(60).default(5) })

const eventsQuery = z.object({
  service: z.string().max(4096).optional(),
  since: moment,
  until: moment,
  limit: z.coerce.number().int().min(1).max(1000).default(100),
})

/** What panels show of one link or one service: over time, by resource, by instance, and what happened. */
export function addDetails<E extends object>(app: Hono<E>, source: Source): void {
  const series = (query: Record<string, string>, chosen: (side: SeriesSide) => SeriesOf) => {
    const { side, ...times } = seriesQuery.parse(query)
    return source.series(chosen(side), rangeOf(times, source.now()))
  }
  app.get('/api/v1/links/:id/series', context => {
    const link = context.req.param('id')
    const answer = series(context.req.query(), () => ({ link }))
    return answer ? context.json(answer) : context.json(noLink(link), 404)
  })
  app.get('/api/v1/services/:id/series', context => {
    const service = context.req.param('id')
    const answer = series(context.req.query(), side => ({ service, side }))
    return answer ? context.json(answer) : context.json(noService(service), 404)
  })
  app.get('/api/v1/links/:id/resources', context => {
    const { at = source.now(), window } = graphQuery.parse(context.req.query())
    const [id, windowMs] = [context.req.param('id'), window * 1000]
    const link = source.link(id, at, windowMs)
    if (!link) return context.json(noLink(id), 404)
    const times = { sinceMs: at - windowMs, untilMs: at }
    const lines = source.lines({ link: id, limit: linesMax, ...times })
    return context.json(resourcesAnswer(link, lines, windowMs))
  })
  app.get('/api/v1/services/:id/flows', context => {
    const { window } = flowsQuery.parse(context.req.query())
    const service = context.req.param('id')
    const answer = source.flows(service, window * 1000)
    return answer ? context.json(answer) : context.json(noService(service), 404)
  })
  app.get('/api/v1/events', context => {
    const { since, until, ...rest } = eventsQuery.parse(context.req.query())
    return context.json(source.events({ ...rest, sinceMs: since, untilMs: until }))
  })
}

const noLink = (id: string) => ({ error: `There is no link ${id}.` })
const noService = (id: string) => ({ error: `There is no service ${id}.` })

interface Times {
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly step: number
}

function rangeOf({ from, to, step }: Times, nowMs: number): SeriesRange {
  const toMs = to ?? nowMs
  return seriesRange.parse({ fromMs: from ?? toMs - usualSeriesMs, toMs, stepMs: step * 1000 })
}
