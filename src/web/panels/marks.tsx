import type { Health, ServiceRole } from '#model/service.ts'
import type { Outcome } from '#model/transaction.ts'
import type { FeedService } from '../state/feed.ts'
import { texts } from '../texts.ts'
import styles from './marks.module.css'

/** The sign of an outcome: its shape says it as well as its colour. */
export function OutcomeMark({ outcome }: { outcome: Outcome }) {
  return (
    <svg className={styles[outcome]} viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
      {outcome === 'ok' && <circle cx="5" cy="5" r="3" />}
      {outcome === 'warning' && <path d="M5 .6 9.4 5 5 9.4.6 5z" />}
      {outcome === 'error' && <path className={styles.cross} d="m1.5 1.5 7 7m0-7-7 7" />}
    </svg>
  )
}

/** The sign of a service: the same glyph as on the map. */
export function ServiceMark({ kind, role }: { kind: FeedService['kind']; role: ServiceRole }) {
  const isOwn = kind === 'internet' || kind === 'external' || kind === 'group'
  const glyph = isOwn ? kind : role
  return (
    <svg className={styles.glyph} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      {glyphs[glyph]}
    </svg>
  )
}

const glyphs = {
  internet: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M2 8h12M8 2c4 4 4 8 0 12M8 2c-4 4-4 8 0 12" />
    </>
  ),
  external: (
    <>
      <circle cx="8" cy="8" r="6.6" strokeDasharray="2.2 1.9" />
      <path d="M6 10l4-4M6.8 6H10v3.2" />
    </>
  ),
  web: <path d="M2 3.6h12v9.6H2zM2 6.6h12" />,
  store: <path strokeWidth="2.4" strokeLinecap="round" d="M3.5 4h9M3.5 8h9M3.5 12h9" />,
  queue: <path d="M1.5 6h3.2v4H1.5zM6.4 6h3.2v4H6.4zM11.3 6h3.2v4h-3.2z" />,
  group: (
    <>
      <circle cx="8" cy="4.4" r="2.6" />
      <circle cx="4" cy="11" r="2.6" />
      <circle cx="12" cy="11" r="2.6" />
    </>
  ),
  plain: (
    <>
      <circle cx="8" cy="8" r="6" />
      <circle cx="8" cy="8" r="1" />
    </>
  ),
}

/** The sign of a machine. */
export function NodeMark() {
  return (
    <svg className={styles.glyph} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d="M2 3h12v4H2zM2 9h12v4H2zM4.500 5h.01M4.500 11h.01" strokeLinecap="round" />
    </svg>
  )
}

/** A dot for how an instance is. */
export function HealthDot({ health }: { health: Health }) {
  if (health === 'unhealthy') return <OutcomeMark outcome="error" />
  if (health === 'starting') return <OutcomeMark outcome="warning" />
  return <span className={health === 'healthy' ? styles.healthy : styles.unknown} />
}

/** An ink drop that flies: the product's sign. */
export function Logo() {
  return (
    <span className={styles.logo} aria-hidden="true">
      <svg viewBox="0 0 28 28" width="26" height="26" aria-hidden="true">
        <defs>
          <linearGradient id="tail">
            <stop offset="0" className={styles.tail} />
            <stop offset=".62" className={styles.head} />
          </linearGradient>
        </defs>
        <path
          fill="url(#tail)"
          d="M0 14C9 13 12 7.5 19.5 7.500a6.5 6.5 0 1 1 0 13C12 20.5 9 15 0 14z"
        />
        <circle className={styles.eye} cx="19.5" cy="14" r="2.6" />
      </svg>
      <span>{texts.product}</span>
    </span>
  )
}
