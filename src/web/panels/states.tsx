import { age } from '../state/format.ts'
import { isEmpty, stalenessOf } from '../state/page.ts'
import { texts } from '../texts.ts'
import { OutcomeMark } from './marks.tsx'
import styles from './states.module.css'
import { usePage, useSurroundings } from './use-desk.ts'

/** Says that what is on the screen is old, since when, and what is done about it. */
export function StaleBanner() {
  const staleKind = usePage(page => stalenessOf(page)?.kind)
  const text = usePage(page => {
    const stale = stalenessOf(page)
    return stale && texts.stale[stale.kind](age(page.nowMs - stale.sinceMs))
  })
  const wait = usePage(page => {
    const { reach, nowMs } = page
    if (reach.kind !== 'waiting') return ''
    const waitMs = reach.untilMs - nowMs
    return waitMs > 500 ? texts.stale.retryIn(age(waitMs)) : texts.stale.retrying
  })
  const refusal = usePage(page => page.refusal)
  const { desk } = useSurroundings()
  if (!staleKind) return null
  const more = refusal ? [refusal, wait] : [texts.stale.last, wait]
  return (
    // Its age changes each second: who listens is told by the announcer, once.
    <section className={styles.banner} aria-label={texts.stale.label}>
      <OutcomeMark outcome="warning" />
      <strong>{text}</strong>
      <span>{more.filter(Boolean).join(' · ')}</span>
      {staleKind === 'lost' && (
        <button type="button" onClick={desk.retry}>
          {texts.stale.retry}
        </button>
      )}
    </section>
  )
}

/** Before the first request: that somebody listens, and who. */
export function EmptyState() {
  const empty = usePage(isEmpty)
  const agents = usePage(page => page.status?.agents)
  const orchestrators = usePage(page => page.status?.orchestrators)
  const services = usePage(page => page.topology?.services.length ?? 0)
  if (!empty) return null
  const isKnown = services > 0
  const connected = agents?.filter(agent => agent.connected).length ?? 0
  return (
    <div className={styles.empty} data-known={isKnown}>
      <svg viewBox="0 0 140 70" width="140" height="70" aria-hidden="true">
        <circle className={styles.ring} cx="14" cy="35" r="9" />
        <path className={styles.way} d="M25 35C60 35 70 12 106 12M25 35C60 35 70 58 106 58" />
        <circle className={styles.dashed} cx="115" cy="12" r="8" />
        <circle className={styles.dashed} cx="115" cy="58" r="8" />
      </svg>
      <h2>{texts.empty.title}</h2>
      {!isKnown && <p>{texts.empty.text}</p>}
      {agents && (
        <p>
          {texts.empty.agents(connected, agents.length)} {isKnown && texts.empty.watching(services)}
        </p>
      )}
      <ul>
        {orchestrators
          ?.filter(({ state }) => state === 'lost' || (state !== 'absent' && !isKnown))
          .map(({ name, state, text }) => (
            <li key={`${name} ${text}`} data-state={state}>
              {texts.notice.orchestrator(name, text)}
            </li>
          ))}
        {agents?.flatMap(agent =>
          agent.notices.map(notice => (
            <li key={`${agent.node} ${notice}`} data-state="lost">
              {texts.notice.says(agent.node, notice)}
            </li>
          )),
        )}
      </ul>
    </div>
  )
}

/** Why there is no moving map, where there is none. */
export function MapNotice() {
  const map = usePage(page => page.map)
  if (map !== 'lost' && map !== 'unsupported') return null
  return (
    <p className={styles.notice} data-map={map} role="status">
      <OutcomeMark outcome="warning" />
      {texts.map[map]}
    </p>
  )
}
