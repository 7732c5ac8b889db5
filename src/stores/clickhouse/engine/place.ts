import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { codeOf, messageOf } from '#lib/fault.ts'

/** Where an engine's things lie in its store's folder. */
export interface Place {
  readonly folder: string
  readonly data: string
  readonly incoming: string
  readonly reserve: string
  readonly socketPath: string
}

const dataName = 'engine'
const brokenName = /^engine-broken-/
/** `sun_path` of unix(7), less its end. */
const socketPathBytesMax = 107

/** Where a path is too long for a socket, the socket has a folder of its own. */
export function placeIn(folder: string): Place {
  const within = join(folder, 'engine.sock')
  const isShort = Buffer.byteLength(within) <= socketPathBytesMax
  return {
    folder,
    data: join(folder, dataName),
    incoming: join(folder, 'incoming'),
    reserve: join(folder, 'reserve'),
    socketPath: isShort ? within : join(tmpdir(), `inkling-${randomUUID()}`, 'engine.sock'),
  }
}

/** Makes the folders, for this user alone, or says in a sentence why that cannot be. */
export async function makeFolders(place: Place): Promise<string | undefined> {
  const { folder, socketPath } = place
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await mkdir(dirname(socketPath), { recursive: true, mode: 0o700 })
    return undefined
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EROFS') return `${folder} is on a read-only file system`
    if (code === 'EACCES' || code === 'EPERM') return `${folder} may not be written`
    if (code === 'ENOTDIR' || code === 'EEXIST') return `${folder} is no folder`
    if (code === 'ENOSPC') return `The disk of ${folder} is full`
    return `${folder} cannot be used (${messageOf(error)})`
  }
}

/** Puts an engine's folder aside under a name with the time; of those put aside, only this one is kept. */
export async function putAside({ folder, data }: Place, now: Date): Promise<string> {
  for (const name of await readdir(folder)) {
    if (brokenName.test(name)) await rm(join(folder, name), { recursive: true, force: true })
  }
  const aside = join(folder, `engine-broken-${now.toISOString().replace(/[:.]/g, '-')}`)
  await rename(data, aside)
  return aside
}

/** Takes away what lies elsewhere. */
export async function leave({ folder, socketPath }: Place): Promise<void> {
  const own = dirname(socketPath)
  if (own !== folder) await rm(own, { recursive: true, force: true })
}
