import { useCallback } from 'react'
import { outcomes } from '#model/transaction.ts'
import type { Counts } from '#model/window.ts'
import type { LinkDetail } from '../state/api.ts'
import type { FeedService } from '../state/feed.ts'
import { bytes, cut, join, share } from '../state/format.ts'
import type { Picture } from '../state/page.ts'
import { texts } from '../texts.ts'
import { type Fact, FactList } from './facts.tsx'
import { Latency } from './latency.tsx'
import styles from './link-panel.module.css'
import { LinkFlow, LinkRows } from './link-rows.tsx'
import { OutcomeMark } from './marks.tsx'
import panel from './panel.module.css'
import { Panel, PanelError, Waiting } from './panel.tsx'
import { Resources, useResources } from './resources.tsx'
import { LinkPlots, type Now } from './series-plots.tsx'
import { Tabs } from './tabs.tsx'
import { type Asked, useAnswer, usePage, useSurroundings, useView } from './use-desk.ts'

/** The server is asked for the exact figures of the last minute this often. */
const askEveryMs = 3000

export function LinkPanel({ id }: { id: string }) {
  const { api } = useSurroundings().desk
  const picture = usePage(page => page.picture)
  const ask = useCallback((key: string, signal: AbortSignal) => api.link(key, signal), [api])
  const asked = useAnswer(id, ask, askEveryMs)
  const resources = useResources(id)
  const topology = picture?.topology
  const index = topology?.linkIndex.get(id)
  if (!picture || !topology || index === undefined) {
    return (
      <Panel label={id} title={<span>{texts.link.gone}</span>} sub={asked.error ?? ''}>
        {null}
      </Panel>
    )
  }
  const { client, server, protocol } = topology.links[index]
  const [from, to] = [topology.services[client], topology.services[server]]
  const title = (
    <>
      <End service={from} />
      <span className={styles.arrow}>→</span>
      <End service={to} />
      <span />
    </>
  )
  return (
    <Panel
      label={`${cut(from.name)} ${texts.link.calls} ${cut(to.name)}`}
      title={title}
      sub={<Tag protocol={protocol} />}
    >
      <Tabs
        label={texts.panel.parts(`${cut(from.name)} → ${cut(to.name)}`)}
        parts={[
          {
            tab: undefined,
            name: texts.panel.overview,
            content: () => (
              <>
                <LinkPlots
                  id={id}
                  now={nowOf(picture, index)}
                  instead={<LinkFlow picture={picture} index={index} ids={[id]} />}
                />
                <Resources asked={resources} most={namedMax} />
                <Protocols picture={picture} index={index} />
              </>
            ),
          },
          {
            tab: 'resources',
            name: texts.link.resources,
            count: resources.value?.resources.length,
            content: () => <Resources asked={resources} />,
          },
          {
            tab: 'traffic',
            name: texts.link.traffic,
            content: () => <LastMinute asked={asked} />,
          },
        ]}
      />
    </Panel>
  )
}

/** Resources that the overview names; the tab has them all. */
const namedMax = 5

/** What else the same two say to each other, each in its own protocol. */
function Protocols({ picture, index }: { picture: Picture; index: number }) {
  const { topology } = picture
  const { client, server } = topology.links[index]
  const isBetween = (other: number) => {
    const link = topology.links[other]
    const isSame = link.client === client && link.server === server
    return other !== index && (isSame || (link.client === server && link.server === client))
  }
  const near = [...topology.outgoing[client], ...topology.outgoing[server]]
  const indexes = [...new Set(near)].filter(isBetween)
  if (indexes.length === 0) return null
  return <LinkRows {...{ picture, indexes }} side="both" title={texts.link.alsoBetween} none="" />
}

/** Exact counts, latencies and bytes of the last minute. */
function LastMinute({ asked }: { asked: Asked<LinkDetail> }) {
  return (
    <>
      {asked.value ? (
        <>
          <Outcomes counts={asked.value.counts} />
          <h3 className={panel.section}>{texts.link.latency}</h3>
          <Latency detail={asked.value} />
          <Traffic detail={asked.value} />
        </>
      ) : (
        !asked.error && <Waiting />
      )}
      <PanelError {...asked} />
    </>
  )
}

const nowOf = ({ links }: Picture, index: number): Now => ({
  requests: links.requests[index],
  errorShare: links.errorShare[index],
  p99Us: links.p99Us[index],
  bytes: links.bytes[index],
})

const Tag = ({ protocol }: { protocol: string }) => <span className={styles.tag}>{protocol}</span>

function End({ service }: { service: FeedService }) {
  const { select } = useView()
  return (
    <button
      type="button"
      className={styles.end}
      title={cut(service.name)}
      onClick={() => select({ kind: 'service', id: service.id })}
    >
      <bdi>{cut(service.name)}</bdi>
    </button>
  )
}

/** How the requests of the last minute ended: the bar for the eye, the counts for certainty. */
function Outcomes({ counts }: { counts: Counts }) {
  const total = Math.max(1, counts.ok + counts.warning + counts.error)
  return (
    <>
      <h3 className={panel.section}>{texts.link.outcomes}</h3>
      <div className={styles.bar} aria-hidden="true">
        {outcomes.map(outcome => (
          <span
            key={outcome}
            data-outcome={outcome}
            // What is not zero can be seen, however small.
            style={{ flexGrow: counts[outcome], minWidth: counts[outcome] > 0 ? 3 : 0 }}
          />
        ))}
      </div>
      <ul className={styles.outcomes}>
        {outcomes.map(outcome => (
          <li key={outcome}>
            <OutcomeMark outcome={outcome} />
            <span>{texts.legend.outcome[outcome]}</span>
            <b>{counts[outcome].toLocaleString('en')}</b>
            <span className={styles.part}>{join(share(counts[outcome] / total))}</span>
          </li>
        ))}
      </ul>
    </>
  )
}

function Traffic({ detail }: { detail: LinkDetail }) {
  const { traffic, bytesPerSecond } = detail
  const facts: readonly Fact[] = [
    { name: texts.link.bytes, value: `${join(bytes(bytesPerSecond))}/s` },
    { name: texts.link.sent, value: join(bytes(traffic.requestBytes)) },
    { name: texts.link.received, value: join(bytes(traffic.responseBytes)) },
    { name: texts.link.connections, value: traffic.connections.toLocaleString('en') },
    {
      name: texts.link.failures,
      value: traffic.failures.toLocaleString('en'),
      isTrouble: traffic.failures > 0,
    },
    { name: texts.link.retransmissions, value: traffic.retransmissions.toLocaleString('en') },
    {
      name: texts.link.lost,
      value: join(bytes(traffic.lostBytes)),
      isTrouble: traffic.lostBytes > 0,
      why: texts.link.lostWhy,
    },
  ]
  return (
    <>
      <h3 className={panel.section}>{texts.link.traffic}</h3>
      <FactList facts={facts} />
    </>
  )
}
