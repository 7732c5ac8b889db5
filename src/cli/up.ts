import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { readCa, type TlsFiles } from '#api/tls.ts'
import { missingPrivilege } from '#capture/privilege.ts'
import { Fault } from '#lib/fault.ts'
import { isNobody } from '#lib/ip.ts'
import { hostAddresses } from '#orchestrators/process/sockets.ts'
import type { Log } from '../log.ts'
import {
  addClusterOptions,
  addSpoolOptions,
  addStateOption,
  addTlsOptions,
  caOption,
  ignoreNamespaceOption,
  listenDefault,
  openClusters,
  parseListen,
  placeOption,
  type SpoolOptions,
  type StateOption,
  stateFolderOf,
  type TlsOptions,
  tlsOf,
} from './options.ts'
import { checkExposure } from './server.ts'
import { aborted, untilStopped } from './stop.ts'

interface Options extends SpoolOptions, StateOption, TlsOptions {
  readonly listen: { readonly host: string; readonly port: number }
  readonly node: string
  readonly place?: string
  readonly viewToken?: string
  readonly cluster?: boolean
  readonly ignoreNamespace: readonly string[]
  readonly ca?: string
}

const bin = join(import.meta.dirname, '../../bin/inkling')
/** The agent is started again after this long when it ends by itself. */
const restartMs = 1000

export function addUp(program: Command): void {
  const command = program
    .command('up')
    .description('Server and agent on this machine: the live map of what runs here.')
    .option('--listen <address:port>', 'where to listen', parseListen, parseListen(listenDefault))
    .option('--node <name>', 'name of this machine on the map', hostname())
    .option('--view-token <token>', 'what viewers must show (default: $INKLING_VIEW_TOKEN)')
    .option(
      '--cluster',
      'one of several machines: that with the address of --listen has the server, all tell it ($INKLING_TOKEN)',
    )
    .option(...placeOption)
    .option(...ignoreNamespaceOption)
    .option(...caOption)
    .action(runUp)
  addStateOption(addSpoolOptions(addClusterOptions(addTlsOptions(command))))
}

/** The agent is a process of its own: it needs privileges that the server does not, and its cost can be seen. */
async function runUp({ listen, node, place, ...options }: Options): Promise<void> {
  const tls = tlsOf(options)
  if (options.ca !== undefined) readCa(options.ca)
  const missing = missingPrivilege()
  if (missing) throw new Fault(missing)
  const viewToken = options.viewToken ?? process.env.INKLING_VIEW_TOKEN
  checkExposure(listen.host, viewToken)
  const signal = untilStopped()
  const agentToken = options.cluster ? clusterToken() : randomBytes(16).toString('hex')
  const { createLog } = await import('../log.ts')
  const log = createLog('info')
  const agentOf = (server: string) => {
    const ignored = options.ignoreNamespace.flatMap(inode => ['--ignore-namespace', inode])
    const spool = ['--spool', options.spool, '--spool-size', String(options.spoolSize)]
    const signer = options.ca === undefined ? [] : ['--ca', options.ca]
    const where = ['--node', node, ...(place === undefined ? [] : ['--place', place])]
    const args = ['agent', '--tied', '--server', server, ...where, ...ignored, ...spool, ...signer]
    return keepRunning(args, agentToken, log, signal)
  }
  if (options.cluster && !hostAddresses().has(listen.host)) return agentOf(urlOf(listen, tls))
  const { startServer } = await import('../server.ts')
  const server = await startServer({
    ...listen,
    agentToken,
    viewToken,
    tls,
    orchestrators: openClusters(options),
    stateFolder: stateFolderOf(options),
    log,
  })
  process.stdout.write(`The map is at ${server.url}\n`)
  const agent = agentOf(server.url)
  await aborted(signal)
  await agent
  await server.close()
}

/** Machines that start by themselves cannot be told a new one. */
function clusterToken(): string {
  const token = process.env.INKLING_TOKEN
  if (token) return token
  throw new Fault('With --cluster all machines need the same token: set INKLING_TOKEN.')
}

/** Where the machine of that address serves the map. */
function urlOf({ host, port }: Options['listen'], tls: TlsFiles | undefined): string {
  if (isIP(host) === 0 || isNobody(host)) {
    throw new Fault(
      '--cluster: write the address of the machine that has the server, --listen 10.0.0.5:7171.',
    )
  }
  const scheme = tls ? 'https' : 'http'
  return `${scheme}://${isIP(host) === 6 ? `[${host}]` : host}:${port}`
}

/** Runs the agent until the signal aborts; one that dies is started again. */
async function keepRunning(
  args: readonly string[],
  token: string,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const child = spawn(bin, args, {
      env: { ...process.env, INKLING_TOKEN: token },
      // Its end of the pipe closes with us, however we end.
      stdio: ['pipe', 'inherit', 'inherit'],
    })
    const stop = () => child.kill('SIGTERM')
    signal.addEventListener('abort', stop, { once: true })
    const how = await ended(child)
    signal.removeEventListener('abort', stop)
    if (signal.aborted) return
    log.warn(`The agent ended (${how}); it is started again.`)
    await Promise.race([aborted(signal), new Promise(resolve => setTimeout(resolve, restartMs))])
  }
}

function ended(child: ChildProcess): Promise<string> {
  return new Promise(resolve => {
    child.once('error', error => resolve(error.message))
    child.once('exit', (code, name) => resolve(name ?? `exit code ${code}`))
  })
}
