import type { Visible } from './filters.ts'
import { type Outcome, outcomeOf } from './outcomes.ts'
import type { Notice, Traffic, TrafficConnection, TrafficNode } from './parse.ts'
import type { Place } from './place.ts'

/** A node as events and methods give it. */
export interface VizceralNode {
  readonly type: 'node'
  readonly name: string
  readonly displayName: string
  readonly class: string
  readonly node_type: string
  readonly notices: readonly Notice[]
  readonly metadata: Readonly<Record<string, unknown>>
  readonly updated: number | undefined
  readonly isEntryNode: boolean
  /** It can be entered: it has a view of its own. */
  readonly isInteractive: boolean
  /** The centre of a focused view. */
  readonly focused: boolean
  /** What it holds: instances, for one. */
  readonly nodes: readonly {
    readonly name: string
    readonly metrics: Readonly<Record<string, number>>
  }[]
  readonly incomingConnections: readonly VizceralConnection[]
  readonly outgoingConnections: readonly VizceralConnection[]
  readonly data: NodeShares
  isVisible(): boolean
  getName(): string
}

/** Rates a node takes (an entry: all that enters), and shares of the classes, 0 to 1. */
export interface NodeShares {
  readonly volume: number
  readonly volumePercent: number
  readonly classPercents: Readonly<Record<string, number>>
  readonly globalClassPercents: Readonly<Record<string, number>>
}

export interface VizceralConnection {
  readonly type: 'connection'
  readonly name: string
  readonly source: VizceralNode
  readonly target: VizceralNode
  readonly class: string
  readonly notices: readonly Notice[]
  readonly metadata: Readonly<Record<string, unknown>>
  /** Rate by class. */
  readonly volume: Readonly<Record<string, number>>
  readonly volumePercent: Readonly<Record<string, number>>
  readonly volumeTotal: number
  isVisible(): boolean
  getName(): string
}

/** What is seen at one place. */
export interface VizceralGraph {
  readonly name: string
  readonly type: 'global' | 'region' | 'focused' | 'dns'
  readonly nodes: Readonly<Record<string, VizceralNode>>
  readonly connections: Readonly<Record<string, VizceralConnection>>
  readonly volume: { readonly current: number; readonly max: number }
  readonly nodeCounts: { readonly total: number; readonly visible: number }
  getNode(name: string): VizceralNode | undefined
  getConnection(name: string): VizceralConnection | undefined
}

type Open<T> = { -readonly [key in keyof T]: T[key] }
type OpenNode = Open<VizceralNode> & {
  incomingConnections: VizceralConnection[]
  outgoingConnections: VizceralConnection[]
}

/** The view's graph in order, before filters: what pictures and events are made of. */
export interface WholeGraph {
  readonly place: Place
  readonly nodes: readonly VizceralNode[]
  readonly connections: readonly VizceralConnection[]
  /** Rates of the connections by outcome, in order. */
  readonly rates: readonly Readonly<Record<Outcome, number>>[]
  readonly current: number
  /** The rate that is drawn densest; undefined: the snapshot does not say. */
  readonly max: number | undefined
}

/** Globals and DNS views leave room above their fullest. */
const roomAbove = 1.5

export function wholeGraphOf(place: Place, { classes }: Traffic): WholeGraph {
  const nodes = place.nodes.map(node => openNode(node, place))
  const byName = new Map(nodes.map(node => [node.name, node]))
  const connections = place.connections.map(connection =>
    connectionOf(connection, byName.get(connection.source)!, byName.get(connection.target)!),
  )
  for (const connection of connections) {
    ;(connection.source as OpenNode).outgoingConnections.push(connection)
    ;(connection.target as OpenNode).incomingConnections.push(connection)
  }
  const entries = entriesOf(nodes)
  const current = sum(entries.flatMap(({ outgoingConnections }) => outgoingConnections))
  for (const node of nodes) node.data = sharesOf(node, current)
  const meanings = new Map<string, Outcome>()
  const rates = place.connections.map(({ metrics }) => ratesOf(metrics, classes, meanings))
  return { place, nodes, connections, rates, current, max: maxOf(place) }
}

function openNode(node: TrafficNode, place: Place): OpenNode {
  const isEntryNode = node.name === place.entry
  return {
    type: 'node',
    name: node.name,
    displayName: node.displayName,
    class: node.class,
    node_type: node.nodeType,
    notices: node.notices,
    metadata: node.metadata,
    updated: node.updated,
    isEntryNode,
    isInteractive: place.canEnter(node),
    focused: place.centre === node.name,
    nodes: node.nodes.map(({ name, metrics }) => ({ name, metrics: record(metrics) })),
    incomingConnections: [],
    outgoingConnections: [],
    data: { volume: 0, volumePercent: 0, classPercents: {}, globalClassPercents: {} },
    isVisible: () => true,
    getName: () => node.name,
  }
}

function connectionOf(
  { metrics, notices, metadata, class: trafficClass }: TrafficConnection,
  source: VizceralNode,
  target: VizceralNode,
): VizceralConnection {
  let volumeTotal = 0
  for (const rate of metrics.values()) volumeTotal += rate
  const name = `${source.name}--${target.name}`
  return {
    type: 'connection',
    name,
    source,
    target,
    class: trafficClass,
    notices,
    metadata,
    volume: record(metrics),
    volumePercent: record([...metrics].map(([key, rate]) => [key, share(rate, volumeTotal)])),
    volumeTotal,
    isVisible: () => true,
    getName: () => name,
  }
}

/** The named entry; where nobody is it, all that call and are not called. */
function entriesOf(nodes: readonly VizceralNode[]): readonly VizceralNode[] {
  const named = nodes.filter(({ isEntryNode }) => isEntryNode)
  if (named.length > 0) return named
  return nodes.filter(
    ({ incomingConnections, outgoingConnections }) =>
      incomingConnections.length === 0 && outgoingConnections.length > 0,
  )
}

function sharesOf(node: VizceralNode, current: number): NodeShares {
  const taken = node.isEntryNode ? node.outgoingConnections : node.incomingConnections
  const volumes = new Map<string, number>()
  for (const { volume } of taken)
    for (const [key, rate] of Object.entries(volume))
      volumes.set(key, (volumes.get(key) ?? 0) + rate)
  const volume = node.isEntryNode ? current : sum(taken)
  const volumePercent = share(volume, current)
  const shares = [...volumes].map(([key, rate]): [string, number] => [key, share(rate, volume)])
  return {
    volume,
    volumePercent,
    classPercents: record(shares),
    globalClassPercents: record(shares.map(([key, part]) => [key, part * volumePercent])),
  }
}

function ratesOf(
  metrics: ReadonlyMap<string, number>,
  classes: ReadonlyMap<string, string>,
  meanings: Map<string, Outcome>,
): Record<Outcome, number> {
  const rates = { ok: 0, warning: 0, error: 0 }
  for (const [name, rate] of metrics) {
    const outcome = meanings.get(name) ?? outcomeOf(name, classes)
    meanings.set(name, outcome)
    rates[outcome] += rate
  }
  return rates
}

function maxOf({ kind, owner, above, nodes }: Place): number | undefined {
  if (kind === 'focused') return owner.maxVolume ?? above?.maxVolume
  if (kind === 'region') return owner.maxVolume
  const most = nodes.reduce((max, { maxVolume = 0 }) => Math.max(max, maxVolume), 0)
  const own = owner.maxVolume ?? most
  return own > 0 ? own * roomAbove : undefined
}

/** Names are anybody's: `__proto__` is a key like any other. */
export function record<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  const made: Record<string, T> = Object.create(null)
  for (const [key, value] of entries) made[key] = value
  return made
}

function sum(connections: readonly VizceralConnection[]): number {
  return connections.reduce((total, { volumeTotal }) => total + volumeTotal, 0)
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0
}

/** A view as events give it: by name, with what filters have hidden. */
export function graphOf(
  { place, nodes, connections, current, max = 0 }: WholeGraph,
  visible: Visible,
): VizceralGraph {
  const nodesByName = record(nodes.map(node => [node.name, node]))
  const connectionsByName = record(connections.map(each => [each.name, each]))
  return {
    name: place.owner.name,
    type: place.kind,
    nodes: nodesByName,
    connections: connectionsByName,
    volume: { current, max },
    nodeCounts: { total: nodes.length, visible: visible.nodes.size },
    getNode: name => nodesByName[name],
    getConnection: name => connectionsByName[name],
  }
}
