import { clockWrongMs } from './agents.ts'
import type { Status } from './feed.ts'

/** Share of packets dropped from which it is worth a word. */
export const dropShareMin = 0.0001

export type Notice =
  | { readonly kind: 'agent-away'; readonly node: string; readonly lastMs: number }
  /** Negative: its clock is ahead. */
  | { readonly kind: 'clock'; readonly node: string; readonly behindMs: number }
  | { readonly kind: 'agent-says'; readonly node: string; readonly text: string }
  | {
      readonly kind: 'drops'
      readonly node: string
      readonly share: number
      readonly packets: number
    }
  | { readonly kind: 'evicted'; readonly node: string; readonly flows: number }
  | { readonly kind: 'folded'; readonly node: string; readonly windows: number }
  | { readonly kind: 'samples'; readonly lines: number }
  | { readonly kind: 'no-agents' }
  | { readonly kind: 'orchestrator'; readonly name: string; readonly text: string }

/** What may keep the picture from being whole, the gravest first. */
export function noticesOf(status: Status): Notice[] {
  const agents: Notice[] = status.agents.length === 0 ? [{ kind: 'no-agents' }] : []
  const away = status.agents.filter(agent => !agent.connected)
  const trouble = status.orchestrators.filter(({ state }) => state === 'lost')
  return [
    ...agents,
    ...away.map(({ node, lastMs }): Notice => ({ kind: 'agent-away', node, lastMs })),
    ...trouble.map(({ name, text }): Notice => ({ kind: 'orchestrator', name, text })),
    ...status.agents.flatMap(agentNotices),
    ...(status.droppedSamples > 0
      ? [{ kind: 'samples', lines: status.droppedSamples } satisfies Notice]
      : []),
  ]
}

function agentNotices(agent: Status['agents'][number]): Notice[] {
  const { node, drops, packets, evictedFlows, foldedWindows, clockOffsetMs = 0 } = agent
  const notices: Notice[] = agent.notices.map(text => ({ kind: 'agent-says', node, text }))
  const share = drops / Math.max(1, drops + packets)
  if (share >= dropShareMin) notices.push({ kind: 'drops', node, share, packets: drops })
  if (evictedFlows > 0) notices.push({ kind: 'evicted', node, flows: evictedFlows })
  if (foldedWindows > 0) notices.push({ kind: 'folded', node, windows: foldedWindows })
  if (Math.abs(clockOffsetMs) >= clockWrongMs) {
    notices.push({ kind: 'clock', node, behindMs: clockOffsetMs })
  }
  return notices
}
