import { useCallback } from 'react'
import { unseenSince } from '../state/agents.ts'
import type { FeedService, Topology } from '../state/feed.ts'
import { age, duration, formatNumber, join, share } from '../state/format.ts'
import type { Picture } from '../state/page.ts'
import { busiestFirst } from '../state/walk.ts'
import { texts } from '../texts.ts'
import { Instances } from './instances.tsx'
import { HealthDot, ServiceMark } from './marks.tsx'
import styles from './panel.module.css'
import { KpiRow, Panel, PanelError } from './panel.tsx'
import { useAnswer, usePage, useSurroundings, useView } from './use-desk.ts'

/** The server is asked for containers and their states this often. */
const askEveryMs = 5000
/** Seconds of the lines beside the figures. */
const trendSeconds = 900
/** Links of one direction that are listed. */
const linksMax = 40

export function ServicePanel({ id }: { id: string }) {
  const { api } = useSurroundings().desk
  const picture = usePage(page => page.picture)
  const topology = usePage(page => page.topology)
  const ask = useCallback((key: string, signal: AbortSignal) => api.service(key, signal), [api])
  const asked = useAnswer(id, ask, askEveryMs)
  const index = topology?.serviceIndex.get(id)
  const service = index === undefined ? undefined : topology?.services[index]
  const told = service ?? asked.value?.service
  if (!picture || !topology || index === undefined || !service) {
    return (
      <Panel label={told?.name ?? id} title={<span>{told?.name ?? id}</span>} sub="">
        <PanelError error={texts.service.gone} />
      </Panel>
    )
  }
  const title = (
    <>
      <ServiceMark kind={service.kind} role={service.role} />
      <span title={service.name}>{service.name}</span>
    </>
  )
  return (
    <Panel label={service.name} title={title} sub={<Sub service={service} />}>
      <Unseen service={service} />
      <Figures picture={picture} topology={topology} index={index} />
      <Links picture={picture} side="callers" indexes={topology.incoming[index]} />
      <Links picture={picture} side="calls" indexes={topology.outgoing[index]} />
      {asked.value && <Instances instances={asked.value.instances} />}
      <PanelError error={asked.error} />
    </Panel>
  )
}

function Sub({ service }: { service: FeedService }) {
  const parts = [texts.kind[service.kind], ...service.group]
  if (service.instances > 0) parts.push(texts.service.instanceCount(service.instances))
  return (
    <>
      {parts.join(' · ')}
      {service.health !== 'unknown' && (
        <>
          {' · '}
          <HealthDot health={service.health} /> {texts.health[service.health]}
        </>
      )}
    </>
  )
}

/** That it is not seen, or not everywhere, where and since when. */
function Unseen({ service }: { service: FeedService }) {
  const status = usePage(page => page.status)
  const unseen = unseenSince(service, status)
  if (!unseen || !status) return null
  const since = unseen.sinceMs === undefined ? '' : age(status.atMs - unseen.sinceMs)
  const say = service.watched === 'no' ? texts.service.unseen : texts.service.partlyUnseen
  return <p className={styles.warning}>{say(unseen.nodes.join(', '), since)}</p>
}

interface FiguresProps {
  readonly picture: Picture
  readonly topology: Topology
  readonly index: number
}

/** What it answers; of a service that nobody calls, what it asks. */
function Figures({ picture, topology, index }: FiguresProps) {
  const { history } = useSurroundings().desk
  const answers = topology.incoming[index].length > 0
  const links = answers ? topology.incoming[index] : topology.outgoing[index]
  const series = history.series(
    links.map(link => topology.links[link].id),
    trendSeconds,
  )
  const { services } = picture
  const requests = answers ? services.requests[index] : services.calls[index]
  const errorShare = answers ? services.errorShare[index] : callErrors(picture, links, requests)
  const p99Us = answers
    ? services.p99Us[index]
    : Math.max(0, ...links.map(link => picture.links.p99Us[link]))
  return (
    <>
      <KpiRow
        name={answers ? texts.service.requests : texts.service.calls}
        quantity={{ value: formatNumber(requests), unit: texts.kpi.perSecond }}
        values={series.requests}
      />
      <KpiRow
        name={texts.service.errors}
        quantity={share(errorShare)}
        values={series.errorShare}
        ceiling={0.02}
        tone={errorShare > 0 ? 'error' : undefined}
      />
      <KpiRow name={texts.service.p99} quantity={duration(p99Us)} values={series.p99Us} />
    </>
  )
}

function callErrors({ links }: Picture, indexes: readonly number[], requests: number): number {
  const errors = indexes.reduce((sum, link) => sum + links.errors[link], 0)
  return requests > 0 ? errors / requests : 0
}

interface LinksProps {
  readonly picture: Picture
  readonly side: 'callers' | 'calls'
  readonly indexes: readonly number[]
}

function Links({ picture, side, indexes }: LinksProps) {
  const sorted = busiestFirst(picture, indexes).slice(0, linksMax)
  const most = sorted.length > 0 ? picture.links.requests[sorted[0]] : 0
  return (
    <>
      <h3 className={styles.section}>
        {side === 'callers' ? texts.service.callers : texts.service.outgoing} {indexes.length}
        <span style={{ marginLeft: 'auto' }}>{texts.service.rate}</span>
        <span>{texts.service.error}</span>
      </h3>
      {indexes.length === 0 && (
        <p className={styles.none}>
          {side === 'callers' ? texts.service.noCallers : texts.service.noCalls}
        </p>
      )}
      <ul className={styles.rows}>
        {sorted.map(link => (
          <LinkRow key={picture.topology.links[link].id} {...{ picture, side, link, most }} />
        ))}
      </ul>
    </>
  )
}

interface LinkRowProps extends Omit<LinksProps, 'indexes'> {
  readonly link: number
  readonly most: number
}

function LinkRow({ picture, side, link, most }: LinkRowProps) {
  const { select } = useView()
  const { topology, links } = picture
  const { id, protocol, client, server } = topology.links[link]
  const other = topology.services[side === 'callers' ? client : server]
  const errorShare = links.errorShare[link]
  const tone = errorShare > 0 ? 'error' : undefined
  const part = most > 0 ? links.requests[link] / most : 0
  return (
    <li>
      <button type="button" className={styles.row} onClick={() => select({ kind: 'link', id })}>
        <span className={styles.fill} data-tone={tone} style={{ width: `${100 * part}%` }} />
        <span className={styles.rowName} title={other.name}>
          {other.name}
          <small>{protocol}</small>
        </span>
        <span className={styles.cell}>{formatNumber(links.requests[link])}</span>
        <span className={styles.cell} data-tone={tone ?? 'none'}>
          {join(share(errorShare))}
        </span>
      </button>
    </li>
  )
}
