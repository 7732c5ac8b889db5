import type { AgentState } from '#model/graph.ts'
import type { FeedService, Status } from './feed.ts'

/** Agents that are listed; of a large cluster those in trouble come first. */
export const agentsMax = 60
/** A clock that is off by less is not worth a word. */
const clockOffsetMinMs = 100
/** A clock that is off by more is worth a notice. */
export const clockWrongMs = 1000

/** Who is away first, then who lags, then whose clock is off, then all others; each by name. */
export function agentsInOrder(agents: readonly AgentState[]): readonly AgentState[] {
  return [...agents].sort(
    (a, b) => rankOf(a) - rankOf(b) || a.node.localeCompare(b.node, 'en', { numeric: true }),
  )
}

function rankOf(agent: AgentState): number {
  if (!agent.connected) return 0
  if (agent.backlogSeconds > 0) return 1
  return clockOff(agent) === undefined ? 3 : 2
}

/** How far an agent's clock is behind the server's (ms, negative: ahead), where that is worth a word. */
export function clockOff({ clockOffsetMs = 0 }: AgentState): number | undefined {
  return Math.abs(clockOffsetMs) >= clockOffsetMinMs ? clockOffsetMs : undefined
}

/** Which of its nodes do not report, and since when the first of them has not; undefined when all do. */
export function unseenSince({ away }: FeedService, status: Status | undefined) {
  if (away.length === 0) return undefined
  const known = status?.agents.filter(({ node }) => away.includes(node)) ?? []
  const sinceMs = Math.min(...known.map(({ lastMs }) => lastMs))
  return { nodes: away, sinceMs: Number.isFinite(sinceMs) ? sinceMs : undefined }
}
