import { useEffect, useState } from 'react'
import { outcomes } from '#model/transaction.ts'
import { formatNumber } from '../state/format.ts'
import { otherGrouping, togglePause } from '../state/page.ts'
import { isOfMachines } from '../state/place.ts'
import { texts } from '../texts.ts'
import { TidyButton } from './arranging.tsx'
import styles from './legend.module.css'
import { OutcomeMark } from './marks.tsx'
import { useMedia, usePage, useSurroundings } from './use-desk.ts'

function PauseButton() {
  const { store } = useSurroundings().desk
  const paused = usePage(page => page.paused)
  const hint = paused ? texts.legend.resume : texts.legend.pause
  return (
    <button
      type="button"
      className={styles.pause}
      aria-pressed={paused}
      aria-label={hint}
      title={hint}
      onClick={() => store.set(togglePause)}
    >
      <svg viewBox="0 0 10 10" width="9" height="9" aria-hidden="true">
        <path d={paused ? 'M1.5 0 9.5 5l-8 5z' : 'M1 0h3v10H1zM6 0h3v10H6z'} />
      </svg>
    </button>
  )
}

/** By machine, where machines are known; or back to projects. */
function GroupingButton() {
  const { store } = useSurroundings().desk
  const isOn = usePage(page => isOfMachines(page.view.at))
  const isKnown = usePage(page => page.topology?.services.some(({ node }) => node !== undefined))
  if (!isKnown && !isOn) return null
  const hint = isOn ? texts.place.byGroup : texts.place.byMachine
  return (
    <button
      type="button"
      className={styles.pause}
      aria-pressed={isOn}
      aria-label={hint}
      title={hint}
      onClick={() => store.set(otherGrouping)}
    >
      <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
        <path
          d="M1 1.500h10v3.600H1zM1 6.900h10v3.600H1zM3 3.300h.2M3 8.700h.2"
          fill="none"
          stroke="currentcolor"
          strokeLinecap="round"
        />
      </svg>
    </button>
  )
}

/** What a dot means, with the scale that the map has now. */
export function Legend() {
  const { map } = useSurroundings()
  const hasTraffic = usePage(
    page => page.map === 'drawing' && (page.topology?.links.length ?? 0) > 0,
  )
  const paused = usePage(page => page.paused)
  const slow = usePage(page => page.slow)
  const isFixed = usePage(page => page.view.frame === 'embed')
  const isReduced = useMedia('(prefers-reduced-motion: reduce)')
  const [requestsPerDot, setScale] = useState(1)
  useEffect(() => {
    const timer = setInterval(() => setScale(map.current?.stats().requestsPerDot ?? 1), 1000)
    return () => clearInterval(timer)
  }, [map])
  if (!hasTraffic) return null
  return (
    <footer className={styles.legend}>
      <PauseButton />
      {!isFixed && <TidyButton />}
      {!isFixed && <GroupingButton />}
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
      <span className={styles.speed}>
        {isReduced
          ? texts.legend.reduced
          : paused
            ? texts.legend.paused
            : slow
              ? texts.legend.slow
              : texts.legend.speed}
      </span>
    </footer>
  )
}
