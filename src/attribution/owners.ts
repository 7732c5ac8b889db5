import { isLoopback } from '#lib/ip.ts'
import type { Endpoint } from '#model/endpoint.ts'
import type { Flow, Transport } from '#model/flow.ts'
import { mergeWindows, type Subject, subjectKey, type Window } from '#model/window.ts'
import type { Original } from './conntrack/translation.ts'

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
  /** Addresses beside the node's own at which it reaches a balancer, when one of its ports leads there. */
  readonly balancers: ReadonlySet<string>
  ownerOf(
    namespace: string,
    transport: Transport,
    local: Endpoint,
    remote: Endpoint,
  ): SocketOwner | undefined
  /** Nobody in that namespace holds or awaits this socket: it leads elsewhere, and no search will find an owner. */
  isUnheld?(namespace: string, transport: Transport, local: Endpoint, remote: Endpoint): boolean
  original(transport: Transport, client: Endpoint, server: Endpoint): Original | undefined
}

/** Whether the client's port must be kept to find who is behind it: its socket is one of many processes'. */
export function tellsPortsApart(flow: Flow, namespace: string, places: SocketPlaces): boolean {
  if (!places.isSingle(namespace) && flow.local !== 'server') return true
  return places.addresses.has(flow.client.ip)
}

/** What became of a second's windows. */
export interface Owned {
  readonly windows: readonly Window[]
  /** Windows with a socket whose owner is not known yet: worth asking again a little later. */
  readonly unowned: readonly Window[]
  /** Windows dropped because the engine's proxy made the calls on behalf of others. */
  readonly plumbing: number
}

/**
 * Names the owners of the node's own sockets and undoes the node's translations, then forgets the ports that told them
 * apart. Windows of the engine's proxy towards its container are dropped: the call was counted on its way in.
 */
export function nameOwners(windows: readonly Window[], tables: NodeTables): Owned {
  const merged = new Map<string, Window>()
  const unowned: Window[] = []
  let plumbing = 0
  for (const window of windows) {
    const owned = ownedSubject(window.subject, tables)
    if (owned === 'plumbing') plumbing++
    else if ('unowned' in owned) unowned.push({ ...window, subject: owned.unowned })
    else add(merged, { ...window, subject: owned })
  }
  return { windows: [...merged.values()], unowned, plumbing }
}

/**
 * The same with the owners that were found, for windows that were asked about often enough. Of what the node said to a
 * balancer for somebody who is not found nothing is told: it may have been a container's call, which is told already.
 */
export function giveUpOwners(windows: readonly Window[], tables: NodeTables): Window[] {
  const merged = new Map<string, Window>()
  for (const window of windows) {
    if (balancerEnd(window.subject, tables)) continue
    add(merged, { ...window, subject: withAnyPort(window.subject) })
  }
  return [...merged.values()]
}

function add(merged: Map<string, Window>, window: Window): void {
  const key = subjectKey(window.subject)
  const before = merged.get(key)
  merged.set(key, before ? mergeWindows(before, window) : window)
}

function withAnyPort(subject: Subject): Subject {
  return { ...subject, client: { ip: subject.client.ip, port: 0 } }
}

/** A subject of which an end is not known yet: the other's owner is in it, and the ports to ask again with. */
interface Unowned {
  readonly unowned: Subject
}

/** The subject with its owners; `plumbing` when it is the proxy's own call. */
function ownedSubject(given: Subject, tables: NodeTables): Subject | 'plumbing' | Unowned {
  const { transport, client, server } = given
  const balancer = balancerEnd(given, tables)
  // A balancer calls nobody: this is the end of a connection whose beginning was not seen.
  if (balancer === 'client') return 'plumbing'
  if (balancer === 'server') return calledPort(given, tables)
  const serverPlace = socketPlace(given, 'server', tables)
  const serverSocket =
    serverPlace === undefined ? undefined : tables.ownerOf(serverPlace, transport, server, client)
  const isServerUnowned =
    serverPlace !== undefined &&
    serverSocket === undefined &&
    !tables.isUnheld?.(serverPlace, transport, server, client)
  const serverOwner = serverSocket?.isProxy ? undefined : serverSocket?.instance
  const subject = { ...withAnyPort(given), serverOwner }
  const unowned = (clientOwner?: string) => ({ unowned: { ...given, serverOwner, clientOwner } })
  // A port that was kept was needed then; the neighbour that it tells apart may be gone by now.
  const clientPlace = socketPlace(given, 'client', tables) ?? keptPlace(given)
  if (clientPlace === undefined || client.port === 0) return isServerUnowned ? unowned() : subject
  const socket = tables.ownerOf(clientPlace, transport, client, server)
  if (socket?.isProxy) return 'plumbing'
  if (socket && isServerUnowned) return unowned(socket.instance)
  if (socket) return { ...subject, clientOwner: socket.instance }
  const isAlone = tables.isSingle(given.namespace) && isLocal(given, 'client')
  return untranslated(given, subject, tables) ?? (isAlone ? subject : unowned())
}

function keptPlace(subject: Subject): string | undefined {
  const isKept = subject.client.port !== 0 && isLocal(subject, 'client')
  return isKept ? subject.namespace : undefined
}

function isLocal({ local, ...ends }: Subject, role: 'client' | 'server'): boolean {
  return local === role || local === 'both' || isLoopback(ends[role].ip)
}

/** Which end is a balancer that the node speaks with, as seen on the node. */
function balancerEnd({ namespace, client, server }: Subject, tables: NodeTables) {
  if (namespace !== tables.hostNamespace) return undefined
  if (tables.balancers.has(client.ip)) return 'client'
  return tables.balancers.has(server.ip) ? 'server' : undefined
}

/**
 * A call of one of the node's ports that leads to a balancer, put back to what the caller knows of it. Whose call it is
 * connection tracking tells: the node speaks with the balancer for containers too, whose calls are seen where they are made.
 */
function calledPort(given: Subject, tables: NodeTables): Subject | 'plumbing' | Unowned {
  const { transport, client, server } = given
  const { hostNamespace, addresses } = tables
  const ownerOf = (one: Original) =>
    tables.ownerOf(hostNamespace, transport, one.client, one.server)
  const before = tables.original(transport, client, server)
  if (before && !addresses.has(before.client.ip) && !isLoopback(before.client.ip)) return 'plumbing'
  const owner = ownerOf(before ?? given)
  if (owner?.isProxy) return 'plumbing'
  // Who calls the balancer by its own address is not translated.
  const meant = before ?? { client, server: { ip: client.ip, port: server.port } }
  const subject = { ...given, ...meant }
  if (owner) return { ...withAnyPort(subject), clientOwner: owner.instance }
  return { unowned: before ? subject : given }
}

/** The connection of somebody else that the node translated on its way; undefined when it was not. */
function untranslated(given: Subject, subject: Subject, tables: NodeTables) {
  const { transport, client, server } = given
  const original = tables.original(transport, client, server)
  if (!original) return undefined
  const isNodes = tables.addresses.has(original.client.ip)
  const owner = isNodes
    ? tables.ownerOf(tables.hostNamespace, transport, original.client, original.server)
    : undefined
  if (owner?.isProxy) return 'plumbing' as const
  if (isNodes && !owner) return { unowned: given }
  return {
    ...subject,
    client: { ip: original.client.ip, port: 0 },
    clientOwner: owner?.instance,
  }
}

/** The namespace whose sockets tell who this end is; undefined when its address or namespace says it already. */
function socketPlace(
  subject: Subject,
  role: 'client' | 'server',
  tables: NodeTables,
): string | undefined {
  const { namespace } = subject
  const { ip } = subject[role]
  if (isLocal(subject, role)) return tables.isSingle(namespace) ? undefined : namespace
  return tables.addresses.has(ip) ? tables.hostNamespace : undefined
}
