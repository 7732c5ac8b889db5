import { isLoopback } from '#lib/ip.ts'
import type { Endpoint } from '#model/endpoint.ts'
import type { Flow, Transport } from '#model/flow.ts'
import {
  mergeWindows,
  type Subject,
  subjectKey,
  type Window,
  type WindowBatch,
} from '#model/window.ts'
import type { Original } from './conntrack.ts'

/** Who holds a socket of the node: an instance, or the engine's proxy, which calls on behalf of another. */
export interface SocketOwner {
  readonly instance: string
  readonly isProxy: boolean
}

/** Where sockets have owners that the addresses alone do not tell. */
export interface SocketPlaces {
  readonly hostNamespace: string
  /** Addresses of the host's namespace. */
  readonly addresses: ReadonlySet<string>
  /** A namespace in which one container lives alone: whatever is local there is its. */
  isSingle(namespace: string): boolean
}

/** What only the node itself can tell about a connection. */
export interface NodeTables extends SocketPlaces {
  ownerOf(
    namespace: string,
    transport: Transport,
    local: Endpoint,
    remote: Endpoint,
  ): SocketOwner | undefined
  original(transport: Transport, client: Endpoint, server: Endpoint): Original | undefined
}

/** Whether the client's port must be kept to find who is behind it: its socket is one of many processes'. */
export function tellsPortsApart(flow: Flow, namespace: string, places: SocketPlaces): boolean {
  if (!places.isSingle(namespace) && flow.local !== 'server') return true
  return places.addresses.has(flow.client.ip)
}

/**
 * Names the owners of the node's own sockets and undoes the node's translations, then forgets the ports that told them
 * apart. Windows of the engine's proxy towards its container are dropped: the call was counted on its way in.
 */
export function nameOwners(batch: WindowBatch, tables: NodeTables) {
  const merged = new Map<string, Window>()
  let plumbing = 0
  for (const window of batch.windows) {
    const subject = ownedSubject(window.subject, tables)
    if (!subject) {
      plumbing++
      continue
    }
    const key = subjectKey(subject)
    const before = merged.get(key)
    const owned = { ...window, subject }
    merged.set(key, before ? mergeWindows(before, owned) : owned)
  }
  return { batch: { ...batch, windows: [...merged.values()] }, plumbing }
}

/** The subject with its owners; undefined when it is the proxy's own call. */
function ownedSubject(subject: Subject, tables: NodeTables): Subject | undefined {
  const { transport, client, server } = subject
  const anyPort = { ip: client.ip, port: 0 }
  const serverPlace = socketPlace(subject, 'server', tables)
  const serverSocket =
    serverPlace === undefined ? undefined : tables.ownerOf(serverPlace, transport, server, client)
  const serverOwner = serverSocket?.isProxy ? undefined : serverSocket?.instance
  const clientPlace = socketPlace(subject, 'client', tables)
  if (clientPlace === undefined || client.port === 0)
    return { ...subject, client: anyPort, serverOwner }
  const socket = tables.ownerOf(clientPlace, transport, client, server)
  if (socket?.isProxy) return undefined
  if (socket) return { ...subject, client: anyPort, clientOwner: socket.instance, serverOwner }
  return (
    untranslated({ ...subject, serverOwner }, tables) ?? {
      ...subject,
      client: anyPort,
      serverOwner,
    }
  )
}

/** The connection of somebody else that the node translated on its way; undefined when it was not. */
function untranslated(subject: Subject, tables: NodeTables): Subject | undefined {
  const { transport, client, server } = subject
  const original = tables.original(transport, client, server)
  if (!original) return undefined
  const owner = tables.addresses.has(original.client.ip)
    ? tables.ownerOf(tables.hostNamespace, transport, original.client, original.server)
    : undefined
  if (owner?.isProxy) return undefined
  return { ...subject, client: { ip: original.client.ip, port: 0 }, clientOwner: owner?.instance }
}

/** The namespace whose sockets tell who this end is; undefined when its address or namespace says it already. */
function socketPlace(
  subject: Subject,
  role: 'client' | 'server',
  tables: NodeTables,
): string | undefined {
  const { namespace, local } = subject
  const { ip } = subject[role]
  const isLocal = local === role || local === 'both' || isLoopback(ip)
  if (isLocal) return tables.isSingle(namespace) ? undefined : namespace
  return tables.addresses.has(ip) ? tables.hostNamespace : undefined
}
