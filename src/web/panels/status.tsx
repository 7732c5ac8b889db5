import { useMemo } from 'react'
import type { Status } from '../state/feed.ts'
import { age, duration, formatNumber, join, share } from '../state/format.ts'
import { type Notice, noticesOf } from '../state/notices.ts'
import { type Page, stalenessOf } from '../state/page.ts'
import { texts } from '../texts.ts'
import { Agents } from './agents.tsx'
import popover from './popover.module.css'
import styles from './status.module.css'
import { usePage } from './use-desk.ts'

const popoverId = 'status'

/** How fresh the figures are, and behind it what watches and what may be missing. */
export function StatusPill() {
  const status = usePage(page => page.status)
  const text = usePage(stateText)
  const tone = usePage(toneOf)
  const notices = useMemo(() => (status ? noticesOf(status) : []), [status])
  return (
    <>
      <button
        type="button"
        className={styles.pill}
        popoverTarget={popoverId}
        title={texts.live.label}
        data-tone={tone}
      >
        <span className={styles.dot} />
        <span>{text}</span>
        {notices.length > 0 && (
          <span className={styles.count} title={texts.live.notices(notices.length)}>
            {notices.length}
          </span>
        )}
      </button>
      <div id={popoverId} popover="auto" className={`${popover.popover} ${styles.popover}`}>
        <h2>{texts.status.title}</h2>
        {status && <Watchers status={status} />}
        <h3>{texts.status.notices}</h3>
        <Notices notices={notices} />
      </div>
    </>
  )
}

function stateText(page: Page): string {
  const { reach, frameAtMs, nowMs } = page
  if (reach.kind === 'waiting') return texts.live.lost
  if (reach.kind === 'connecting') return texts.live.connecting
  if (frameAtMs === undefined) return texts.live.waiting
  const oldMs = nowMs - frameAtMs
  return oldMs < 2000 ? texts.live.live : texts.live.ago(age(oldMs))
}

function toneOf(page: Page): 'live' | 'warning' | 'error' {
  if (page.reach.kind === 'waiting') return 'error'
  return stalenessOf(page) || page.reach.kind === 'connecting' ? 'warning' : 'live'
}

function Watchers({ status }: { status: Status }) {
  const { orchestrators } = status
  return (
    <>
      <Agents status={status} />
      <h3>{texts.status.orchestrators}</h3>
      {orchestrators.length === 0 && <p className={styles.none}>{texts.status.noOrchestrators}</p>}
      <ul>
        {orchestrators.map(({ name, state, text }) => (
          <li key={`${name} ${text}`} data-state={state}>
            <span className={styles.dot} />
            <b>{name}</b>
            <span className={styles.says}>{text}</span>
          </li>
        ))}
      </ul>
    </>
  )
}

function Notices({ notices }: { notices: readonly Notice[] }) {
  const atMs = usePage(page => page.status?.atMs ?? 0)
  if (notices.length === 0) return <p className={styles.none}>{texts.status.noNotices}</p>
  return (
    <ul className={styles.notices}>
      {notices.map((notice, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: notices have no identity; they are only read
        <li key={i}>{sentence(notice, atMs)}</li>
      ))}
    </ul>
  )
}

/** A notice in words. */
function sentence(notice: Notice, atMs: number): string {
  switch (notice.kind) {
    case 'agent-away':
      return texts.notice.away(notice.node, age(atMs - notice.lastMs))
    case 'clock':
      return texts.notice.clock(
        notice.node,
        join(duration(Math.abs(notice.behindMs) * 1000)),
        notice.behindMs > 0,
      )
    case 'agent-says':
      return texts.notice.says(notice.node, notice.text)
    case 'drops':
      return texts.notice.drops(
        notice.node,
        join(share(notice.share)),
        formatNumber(notice.packets),
      )
    case 'evicted':
      return texts.notice.evicted(notice.node, formatNumber(notice.flows))
    case 'folded':
      return texts.notice.folded(notice.node, formatNumber(notice.windows))
    case 'samples':
      return texts.notice.samples(formatNumber(notice.lines))
    case 'no-agents':
      return texts.notice.noAgents
    case 'orchestrator':
      return texts.notice.orchestrator(notice.name, notice.text)
  }
}
