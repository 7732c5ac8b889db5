import type { ServiceEvent } from '../state/api.ts'
import { age, cut, timeOfSecond } from '../state/format.ts'
import { texts } from '../texts.ts'
import styles from './events.module.css'
import { Name } from './name.tsx'
import panel from './panel.module.css'
import { usePage } from './use-desk.ts'

/** What changed at a service, newest first. */
export function Events({ events }: { events: readonly ServiceEvent[] }) {
  const nowMs = usePage(page => page.nowMs)
  if (events.length === 0) return <p className={panel.none}>{texts.event.none}</p>
  return (
    <ol className={styles.events}>
      {events.map((event, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: events have no identity; they are only read
        <li key={i} data-tone={toneOf(event)}>
          <time dateTime={dateOf(event.timeMs)} title={timeOfSecond(event.timeMs)}>
            {age(nowMs - event.timeMs)}
          </time>
          <span>
            {wordsOf(event)}
            {event.instance !== undefined && (
              <Name className={styles.instance} text={event.instance} />
            )}
          </span>
        </li>
      ))}
    </ol>
  )
}

/** An event in words; of a kind that is not known, its name. */
export function wordsOf({ kind, from, to }: ServiceEvent): string {
  const say = texts.event.kinds[kind as keyof typeof texts.event.kinds]
  const [before, after] = [from, to].map(value => cut(String(value ?? '')))
  return say ? say(before, after) : [cut(kind), after].filter(Boolean).join(' ')
}

/** Kinds that mean that something is wrong. */
function toneOf({ kind, to }: ServiceEvent): 'warning' | undefined {
  const isTrouble = kind === 'restarted' || kind === 'gone' || to === 'unhealthy'
  return isTrouble ? 'warning' : undefined
}

/** ISO 8601; empty where the time is none. */
const dateOf = (ms: number): string =>
  Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString() : ''
