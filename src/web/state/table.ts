import type { Health } from '#model/service.ts'
import { texts } from '../texts.ts'
import { bytes, duration, formatNumber, join, share } from './format.ts'
import type { Picture } from './page.ts'
import type { Selection } from './view.ts'

type Value = string | number

/** A column of the table: how its values are headed, shown and coloured. */
export interface Column {
  readonly key: string
  readonly title: string
  readonly isNumber: boolean
  /** A grid track. */
  readonly width: string
  show(value: Value): string
  tone?(value: Value): 'error' | 'warning' | 'none' | undefined
}

export interface TableRow {
  readonly target: Selection
  readonly values: Readonly<Record<string, Value>>
  readonly health?: Health
}

const text = (key: string, title: string, width = 'minmax(90px, 2fr)'): Column => ({
  key,
  title,
  width,
  isNumber: false,
  show: String,
})

const number = (key: string, title: string, show: (value: number) => string): Column => ({
  key,
  title,
  width: 'minmax(72px, 1fr)',
  isNumber: true,
  show: value => show(Number(value)),
})

const percent = (part: number) => join(share(part))
const time = (us: number) => join(duration(us))
const size = (count: number) => join(bytes(count))

const errors: Column = {
  ...number('errors', texts.table.errors, percent),
  tone: value => (Number(value) > 0 ? 'error' : 'none'),
}
const warnings: Column = {
  ...number('warnings', texts.table.warnings, percent),
  tone: value => (Number(value) > 0 ? 'warning' : 'none'),
}
const requests = number('requests', texts.table.requests, formatNumber)
const p99 = number('p99', texts.table.p99, time)

const columns: Readonly<Record<'services' | 'links', readonly Column[]>> = {
  services: [
    text('name', texts.table.name),
    text('group', texts.table.group, 'minmax(80px, 1fr)'),
    text('kind', texts.table.kind, 'minmax(124px, 1fr)'),
    text('health', texts.table.health, 'minmax(90px, 1fr)'),
    number('instances', texts.table.instances, String),
    requests,
    number('calls', texts.table.calls, formatNumber),
    errors,
    warnings,
    p99,
  ],
  links: [
    text('client', texts.table.client),
    text('server', texts.table.server),
    text('protocol', texts.table.protocol, 'minmax(80px, 1fr)'),
    requests,
    errors,
    warnings,
    number('p50', texts.table.p50, time),
    p99,
    number('bytes', texts.table.bytes, size),
  ],
}

export const columnsOf = (table: 'services' | 'links') => columns[table]

/** Of what passes the filter. */
export function rowsOf(picture: Picture, table: 'services' | 'links'): TableRow[] {
  const rows = table === 'services' ? serviceRows(picture) : linkRows(picture)
  const { shown } = picture
  return shown ? rows.filter((_, index) => shown[table][index] === 1) : rows
}

function serviceRows({ topology, services }: Picture): TableRow[] {
  return topology.services.map(({ id, name, group, kind, health, instances, watched }, i) => ({
    target: { kind: 'service', id },
    health,
    values: {
      name,
      group: group.join(' / '),
      kind: texts.kind[kind],
      health: [texts.health[health], watched === 'no' ? texts.service.notWatched : '']
        .filter(Boolean)
        .join(' · '),
      instances,
      requests: services.requests[i],
      calls: services.calls[i],
      errors: services.errorShare[i],
      warnings: services.warningShare[i],
      p99: services.p99Us[i],
    },
  }))
}

function linkRows({ topology, links }: Picture): TableRow[] {
  return topology.links.map(({ id, client, server, protocol }, i) => ({
    target: { kind: 'link', id },
    values: {
      client: topology.services[client]?.name ?? '',
      server: topology.services[server]?.name ?? '',
      protocol,
      requests: links.requests[i],
      errors: links.errorShare[i],
      warnings: links.warningShare[i],
      p50: links.p50Us[i],
      p99: links.p99Us[i],
      bytes: links.bytes[i],
    },
  }))
}

/** Rows that hold `filter` in one of their texts, by the column `order` names (`-` before it: greatest first). */
export function sortRows(rows: readonly TableRow[], order: string, filter: string): TableRow[] {
  const down = order.startsWith('-')
  const key = down ? order.slice(1) : order
  const wanted = filter.trim().toLowerCase()
  const shown = wanted ? rows.filter(row => holds(row, wanted)) : [...rows]
  return shown.sort((a, b) => (down ? -1 : 1) * compare(a.values[key], b.values[key]))
}

const holds = ({ values }: TableRow, wanted: string) =>
  Object.values(values).some(
    value => typeof value === 'string' && value.toLowerCase().includes(wanted),
  )

function compare(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a).localeCompare(String(b), 'en')
}
