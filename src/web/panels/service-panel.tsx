import { useCallback, useMemo } from 'react'
import { unseenSince } from '../state/agents.ts'
import type { ServiceDetail } from '../state/api.ts'
import type { FeedService, Topology } from '../state/feed.ts'
import { age, cut } from '../state/format.ts'
import type { Picture } from '../state/page.ts'
import { instancesPlaceOf } from '../state/place.ts'
import { texts } from '../texts.ts'
import { Events, toneOf, wordsOf } from './events.tsx'
import { Instances } from './instances.tsx'
import { LinkRows } from './link-rows.tsx'
import { HealthDot, ServiceMark } from './marks.tsx'
import { Name } from './name.tsx'
import styles from './panel.module.css'
import { FlowRows, Panel, PanelError, Waiting } from './panel.tsx'
import type { Mark } from './plot.tsx'
import { type Now, ServicePlots } from './series-plots.tsx'
import { type TabPart, Tabs } from './tabs.tsx'
import { type Asked, useAnswer, usePage, useSurroundings, useView } from './use-desk.ts'

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
      <Panel label={cut(told?.name ?? id)} title={<Name text={told?.name ?? id} />} sub="">
        <PanelError error={texts.service.gone} />
      </Panel>
    )
  }
  const title = (
    <>
      <ServiceMark kind={service.kind} role={service.role} />
      <Name text={service.name} />
    </>
  )
  return (
    <Panel label={cut(service.name)} title={title} sub={<Sub service={service} />}>
      <Tabs
        label={texts.panel.parts(cut(service.name))}
        parts={partsOf({ picture, topology, index, asked })}
      />
    </Panel>
  )
}

interface PartsProps {
  readonly picture: Picture
  readonly topology: Topology
  readonly index: number
  readonly asked: Asked<ServiceDetail>
}

/** Links that the overview names; the tabs have them all. */
const namedMax = 4

function partsOf({ picture, topology, index, asked }: PartsProps): TabPart[] {
  const service = topology.services[index]
  const incoming = topology.incoming[index]
  const outgoing = topology.outgoing[index]
  const rows = {
    callers: { picture, side: 'callers', indexes: incoming, none: texts.service.noCallers },
    calls: { picture, side: 'calls', indexes: outgoing, none: texts.service.noCalls },
  } as const
  const instances = asked.value?.instances
  return [
    {
      tab: undefined,
      name: texts.panel.overview,
      content: () => (
        <>
          <Unseen service={service} />
          <Figures picture={picture} topology={topology} index={index} />
          <LinkRows {...rows.callers} title={texts.service.callers} most={namedMax} />
          <LinkRows {...rows.calls} title={texts.service.outgoing} most={namedMax} />
          <PanelError {...asked} />
        </>
      ),
    },
    {
      tab: 'callers',
      name: texts.service.callers,
      count: incoming.length,
      content: () => <LinkRows {...rows.callers} title="" />,
    },
    {
      tab: 'calls',
      name: texts.service.outgoing,
      count: outgoing.length,
      content: () => <LinkRows {...rows.calls} title="" />,
    },
    {
      tab: 'instances',
      name: texts.service.instances,
      count: instances?.length ?? service.instances,
      content: () => (
        <>
          <InstancesOnMap service={service} />
          {instances ? <Instances instances={instances} /> : !asked.error && <Waiting />}
          <PanelError {...asked} />
        </>
      ),
    },
    { tab: 'events', name: texts.panel.events, content: () => <EventsPart id={service.id} /> },
  ]
}

/** The way to where each of them is seen for itself. */
function InstancesOnMap({ service }: { service: FeedService }) {
  const { enter } = useView()
  const at = instancesPlaceOf(service.id)
  const isThere = usePage(page => page.view.at === at)
  if (isThere || service.instances === 0) return null
  return (
    <p className={styles.lead}>
      <button type="button" className={styles.inText} onClick={() => enter(at)}>
        {texts.instance.onMap}
      </button>
    </p>
  )
}

/** Events are asked for this often. */
const askEventsEveryMs = 10_000

function useEvents(id: string) {
  const { api } = useSurroundings().desk
  const ask = useCallback((key: string, signal: AbortSignal) => api.events(key, signal), [api])
  return useAnswer(id, ask, askEventsEveryMs)
}

function EventsPart({ id }: { id: string }) {
  const asked = useEvents(id)
  return (
    <>
      {asked.value ? <Events events={asked.value.events} /> : !asked.error && <Waiting />}
      <PanelError {...asked} />
    </>
  )
}

function Sub({ service }: { service: FeedService }) {
  const parts = [texts.kind[service.kind], ...service.group]
  if (service.instances > 0) parts.push(texts.service.instanceCount(service.instances))
  return (
    <>
      <bdi>{cut(parts.join(' · '))}</bdi>
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
  const { id } = topology.services[index]
  const marks = useMarks(id)
  const answers = topology.incoming[index].length > 0
  const links = answers ? topology.incoming[index] : topology.outgoing[index]
  const { services } = picture
  const requests = answers ? services.requests[index] : services.calls[index]
  const now: Now = {
    requests,
    errorShare: answers ? services.errorShare[index] : callErrors(picture, links, requests),
    p99Us: answers
      ? services.p99Us[index]
      : Math.max(0, ...links.map(link => picture.links.p99Us[link])),
    bytes: links.reduce((sum, link) => sum + picture.links.bytes[link], 0),
  }
  const name = answers ? texts.service.requests : texts.service.calls
  const linkIds = links.map(link => topology.links[link].id)
  const series = () => history.series(linkIds, trendSeconds)
  if (links.length === 0) return <p className={styles.none}>{texts.service.silent}</p>
  return (
    <ServicePlots
      {...{ id, now, marks }}
      side={answers ? 'callers' : 'calls'}
      instead={<FlowRows {...{ name, ...now, series }} />}
    />
  )
}

/** What happened to it, as a plot marks it. */
function useMarks(id: string): readonly Mark[] {
  const asked = useEvents(id)
  const events = asked.value?.events
  return useMemo(
    () =>
      (events ?? []).map(event => ({
        timeMs: event.timeMs,
        text: wordsOf(event),
        isTrouble: toneOf(event) !== undefined,
      })),
    [events],
  )
}

function callErrors({ links }: Picture, indexes: readonly number[], requests: number): number {
  const errors = indexes.reduce((sum, link) => sum + links.errors[link], 0)
  return requests > 0 ? errors / requests : 0
}
