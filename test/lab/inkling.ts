import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Graph, GraphLink, LinkFigures, LogLine } from '#model/graph.ts'
import { run, waitFor } from './command.ts'
import type { Engine } from './engine.ts'

const root = join(import.meta.dirname, '../..')
const port = 7171

export type GraphAnswer = Omit<Graph, 'links'> & { links: readonly (GraphLink & LinkFigures)[] }

/** `inkling up`, running where the engine's node is. */
export interface Inkling {
  readonly url: string
  /** Milliseconds from its start until it first answered. */
  readonly readyMs: number
  /** Everything it printed. */
  output(): string
  get<T>(path: string): Promise<T>
  graph(windowSeconds?: number): Promise<GraphAnswer>
  log(linkId: string): Promise<readonly LogLine[]>
  stop(): Promise<void>
}

/** Starts `inkling up` where the engine runs and waits until its agent reports. */
export async function startInkling(engine: Engine): Promise<Inkling> {
  const startMs = performance.now()
  const outside = `/var/run/netns/ink${engine.place.id}o`
  const up = ['up', '--listen', `127.0.0.1:${port}`, '--ignore-namespace', outside]
  const [file, ...args] = engine.inside(join(root, 'bin/inkling'), ...up)
  const env = { ...process.env, DOCKER_HOST: engine.host }
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (printed += text))
  const get = async <T>(path: string): Promise<T> =>
    JSON.parse(await run(engine.inside(process.execPath, '-e', fetchScript(path))))
  const ready = () =>
    get<{ status?: string }>('/readyz').then(
      ({ status }) => (status === 'ready' ? true : undefined),
      () => undefined,
    )
  await waitFor(ready, 20_000, () => `inkling did not start: ${printed}`)
  const readyMs = performance.now() - startMs
  const graph = (windowSeconds = 60) => get<GraphAnswer>(`/api/v1/graph?window=${windowSeconds}`)
  return {
    ...{ url: `http://127.0.0.1:${port}`, readyMs, get, graph },
    output: () => printed,
    log: async id => {
      const path = `/api/v1/links/${id}/transactions?limit=1000`
      return (await get<{ lines: LogLine[] }>(path)).lines
    },
    stop: () => stop(child),
  }
}

function fetchScript(path: string): string {
  const url = JSON.stringify(`http://127.0.0.1:${port}${path}`)
  return `fetch(${url}).then(r => r.text()).then(t => process.stdout.write(t), () => process.exit(1))`
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  child.kill('SIGTERM')
  return new Promise(resolve => child.once('exit', () => resolve()))
}
