import { hostname } from 'node:os'
import type { Command } from 'commander'
import { readCa } from '#api/tls.ts'
import { Fault } from '#lib/fault.ts'
import {
  addSpoolOptions,
  caOption,
  ignoreNamespaceOption,
  nameOf,
  parseServer,
  placeOption,
  type SpoolOptions,
  spoolOf,
} from './options.ts'
import { tiedOption, untilStopped } from './stop.ts'

interface Options extends SpoolOptions {
  readonly server: URL
  readonly token?: string
  readonly node: string
  readonly place?: string
  readonly ignoreNamespace: readonly string[]
  readonly ca?: string
  readonly tied?: boolean
}

export function addAgent(program: Command): void {
  const command = program
    .command('agent')
    .description('The agent alone: watches this machine, tells a server.')
    .requiredOption('--server <url>', 'address of the server', parseServer)
    .option('--token <token>', 'what the server wants to see (default: $INKLING_TOKEN)')
    .option('--node <name>', 'name of this machine on the map', hostname())
    .option(...caOption)
    .option(...tiedOption)
    .option(...placeOption)
    .option(...ignoreNamespaceOption)
    .action(run)
  addSpoolOptions(command)
}

async function run({ server, node, place, ...options }: Options): Promise<void> {
  const token = options.token ?? process.env.INKLING_TOKEN
  if (!token) throw new Fault('The agent needs the token of the server: --token, or INKLING_TOKEN.')
  const ca = options.ca === undefined ? undefined : readCa(options.ca)
  const signal = untilStopped(options.tied)
  const { createLog } = await import('../log.ts')
  const log = createLog('info')
  const ignoredNamespaces = options.ignoreNamespace
  const { runAgent } = await import('../agent.ts')
  await runAgent(
    {
      ...{ server, token, ca, log, ignoredNamespaces, node: nameOf({ node, place }) },
      ...spoolOf(options),
    },
    signal,
  )
}
