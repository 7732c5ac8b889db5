// biome-ignore-all lint/a11y/useSemanticElements: rows are placed one by one, which a real table does not allow
import { memo } from 'react'
import { format } from '#model/endpoint.ts'
import type { LogEnd, LogLine } from '#model/graph.ts'
import { silence } from '#model/transaction.ts'
import { bytes, duration, join, timeOfDay } from '../state/format.ts'
import { texts } from '../texts.ts'
import styles from './log-drawer.module.css'
import { OutcomeMark } from './marks.tsx'
import { pressRow } from './rows.ts'

/** A request slower than this stands out. */
const slowUs = 1_000_000

export interface LogRowProps {
  readonly line: LogLine
  /** Where it lies in the list, in CSS pixels. */
  readonly top: number
  /** The first that is drawn: Tab comes to it, arrows lead on. */
  readonly isFirst: boolean
  readonly isNew: boolean
  readonly isChosen: boolean
  readonly onChoose: (line: LogLine) => void
}

export const LogRow = memo(({ line, top, isFirst, isNew, isChosen, onChoose }: LogRowProps) => (
  <div
    role="row"
    tabIndex={isFirst ? 0 : -1}
    className={styles.row}
    data-outcome={line.outcome}
    data-new={isNew}
    aria-selected={isChosen}
    style={{ transform: `translateY(${top}px)` }}
    onClick={() => onChoose(line)}
    onKeyDown={event => pressRow(event, () => onChoose(line))}
  >
    <Cell column="time">{timeOfDay(line.startUs)}</Cell>
    <Cell column="method">{line.method}</Cell>
    <Cell column="resource">{line.resource}</Cell>
    <Cell column="status">
      <OutcomeMark outcome={line.outcome} />
      {line.status ?? texts.log.silence[silence(line)]}
    </Cell>
    <Cell column="duration" isSlow={(line.durationUs ?? 0) >= slowUs}>
      {join(duration(line.durationUs))}
    </Cell>
    <Cell column="size">{join(bytes(line.responseBytes))}</Cell>
    <Cell column="from">{nameOf(line.client)}</Cell>
    <Cell column="to">{nameOf(line.server)}</Cell>
  </div>
))

interface CellProps {
  readonly column: string
  readonly isSlow?: boolean
  readonly children: React.ReactNode
}

const Cell = ({ column, isSlow, children }: CellProps) => (
  <span role="cell" data-column={column} data-slow={isSlow}>
    {children}
  </span>
)

/** The container or process where it is known, else the address. */
const nameOf = (end: LogEnd) => end.instance ?? format(end)
