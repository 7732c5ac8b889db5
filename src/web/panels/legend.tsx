import { useEffect, useState } from 'react'
import { outcomes } from '#model/transaction.ts'
import { formatNumber } from '../state/format.ts'
import { texts } from '../texts.ts'
import styles from './legend.module.css'
import { OutcomeMark } from './marks.tsx'
import { useMedia, usePage, useSurroundings } from './use-desk.ts'

/** What a dot means, with the scale that the map has now. */
export function Legend() {
  const { map } = useSurroundings()
  const hasTraffic = usePage(
    page => page.map === 'drawing' && (page.topology?.links.length ?? 0) > 0,
  )
  const isReduced = useMedia('(prefers-reduced-motion: reduce)')
  const [requestsPerDot, setScale] = useState(1)
  useEffect(() => {
    const timer = setInterval(() => setScale(map.current?.stats().requestsPerDot ?? 1), 1000)
    return () => clearInterval(timer)
  }, [map])
  if (!hasTraffic) return null
  return (
    <footer className={styles.legend}>
      {outcomes.map(outcome => (
        <span key={outcome}>
          <OutcomeMark outcome={outcome} />
          {texts.legend.outcome[outcome]}
        </span>
      ))}
      <span className={styles.scale}>
        {requestsPerDot <= 1.05
          ? texts.legend.dotOne
          : texts.legend.dot(formatNumber(Number(requestsPerDot.toPrecision(2))))}
      </span>
      <span className={styles.speed}>{isReduced ? texts.legend.reduced : texts.legend.speed}</span>
    </footer>
  )
}
