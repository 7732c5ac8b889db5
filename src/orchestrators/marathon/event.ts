import { parseJson, recordOf, textOf } from '#lib/json.ts'
import type { ServerSentEvent } from '#lib/server-sent-events.ts'
import { pathsOfPlan } from './deployment.ts'
import { pathOf } from './service.ts'

/** What an event says has changed: these workloads, or who knows what. */
export type Change = readonly string[] | 'all'

/** Events after which all is as it was before. */
const idle: ReadonlySet<string> = new Set([
  'event_stream_attached',
  'event_stream_detached',
  'subscribe_event',
  'unsubscribe_event',
  'framework_message_event',
  'failed_health_check_event',
  'scheduler_registered_event',
  'scheduler_disconnected_event',
])

/**
 * The workloads that an event is about. Events come in no order and some get lost, so each only says where to look again.
 * Those whose workload cannot be told, and those nobody knew when this was written, are about all.
 */
export function changeOf({ type, data, isCut }: ServerSentEvent): Change {
  if (idle.has(type)) return []
  const event = recordOf(isCut ? undefined : parseJson(data))
  const { appId, runSpecId, appDefinition, uri, plan } = event
  const id = appId ?? runSpecId ?? recordOf(appDefinition).id ?? podOf(textOf(uri, 1024))
  const path = pathOf(textOf(id, 1024))
  if (path !== undefined) return [path]
  const paths = pathsOfPlan(plan)
  return paths.length > 0 ? paths : 'all'
}

/** `/v2/pods/my-pod`, of the events of pods. */
function podOf(uri: string): string | undefined {
  return /^\/v2\/pods(\/[^:?]+)/.exec(uri)?.[1]
}
