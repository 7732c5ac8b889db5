import type { Format } from './format.ts'
import { prometheus } from './prometheus/index.ts'
import { vizceral } from './vizceral/index.ts'

/** Every format the server renders. */
export const formats: readonly Format[] = [prometheus, vizceral]
