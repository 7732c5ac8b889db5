import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { platform } from 'node:os'
import { missingPrivilege } from '../privilege.ts'

/** Two network namespaces joined by a veth pair, for tests: made, used and taken away again. */
export interface TwoNetworks {
  readonly left: TestNetwork
  readonly right: TestNetwork
  remove(): Promise<void>
}

export interface TestNetwork {
  readonly ip: string
  /** Where the namespace is mounted. */
  readonly path: string
  /** Its inode as text. */
  readonly inode: string
  /** Index of its end of the pair. */
  readonly interfaceIndex: number
  /** Runs a program of Node inside and answers what it printed. */
  run(program: string): string
  /** Starts a program of Node inside and waits for its first output. */
  start(program: string): Promise<ChildProcess>
  /** Unmounts the namespace; it ends with its last process and socket. */
  delete(): void
}

/** Why this machine cannot make namespaces; undefined when it can. */
export function noNetworks(): string | undefined {
  if (platform() !== 'linux') return 'network namespaces need Linux'
  if (process.getuid?.() !== 0 || missingPrivilege()) return 'making network namespaces needs root'
  const { status } = spawnSync('ip', ['netns', 'list'])
  return status === 0 ? undefined : 'making network namespaces needs the command ip'
}

/** Makes them; `name` must be unused on this machine. */
export function makeNetworks(name: string): TwoNetworks {
  const started: ChildProcess[] = []
  const names = [`${name}-l`, `${name}-r`]
  const ips = ['10.211.55.1', '10.211.55.2']
  const device = `ink${process.pid}`
  for (const network of names) ip('netns', 'add', network)
  const ends = names.map((network, i) => [`${device}${'lr'[i]}`, 'netns', network])
  ip('link', 'add', ...ends[0], 'type', 'veth', 'peer', 'name', ...ends[1])
  for (const [i, network] of names.entries()) {
    ip('-n', network, 'addr', 'add', `${ips[i]}/24`, 'dev', ends[i][0])
    ip('-n', network, 'link', 'set', ends[i][0], 'up')
    ip('-n', network, 'link', 'set', 'lo', 'up')
  }
  const [left, right] = names.map((network, i) => testNetwork(network, ips[i], ends[i][0], started))
  const remove = async () => {
    for (const child of started.filter(isRunning)) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    for (const network of [left, right]) network.delete()
  }
  return { left, right, remove }
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null
}

function testNetwork(
  name: string,
  address: string,
  device: string,
  started: ChildProcess[],
): TestNetwork {
  const path = `/var/run/netns/${name}`
  const inside = ['netns', 'exec', name, process.execPath, '--eval']
  const found = JSON.parse(ip('-n', name, '-j', 'link', 'show', device))
  return {
    ip: address,
    path,
    inode: String(statSync(path).ino),
    interfaceIndex: found[0].ifindex,
    run: program => ip(...inside, program),
    start: async program => {
      const child = spawn('ip', [...inside, program], { stdio: ['ignore', 'pipe', 'inherit'] })
      started.push(child)
      await once(child.stdout!, 'data')
      return child
    },
    delete: () => spawnSync('ip', ['netns', 'delete', name]),
  }
}

function ip(...words: string[]): string {
  const { status, stdout, stderr } = spawnSync('ip', words, { encoding: 'utf8', timeout: 20_000 })
  if (status !== 0) throw new Error(`ip ${words.slice(0, 4).join(' ')}: ${stderr}`)
  return stdout
}

/** A server that reads all that a connection sends and answers `pong`, for 30 seconds at most. */
export function serverProgram(ipListen: string, port: number): string {
  return `
    require('node:net')
      .createServer({ allowHalfOpen: true }, socket => socket.resume().on('end', () => socket.end('pong')))
      .listen(${port}, '${ipListen}', () => console.log('ready'))
    setTimeout(() => process.exit(), 30_000)`
}

/** A client that sends so many bytes and waits for the end. */
export function clientProgram(ipServer: string, port: number, bytes: number): string {
  return `
    const socket = require('node:net').connect(${port}, '${ipServer}')
    socket.end(Buffer.alloc(${bytes}, 120))
    socket.resume().on('close', () => console.log('done'))`
}
