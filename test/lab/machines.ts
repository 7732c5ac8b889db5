import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lack } from '../install/needs.ts'
import { run, waitFor } from './command.ts'
import { lackForEngine, stopOnce } from './engine.ts'
import { addNamespace, makeOneOf } from './node.ts'
import { makeOutside, type Outside } from './outside.ts'
import { createPlace, type Place } from './place.ts'
import { sweep } from './tear-down.ts'

/** One of several machines, with its engine. */
export interface Machine {
  /** Its host name, and the name of its Inkling agent: `n1`. */
  readonly name: string
  readonly place: Place
  /** What this machine's docker commands take for DOCKER_HOST. */
  readonly host: string
  readonly address: string
  readonly address6: string
  /** Name of its network namespace. */
  readonly namespace: string
  docker(...args: string[]): Promise<string>
  /** A command line that runs there, ends as its command ends, and passes SIGTERM on. */
  inside(...argv: string[]): string[]
  /** The same in another network namespace, by name: as a container of that machine. Signals do not reach it. */
  insideOf(network: string, ...argv: string[]): string[]
}

/**
 * Several machines with an engine each, which know nothing of each other. A switch connects them, which is a machine as
 * well: the way outside leads over it.
 */
export interface Machines {
  readonly place: Place
  readonly nodes: readonly Machine[]
  readonly outside: Outside
  /** The switch's address on the machines' wire, and how a command runs there. */
  readonly wire: { readonly address: string; inside(...argv: string[]): string[] }
  stop(): void
}

const readyMs = 60_000
const net = '10.66.0'
const net6 = 'fd66::'
const wireAddress = `${net}.1`

export interface MachinesOptions {
  /** They run no engine. */
  readonly isBare?: boolean
}

/** What is missing here for machines without engines, in one sentence. */
export const lackForMachines = (): string | undefined => {
  const reason = lack(['ip', 'nft', 'nsenter', 'unshare'], true)
  return reason && `machines made of namespaces ${reason}`
}

/** Starts so many machines and their engines, and waits until all answer. */
export async function startMachines(
  count: number,
  { isBare = false }: MachinesOptions = {},
): Promise<Machines> {
  const reason = isBare ? lackForMachines() : lackForEngine()
  if (reason) throw new Error(reason)
  sweep()
  const place = createPlace()
  const stop = stopOnce(place)
  try {
    const switchName = `ink${place.id}s`
    await makeSwitch(place, switchName)
    const outside = await makeOutside(place, switchName)
    const names = Array.from({ length: count }, (_, i) => `n${i + 1}`)
    const starting = names.map((name, i) =>
      startNode({ place, switchName, outside, isBare }, name, 11 + i),
    )
    const nodes = await Promise.all(starting)
    const inside = (...argv: string[]) => ['nsenter', `--net=/var/run/netns/${switchName}`, ...argv]
    return { place, nodes, outside, wire: { address: wireAddress, inside }, stop }
  } catch (error) {
    stop()
    throw error
  }
}

/** A bridge in a network namespace of its own, so that no rule of this machine's touches what passes. */
async function makeSwitch(place: Place, name: string): Promise<void> {
  await addNamespace(place, name)
  const ip = ['ip', '-n', name]
  await run([...ip, 'link', 'add', 'wire', 'type', 'bridge', 'forward_delay', '0'])
  await run([...ip, 'address', 'add', `${wireAddress}/24`, 'dev', 'wire'])
  await run([...ip, '-6', 'address', 'add', `${net6}1/64`, 'dev', 'wire', 'nodad'])
  await run([...ip, 'link', 'set', 'wire', 'up'])
  const forward = 'echo 1 > /proc/sys/net/ipv4/ip_forward'
  await run(['nsenter', `--net=/var/run/netns/${name}`, 'sh', '-c', forward])
}

interface Site extends Required<MachinesOptions> {
  readonly place: Place
  readonly switchName: string
  readonly outside: Outside
}

async function startNode(
  { place, switchName, outside, isBare }: Site,
  name: string,
  number: number,
): Promise<Machine> {
  const dir = join(place.dir, name)
  const machine = await makeOneOf(place, { name, dir })
  const namespace = machine.namespace!
  const addresses = { address: `${net}.${number}`, address6: `${net6}${number}` }
  await plugIn(switchName, namespace, name, addresses)
  const host = `unix://${join(dir, 'docker.sock')}`
  await machine.start(isBare ? ['sleep', 'infinity'] : engineCommand(dir, host, outside))
  const env = { ...process.env, DOCKER_HOST: host }
  const docker = (...args: string[]) => run(['docker', ...args], env)
  if (!isBare) await waitUntilReady(dir, docker)
  const { inside, insideOf } = machine
  return { name, place, host, ...addresses, namespace, docker, inside, insideOf }
}

const engineCommand = (dir: string, host: string, outside: Outside): string[] => [
  ...['dockerd', '--data-root', join(dir, 'data')],
  ...['--host', host, '--host', 'unix:///var/run/docker.sock'],
  ...['--dns', outside.address, '--dns-search', '.'],
]

/** A cable between the switch and the machine, whose end of it is called eth0. */
async function plugIn(
  switchName: string,
  namespace: string,
  name: string,
  { address, address6 }: Pick<Machine, 'address' | 'address6'>,
): Promise<void> {
  const there = ['ip', '-n', namespace]
  const peer = ['type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace]
  await run(['ip', '-n', switchName, 'link', 'add', name, ...peer])
  await run(['ip', '-n', switchName, 'link', 'set', name, 'master', 'wire', 'up'])
  await run([...there, 'address', 'add', `${address}/24`, 'dev', 'eth0'])
  await run([...there, '-6', 'address', 'add', `${address6}/64`, 'dev', 'eth0', 'nodad'])
  await run([...there, 'link', 'set', 'eth0', 'up'])
  await run([...there, 'route', 'add', 'default', 'via', wireAddress])
}

async function waitUntilReady(dir: string, docker: Machine['docker']): Promise<void> {
  const ask = () => docker('version', '--format', '{{.Server.Version}}').catch(() => undefined)
  const lastLog = () => {
    const lines = readFileSync(join(dir, 'dockerd.log'), 'utf8').trim().split('\n')
    return lines.slice(-3).join(' | ')
  }
  await waitFor(ask, readyMs, () => `a Docker engine did not start: ${lastLog()}`)
}
