// biome-ignore-all lint/a11y/useSemanticElements: rows are placed one by one, which a real table does not allow
// biome-ignore-all lint/a11y/useFocusableInteractive: the rows and heads that do something are focusable
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef, useState } from 'react'
import { formatCsv } from '../state/csv.ts'
import type { Picture } from '../state/page.ts'
import { type Column, columnsOf, rowsOf, sortRows, type TableRow } from '../state/table.ts'
import { sameSelection } from '../state/view.ts'
import { texts } from '../texts.ts'
import { FilterChips } from './filter-chips.tsx'
import { HealthDot } from './marks.tsx'
import { focusPanel } from './panel.tsx'
import { pressRow } from './rows.ts'
import { MapNotice } from './states.tsx'
import styles from './table-view.module.css'
import { usePage, useView } from './use-desk.ts'

const rowHeight = 30
const overscan = 12

/** All services or all links as a table: the map's figures for reading, sorting, copying and listening to. */
export function TableView({ right, bottom }: { right: number; bottom: number }) {
  const picture = usePage(page => page.picture)
  const table = usePage(page => page.view.table) ?? 'links'
  const text = usePage(page => page.search)
  const [sorting, setSorting] = useState({ services: '-requests', links: '-requests' })
  if (!picture) return null
  const columns = columnsOf(table)
  const rows = sortRows(rowsOf(picture, table), sorting[table], text)
  return (
    <section className={styles.table} style={{ right, bottom }}>
      <MapNotice />
      <FilterChips />
      <Head table={table} picture={picture} shown={rows.length}>
        <CopyCsv columns={columns} rows={rows} />
      </Head>
      <Rows
        key={table}
        table={table}
        columns={columns}
        rows={rows}
        sorting={sorting[table]}
        onSort={order => setSorting(before => ({ ...before, [table]: order }))}
      />
    </section>
  )
}

interface HeadProps {
  readonly table: 'services' | 'links'
  readonly picture: Picture
  readonly shown: number
  readonly children: React.ReactNode
}

function Head({ table, picture, shown, children }: HeadProps) {
  const { change } = useView()
  const counts = {
    services: picture.topology.services.length,
    links: picture.topology.links.length,
  }
  return (
    <div className={styles.head}>
      {(['links', 'services'] as const).map(name => (
        <button
          key={name}
          type="button"
          aria-pressed={name === table}
          onClick={() => change({ table: name })}
        >
          {texts.table[name]} <small>{counts[name].toLocaleString('en')}</small>
        </button>
      ))}
      {shown !== counts[table] && (
        <span className={styles.count}>{texts.table.filtered(shown, counts[table])}</span>
      )}
      {children}
    </div>
  )
}

function CopyCsv({ columns, rows }: { columns: readonly Column[]; rows: readonly TableRow[] }) {
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    const head = columns.map(({ key }) => key)
    const body = rows.map(row => columns.map(({ key }) => row.values[key]))
    await navigator.clipboard.writeText(formatCsv([head, ...body]))
    setCopied(true)
    setTimeout(setCopied, 2000, false)
  }
  return (
    <button type="button" className={styles.copy} onClick={copy}>
      {copied ? texts.copied : texts.table.csv}
    </button>
  )
}

interface RowsProps {
  readonly table: 'services' | 'links'
  readonly columns: readonly Column[]
  readonly rows: readonly TableRow[]
  readonly sorting: string
  readonly onSort: (order: string) => void
}

function Rows({ table, columns, rows, sorting, onSort }: RowsProps) {
  const list = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => list.current,
    estimateSize: () => rowHeight,
    overscan,
  })
  return (
    <div
      ref={list}
      className={styles.list}
      role="table"
      aria-label={texts.table[table]}
      aria-rowcount={rows.length + 1}
      style={{ '--columns': columns.map(({ width }) => width).join(' ') } as React.CSSProperties}
    >
      <div role="row" className={styles.columns}>
        {columns.map(column => (
          <ColumnHead key={column.key} column={column} sorting={sorting} onSort={onSort} />
        ))}
      </div>
      <div role="rowgroup" className={styles.rows} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }, i) => (
          <Row
            key={rows[index].target.id}
            row={rows[index]}
            columns={columns}
            top={start}
            isFirst={i === 0}
            number={index + 2}
          />
        ))}
      </div>
    </div>
  )
}

interface ColumnHeadProps {
  readonly column: Column
  readonly sorting: string
  readonly onSort: (order: string) => void
}

function ColumnHead({ column: { key, title, isNumber }, sorting, onSort }: ColumnHeadProps) {
  const isDown = sorting === `-${key}`
  const isUp = sorting === key
  const sort = isDown ? 'descending' : isUp ? 'ascending' : 'none'
  // A number is looked at from the top first, a name from A.
  const next = isDown ? key : isUp ? `-${key}` : isNumber ? `-${key}` : key
  return (
    <span role="columnheader" aria-sort={sort} data-number={isNumber} tabIndex={-1}>
      <button type="button" onClick={() => onSort(next)}>
        {title}
        {sort !== 'none' && <i aria-hidden="true">{isDown ? '↓' : '↑'}</i>}
      </button>
    </span>
  )
}

interface RowProps {
  readonly row: TableRow
  readonly columns: readonly Column[]
  readonly top: number
  /** The first that is drawn: Tab comes to it, arrows lead on. */
  readonly isFirst: boolean
  readonly number: number
}

function Row({ row, columns, top, isFirst, number }: RowProps) {
  const { reveal } = useView()
  const isSelected = usePage(page => sameSelection(page.view.selection, row.target))
  const open = () => {
    reveal(row.target)
    // Once it is there.
    setTimeout(focusPanel)
  }
  return (
    <div
      role="row"
      tabIndex={isFirst ? 0 : -1}
      aria-rowindex={number}
      aria-selected={isSelected}
      className={styles.row}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => reveal(row.target)}
      onKeyDown={event => pressRow(event, open)}
    >
      {columns.map(({ key, isNumber, show, tone }) => (
        <span key={key} role="cell" data-number={isNumber} data-tone={tone?.(row.values[key])}>
          {key === 'health' && row.health && row.health !== 'unknown' && (
            <HealthDot health={row.health} />
          )}
          {show(row.values[key])}
        </span>
      ))}
    </div>
  )
}
