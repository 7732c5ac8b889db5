import { useEffect, useState } from 'react'
import { outcomes } from '#model/transaction.ts'
import { formatNumber } from '../state/format.ts'
import { otherGrouping, togglePause } from '../state/page.ts'
import { isOfMachines } from '../state/place.ts'
import { texts } from '../texts.ts'
import { TidyButton } from './arranging.tsx'
import styles from './legend.module.css'
import { OutcomeMark } from './marks.tsx'
import { ToolButton, usePress } from './tool-button.tsx'
import { useMedia, usePage, useSurroundings } from './use-desk.ts'

function PauseButton() {
  const paused = usePage(page => page.paused)
  const act = usePress(togglePause)
  return (
    <ToolButton hint={paused ? texts.legend.resume : texts.legend.pause} isOn={paused} act={act}>
      <path data-filled d={paused ? 'M3 1.500l7 4.500-7 4.500z' : 'M2 1h3v10H2zM7 1h3v10H7z'} />
    </ToolButton>
  )
}

/** By machine, where machines are known; or back to projects. */
function GroupingButton() {
  const isOn = usePage(page => isOfMachines(page.view.at))
  const isKnown = usePage(page => page.topology?.services.some(({ node }) => node !== undefined))
  const act = usePress(otherGrouping)
  if (!isKnown && !isOn) return null
  return (
    <ToolButton hint={isOn ? texts.place.byGroup : texts.place.byMachine} isOn={isOn} act={act}>
      <path d="M1 1.500h10v3.600H1zM1 6.900h10v3.600H1zM3 3.300h.2M3 8.700h.2" />
    </ToolButton>
  )
}

/** What a dot means, with the scale that the map has now. */
export function Legend() {
  const { map } = useSurroundings()
  const hasTraffic = usePage(
    page => page.map === 'drawing' && (page.topology?.links.length ?? 0) > 0,
  )
  const isFixed = usePage(page => page.view.frame === 'embed')
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
      <Law />
    </footer>
  )
}

/** What density, speed, width and glow mean; or why the dots do not move as they do otherwise. */
function Law() {
  const paused = usePage(page => page.paused)
  const slow = usePage(page => page.slow)
  const isReduced = useMedia('(prefers-reduced-motion: reduce)')
  const { speed, width, reduced, paused: stands, slow: slowly } = texts.legend
  const said = isReduced ? reduced : paused ? stands : slow ? slowly : undefined
  return (
    <span className={styles.speed}>
      {said ?? speed}
      {said === undefined && <span className={styles.more}>{width}</span>}
    </span>
  )
}
