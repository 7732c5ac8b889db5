// biome-ignore-all lint/a11y/useSemanticElements: rows are placed one by one, which a real table does not allow
// biome-ignore-all lint/a11y/useFocusableInteractive: the rows and heads that do something are focusable
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState } from 'react'
import type { LogLine } from '#model/graph.ts'
import { parseTraceId } from '#model/trace-id.ts'
import { type Outcome, outcomes } from '#model/transaction.ts'
import { duration, join, timeOfSecond } from '../state/format.ts'
import { isFiltered, type Log } from '../state/log.ts'
import { type Moment, textMax } from '../state/view.ts'
import { texts } from '../texts.ts'
import { LineDetails } from './line-details.tsx'
import styles from './log-drawer.module.css'
import { LogRow } from './log-row.tsx'
import { OutcomeMark } from './marks.tsx'
import { usePage, useView } from './use-desk.ts'
import { type LogActions, useLog } from './use-log.ts'

const rowHeight = 26
/** Rows drawn beyond the edge, so that quick scrolling shows no holes. */
const overscan = 12
/** Scrolled further than this, a person reads, and new lines would move what is read. */
const readingPx = 2 * rowHeight

/** The id of the button that follows and pauses: the keyboard presses it. */
export const followButtonId = 'follow'

/** The access log of a link, newest line first; or the lines of a trace, of whichever link. */
export function LogDrawer({ link, moment }: { link: string; moment: Moment | undefined }) {
  const { change } = useView()
  const text = usePage(page => page.view.text)
  const slowerMs = usePage(page => page.view.slowerMs)
  const trace = usePage(page => page.view.trace)
  const [log, actions] = useLog(link, moment, { text, slowerMs, trace })
  const [chosen, setChosen] = useState<LogLine>()
  const list = useRef<HTMLDivElement>(null)
  const follow = () => {
    list.current?.scrollTo({ top: 0 })
    actions.follow()
  }
  const widen = () => change({ moment: undefined })
  /** Beside the details is no room for whose lines they are. */
  const showTrace = (id: string) => {
    list.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus()
    setChosen(undefined)
    change(viewOfTrace(id))
  }
  return (
    <section
      className={styles.drawer}
      aria-label={texts.log.title}
      onKeyDown={event => {
        if (event.key !== 'Escape' || !chosen) return
        event.preventDefault()
        setChosen(undefined)
      }}
    >
      <Head log={log} actions={actions} onFollow={follow} onWiden={widen} />
      <div className={styles.main} data-split={chosen !== undefined}>
        <Lines log={log} list={list} chosen={chosen} onChoose={setChosen} onRead={actions.pause} />
        {chosen && (
          <LineDetails line={chosen} onClose={() => setChosen(undefined)} onTrace={showTrace} />
        )}
      </div>
    </section>
  )
}

/** All lines of a trace, whatever was looked for before. */
const viewOfTrace = (trace: string) => ({ trace, text: '', slowerMs: 0, moment: undefined })

interface HeadProps {
  readonly log: Log
  readonly actions: LogActions
  readonly onFollow: () => void
  readonly onWiden: () => void
}

function Head({ log, actions, onFollow, onWiden }: HeadProps) {
  const { change } = useView()
  const text = usePage(page => page.view.text)
  return (
    <div className={styles.head}>
      <h2>{texts.log.title}</h2>
      {log.trace ? <span className={styles.ends} /> : <Ends link={log.link} />}
      <TraceChoice />
      {log.secondMs !== undefined && (
        <button type="button" className={styles.newer} onClick={onWiden}>
          {texts.log.second(timeOfSecond(log.secondMs), log.seconds)} ×
        </button>
      )}
      <fieldset className={styles.outcomes}>
        <OutcomeChoice log={log} outcome={undefined} actions={actions} />
        {outcomes.map(outcome => (
          <OutcomeChoice key={outcome} log={log} outcome={outcome} actions={actions} />
        ))}
      </fieldset>
      <SlowerChoice />
      <input
        type="text"
        className={styles.filter}
        aria-label={texts.log.filterLabel}
        placeholder={texts.log.filter}
        maxLength={textMax}
        spellCheck={false}
        value={text}
        onChange={event => change({ text: event.target.value })}
        onKeyDown={event => {
          if (event.key !== 'Escape' || text === '') return
          event.preventDefault()
          event.stopPropagation()
          change({ text: '' })
        }}
      />
      {log.waiting.length > 0 && (
        <button type="button" className={styles.newer} onClick={onFollow}>
          ↑ {texts.log.newer(log.waiting.length)}
        </button>
      )}
      <button
        id={followButtonId}
        type="button"
        className={styles.follow}
        aria-pressed={log.following}
        title={log.following ? texts.log.pause : texts.log.follow}
        onClick={log.following ? actions.pause : onFollow}
      >
        <svg viewBox="0 0 10 10" width="9" height="9" aria-hidden="true">
          <path d={log.following ? 'M1 0h3v10H1zM6 0h3v10H6z' : 'M1.5 0 9.5 5l-8 5z'} />
        </svg>
        {log.following ? texts.log.following : texts.log.paused}
      </button>
    </div>
  )
}

/** The trace whose lines are shown, which ends it; or that which is written into the filter. */
function TraceChoice() {
  const { change } = useView()
  const trace = usePage(page => page.view.trace)
  const text = usePage(page => page.view.text)
  const written = trace ? undefined : parseTraceId(text.trim())
  if (!trace && !written) return null
  return (
    <button
      type="button"
      className={styles.newer}
      title={texts.log.ofTraceWhy(written ?? trace)}
      onClick={() => change(viewOfTrace(written ?? ''))}
    >
      {written ? texts.log.wholeTrace : `${texts.log.ofTrace(trace)} ×`}
    </button>
  )
}

/** Least durations that are offered, ms. */
const slownesses = [0, 10, 100, 1000, 10_000]

/** Only requests that took at least so long. */
function SlowerChoice() {
  const { change } = useView()
  const slowerMs = usePage(page => page.view.slowerMs)
  const all = slownesses.includes(slowerMs) ? slownesses : [...slownesses, slowerMs]
  return (
    <select
      className={styles.slower}
      aria-label={texts.log.slower}
      data-set={slowerMs > 0}
      value={slowerMs}
      onChange={event => change({ slowerMs: Number(event.target.value) })}
    >
      {all.map(ms => (
        <option key={ms} value={ms}>
          {ms === 0 ? texts.log.anyDuration : texts.log.atLeast(join(duration(ms * 1000)))}
        </option>
      ))}
    </select>
  )
}

function Ends({ link }: { link: string }) {
  const topology = usePage(page => page.topology)
  const index = topology?.linkIndex.get(link)
  if (!topology || index === undefined) return null
  const { client, server } = topology.links[index]
  const name = `${topology.services[client].name} → ${topology.services[server].name}`
  return (
    <span className={styles.ends} title={name}>
      {name}
    </span>
  )
}

interface OutcomeChoiceProps {
  readonly log: Log
  readonly outcome: Outcome | undefined
  readonly actions: LogActions
}

function OutcomeChoice({ log, outcome, actions }: OutcomeChoiceProps) {
  return (
    <button
      type="button"
      aria-pressed={log.outcome === outcome}
      onClick={() => actions.choose(outcome)}
    >
      {outcome && <OutcomeMark outcome={outcome} />}
      {outcome ? texts.legend.outcome[outcome] : texts.log.all}
    </button>
  )
}

interface LinesProps {
  readonly log: Log
  readonly list: React.RefObject<HTMLDivElement | null>
  readonly chosen: LogLine | undefined
  readonly onChoose: (line: LogLine) => void
  readonly onRead: () => void
}

function Lines({ log, list, chosen, onChoose, onRead }: LinesProps) {
  const { lines } = log
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => list.current,
    estimateSize: () => rowHeight,
    overscan,
    getItemKey: index => lines[index].sequence,
  })
  useEffect(() => {
    if (log.following) list.current?.scrollTo({ top: 0 })
  }, [log.following, list])
  return (
    <div
      ref={list}
      className={styles.list}
      role="table"
      aria-label={texts.log.title}
      aria-rowcount={lines.length}
      onFocus={({ target }) => {
        // Who goes through the lines by keys reads them.
        if (log.following && target.matches('[role="row"]:focus-visible')) onRead()
      }}
      onScroll={event => {
        if (log.following && event.currentTarget.scrollTop > readingPx) onRead()
      }}
    >
      <Columns />
      {lines.length === 0 && log.loaded && (
        <p className={styles.none}>{isFiltered(log) ? texts.log.emptyFilter : texts.log.empty}</p>
      )}
      {log.error && <p className={styles.none}>{log.error}</p>}
      <div role="rowgroup" className={styles.rows} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, key, start }, i) => (
          <LogRow
            key={key}
            line={lines[index]}
            top={start}
            isFirst={i === 0}
            isNew={log.loaded && lines[index].sequence > log.seenSequence}
            isChosen={chosen?.sequence === lines[index].sequence}
            onChoose={onChoose}
          />
        ))}
      </div>
    </div>
  )
}

const columns = ['time', 'method', 'resource', 'status', 'duration', 'size', 'from', 'to'] as const

function Columns() {
  return (
    <div role="row" className={styles.columns}>
      {columns.map(column => (
        <span key={column} role="columnheader" data-column={column}>
          {texts.log[column]}
        </span>
      ))}
    </div>
  )
}
