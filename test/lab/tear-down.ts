import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, pause } from './command.ts'
import { cleanFirewall, type FirewallBefore } from './firewall.ts'
import { allMade, type Place, stalePlaces, startTicks } from './place.ts'

/** What tear-down must know of an engine; kept in the place, so that a stranger can tear it down. */
export interface EngineRecord {
  readonly pool: string
  /** Name of the network namespace made for it; undefined when it runs in the machine's own. */
  readonly namespace: string | undefined
  readonly firewall: FirewallBefore | undefined
}

/** Removes whatever labs that were killed have left behind. */
export function sweep(): void {
  for (const place of stalePlaces()) tearDown(place)
}

/** Ends and removes everything that a lab made. Synchronous, and goes on when a step fails: it must reach the end. */
export function tearDown(place: Place): void {
  stopProcesses(place)
  emptyEngine(place)
  stopEngine(place)
  for (const made of allMade(place)) if (made.kind === 'undo') attempt(made.command)
  const record = readRecord(place)
  if (record && !record.namespace) cleanHost(record)
  removeGroups(place)
  unmountBelow(place.dir)
  rmSync(place.dir, { recursive: true, force: true, maxRetries: 5 })
}

function stopProcesses(place: Place): void {
  for (const made of allMade(place)) {
    if (made.kind === 'process' && startTicks(made.pid) === made.startTicks) end(made.pid, 500)
  }
}

function emptyEngine({ dir }: Place): void {
  const socket = join(dir, 'docker.sock')
  if (!existsSync(socket)) return
  const env = { ...process.env, DOCKER_HOST: `unix://${socket}` }
  const containers = lines(attempt(['docker', 'ps', '-aq'], env))
  if (containers.length > 0) attempt(['docker', 'rm', '-f', '-v', ...containers], env, 60_000)
  const networks = lines(attempt(['docker', 'network', 'ls', '-q', '-f', 'type=custom'], env))
  if (networks.length > 0) attempt(['docker', 'network', 'rm', ...networks], env)
}

function stopEngine({ dir }: Place): void {
  for (const pid of pidsNaming(dir, 'dockerd')) end(pid, 10_000)
  // Containers that outlived their engine: a shim does not take its children with it.
  const shims = pidsNaming(dir, 'containerd-shim-runc-v2')
  for (const pid of shims.flatMap(children)) signal(pid, 'SIGKILL')
  for (const pid of pidsNaming(dir, '')) end(pid, 1000)
}

function children(pid: number): number[] {
  try {
    const listed = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    return listed.split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

/** Asks, waits, and then does not ask any more. */
function end(pid: number, graceMs: number): void {
  signal(pid, 'SIGTERM')
  for (let waitedMs = 0; waitedMs < graceMs; waitedMs += 50) {
    if (startTicks(pid) === undefined) return
    pause(50)
  }
  signal(pid, 'SIGKILL')
  pause(100)
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // Gone already, which is what was wanted.
  }
}

/** Processes other than this one whose command line names the folder. */
function pidsNaming(dir: string, program: string): number[] {
  const pids = readdirSync('/proc').filter(
    name => /^\d+$/.test(name) && Number(name) !== process.pid,
  )
  return pids.filter(pid => isNaming(pid, dir, program)).map(Number)
}

function isNaming(pid: string, dir: string, program: string): boolean {
  try {
    const [command, ...rest] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    return command.endsWith(program) && [command, ...rest].some(word => word.includes(`${dir}/`))
  } catch {
    return false
  }
}

function readRecord({ dir }: Place): EngineRecord | undefined {
  const path = join(dir, 'engine.json')
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as EngineRecord) : undefined
}

/** The machine's own namespace stays; bridges, rules and settings that the engine added to it do not. */
function cleanHost({ pool, firewall }: EngineRecord): void {
  for (const line of lines(attempt(['ip', '-o', '-4', 'address']))) {
    const [, link, , address] = line.split(/\s+/)
    if (address.startsWith(`${pool}.`)) attempt(['ip', 'link', 'delete', link])
  }
  if (firewall) cleanFirewall(pool, firewall)
}

function unmountBelow(dir: string): void {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n')
  const targets = mounts
    .map(line => line.split(' ')[1] ?? '')
    .filter(path => path.startsWith(`${dir}/`))
  for (const target of targets.reverse()) attempt(['umount', '-l', target])
}

/** The control groups of the lab's containers, and those named `docker` that no container uses any more. */
function removeGroups({ dir }: Place, root = '/sys/fs/cgroup'): void {
  const controllers = readdirSync(root, { withFileTypes: true }).filter(entry =>
    entry.isDirectory(),
  )
  const parents = [`${root}/docker`, ...controllers.map(({ name }) => `${root}/${name}/docker`)]
  const containers = containersBelow(dir)
  for (const parent of parents) {
    for (const id of containers) removeFolder(join(parent, id))
    removeFolder(parent)
  }
}

/** Containers of machines that ended with their engine unasked: it has a folder for each. */
function containersBelow(dir: string): string[] {
  const machines = readdirSync(dir, { withFileTypes: true }).filter(entry => entry.isDirectory())
  return machines.flatMap(({ name }) => {
    const folder = join(dir, name, 'data/containers')
    return existsSync(folder) ? readdirSync(folder) : []
  })
}

function removeFolder(path: string): void {
  try {
    rmdirSync(path)
  } catch {
    // Not there, or still in use: not ours then.
  }
}

const lines = (text: string | undefined): string[] => (text ?? '').split('\n').filter(Boolean)
