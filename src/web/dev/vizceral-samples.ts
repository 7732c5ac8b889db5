import { existsSync } from 'node:fs'
import { join } from 'node:path'

const shared = process.env.INKLING_SHARED ?? join(import.meta.dirname, '../../../../shared')

/** The folder of Vizceral's own sample files, which are not part of this project. */
export const samples: string = join(shared, 'vizceral-samples')

export const noSamples: string | false = existsSync(samples)
  ? false
  : 'needs Vizceral’s sample files: set INKLING_SHARED'
