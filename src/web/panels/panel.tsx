import { duration, formatNumber, type Quantity, share } from '../state/format.ts'
import type { Series } from '../state/history.ts'
import { stalenessOf } from '../state/page.ts'
import { texts } from '../texts.ts'
import { HideButton } from './filter-chips.tsx'
import styles from './panel.module.css'
import { Sparkline } from './sparkline.tsx'
import { usePage, useView } from './use-desk.ts'

/** The id by which the keyboard finds the open panel. */
export const panelId = 'panel'

export function focusPanel(): void {
  document.getElementById(panelId)?.focus()
}

export interface PanelProps {
  readonly label: string
  readonly title: React.ReactNode
  readonly sub: React.ReactNode
  readonly children: React.ReactNode
}

/** The sheet at the right: a title, a line under it, and what the caller puts in. */
export function Panel({ label, title, sub, children }: PanelProps) {
  const { select } = useView()
  const stale = usePage(page => stalenessOf(page) !== undefined)
  return (
    <aside id={panelId} className={styles.panel} tabIndex={-1} aria-label={label}>
      <div className={styles.head}>
        <h2 className={styles.title}>
          {title}
          <HideButton />
          <button
            type="button"
            className={styles.close}
            aria-label={texts.close}
            title={`${texts.close} (Esc)`}
            onClick={() => select(undefined)}
          >
            ×
          </button>
        </h2>
        <p className={styles.sub}>{sub}</p>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keys */}
      <div className={styles.body} data-stale={stale} tabIndex={0}>
        {children}
      </div>
    </aside>
  )
}

export interface KpiRowProps {
  readonly name: string
  readonly quantity: Quantity
  readonly values: readonly number[]
  readonly ceiling?: number
  readonly tone?: 'error' | 'warning'
}

/** A figure of now beside its last minutes. */
export function KpiRow({ name, quantity, values, ceiling, tone }: KpiRowProps) {
  return (
    <div className={styles.kpi}>
      <div>
        <div className={styles.caption}>{name}</div>
        <div className={styles.kpiValue} data-tone={tone}>
          {quantity.value}
          <small>{quantity.unit}</small>
        </div>
      </div>
      <Sparkline values={values} width={188} height={34} ceiling={ceiling} tone={tone} />
    </div>
  )
}

export interface FlowRowsProps {
  readonly name: string
  /** Per second. */
  readonly requests: number
  /** 0 to 1. */
  readonly errorShare: number
  readonly p99Us: number
  /** The last minutes, oldest first. */
  readonly series: () => Series
}

/** How many requests, how many of them failed, how long they took: now and in the last minutes. */
export function FlowRows({ name, requests, errorShare, p99Us, ...props }: FlowRowsProps) {
  const series = props.series()
  return (
    <>
      <KpiRow
        name={name}
        quantity={{ value: formatNumber(requests), unit: texts.kpi.perSecond }}
        values={series.requests}
      />
      <KpiRow
        name={texts.service.errors}
        quantity={share(errorShare)}
        values={series.errorShare}
        ceiling={0.02}
        tone={errorShare > 0 ? 'error' : undefined}
      />
      <KpiRow name={texts.service.p99} quantity={duration(p99Us)} values={series.p99Us} />
    </>
  )
}

/** Why the newest answer is missing; what was known before stays on the screen. */
export function PanelError({ error, again }: { error: string | undefined; again?: () => void }) {
  if (!error) return null
  return (
    <p className={styles.error} role="status">
      <span>{error}</span>
      {again && (
        <button type="button" onClick={again}>
          {texts.panel.retry}
        </button>
      )}
    </p>
  )
}

/** Something is awaited: nothing for a moment, then the shape of what comes. */
export function Waiting({ height }: { height?: number }) {
  return (
    <div className={styles.waiting} role="status" aria-label={texts.panel.waiting}>
      {height ? <i style={{ height }} /> : [0, 1, 2].map(line => <i key={line} />)}
    </div>
  )
}
