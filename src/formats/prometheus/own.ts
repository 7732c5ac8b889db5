import type { AgentState } from '#model/graph.ts'
import type { Facts } from '../format.ts'
import type { Metric } from './exposition.ts'

/** What Inkling says of itself: how much it knows, and what its agents saw and lost. */
export function ownMetrics({ graph, agents }: Facts): Metric[] {
  const one = (name: string, help: string, value: number): Metric => ({
    name,
    type: 'gauge',
    help,
    series: [{ labels: {}, value }],
  })
  return [
    one(
      'inkling_attribution_score',
      'Share of transactions with both services known, 0 to 1.',
      graph.attribution.score,
    ),
    one('inkling_services', 'Services known now.', graph.services.length),
    one('inkling_links', 'Links known now.', graph.links.length),
    one('inkling_agents', 'Agents known now.', agents.length),
    ...agentMetrics(agents),
  ]
}

function agentMetrics(agents: readonly AgentState[]): Metric[] {
  const each = (
    type: Metric['type'],
    name: string,
    help: string,
    value: (agent: AgentState) => number,
  ): Metric => ({
    name,
    type,
    help,
    series: agents.map(agent => ({ labels: { node: agent.node }, value: value(agent) })),
  })
  return [
    each('gauge', 'inkling_agent_connected', '1 while the agent is connected.', agent =>
      Number(agent.connected),
    ),
    each('counter', 'inkling_packets_total', 'Packets seen.', agent => agent.packets),
    each(
      'counter',
      'inkling_packets_dropped_total',
      'Packets that the kernel dropped before they were seen.',
      agent => agent.drops,
    ),
    each('gauge', 'inkling_flows', 'Flows open.', agent => agent.flows),
    each(
      'counter',
      'inkling_flows_evicted_total',
      'Flows given up because there were too many.',
      agent => agent.evictedFlows,
    ),
    each(
      'counter',
      'inkling_samples_dropped_total',
      'Transactions counted, but not kept for the access log.',
      agent => agent.droppedSamples,
    ),
    each(
      'counter',
      'inkling_windows_folded_total',
      'Windows folded into one because a second had too many endpoints.',
      agent => agent.foldedWindows,
    ),
    each('gauge', 'inkling_namespaces', 'Network namespaces watched.', agent => agent.namespaces),
    each('gauge', 'inkling_agent_cpu_share', 'Share of one core used.', agent => agent.cpuShare),
    each('gauge', 'inkling_agent_resident_bytes', 'Memory used.', agent => agent.residentBytes),
    each(
      'gauge',
      'inkling_agent_backlog_seconds',
      'Seconds that the agent has yet to tell, because the server could not be told.',
      agent => agent.backlogSeconds,
    ),
    each(
      'counter',
      'inkling_agent_dropped_seconds_total',
      'Seconds that the agent dropped before any server had them.',
      agent => agent.droppedSeconds,
    ),
    each(
      'gauge',
      'inkling_agent_clock_offset_seconds',
      'The clock of the server minus that of the agent; times are corrected by it.',
      agent => (agent.clockOffsetMs ?? 0) / 1000,
    ),
    {
      name: 'inkling_agent_info',
      type: 'gauge',
      help: 'The version of each agent.',
      series: agents.map(({ node, version }) => ({ labels: { node, version }, value: 1 })),
    },
  ]
}
