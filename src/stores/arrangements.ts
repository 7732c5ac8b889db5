import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { codeOf, messageOf } from '#lib/fault.ts'
import { type Arranged, arrangedIdMax, farthest, spotsMax } from '#model/arrangement.ts'

const coordinate = z.number().min(-farthest).max(farthest)
const spot = z.object({ x: coordinate, y: coordinate, hand: z.literal(true).optional() })

/** Where everything stands in one place, as anybody may send it. */
export const arrangementSchema = z
  .record(z.string().min(1).max(arrangedIdMax), spot)
  .refine(nodes => Object.keys(nodes).length <= spotsMax, `More than ${spotsMax} nodes.`)

/** The path of a place of the map. */
export const arrangedAtSchema = z.string().max(arrangedIdMax)

const fileSchema = z.object({
  version: z.literal(1),
  places: z.array(z.object({ at: arrangedAtSchema, nodes: arrangementSchema })),
})

/** Kept at most, of all places together; those longest untouched go first. */
const placesMax = 200
const allSpotsMax = 10_000
const fileName = 'places.json'
/** Changes are written together: a node that is nudged along is one of them. */
const writeAfterMs = 500

/** The folder where a server keeps what people have arranged when none is named. */
export function defaultStateFolder(env: NodeJS.ProcessEnv, userId: number | undefined): string {
  if (env.XDG_STATE_HOME) return join(env.XDG_STATE_HOME, 'inkling/server')
  if (userId === 0) return '/var/lib/inkling/server'
  return join(env.HOME ?? homedir(), '.local/state/inkling/server')
}

export interface ArrangementsOptions {
  /** Where to keep them; undefined: in memory alone. */
  readonly folder?: string | undefined
  /** Hears, in a sentence, what went wrong with the file: each trouble once. */
  warn(text: string): void
}

/** What people have arranged on the map, place by place, over restarts. The last who writes wins. */
export class Arrangements {
  readonly #path: string | undefined
  readonly #warn: (text: string) => void
  readonly #places = new Map<string, Arranged>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #said = ''

  constructor({ folder, warn }: ArrangementsOptions) {
    this.#path = folder === undefined ? undefined : join(folder, fileName)
    this.#warn = warn
    if (this.#path !== undefined) for (const place of this.#read(this.#path)) this.#keep(place)
  }

  /** All places that somebody has arranged, longest untouched first. */
  all(): Arranged[] {
    return [...this.#places.values()]
  }

  of(at: string): Arranged {
    return this.#places.get(at) ?? { at, nodes: {} }
  }

  put(arranged: Arranged): void {
    this.#keep(arranged)
    if (this.#path !== undefined) this.#timer ??= setTimeout(() => this.flush(), writeAfterMs)
  }

  #keep(arranged: Arranged): void {
    this.#places.delete(arranged.at)
    if (Object.keys(arranged.nodes).length > 0) this.#places.set(arranged.at, arranged)
    let spots = 0
    for (const { nodes } of this.#places.values()) spots += Object.keys(nodes).length
    for (const [at, { nodes }] of this.#places) {
      if (this.#places.size <= placesMax && spots <= allSpotsMax) return
      this.#places.delete(at)
      spots -= Object.keys(nodes).length
    }
  }

  /** Writes what is not yet on disk: to a file beside, then in one step into its place. */
  flush(): void {
    if (this.#timer === undefined || this.#path === undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    const beside = `${this.#path}.${process.pid}`
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 })
      const text = JSON.stringify({ version: 1, places: this.all() })
      writeFileSync(beside, text, { mode: 0o600, flush: true })
      renameSync(beside, this.#path)
    } catch (error) {
      this.#say(
        `Places on the map are kept in memory alone: ${this.#path} cannot be written (${messageOf(error)}).`,
      )
    }
  }

  #read(path: string): Arranged[] {
    try {
      return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).places
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return []
      const why = codeOf(error) ?? 'it is not what a server wrote'
      this.#say(`${path} is ignored (${why}): the map is laid out anew.`)
      return []
    }
  }

  #say(text: string): void {
    if (text !== this.#said) this.#warn(text)
    this.#said = text
  }
}
