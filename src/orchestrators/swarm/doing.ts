import type { SwarmService, SwarmTask } from './shape.ts'

const sentenceCharsMax = 256

/** What the swarm does with a service at present, as a sentence; undefined when all is as it is meant to be. */
export function doingOf(service: SwarmService, tasks: readonly SwarmTask[]): string | undefined {
  const { State, StartedAt, Message } = service.UpdateStatus
  const meant = tasks.filter(({ DesiredState }) => DesiredState === 'running')
  const running = meant.filter(({ Status }) => Status.State === 'running')
  const startedMs = Date.parse(StartedAt) || 0
  const renewed = running.filter(({ CreatedAt }) => (Date.parse(CreatedAt) || 0) >= startedMs)
  const progress = `${renewed.length} of ${meant.length}`
  const because = Message === '' ? '' : `: ${Message}`
  if (State === 'updating') return `rolling update, ${progress}`
  if (State === 'rollback_started') return `rolling back, ${progress}`
  if (State === 'paused') return cut(`update paused${because}`)
  if (State === 'rollback_paused') return cut(`rollback paused${because}`)
  if (running.length === meant.length) return undefined
  const reason = meant.find(({ Status }) => Status.Err !== '')?.Status.Err
  return cut(`${running.length} of ${meant.length} run${reason ? `: ${reason}` : ''}`)
}

const cut = (text: string) => text.slice(0, sentenceCharsMax)
