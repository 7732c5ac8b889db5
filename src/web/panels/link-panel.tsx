import { useCallback } from 'react'
import { outcomes } from '#model/transaction.ts'
import type { Counts } from '#model/window.ts'
import type { LinkDetail } from '../state/api.ts'
import type { FeedService } from '../state/feed.ts'
import { bytes, join, share } from '../state/format.ts'
import { texts } from '../texts.ts'
import { type Fact, FactList } from './facts.tsx'
import { Latency } from './latency.tsx'
import styles from './link-panel.module.css'
import { LinkFlow } from './link-rows.tsx'
import { OutcomeMark } from './marks.tsx'
import panel from './panel.module.css'
import { Panel, PanelError } from './panel.tsx'
import { useAnswer, usePage, useSurroundings, useView } from './use-desk.ts'

/** The server is asked for the exact figures of the last minute this often. */
const askEveryMs = 3000

export function LinkPanel({ id }: { id: string }) {
  const { api } = useSurroundings().desk
  const picture = usePage(page => page.picture)
  const ask = useCallback((key: string, signal: AbortSignal) => api.link(key, signal), [api])
  const asked = useAnswer(id, ask, askEveryMs)
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
      label={`${from.name} ${texts.link.calls} ${to.name}`}
      title={title}
      sub={<Tag protocol={protocol} />}
    >
      <LinkFlow picture={picture} index={index} ids={[id]} />
      {asked.value && (
        <>
          <Outcomes counts={asked.value.counts} />
          <h3 className={panel.section}>{texts.link.latency}</h3>
          <Latency detail={asked.value} />
          <Traffic detail={asked.value} />
        </>
      )}
      <PanelError {...asked} />
    </Panel>
  )
}

const Tag = ({ protocol }: { protocol: string }) => <span className={styles.tag}>{protocol}</span>

function End({ service }: { service: FeedService }) {
  const { select } = useView()
  return (
    <button
      type="button"
      className={styles.end}
      title={service.name}
      onClick={() => select({ kind: 'service', id: service.id })}
    >
      {service.name}
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
