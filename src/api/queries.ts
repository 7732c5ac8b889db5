import { z } from 'zod'
import { parseTraceId } from '#model/trace-id.ts'

/** A moment: ms since the epoch, or ISO 8601; absent is now. */
export const moment = z
  .union([z.coerce.number().positive(), z.iso.datetime({ offset: true }).transform(Date.parse)], {
    error: 'write a moment as ms since the epoch, or as 2026-01-31T12:00:00Z',
  })
  .optional()

/** A window by its end and its length in seconds. */
export const graphQuery = z.object({
  at: moment,
  window: z.coerce.number().min(1).max(900).default(60),
})

/** A trace's id: 32 hexadecimal digits, or the 16 of B3. */
const trace = z
  .string()
  .transform(parseTraceId)
  .refine(id => id !== undefined, 'write a trace id as 32 hexadecimal digits, or as 16')

/** Which lines of an access log. */
export const linesQuery = z.object({
  outcome: z.enum(['ok', 'warning', 'error']).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  after: z.coerce.number().int().min(0).optional(),
  since: moment,
  until: moment,
  text: z.string().max(200).optional(),
  slower: z.coerce.number().min(0).max(3_600_000).default(0),
  trace: trace.optional(),
})

/** Of all links one asks for a trace. */
export const traceQuery = linesQuery.extend({ trace })
