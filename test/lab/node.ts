import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { find } from '../install/needs.ts'
import { run, waitFor } from './command.ts'
import { type Place, remember, rememberProcess } from './place.ts'

/** Where an engine runs: this machine, or one made of namespaces. */
export interface Node {
  /** Name of its network namespace; undefined for this machine. */
  readonly namespace: string | undefined
  /** Starts the engine there. */
  start(command: readonly string[]): Promise<void>
  /** A command line that runs there, ends as its command ends, and passes SIGTERM on. */
  inside(...argv: string[]): string[]
  /** The same in another network namespace, by name: as a container of that machine. Signals do not reach it. */
  insideOf(network: string, ...argv: string[]): string[]
}

const bootMs = 10_000

/** This machine itself. */
export function ownMachine(place: Place): Node {
  const start = async (command: readonly string[]) => void spawnDaemon(place, command)
  const insideOf = (network: string, ...argv: string[]) => [...enterNetwork(network), ...argv]
  return { namespace: undefined, start, inside: (...argv) => argv, insideOf }
}

/** One of several machines of a lab. */
export interface MachineOptions {
  /** Its host name: `n1`. */
  readonly name: string
  /** A folder of its own within the place. */
  readonly dir: string
}

/**
 * A machine of its own as far as Linux can pretend: interfaces, rules, processes, mounts and a name that no other lab,
 * and nothing else on this machine, shares. When its first process ends, all others end with it.
 */
export async function makeMachine(place: Place): Promise<Node> {
  const namespace = `ink${place.id}`
  await addNamespace(place, namespace)
  return machineIn(namespace, command => {
    return spawnDaemon(place, bootCommand(place.dir, namespace, namespace, boot, command))
  })
}

/**
 * One of several: with a /run of its own too, so that an engine and its users find each other where they look without
 * being told, and with a name server that refuses at once. It ends with the lab's programs, its engine unasked.
 */
export async function makeOneOf(place: Place, { name, dir }: MachineOptions): Promise<Node> {
  const namespace = `ink${place.id}${name}`
  await addNamespace(place, namespace)
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'resolv.conf'), 'nameserver 127.0.0.1\n')
  return machineIn(namespace, command => {
    const argv = bootCommand(dir, namespace, name, ownRun + boot, command)
    const booted = spawnDaemon({ dir }, argv)
    if (booted.pid !== undefined) rememberProcess(place, booted.pid)
    return booted
  })
}

function machineIn(namespace: string, launch: (command: readonly string[]) => ChildProcess): Node {
  let first = ''
  const start = async (command: readonly string[]) => {
    first = await firstProcess(launch(command))
  }
  const rest = () => ['nsenter', '--target', first, '--pid', '--mount', '--uts', '--']
  return {
    ...{ namespace, start },
    inside: (...argv) => ['sh', enter, first, ...argv],
    insideOf: (network, ...argv) => [...enterNetwork(network), ...rest(), ...argv],
  }
}

const enterNetwork = (name: string): string[] => ['nsenter', `--net=/var/run/netns/${name}`]

/** A network namespace that goes with the place. */
export async function addNamespace(place: Place, name: string): Promise<void> {
  remember(place, { kind: 'undo', command: ['ip', 'netns', 'delete', name] })
  await run(['ip', 'netns', 'add', name])
  await run(['ip', '-n', name, 'link', 'set', 'lo', 'up'])
}

const enter = join(import.meta.dirname, 'enter.sh')

/**
 * A fresh /proc and a fresh /sys, which shows the interfaces of the namespace in which it was mounted; the control
 * groups move over to it, because an engine does not start without them.
 */
const boot = `hostname "$1"
mkdir "$2/groups"
mount --move /sys/fs/cgroup "$2/groups"
mount -t sysfs sysfs /sys
mount --move "$2/groups" /sys/fs/cgroup
shift 2
exec "$0" -- "$@"`

const ownRun = `mount -t tmpfs tmpfs /run
mount --bind "$2/resolv.conf" /etc/resolv.conf
`

function bootCommand(
  dir: string,
  namespace: string,
  hostname: string,
  script: string,
  command: readonly string[],
): string[] {
  const init = find('docker-init') ?? find('tini') ?? 'docker-init'
  const unshare = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', '--uts']
  return [
    ...['nsenter', `--net=/var/run/netns/${namespace}`, ...unshare, '--propagation', 'slave'],
    ...['sh', '-ec', script, init, hostname, dir, ...command],
  ]
}

function spawnDaemon(
  { dir }: { readonly dir: string },
  [file, ...args]: readonly string[],
): ChildProcess {
  const log = openSync(join(dir, 'dockerd.log'), 'a')
  // containerd leaves traces in the temporary folder when it ends slowly.
  const env = { ...process.env, TMPDIR: dir }
  // A group of its own: Ctrl-C at the terminal must reach the lab only, which then stops the engine in order.
  const child = spawn(file, args, { env, stdio: ['ignore', log, log], detached: true })
  closeSync(log)
  child.unref()
  return child
}

/** Process 1 of the new machine, as this one numbers it: the only child of `unshare`. */
function firstProcess({ pid }: ChildProcess): Promise<string> {
  const ask = () => {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    return children === '' ? undefined : children
  }
  return waitFor(ask, bootMs, () => 'the network namespace of the lab did not start')
}
