import { duration, formatNumber, type Quantity, score, share } from '../state/format.ts'
import { attributionOf, stalenessOf } from '../state/page.ts'
import { texts } from '../texts.ts'
import { FilterBox } from './filter-box.tsx'
import { Logo } from './marks.tsx'
import { SearchBox } from './search-box.tsx'
import { Sparkline } from './sparkline.tsx'
import { StatusPill } from './status.tsx'
import styles from './top-bar.module.css'
import { usePage, useSurroundings, useView } from './use-desk.ts'
import { useTheme } from './use-theme.ts'

/** Seconds of the line beside the request rate. */
const trendSeconds = 120
/** Shares from which a figure has a colour. */
const troubledErrorShare = 0.005
const troubledScore = 0.9

export function TopBar({ onHelp }: { onHelp: () => void }) {
  const isFull = usePage(page => page.view.frame === 'full')
  return (
    <header className={styles.bar}>
      <Logo />
      <Kpis />
      {isFull && <SearchBox />}
      {isFull && <FilterBox />}
      <StatusPill />
      {isFull && <Controls onHelp={onHelp} />}
    </header>
  )
}

function Controls({ onHelp }: { onHelp: () => void }) {
  return (
    <>
      <TableButton />
      <ThemeButton />
      <button
        type="button"
        className={`${styles.icon} ${styles.help}`}
        title={texts.bar.help}
        aria-label={texts.bar.help}
        onClick={onHelp}
      >
        ?
      </button>
    </>
  )
}

function Kpis() {
  const topology = usePage(page => page.topology)
  const totals = usePage(page => page.picture?.totals)
  const attribution = usePage(attributionOf)
  const stale = usePage(page => stalenessOf(page) !== undefined)
  const { history } = useSurroundings().desk
  if (!topology || topology.services.length === 0) return <div className={styles.kpis} />
  const errorShare = totals?.errorShare ?? 0
  const trend = history.totals(trendSeconds)
  return (
    <dl className={styles.kpis} data-stale={stale}>
      <Kpi name={texts.kpi.services} quantity={plain(topology.services.length)} />
      <Kpi name={texts.kpi.links} quantity={plain(topology.links.length)} />
      <Kpi
        name={texts.kpi.requests}
        quantity={{ value: formatNumber(totals?.requests ?? 0), unit: texts.kpi.perSecond }}
      >
        <Sparkline values={trend.requests} second={trend.errors} width={72} height={26} />
      </Kpi>
      <Kpi
        name={texts.kpi.errors}
        quantity={share(errorShare)}
        tone={errorShare >= troubledErrorShare ? 'error' : undefined}
      />
      <Kpi name={texts.kpi.p99} title={texts.kpi.p99Why} quantity={duration(totals?.p99Us)} />
      {attribution && (
        <Kpi
          name={texts.kpi.attributed}
          title={texts.kpi.attributedWhy(attribution.known, attribution.total)}
          quantity={score(attribution.score)}
          tone={attribution.score < troubledScore ? 'warning' : undefined}
        />
      )}
    </dl>
  )
}

const plain = (count: number): Quantity => ({ value: count.toLocaleString('en'), unit: '' })

interface KpiProps {
  readonly name: string
  readonly quantity: Quantity
  readonly title?: string
  readonly tone?: 'error' | 'warning'
  readonly children?: React.ReactNode
}

function Kpi({ name, quantity, title, tone, children }: KpiProps) {
  return (
    <div className={styles.kpi} title={title}>
      <dt>{name}</dt>
      <dd data-tone={tone}>
        <span className={styles.value}>{quantity.value}</span>
        <span className={styles.unit}>{quantity.unit}</span>
        {children}
      </dd>
    </div>
  )
}

function TableButton() {
  const table = usePage(page => page.view.table)
  const { change } = useView()
  const shown = table !== undefined
  const hint = shown ? texts.bar.mapHint : texts.bar.tableHint
  return (
    <button
      type="button"
      className={styles.icon}
      title={hint}
      aria-label={hint}
      aria-pressed={shown}
      onClick={() => change({ table: shown ? undefined : 'links' })}
    >
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <path d="M2 3.5h12M2 8h12M2 12.5h12M6 3.5v9" />
      </svg>
    </button>
  )
}

function ThemeButton() {
  const theme = useTheme()
  const { change } = useView()
  const other = theme === 'dark' ? 'light' : 'dark'
  const hint = other === 'light' ? texts.bar.toLight : texts.bar.toDark
  return (
    <button
      type="button"
      className={styles.icon}
      title={hint}
      aria-label={hint}
      onClick={() => change({ theme: other })}
    >
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        {theme === 'dark' ? (
          <>
            <circle cx="8" cy="8" r="2.8" />
            <path d="M8 1.5v1.700m0 9.600v1.700M1.5 8h1.700m9.6 0h1.700M3.4 3.400l1.2 1.200m6.8 6.8 1.2 1.200m0-9.2-1.2 1.200m-6.8 6.8-1.2 1.2" />
          </>
        ) : (
          <path d="M13.2 9.800A5.6 5.6 0 0 1 6.2 2.800a5.6 5.6 0 1 0 7 7z" />
        )}
      </svg>
    </button>
  )
}
