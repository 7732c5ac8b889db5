import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { TlsFiles } from '#api/tls.ts'
import { Fault } from '#lib/fault.ts'
import { formatPlace } from '#model/place.ts'
import { clusterOrchestrators } from '#orchestrators/clusters.ts'
import { defaultFolder } from '#spool/folder.ts'
import { spoolBytesMax } from '#spool/limits.ts'
import { defaultStateFolder } from '#stores/arrangements.ts'
import type { ClusterOrchestrator } from '../clusters.ts'

const mebibyte = 1024 * 1024

/** `7171`, `127.0.0.1:7171`, `[::1]:7171`, `:7171`. */
export function parseListen(text: string): { host: string; port: number } {
  const match = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([^:\s]*)):)?(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (!match || port > 65535) {
    throw new InvalidArgumentError('Write ADDRESS:PORT, for example 127.0.0.1:7171.')
  }
  return { host: match[1] ?? (match[2] || '127.0.0.1'), port }
}

export const listenDefault = '127.0.0.1:7171'

/** A whole number within bounds. */
export function parseCount(min: number, max: number) {
  return (text: string): number => {
    const count = Number(text)
    if (Number.isInteger(count) && count >= min && count <= max) return count
    throw new InvalidArgumentError(`Write a whole number from ${min} to ${max}.`)
  }
}

/** A number above 0. */
export function parseFactor(text: string): number {
  const factor = Number(text)
  if (factor > 0 && Number.isFinite(factor)) return factor
  throw new InvalidArgumentError('Write a number above 0.')
}

/** `http://host:port` of a server. */
export function parseServer(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && ['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol)) return url
  throw new InvalidArgumentError(
    'Write the address of the server, for example http://10.0.0.1:7171.',
  )
}

/** A network namespace by the path of its file, or by its inode; may be given more than once. */
function addNamespace(text: string, before: readonly string[]): readonly string[] {
  if (/^\d+$/.test(text)) return [...before, text]
  const found = statSync(text, { throwIfNoEntry: false })
  if (found) return [...before, String(found.ino)]
  throw new InvalidArgumentError('Write the path of a namespace, for example /run/netns/NAME.')
}

/** `--ignore-namespace`, for `up` and `agent`. */
export const ignoreNamespaceOption: [
  flags: string,
  description: string,
  parse: typeof addNamespace,
  before: readonly string[],
] = [
  '--ignore-namespace <path>',
  'a network namespace of this machine that is not to be watched (may be repeated)',
  addNamespace,
  [],
]

/** Options for where an agent keeps what the server has not yet, for `up` and `agent`. */
export function addSpoolOptions(command: Command): Command {
  const folder = defaultFolder(process.env, process.getuid?.())
  return command
    .option(
      '--spool <folder>',
      'where to keep what the server has not yet; none: in memory alone',
      folder,
    )
    .option(
      '--spool-size <MiB>',
      'how much of it',
      parseCount(8, 1_048_576),
      spoolBytesMax / mebibyte,
    )
}

export interface SpoolOptions {
  readonly spool: string
  readonly spoolSize: number
}

/** As the agent wants them. */
export function spoolOf({ spool, spoolSize }: SpoolOptions) {
  return {
    spoolFolder: spool === 'none' ? undefined : resolve(spool),
    spoolBytesMax: spoolSize * mebibyte,
  }
}

/** `--state`, for `up` and `server`. */
export function addStateOption(command: Command): Command {
  return command.option(
    '--state <folder>',
    'where the server keeps what people arrange on the map; none: until it ends',
    defaultStateFolder(process.env, process.getuid?.()),
  )
}

export interface StateOption {
  readonly state: string
}

/** As the server wants it. */
export const stateFolderOf = ({ state }: StateOption): string | undefined =>
  state === 'none' ? undefined : resolve(state)

/** Options for a server with a certificate, for `up` and `server`. */
export function addTlsOptions(command: Command): Command {
  return command
    .option('--tls-cert <file>', 'certificate, PEM: the map is served by https, agents come by it')
    .option('--tls-key <file>', 'its key, PEM')
}

export interface TlsOptions {
  readonly tlsCert?: string
  readonly tlsKey?: string
}

/** Both or none. */
export function tlsOf({ tlsCert: cert, tlsKey: key }: TlsOptions): TlsFiles | undefined {
  if (cert !== undefined && key !== undefined) return { cert, key }
  if (cert === undefined && key === undefined) return undefined
  throw new Fault('A certificate and its key belong together: give --tls-cert and --tls-key.')
}

/** `--ca`, for `up` and `agent`. */
export const caOption: [flags: string, description: string] = [
  '--ca <file>',
  'who signed the certificate of the server, PEM, when it is not widely known',
]

/** Options for the orchestrators of whole clusters: `--marathon <url...>`, ... */
export function addClusterOptions(command: Command): Command {
  for (const { flags, description, preset } of clusterOrchestrators) {
    command.addOption(new Option(flags, description).preset(preset))
  }
  return command
}

/** `production/blue`: outermost first. */
const isCluster = (text: string): boolean => /^[\w.-]{1,64}(\/[\w.-]{1,64}){0,3}$/.test(text)
const clusterForm = 'Write ENVIRONMENT/CLUSTER or CLUSTER, for example production/blue.'

function parseCluster(text: string): string {
  if (isCluster(text)) return text
  throw new InvalidArgumentError(clusterForm)
}

/** `--place`, for `up` and `agent`. */
export const placeOption: [flags: string, description: string, parse: typeof parseCluster] = [
  '--place <environment/cluster>',
  'the cluster of this machine, where one map shows several (default: $INKLING_PLACE)',
  parseCluster,
]

/** The machine's name with its place, as the server is told it. */
export function nameOf({
  node,
  place,
}: {
  readonly node: string
  readonly place?: string
}): string {
  const cluster = place ?? process.env.INKLING_PLACE ?? ''
  if (cluster !== '' && !isCluster(cluster)) throw new Fault(`INKLING_PLACE: ${clusterForm}`)
  return formatPlace({ cluster, node: node.replaceAll(/[\s/]/g, '-') })
}

/**
 * Opens those that were named, by option or by environment (`INKLING_MARATHON`, blanks between); of a named cluster as
 * `production/blue=http://...`.
 */
export function openClusters(options: object): ClusterOrchestrator[] {
  const given = options as Readonly<Record<string, readonly string[] | undefined>>
  const textsOf = ({ name }: { readonly name: string }) =>
    given[name] ?? process.env[`INKLING_${name.toUpperCase()}`]?.split(/\s+/).filter(Boolean) ?? []
  const asked = clusterOrchestrators.flatMap(member =>
    textsOf(member).map(text => ({ member, ...clusterAndText(text) })),
  )
  return [...Map.groupBy(asked, ({ cluster }) => cluster)].flatMap(([cluster, ofCluster]) => {
    const names = new Set(ofCluster.map(({ member }) => member.name))
    return [...Map.groupBy(ofCluster, ({ member }) => member)].map(([member, its]) => {
      const texts = its.map(({ text }) => text)
      return { cluster, orchestrator: member.open(texts, process.env, names) }
    })
  })
}

function clusterAndText(given: string) {
  const [, cluster = '', text] = /^(?:([\w./-]+)=)?(.*)$/s.exec(given)!
  if (cluster !== '' && !isCluster(cluster)) throw new Fault(`${given}: ${clusterForm}`)
  return { cluster, text }
}
