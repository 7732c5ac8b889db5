import { z } from 'zod'

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
