import { type DockerOptions, docker } from './docker/index.ts'
import type { Orchestrator } from './orchestrator.ts'
import { processes } from './process/index.ts'
import type { ProcessSockets } from './process/sockets.ts'
import { swarm } from './swarm/index.ts'

/** What members need to be opened. */
export interface OrchestratorOptions extends DockerOptions {
  /** The node's sockets and who owns them; `process` tells the processes it named. */
  readonly sockets: ProcessSockets
}

/** One orchestrator we can ask: its folder's name, and how to open it. */
export interface Member {
  readonly name: string
  open(options: OrchestratorOptions): Orchestrator
}

/** All orchestrators. Each watches by itself; one that is not here says `absent`. */
export const orchestrators: readonly Member[] = [
  { name: 'docker', open: docker },
  { name: 'swarm', open: swarm },
  { name: 'process', open: ({ sockets }) => processes(sockets) },
]
