import { readEvent } from '../docker/events.ts'

/** What changed, as far as we care: services whose tasks to ask for, and which lists to ask for again. */
export interface SwarmChange {
  readonly service?: string
  readonly nodes: boolean
  readonly networks: boolean
}

/** What the manager is asked to send. Tasks have no events. */
export const eventFilters = {
  type: ['service', 'node', 'network'],
  event: ['create', 'update', 'remove'],
}

/** The change in one event's JSON text; undefined when it is no event. */
export function changeOf(text: string): SwarmChange | undefined {
  const event = readEvent(text)
  if (event === undefined) return undefined
  const id = event.actor?.ID
  const isService = event.type === 'service' && typeof id === 'string'
  return {
    ...(isService ? { service: id } : {}),
    nodes: event.type === 'node',
    networks: event.type === 'network',
  }
}
