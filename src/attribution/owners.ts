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

/** What only the node itself can tell about a connection. */
export interface NodeTables {
  readonly hostNamespace: string
  readonly addresses: ReadonlySet<string>
  ownerOf(transport: Transport, local: Endpoint, remote: Endpoint): SocketOwner | undefined
  original(transport: Transport, client: Endpoint, server: Endpoint): Original | undefined
}

/** Whether the client's port must be kept to find who is behind it: its socket is one of the node's own. */
export function tellsPortsApart(
  flow: Flow,
  namespace: string,
  { hostNamespace, addresses }: Pick<NodeTables, 'hostNamespace' | 'addresses'>,
): boolean {
  return namespace === hostNamespace || addresses.has(flow.client.ip)
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
  const isNodes = {
    client: isOfNode(subject, 'client', tables),
    server: isOfNode(subject, 'server', tables),
  }
  const serverSocket = isNodes.server ? tables.ownerOf(transport, server, client) : undefined
  const serverOwner = serverSocket?.isProxy ? undefined : serverSocket?.instance
  if (!isNodes.client || client.port === 0) return { ...subject, serverOwner }
  const socket = tables.ownerOf(transport, client, server)
  if (socket?.isProxy) return undefined
  const anyPort = { ip: client.ip, port: 0 }
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
    ? tables.ownerOf(transport, original.client, original.server)
    : undefined
  if (owner?.isProxy) return undefined
  return { ...subject, client: { ip: original.client.ip, port: 0 }, clientOwner: owner?.instance }
}

function isOfNode(subject: Subject, role: 'client' | 'server', tables: NodeTables): boolean {
  const { namespace, local } = subject
  const isHost = namespace === tables.hostNamespace
  const { ip } = subject[role]
  if (isLoopback(ip)) return isHost
  return (isHost && (local === role || local === 'both')) || tables.addresses.has(ip)
}
