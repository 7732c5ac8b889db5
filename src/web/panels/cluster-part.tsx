import { useCallback } from 'react'
import type { ClusterNode } from '#model/node.ts'
import { parsePlace } from '#model/place.ts'
import { nodesIn, type Watchers } from '../state/clusters.ts'
import { age, bytes, cut, formatNumber, join } from '../state/format.ts'
import type { Path } from '../state/place.ts'
import { texts } from '../texts.ts'
import styles from './cluster-part.module.css'
import { HealthDot } from './marks.tsx'
import { Name } from './name.tsx'
import panel from './panel.module.css'
import { PanelError, Waiting } from './panel.tsx'
import { useAnswer, usePage, useSurroundings, useView } from './use-desk.ts'

/** Nodes are asked for this often. */
const askEveryMs = 5000
/** Nodes that are listed: those in trouble come first. */
const nodesMax = 100

/** A cluster as machines: its nodes, their agents, and what its orchestrators say of themselves. */
export function ClusterPart({ path, watchers }: { path: Path; watchers: Watchers }) {
  const { api } = useSurroundings().desk
  const ask = useCallback((_: string, signal: AbortSignal) => api.nodes(signal), [api])
  const asked = useAnswer('nodes', ask, askEveryMs)
  const nodes = asked.value && nodesIn(path, asked.value.nodes)
  const away = watchers.agents.filter(({ connected }) => !connected).length
  return (
    <>
      <Orchestrators states={watchers.orchestrators} />
      <h3 className={panel.section}>
        {texts.cluster.nodes} {texts.status.reporting(watchers.agents.length - away, away)}
        <span style={{ marginLeft: 'auto' }}>{texts.cluster.runs}</span>
        <span>{texts.node.memory}</span>
      </h3>
      {nodes ? <Nodes nodes={nodes} /> : !asked.error && <Waiting />}
      <PanelError {...asked} />
    </>
  )
}

function Orchestrators({ states }: { states: Watchers['orchestrators'] }) {
  return (
    <ul className={styles.orchestrators}>
      {states.map(({ name, state, text }) => (
        <li key={name}>
          <HealthDot health={state === 'connected' ? 'healthy' : 'unhealthy'} />
          <b>{cut(name)}</b>
          <span>{cut(text)}</span>
        </li>
      ))}
    </ul>
  )
}

function Nodes({ nodes }: { nodes: readonly ClusterNode[] }) {
  return (
    <>
      {nodes.length === 0 && <p className={panel.none}>{texts.cluster.noNodes}</p>}
      <ul className={panel.rows}>
        {nodes.slice(0, nodesMax).map(node => (
          <NodeRow key={node.name} node={node} />
        ))}
      </ul>
      {nodes.length > nodesMax && (
        <p className={panel.none}>{texts.place.more(nodes.length - nodesMax)}</p>
      )}
    </>
  )
}

function NodeRow({ node: { name, agent, instances, memoryBytes } }: { node: ClusterNode }) {
  const { select } = useView()
  const atMs = usePage(page => page.status?.atMs ?? 0)
  const isAway = agent !== undefined && !agent.connected
  const note = isAway
    ? texts.status.away(age(atMs - agent.lastMs))
    : agent
      ? ''
      : texts.node.noAgentShort
  return (
    <li>
      <button
        type="button"
        className={`${panel.row} ${styles.row}`}
        onClick={() => select({ kind: 'node', id: name })}
      >
        <HealthDot health={isAway ? 'starting' : agent ? 'healthy' : 'unknown'} />
        <span className={panel.rowName}>
          <Name text={parsePlace(name).node} />
          <small>{note}</small>
        </span>
        <span className={panel.cell}>{formatNumber(instances)}</span>
        <span className={panel.cell}>
          {memoryBytes === undefined ? '–' : join(bytes(memoryBytes))}
        </span>
      </button>
    </li>
  )
}
