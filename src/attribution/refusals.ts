import { format } from '#model/endpoint.ts'
import type { Subject, Window } from '#model/window.ts'
import type { SocketPlaces } from './owners.ts'

/** Ports that containers of the node failed to connect to. */
export type Refusals = ReadonlySet<string>

/** Those of one second, as the containers' own namespaces show them. */
export function refusalsOf(windows: readonly Window[], { hostNamespace }: SocketPlaces): Refusals {
  const own = windows.filter(
    ({ subject }) => subject.namespace !== hostNamespace && subject.local === 'client',
  )
  return new Set(own.filter(isRefused).map(({ subject }) => keyOf(subject)))
}

/**
 * A container's failed attempt as it left the node, from the node's address. The kernel forgets a translation with the
 * first refusal, so nobody can tell whose it was but by this: no process of the node made it, and a container made one.
 */
export function isRefusedCopy(
  window: Window,
  refusals: Refusals,
  { hostNamespace, addresses }: SocketPlaces,
): boolean {
  const { namespace, local, client, clientOwner } = window.subject
  const isNodes = namespace === hostNamespace && local === 'client' && addresses.has(client.ip)
  const isOwned = clientOwner !== undefined
  return isNodes && !isOwned && isRefused(window) && refusals.has(keyOf(window.subject))
}

const isRefused = ({ traffic }: Window): boolean =>
  traffic.failures > 0 && traffic.connections === 0

const keyOf = ({ transport, server }: Subject): string => `${transport} ${format(server)}`
