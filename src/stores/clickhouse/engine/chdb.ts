import { createRequire } from 'node:module'
import { messageOf } from '#lib/fault.ts'

/**
 * What is used of chDB's addon. Its own `Session` is not: closing one waits for every operation of the process, so that
 * under load closed connections pile up, 2 MB each.
 */
export interface Chdb {
  /** Opens the folder, or one more connection to it, in 0.1 ms. Throws when the engine refuses: its words go to stderr. */
  CreateConnection(folder: string, args: readonly string[]): unknown
  /** Nothing may run on it. */
  CloseConnection(connection: unknown): void
  /** Runs on a thread of libuv's pool. */
  QueryAsyncConnection(
    connection: unknown,
    sql: string,
    format: string,
  ): Promise<{ readonly bytes: Buffer }>
}

interface LibraryPlaces {
  tryResolveLibchdb(): { readonly packageName?: string } | undefined
}

const require = createRequire(import.meta.url)

/** The npm package with chDB for this system; or, in a sentence, why there is none. Loads nothing of it. */
export function findChdb(): { readonly packageName: string } | { readonly refusal: string } {
  const system = `${process.platform} ${process.arch}`
  let places: LibraryPlaces
  try {
    places = require('chdb/libchdb')
  } catch {
    return { refusal: 'The embedded engine is not installed: npm install chdb@3.4.0' }
  }
  const packageName = places.tryResolveLibchdb()?.packageName
  if (packageName) return { packageName }
  return {
    refusal: `chDB is not there for this system (${system}): it is made for glibc's Linux and macOS`,
  }
}

/** Loads 570 MB of engine into this process. Throws a sentence when that cannot be. */
export function loadChdb(): Chdb {
  const found = findChdb()
  if ('refusal' in found) throw new Error(found.refusal)
  try {
    return createRequire(require.resolve('chdb'))(found.packageName)
  } catch (error) {
    throw new Error(`chDB cannot be loaded (${messageOf(error)})`)
  }
}
