import type { Target } from '../draw/flow-map.ts'
import { age, duration, formatNumber, join, share } from '../state/format.ts'
import type { MapGhost } from '../state/ghosts.ts'
import type { Figures } from '../state/page.ts'
import { texts } from '../texts.ts'
import styles from './tooltip.module.css'
import { usePage } from './use-desk.ts'

/** What the pointer is on: a name and three figures. */
export function Tooltip({ target }: { target: Target }) {
  const map = usePage(page => page.picture?.map)
  const ghosts = usePage(page => page.picture?.ghosts)
  const told = map && tell(map, target)
  const ghost = map && !told && ghosts?.[target.index - map.topology.services.length]
  if (ghost && target.kind === 'service') return <GhostTip {...ghost} />
  if (!told) return null
  return (
    <div className={styles.tip}>
      <strong>{told.name}</strong>
      <span className={styles.place}>{told.place}</span>
      <span>
        {formatNumber(told.requests)} {texts.service.rate}
        <span data-trouble={told.errorShare > 0}>
          {join(share(told.errorShare))} {texts.service.error}
        </span>
        <span>
          {texts.link.p99} {join(duration(told.p99Us))}
        </span>
      </span>
    </div>
  )
}

/** Of a service that is gone: what it was, and since when. */
function GhostTip({ service, sinceMs }: MapGhost) {
  const nowMs = usePage(page => page.nowMs)
  return (
    <div className={styles.tip}>
      <strong>{service.name}</strong>
      <span className={styles.place}>
        {[texts.kind[service.kind], ...service.group].join(' · ')}
      </span>
      <span>{texts.service.goneSince(age(Math.max(0, nowMs - sinceMs)))}</span>
    </div>
  )
}

function tell({ topology, services, links }: Figures, { kind, index }: Target) {
  if (kind === 'service') {
    const service = topology.services[index]
    if (!service) return undefined
    const place = [texts.kind[service.kind], ...service.group]
    if (service.watched === 'no') place.push(texts.service.notWatched)
    return { name: service.name, place: place.join(' · '), ...figures(services, index) }
  }
  const link = topology.links[index]
  if (!link) return undefined
  const name = `${topology.services[link.client]?.name} → ${topology.services[link.server]?.name}`
  return { name, place: link.protocol.toUpperCase(), ...figures(links, index) }
}

const figures = (
  columns: Pick<Figures['links'], 'requests' | 'errorShare' | 'p99Us'>,
  index: number,
) => ({
  requests: columns.requests[index],
  errorShare: columns.errorShare[index],
  p99Us: columns.p99Us[index],
})
