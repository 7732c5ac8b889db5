import { useCallback, useEffect } from 'react'
import type { AgentState } from '#model/graph.ts'
import type { NodeDetail, Running } from '#model/node.ts'
import { parsePlace } from '#model/place.ts'
import { clockOff } from '../state/agents.ts'
import { age, bytes, cut, duration, formatNumber, join, share } from '../state/format.ts'
import { loadOf, servicesOn } from '../state/nodes.ts'
import { texts } from '../texts.ts'
import { type Fact, FactList, Meter } from './facts.tsx'
import { HealthDot, NodeMark } from './marks.tsx'
import { Name } from './name.tsx'
import styles from './node-panel.module.css'
import panel from './panel.module.css'
import { Panel, PanelError, Waiting } from './panel.tsx'
import { useAnswer, usePage, useSurroundings, useView } from './use-desk.ts'

/** The server is asked what runs there this often. */
const askEveryMs = 5000

/** A machine of the cluster: what its agent says, how busy it is, what runs there. */
export function NodePanel({ id }: { id: string }) {
  const { api } = useSurroundings().desk
  const ask = useCallback((name: string, signal: AbortSignal) => api.node(name, signal), [api])
  const asked = useAnswer(id, ask, askEveryMs)
  const agent = usePage(page => page.status?.agents.find(({ node }) => node === id))
  const { value: node } = asked
  const title = (
    <>
      <NodeMark />
      <Name text={parsePlace(id).node} />
    </>
  )
  const sub = [texts.node.kind, parsePlace(id).cluster, agentText(agent ?? node?.agent)]
    .filter(Boolean)
    .join(' · ')
  return (
    <Panel label={cut(id)} title={title} sub={<bdi>{sub}</bdi>}>
      <Away agent={agent ?? node?.agent} />
      {node && <Load node={node} />}
      <Agent agent={agent ?? node?.agent} node={node} />
      {node ? <Services runs={node.runs} /> : !asked.error && <Waiting />}
      <PanelError {...asked} />
    </Panel>
  )
}

function agentText(agent: AgentState | undefined): string {
  if (!agent) return texts.node.noAgentShort
  return agent.connected ? texts.node.reports : texts.node.isAway
}

function Away({ agent }: { agent: AgentState | undefined }) {
  const atMs = usePage(page => page.status?.atMs)
  if (!agent || agent.connected || atMs === undefined) return null
  return <p className={panel.warning}>{texts.node.away(age(atMs - agent.lastMs))}</p>
}

/** What all instances take together, of what the machine has. */
function Load({ node }: { node: NodeDetail }) {
  const { cpus, memoryBytes } = loadOf(node.runs)
  if (cpus === undefined && memoryBytes === undefined) return null
  const size = (count: number) => join(bytes(count))
  return (
    <>
      {cpus !== undefined && (
        <Meter
          name={texts.node.processors}
          value={texts.node.of(formatNumber(cpus), node.cpus && formatNumber(node.cpus))}
          part={node.cpus ? cpus / node.cpus : 0}
        />
      )}
      {memoryBytes !== undefined && (
        <Meter
          name={texts.node.memory}
          value={texts.node.of(size(memoryBytes), node.memoryBytes && size(node.memoryBytes))}
          part={node.memoryBytes ? memoryBytes / node.memoryBytes : 0}
        />
      )}
    </>
  )
}

/** What the agent says of itself. */
function Agent({ agent, node }: { agent: AgentState | undefined; node: NodeDetail | undefined }) {
  const machine = machineOf(node)

  return (
    <>
      <h3 className={panel.section}>{texts.node.agent}</h3>
      {agent ? (
        <FactList facts={[...machine, ...factsOf(agent)]} />
      ) : (
        <p className={panel.none}>{texts.node.noAgent}</p>
      )}
      {agent?.notices.map(notice => (
        <p key={notice} className={panel.warning}>
          <bdi>{notice}</bdi>
        </p>
      ))}
    </>
  )
}

function machineOf({ cpus, memoryBytes }: Partial<NodeDetail> = {}): Fact[] {
  const memory = memoryBytes === undefined ? '' : join(bytes(memoryBytes))
  const value = texts.node.size(cpus === undefined ? '' : formatNumber(cpus), memory)
  return value === '' ? [] : [{ name: texts.node.machine, value }]
}

function factsOf(agent: AgentState): Fact[] {
  const offMs = clockOff(agent)
  const { backlogSeconds, backlogBytes, roundTripMs, packets, drops } = agent
  const facts: (Fact | false)[] = [
    { name: texts.node.version, value: agent.version },
    {
      name: texts.node.takes,
      value: texts.status.load(join(share(agent.cpuShare)), join(bytes(agent.residentBytes))),
    },
    { name: texts.node.watches, value: texts.status.agent(agent.namespaces, agent.flows) },
    { name: texts.node.packets, value: formatNumber(packets) },
    {
      name: texts.node.drops,
      value: drops > 0 ? `${formatNumber(drops)} (${join(share(drops / (packets + drops)))})` : '0',
      isTrouble: drops > 0,
    },
    backlogSeconds > 0 && {
      name: texts.node.backlog,
      value: `${age(backlogSeconds * 1000)} (${join(bytes(backlogBytes))})`,
      isTrouble: true,
    },
    offMs !== undefined && {
      name: texts.node.clock,
      value: texts.status.clock(join(duration(Math.abs(offMs) * 1000)), offMs > 0),
      isTrouble: true,
    },
    roundTripMs !== undefined && {
      name: texts.node.way,
      value: join(duration(roundTripMs * 1000)),
    },
  ]
  return facts.filter(fact => fact !== false)
}

/** Services that are listed. */
const servicesMax = 60

/** What runs there, by service; on the map it is lit up. */
function Services({ runs }: { runs: readonly Running[] }) {
  const { reveal } = useView()
  const services = servicesOn(runs)
  useHighlight(services.map(({ service }) => service.id))
  return (
    <>
      <h3 className={panel.section}>
        {texts.node.services} {services.length}
        <span style={{ marginLeft: 'auto' }}>{texts.node.cpu}</span>
        <span>{texts.node.memory}</span>
      </h3>
      {services.length === 0 && <p className={panel.none}>{texts.node.nothing}</p>}
      <ul className={panel.rows}>
        {services.slice(0, servicesMax).map(({ service, count, health, load }) => (
          <li key={service.id}>
            <button
              type="button"
              className={`${panel.row} ${styles.row}`}
              onClick={() => reveal({ kind: 'service', id: service.id })}
            >
              <HealthDot health={health} />
              <span className={panel.rowName}>
                <Name text={service.name} />
                <small>
                  {count > 1 ? texts.service.instanceCount(count) : texts.kind[service.kind]}
                </small>
              </span>
              <span className={panel.cell}>
                {load.cpus === undefined ? '–' : formatNumber(load.cpus)}
              </span>
              <span className={panel.cell}>
                {load.memoryBytes === undefined ? '–' : join(bytes(load.memoryBytes))}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {services.length > servicesMax && (
        <p className={panel.none}>{texts.place.more(services.length - servicesMax)}</p>
      )}
    </>
  )
}

/** Lights up services on the map as long as the panel is there. */
function useHighlight(ids: readonly string[]): void {
  const { map } = useSurroundings()
  const level = usePage(page => page.picture?.level)
  const key = ids.join('\n')
  useEffect(() => {
    if (!level || key === '') return
    const nodes = key.split('\n').map(id => level.nodeOf[level.whole.serviceIndex.get(id) ?? -1])
    map.current?.highlight(new Set(nodes.filter(node => node >= 0)))
    return () => map.current?.highlight(undefined)
  }, [map, level, key])
}
