import type { Command } from 'commander'
import { codeOf, Fault } from '#lib/fault.ts'
import type { Graph, GraphLink, LinkFigures } from '#model/graph.ts'
import { parseServer } from './options.ts'
import { untilStopped } from './stop.ts'
import { formatTop, type TopLink } from './top-table.ts'

interface Options {
  readonly server: URL
  readonly viewToken?: string
  readonly once?: boolean
}

type Answer = Omit<Graph, 'links'> & { readonly links: readonly (GraphLink & LinkFigures)[] }

const everyMs = 1000
const windowSeconds = 10

export function addTop(program: Command): void {
  program
    .command('top')
    .description('The links as a live table in the terminal, the busiest first.')
    .option(
      '--server <url>',
      'address of the server',
      parseServer,
      parseServer('http://127.0.0.1:7171'),
    )
    .option(
      '--view-token <token>',
      'what the server wants viewers to show (default: $INKLING_VIEW_TOKEN)',
    )
    .option('--once', 'print once and end')
    .action(runTop)
}

async function runTop({ server, once, ...options }: Options): Promise<void> {
  const token = options.viewToken ?? process.env.INKLING_VIEW_TOKEN
  const signal = untilStopped()
  const isScreen = process.stdout.isTTY && !once
  while (!signal.aborted) {
    const graph = await ask(server, token)
    const { rows = 40, columns = 120 } = process.stdout
    const size = isScreen ? { rows, columns } : { rows: 1000, columns: 160 }
    const table = formatTop(linksOf(graph), graph.attribution.score, size)
    process.stdout.write(isScreen ? `\x1b[H\x1b[2J${table}` : table)
    if (once) return
    await new Promise(resolve => setTimeout(resolve, everyMs))
  }
}

async function ask(server: URL, token: string | undefined): Promise<Answer> {
  const url = new URL(`/api/v1/graph?window=${windowSeconds}`, server)
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {}
  const response = await fetch(url, { headers }).catch(error => {
    const why = codeOf(error?.cause) ?? 'no answer'
    throw new Fault(
      `No Inkling server answers at ${server.origin} (${why}): start one with 'inkling up'.`,
    )
  })
  if (response.ok) return (await response.json()) as Answer
  const { error } = (await response.json().catch(() => ({}))) as { error?: string }
  throw new Fault(
    `${server.origin} answers ${response.status}: ${error ?? 'this is no Inkling server.'}`,
  )
}

function linksOf({ services, links }: Answer): TopLink[] {
  const names = new Map(services.map(({ id, name, group }) => [id, [...group, name].join('/')]))
  return links.map(({ link, ...figures }) => ({
    ...figures,
    client: names.get(link.client) ?? link.client,
    server: names.get(link.server) ?? link.server,
    protocol: link.protocol,
  }))
}
