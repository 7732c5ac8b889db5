import { cut } from '#lib/text.ts'
import { isDiskFull } from './fault.ts'

/** Why the engine did not open a folder, by what it wrote on stderr. */
export interface Refusal {
  /** `held`: another has it; `broken`: what is in it cannot be read; `world`: disk, memory, rights. */
  readonly kind: 'held' | 'broken' | 'world'
  readonly words: string
}

/** Of whom the folder is not to blame, in the engine's words and the kernel's. */
const world =
  /Permission denied|Operation not permitted|Read-only file system|Cannot allocate memory|Too many open files|MEMORY_LIMIT_EXCEEDED|Input\/output error|CANNOT_SCHEDULE_TASK|Resource temporarily unavailable/
const code = /^Code: (\d+)\. DB::Exception: .*/m

/** Reads stderr; only an error of the engine's own about what it read makes a folder broken. */
export function refusalOf(stderr: string, folder: string): Refusal {
  const [line = '', number] = code.exec(stderr) ?? []
  const words = cut((line || stderr.trim().split('\n').at(-1)) ?? '', 300)
  if (/Another server instance in same directory/.test(stderr)) {
    return { kind: 'held', words: `${folder} is in use by another server: name another folder` }
  }
  if (isDiskFull(stderr)) return { kind: 'world', words: `The disk of ${folder} is full` }
  if (world.test(stderr) || number === undefined) {
    return { kind: 'world', words: `The engine does not open ${folder}${words && ` (${words})`}` }
  }
  return { kind: 'broken', words }
}
