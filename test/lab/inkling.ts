import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Graph, GraphLink, Link, LinkFigures, LogLine } from '#model/graph.ts'
import { run, waitFor } from './command.ts'
import type { Engine } from './engine.ts'
import type { Machines } from './machines.ts'

const root = join(import.meta.dirname, '../..')
const port = 7171
const readyMs = 20_000

export type GraphAnswer = Omit<Graph, 'links'> & { links: readonly (GraphLink & LinkFigures)[] }

/** What a server answers, asked where it is reached. */
export interface Answers {
  readonly url: string
  text(path: string): Promise<string>
  get<T>(path: string): Promise<T>
  graph(windowSeconds?: number): Promise<GraphAnswer>
  log(linkId: string): Promise<readonly LogLine[]>
  /** Packets that agents lost, as they say: on a machine that is too busy calls may be missing. */
  lostPackets(): Promise<number>
  /** The calls of each second from `first` to `last`, on the links that `wants` chooses, as the history has them. */
  seconds(first: number, last: number, wants: (link: Link) => boolean): Promise<SecondOfLink[]>
}

/** What a link carried in a second since the epoch. */
export interface SecondOfLink {
  readonly second: number
  /** `client -> server`. */
  readonly link: string
  /** Calls that were answered, well or badly; those that were not are errors. */
  readonly answered: number
  readonly failed: number
}

/** Inkling, running where an engine's node is, or on several nodes. */
export interface Inkling extends Answers {
  /** Milliseconds from its start until it first answered. */
  readonly readyMs: number
  /** Everything it printed. */
  output(): string
  stop(): Promise<void>
}

/** Starts `inkling up` where the engine runs and waits until its agent reports. */
export async function startInkling(engine: Engine): Promise<Inkling> {
  const startMs = performance.now()
  const outside = `/var/run/netns/ink${engine.place.id}o`
  const spool = ['--spool', join(engine.place.dir, 'spool')]
  const up = ['up', '--listen', `127.0.0.1:${port}`, '--ignore-namespace', outside, ...spool]
  const env = { ...process.env, DOCKER_HOST: engine.host }
  const running = startCommand(engine.inside(command, ...up), env)
  const answers = answersOf(engine.inside, `http://127.0.0.1:${port}`)
  await waitUntilReady(answers, running.output)
  return { ...answers, ...running, readyMs: performance.now() - startMs }
}

/**
 * Starts a server on the switch and an agent on each node, as one would by hand, and waits until all agents report. The
 * switch is nobody's node: what is asked of the server there is not on the map. `cluster`: the server's options for who is
 * asked what runs.
 */
export async function startInklings(
  { wire, nodes }: Machines,
  cluster: readonly string[] = [],
): Promise<Inkling> {
  const startMs = performance.now()
  const url = `http://${wire.address}:${port}`
  const env = { ...process.env, INKLING_TOKEN: 'agents', INKLING_VIEW_TOKEN: 'viewers' }
  const listen = ['server', '--listen', `${wire.address}:${port}`, ...cluster]
  const server = startCommand(wire.inside(command, ...listen), env)
  const agents = nodes.map(({ name, inside, place }) => {
    const agent = ['agent', '--server', url, '--node', name, '--spool', join(place.dir, 'spool')]
    return startCommand(inside(command, ...agent), env)
  })
  const all = [...agents, server]
  const output = () => all.map(each => each.output()).join('')
  const answers = answersOf(wire.inside, url, 'viewers')
  await waitUntilReady(answers, output, nodes.length)
  const stop = async () => void (await Promise.all(all.map(each => each.stop())))
  return { ...answers, output, stop, readyMs: performance.now() - startMs }
}

const command = join(root, 'bin/inkling')

/** A command of Inkling's, until it is stopped. */
function startCommand([file, ...args]: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (printed += text))
  return { output: () => printed, stop: () => stop(child) }
}

/** Asks the server where it is reached; nothing of that is on any wire. */
function answersOf(inside: Engine['inside'], url: string, token?: string): Answers {
  const text = (path: string) =>
    run(inside(process.execPath, '-e', fetchScript(`${url}${path}`, token)))
  const get = async <T>(path: string): Promise<T> => JSON.parse(await text(path))
  return {
    ...{ url, text, get },
    graph: (windowSeconds = 60) => get<GraphAnswer>(`/api/v1/graph?window=${windowSeconds}`),
    log: async id => {
      const path = `/api/v1/links/${id}/transactions?limit=1000`
      return (await get<{ lines: LogLine[] }>(path)).lines
    },
    lostPackets: async () => {
      const told = (await text('/metrics')).matchAll(/^inkling_packets_dropped_total{.*} (\d+)$/gm)
      return [...told].reduce((sum, [, count]) => sum + Number(count), 0)
    },
    seconds: async (first, last, wants) => {
      const script = secondsScript(`${url}/api/v1/graph?window=1&at=`, token, first, last)
      const told: LinkSecond[] = JSON.parse(await run(inside(process.execPath, '-e', script)))
      return told
        .filter(({ link, answered, failed }) => answered + failed > 0 && wants(link))
        .map(({ link, ...rest }) => ({ ...rest, link: `${link.client} -> ${link.server}` }))
    },
  }
}

async function waitUntilReady({ text }: Answers, output: () => string, agents = 1): Promise<void> {
  const ask = async () => {
    const metrics = await text('/metrics').catch(() => '')
    const connected = metrics.match(/^inkling_agent_connected{.*} 1$/gm) ?? []
    return connected.length < agents ? undefined : true
  }
  await waitFor(ask, readyMs, () => `inkling did not start: ${output()}`)
}

type LinkSecond = Omit<SecondOfLink, 'link'> & { readonly link: Link }

/** Asks for one second after the other: a command for each would be slow. */
function secondsScript(url: string, token: string | undefined, first: number, last: number) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return `(async () => {
    const told = []
    for (let second = ${first}; second <= ${last}; second++) {
      const answer = await fetch('${url}' + (second + 1) * 1000, { headers: ${JSON.stringify(headers)} })
      for (const { link, counts } of (await answer.json()).links)
        told.push({ second, link, answered: counts.ok + counts.warning, failed: counts.error })
    }
    process.stdout.write(JSON.stringify(told))
  })()`
}

function fetchScript(url: string, token: string | undefined): string {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const asked = `${JSON.stringify(url)}, ${JSON.stringify({ headers })}`
  return `fetch(${asked}).then(r => r.text()).then(t => process.stdout.write(t), () => process.exit(1))`
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  child.kill('SIGTERM')
  return new Promise(resolve => child.once('exit', () => resolve()))
}
