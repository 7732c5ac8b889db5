import type { ClusterEvent } from '#model/event.ts'
import { age, cut, timeOfSecond } from '../state/format.ts'
import { texts } from '../texts.ts'
import styles from './events.module.css'
import { Name } from './name.tsx'
import panel from './panel.module.css'
import { usePage } from './use-desk.ts'

/** What changed at a service, newest first. */
export function Events({ events }: { events: readonly ClusterEvent[] }) {
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
            {event.instanceName !== undefined && (
              <Name className={styles.instance} text={event.instanceName} />
            )}
          </span>
        </li>
      ))}
    </ol>
  )
}

type Say = (from: string, to: string) => string

/** An event in words; of a kind that is not known, its name. */
export function wordsOf({ kind, from, to }: ClusterEvent): string {
  const say: Say | undefined = texts.event.kinds[kind]
  const [before, after] = [from, to].map(value => cut(String(value ?? '')))
  return say ? say(before, after) : [cut(kind), after].filter(Boolean).join(' ')
}

/** Kinds that mean that something is wrong. */
export function toneOf({ kind, to }: ClusterEvent): 'warning' | undefined {
  const isTrouble = kind === 'restarted' || kind === 'gone' || to === 'unhealthy'
  return isTrouble ? 'warning' : undefined
}

/** ISO 8601; empty where the time is none. */
const dateOf = (ms: number): string =>
  Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString() : ''
