import type { Command } from 'commander'
import { addAgent } from './agent.ts'
import { addRead } from './read/index.ts'
import { addReplay } from './replay/index.ts'
import { addServer } from './server.ts'
import { addTop } from './top.ts'
import { addUp } from './up.ts'

/** Every command, in the order of `inkling --help`. What a command needs beyond its options it imports when it runs. */
export const commands: readonly ((program: Command) => void)[] = [
  addUp,
  addServer,
  addAgent,
  addRead,
  addReplay,
  addTop,
]
