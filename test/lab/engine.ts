import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lack } from '../install/needs.ts'
import { attempt, run, waitFor } from './command.ts'
import { anotherEngineRules, readFirewall } from './firewall.ts'
import { makeMachine, ownMachine } from './node.ts'
import { makeOutside, type Outside } from './outside.ts'
import { createPlace, type Place } from './place.ts'
import { type EngineRecord, sweep, tearDown } from './tear-down.ts'

const readyMs = 60_000

export interface EngineOptions {
  /** Publish ports with docker-proxy as well (Docker's default), or with NAT alone. */
  readonly userlandProxy?: boolean
  /**
   * On a machine of its own, made of namespaces. Forced when an engine runs on this machine already: a second one beside
   * it would flush the first one's rules.
   */
  readonly apart?: boolean
}

/** A Docker engine made for one test, and gone with it. */
export interface Engine {
  readonly place: Place
  /** Value for DOCKER_HOST. */
  readonly host: string
  /** First two octets of its addresses: `10.77`. */
  readonly pool: string
  /** Name of the network namespace of its own machine; undefined when it runs on this one. */
  readonly namespace: string | undefined
  readonly userlandProxy: boolean
  /** The machine beyond the node's cable. */
  readonly outside: Outside
  /** Calls the engine with the docker command; gives what it printed, or throws its complaint. */
  docker(...args: string[]): Promise<string>
  /** A command line that runs where the engine runs, ends as its command ends, and passes SIGTERM on. */
  inside(...argv: string[]): string[]
  /** Removes containers, networks, rules, mounts, namespaces and files. Runs by itself when the process exits. */
  stop(): void
}

/** Why no engine can be started here, in one sentence; undefined when it can. */
export function lackForEngine(): string | undefined {
  const reason = lack(['dockerd', 'docker', 'ip', 'iptables', 'nft', 'busybox'], true)
  return reason && `a real Docker engine ${reason}`
}

/** Starts an engine with folders, socket and addresses of its own, and waits until it answers. */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  const reason = lackForEngine()
  if (reason) throw new Error(reason)
  sweep()
  const place = createPlace()
  const stop = stopOnce(place)
  try {
    const engine = await launch(place, options, stop)
    await waitUntilReady(engine)
    return engine
  } catch (error) {
    stop()
    throw error
  }
}

async function launch(place: Place, options: EngineOptions, stop: () => void): Promise<Engine> {
  const apart = options.apart || anotherEngineRules() || existsSync('/sys/class/net/docker0')
  const node = apart ? await makeMachine(place) : ownMachine(place)
  const { namespace, inside } = node
  const pool = apart ? '10.64' : freePool()
  const record: EngineRecord = { pool, namespace, firewall: apart ? undefined : readFirewall() }
  writeFileSync(join(place.dir, 'engine.json'), JSON.stringify(record))
  const userlandProxy = options.userlandProxy ?? true
  const outside = await makeOutside(place, namespace)
  await node.start(dockerdCommand(place, pool, userlandProxy, outside.address))
  const host = `unix://${join(place.dir, 'docker.sock')}`
  const env = { ...process.env, DOCKER_HOST: host }
  const docker = (...args: string[]) => run(['docker', ...args], env)
  return { place, host, pool, namespace, userlandProxy, outside, docker, inside, stop }
}

function dockerdCommand(
  { dir }: Place,
  pool: string,
  userlandProxy: boolean,
  dns: string,
): string[] {
  return [
    'dockerd',
    ...['--data-root', join(dir, 'data'), '--exec-root', join(dir, 'exec')],
    ...['--pidfile', join(dir, 'pid'), '--host', `unix://${join(dir, 'docker.sock')}`],
    ...['--bip', `${pool}.0.1/24`, '--default-address-pool', `base=${pool}.128.0/17,size=24`],
    `--userland-proxy=${userlandProxy}`,
    // Names that no container has go to the lab's own name server, never out of the machine.
    ...['--dns', dns, '--dns-search', '.'],
  ]
}

async function waitUntilReady(engine: Engine): Promise<void> {
  await waitFor(
    () => engine.docker('version', '--format', '{{.Server.Version}}').catch(() => undefined),
    readyMs,
    () => `the Docker engine did not start: ${lastLog(engine.place)}`,
  )
}

function lastLog({ dir }: Place): string {
  const lines = readFileSync(join(dir, 'dockerd.log'), 'utf8').trim().split('\n')
  return lines.slice(-3).join(' | ')
}

/** Two octets that no route of this machine uses. */
function freePool(): string {
  const routes = attempt(['ip', 'route', 'show', 'table', 'all']) ?? ''
  for (let octet = 64; octet < 128; octet++) {
    if (!routes.includes(`10.${octet}.`)) return `10.${octet}`
  }
  throw new Error('no free addresses for the lab between 10.64.0.0 and 10.127.0.0')
}

/** Tear-down that runs once, whoever comes first: the test, Ctrl-C, or the end of the process. */
export function stopOnce(place: Place): () => void {
  let stopped = false
  const stop = () => {
    if (stopped) return
    stopped = true
    process.off('exit', stop)
    tearDown(place)
  }
  process.on('exit', stop)
  exitOnSignals()
  return stop
}

/** Signals become an orderly exit, in which `exit` listeners tear down. */
function exitOnSignals(): void {
  for (const [name, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    if (process.listenerCount(name) === 0) process.once(name, () => process.exit(code))
  }
}
