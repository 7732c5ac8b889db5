import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, linkSync } from 'node:fs'
import { join } from 'node:path'
import { type Place, rememberProcess } from './place.ts'

/** One of `apps/`, run as a process of a machine rather than in a container. */
export interface Program {
  /** Name of its executable and its process title: what it is called on the map, `process:NAME`. */
  readonly name: string
  /** File in `apps/`. */
  readonly app: string
  readonly env: Readonly<Record<string, string>>
  /** The network namespace that it runs in, as `inside` of an engine or of the outside machine gives it. */
  inside(...argv: string[]): string[]
}

/** Starts it; tear-down of the place ends it. */
export function startProgram(place: Place, { name, app, env, inside }: Program): ChildProcess {
  const [file, ...args] = inside(executable(place, name), join(import.meta.dirname, 'apps', app))
  const child = spawn(file, args, {
    env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', TITLE: name, ...env },
    stdio: 'ignore',
    detached: true,
  })
  if (child.pid !== undefined) rememberProcess(place, child.pid)
  child.unref()
  return child
}

/** Node under another file name: what a process is called comes from its executable. */
export function executable({ dir }: Place, name: string): string {
  const path = join(dir, name)
  try {
    linkSync(process.execPath, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EEXIST') copyFileSync(process.execPath, path)
  }
  return path
}
