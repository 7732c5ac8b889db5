import { randomBytes } from 'node:crypto'
import type { Command } from 'commander'
import { Fault } from '#lib/fault.ts'
import { isLoopback } from '#lib/ip.ts'
import {
  addClusterOptions,
  addStateOption,
  addTlsOptions,
  listenDefault,
  openClusters,
  parseListen,
  type StateOption,
  stateFolderOf,
  type TlsOptions,
  tlsOf,
} from './options.ts'
import { aborted, untilStopped } from './stop.ts'

interface Options extends TlsOptions, StateOption {
  readonly listen: { readonly host: string; readonly port: number }
  readonly token?: string
  readonly viewToken?: string
}

export function addServer(program: Command): void {
  const command = program
    .command('server')
    .description('The server alone: takes what agents send, serves the map.')
    .option('--listen <address:port>', 'where to listen', parseListen, parseListen(listenDefault))
    .option('--token <token>', 'what agents must show (default: $INKLING_TOKEN, else a new one)')
    .option('--view-token <token>', 'what viewers must show (default: $INKLING_VIEW_TOKEN)')
    .action(runServer)
  addStateOption(addClusterOptions(addTlsOptions(command)))
}

async function runServer(options: Options): Promise<void> {
  const { host, port } = options.listen
  const agentToken = options.token ?? process.env.INKLING_TOKEN ?? randomBytes(16).toString('hex')
  const viewToken = options.viewToken ?? process.env.INKLING_VIEW_TOKEN
  checkExposure(host, viewToken)
  const tls = tlsOf(options)
  const signal = untilStopped()
  const { createLog } = await import('../log.ts')
  const { startServer } = await import('../server.ts')
  const orchestrators = openClusters(options)
  const log = createLog('info')
  const stateFolder = stateFolderOf(options)
  const server = await startServer({
    ...{ host, port, agentToken, viewToken, tls, orchestrators, stateFolder, log },
  })
  process.stdout.write(`The map is at ${server.url}\n`)
  if (!options.token && !process.env.INKLING_TOKEN) {
    process.stdout.write(`Agents: inkling agent --server ${server.url} --token ${agentToken}\n`)
  }
  await aborted(signal)
  await server.close()
}

/** Beyond loopback everybody on the network could look: then a token is wanted. */
export function checkExposure(host: string, viewToken: string | undefined): void {
  if (isLoopback(host) || host === 'localhost' || viewToken) return
  throw new Fault(
    `Listening on ${host} shows the map to the network: give it a token with --view-token (or INKLING_VIEW_TOKEN).`,
  )
}
