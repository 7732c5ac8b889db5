import type { AgentState } from '#model/graph.ts'
import { agentsInOrder, agentsMax, clockOff } from '../state/agents.ts'
import type { Status } from '../state/feed.ts'
import { age, bytes, cut, duration, join, share } from '../state/format.ts'
import { texts } from '../texts.ts'
import styles from './status.module.css'
import { useView } from './use-desk.ts'

/** Which nodes report and which do not, since when, how far behind, and by which clock. */
export function Agents({ status }: { status: Status }) {
  const { agents, atMs } = status
  const listed = agentsInOrder(agents).slice(0, agentsMax)
  const away = agents.filter(({ connected }) => !connected).length
  return (
    <>
      <h3>
        {texts.status.agents}{' '}
        {agents.length > 0 && texts.status.reporting(agents.length - away, away)}
      </h3>
      {agents.length === 0 && <p className={styles.none}>{texts.status.noAgents}</p>}
      <ul>
        {listed.map(agent => (
          <AgentRow key={agent.node} agent={agent} atMs={atMs} />
        ))}
      </ul>
      {agents.length > listed.length && (
        <p className={styles.none}>{texts.status.more(agents.length - listed.length)}</p>
      )}
    </>
  )
}

function AgentRow({ agent, atMs }: { agent: AgentState; atMs: number }) {
  const { select } = useView()
  const { node, version, connected, lastMs, namespaces, flows, cpuShare, residentBytes } = agent
  return (
    <li data-away={!connected}>
      <span className={styles.dot} />
      <button
        type="button"
        className={styles.node}
        title={texts.status.version(version)}
        onClick={event => {
          event.currentTarget.closest<HTMLElement>('[popover]')?.hidePopover()
          select({ kind: 'node', id: node })
        }}
      >
        <bdi>{cut(node)}</bdi>
      </button>
      <span>
        {connected ? texts.status.agent(namespaces, flows) : texts.status.away(age(atMs - lastMs))}
      </span>
      {connected && (
        <span className={styles.load}>
          {texts.status.load(join(share(cpuShare)), join(bytes(residentBytes)))}
        </span>
      )}
      {connected && <Lag agent={agent} />}
    </li>
  )
}

/** What it has yet to tell of a time when it could not, and how wrong its clock is. */
function Lag({ agent }: { agent: AgentState }) {
  const { backlogSeconds, backlogBytes, roundTripMs } = agent
  const offMs = clockOff(agent)
  if (backlogSeconds === 0 && offMs === undefined) return null
  const way =
    roundTripMs === undefined ? undefined : texts.status.way(join(duration(roundTripMs * 1000)))
  return (
    <span className={styles.lag} title={way}>
      {[
        backlogSeconds > 0 &&
          texts.status.backlog(age(backlogSeconds * 1000), join(bytes(backlogBytes))),
        offMs !== undefined &&
          texts.status.clock(join(duration(Math.abs(offMs) * 1000)), offMs > 0),
      ]
        .filter(Boolean)
        .join(' · ')}
    </span>
  )
}
