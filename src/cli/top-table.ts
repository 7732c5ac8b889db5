import { formatBytes, formatDuration } from '#lib/figures.ts'
import type { LinkFigures } from '#model/graph.ts'

export interface TopLink extends LinkFigures {
  readonly client: string
  readonly server: string
  readonly protocol: string
}

const head = ['CLIENT', 'SERVER', 'PROTOCOL', 'REQ/S', 'ERR', 'WARN', 'P50', 'P99', 'BYTES/S']
const figureWidths = [9, 9, 7, 7, 9, 9, 10]

/** The busiest links as a table that fits `rows` and `columns`, with a line of totals above. */
export function formatTop(
  links: readonly TopLink[],
  score: number,
  { rows, columns }: { rows: number; columns: number },
): string {
  const busiest = [...links].sort(
    (a, b) => b.requestsPerSecond - a.requestsPerSecond || b.bytesPerSecond - a.bytesPerSecond,
  )
  const rate = links.reduce((sum, link) => sum + link.requestsPerSecond, 0)
  const nameWidth = Math.max(12, Math.floor((columns - 70) / 2))
  const totals = `${links.length} links · ${rate.toFixed(1)} requests/s · attribution ${percent(score)}`
  const lines = busiest.slice(0, Math.max(rows - 4, 1)).map(link => rowOf(cellsOf(link), nameWidth))
  return `${[totals, '', rowOf(head, nameWidth), ...lines].join('\n')}\n`
}

function cellsOf(link: TopLink): string[] {
  return [
    link.client,
    link.server,
    link.protocol,
    link.requestsPerSecond.toFixed(1),
    percent(link.errorShare),
    percent(link.warningShare),
    link.p50Us === undefined ? '-' : formatDuration(link.p50Us),
    link.p99Us === undefined ? '-' : formatDuration(link.p99Us),
    formatBytes(link.bytesPerSecond),
  ]
}

function rowOf([client, server, ...figures]: readonly string[], nameWidth: number): string {
  const names = [client, server].map(name => fit(name, nameWidth))
  const cells = figures.map((text, i) => (i === 0 ? fit(text, 9) : text.padStart(figureWidths[i])))
  return [...names, ...cells].join(' ').trimEnd()
}

/** Names come from the network: what a terminal would take for a command is shown as a dot. */
function fit(text: string, width: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach the terminal
  const safe = text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '·')
  return safe.length > width ? `${safe.slice(0, width - 1)}…` : safe.padEnd(width)
}

function percent(share: number): string {
  return share === 0 ? '0 %' : `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`
}
