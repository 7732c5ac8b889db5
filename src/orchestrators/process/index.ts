import { pause } from '#lib/backoff.ts'
import type { Observer, Orchestrator } from '../orchestrator.ts'
import type { ProcessSockets } from './sockets.ts'

export {
  hostAddresses,
  type Owner,
  ProcessSockets,
  type SocketCounters,
  type SocketQuestion,
  type SocketsOptions,
} from './sockets.ts'

/** Named processes are told so often: many brief ones become one message. */
const tellMs = 500

/** The host's own processes, as far as they listen or were asked for as owners of a socket. */
export function processes(sockets: ProcessSockets): Orchestrator {
  return { name: 'process', watch: (observer, signal) => watch(sockets, observer, signal) }
}

async function watch(
  sockets: ProcessSockets,
  observer: Observer,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return
  observer.all(sockets.groups())
  observer.status({ kind: 'connected', version: sockets.notice ?? 'connections watched' })
  while (!signal.aborted) {
    await pause(tellMs, signal)
    if (signal.aborted) return
    for (const group of sockets.changes()) observer.changed(group)
  }
}
