import { useCallback } from 'react'
import { unseenSince } from '../state/agents.ts'
import type { FeedService, Topology } from '../state/feed.ts'
import { age } from '../state/format.ts'
import type { Picture } from '../state/page.ts'
import { texts } from '../texts.ts'
import { Instances } from './instances.tsx'
import { LinkRows } from './link-rows.tsx'
import { HealthDot, ServiceMark } from './marks.tsx'
import styles from './panel.module.css'
import { FlowRows, Panel, PanelError } from './panel.tsx'
import { useAnswer, usePage, useSurroundings } from './use-desk.ts'

/** The server is asked for containers and their states this often. */
const askEveryMs = 5000
/** Seconds of the lines beside the figures. */
const trendSeconds = 900

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
      <LinkRows
        {...{ picture, side: 'callers', indexes: topology.incoming[index] }}
        title={texts.service.callers}
        none={texts.service.noCallers}
      />
      <LinkRows
        {...{ picture, side: 'calls', indexes: topology.outgoing[index] }}
        title={texts.service.outgoing}
        none={texts.service.noCalls}
      />
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
  const name = answers ? texts.service.requests : texts.service.calls
  return <FlowRows {...{ name, requests, errorShare, p99Us, series }} />
}

function callErrors({ links }: Picture, indexes: readonly number[], requests: number): number {
  const errors = indexes.reduce((sum, link) => sum + links.errors[link], 0)
  return requests > 0 ? errors / requests : 0
}
