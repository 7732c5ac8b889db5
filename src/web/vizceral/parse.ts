/**
 * Netflix Vizceral's traffic data as checked values. It comes from anybody: whatever is wrong in it is left out and
 * counted, what is right is kept; nothing here throws, and nothing grows past its bound.
 */

export type Renderer = 'global' | 'region' | 'focused' | 'focusedChild' | 'dns'
export type Arrangement = 'ltrTree' | 'ringCenter' | 'ring' | 'dns'

/** A note on a node or a connection; severity 0 info, 1 warning, 2 danger. `link` is a web address or nothing. */
export interface Notice {
  readonly title: string
  readonly subtitle: string | undefined
  readonly link: string | undefined
  readonly severity: 0 | 1 | 2
}

export interface TrafficNode {
  readonly name: string
  readonly displayName: string
  readonly renderer: Renderer | undefined
  readonly layout: Arrangement | undefined
  readonly entryNode: string | undefined
  readonly maxVolume: number | undefined
  /** The time of its figures, ms. */
  readonly updated: number | undefined
  readonly class: string
  readonly nodeType: string
  readonly notices: readonly Notice[]
  readonly metadata: Readonly<Record<string, unknown>>
  readonly metrics: ReadonlyMap<string, number>
  readonly nodes: readonly TrafficNode[]
  readonly connections: readonly TrafficConnection[]
}

export interface TrafficConnection {
  readonly source: string
  readonly target: string
  readonly class: string
  readonly metrics: ReadonlyMap<string, number>
  readonly notices: readonly Notice[]
  readonly metadata: Readonly<Record<string, unknown>>
}

/** One snapshot: the root, and the colours that it gives to its classes. */
export interface Traffic {
  readonly root: TrafficNode
  readonly classes: ReadonlyMap<string, string>
}

export type Fault =
  | 'no object'
  | 'no name'
  | 'wrong type'
  | 'duplicate'
  | 'end missing'
  | 'too many'
  | 'too deep'

export interface Parsed {
  /** Undefined when there is nothing to draw at all. */
  readonly traffic: Traffic | undefined
  /** What was left out, how often. */
  readonly faults: ReadonlyMap<Fault, number>
}

export const nodesMax = 20_000
export const connectionsMax = 60_000
const depthMax = 8
const textMax = 200
const noticesMax = 20
/** Classes of one connection, and of the whole snapshot. */
const classesMax = 32
const renderers: ReadonlySet<unknown> = new Set<Renderer>([
  'global',
  'region',
  'focused',
  'focusedChild',
  'dns',
])
const arrangements: ReadonlySet<unknown> = new Set<Arrangement>([
  'ltrTree',
  'ringCenter',
  'ring',
  'dns',
])

type Fields = Readonly<Record<string, unknown>>

/** Takes an object, or its text. */
export function parseTraffic(input: unknown): Parsed {
  const reader = new Reader()
  const value = typeof input === 'string' ? objectOf(input) : input
  const root = reader.node(value, { depth: 0, above: new Set(), isRoot: true })
  const traffic = root && { root, classes: reader.classes((value as Fields).classes) }
  return { traffic, faults: reader.faults }
}

function objectOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

interface Where {
  readonly depth: number
  /** The objects that this one lies in: a snapshot that holds itself ends here. */
  readonly above: ReadonlySet<object>
  readonly isRoot?: boolean
}

class Reader {
  readonly faults = new Map<Fault, number>()
  private nodesLeft = nodesMax
  private connectionsLeft = connectionsMax

  node(value: unknown, { depth, above, isRoot = false }: Where): TrafficNode | undefined {
    if (!isFields(value)) return this.fault('no object')
    if (depth > depthMax || above.has(value)) return this.fault('too deep')
    const name = this.name(value.name) ?? (isRoot ? '' : undefined)
    if (name === undefined) return this.fault('no name')
    if (this.nodesLeft === 0) return this.fault('too many')
    this.nodesLeft--
    const nodes = this.nodes(value.nodes, { depth: depth + 1, above: new Set(above).add(value) })
    return {
      name,
      displayName: this.text(value.displayName) || name,
      renderer: renderers.has(value.renderer) ? (value.renderer as Renderer) : undefined,
      layout: arrangements.has(value.layout) ? (value.layout as Arrangement) : undefined,
      entryNode: this.text(value.entryNode) || undefined,
      maxVolume: this.amount(value.maxVolume),
      updated: this.amount(value.updated),
      class: this.text(value.class) || 'normal',
      nodeType: this.text(value.node_type) || 'default',
      notices: this.notices(value.notices),
      metadata: isFields(value.metadata) ? value.metadata : {},
      metrics: this.metrics(value.metrics),
      nodes,
      connections: this.connections(value.connections, new Set(nodes.map(node => node.name))),
    }
  }

  /** Of two with one name the later counts. */
  private nodes(value: unknown, where: Where): TrafficNode[] {
    const found = new Map<string, TrafficNode>()
    for (const each of this.list(value)) {
      const node = this.node(each, where)
      if (!node) continue
      if (found.has(node.name)) this.fault('duplicate')
      found.set(node.name, node)
    }
    return [...found.values()]
  }

  /** One connection from a node to another; of two the later counts. Both ends must be there. */
  private connections(value: unknown, names: ReadonlySet<string>): TrafficConnection[] {
    const found = new Map<string, TrafficConnection>()
    for (const each of this.list(value)) {
      const connection = this.connection(each, names)
      if (!connection) continue
      const key = `${connection.source}\n${connection.target}`
      if (found.has(key)) this.fault('duplicate')
      found.set(key, connection)
    }
    return [...found.values()]
  }

  private connection(value: unknown, names: ReadonlySet<string>): TrafficConnection | undefined {
    if (!isFields(value)) return this.fault('no object')
    const source = this.name(value.source)
    const target = this.name(value.target)
    if (source === undefined || target === undefined) return this.fault('no name')
    if (!names.has(source) || !names.has(target)) return this.fault('end missing')
    if (this.connectionsLeft === 0) return this.fault('too many')
    this.connectionsLeft--
    return {
      source,
      target,
      class: this.text(value.class) || 'normal',
      metrics: this.metrics(value.metrics),
      notices: this.notices(value.notices),
      metadata: isFields(value.metadata) ? value.metadata : {},
    }
  }

  private metrics(value: unknown): ReadonlyMap<string, number> {
    const found = new Map<string, number>()
    if (value === undefined || value === null) return found
    if (!isFields(value)) return this.fault('wrong type') ?? found
    for (const [key, rate] of Object.entries(value)) {
      if (found.size === classesMax) return this.fault('too many') ?? found
      const amount = this.amount(rate)
      if (amount !== undefined) found.set(cut(key), amount)
    }
    return found
  }

  private notices(value: unknown): readonly Notice[] {
    const found: Notice[] = []
    for (const each of this.list(value)) {
      if (found.length === noticesMax) return this.fault('too many') ?? found
      const title = isFields(each) ? this.text(each.title) : undefined
      if (!title) {
        this.fault('no name')
        continue
      }
      const { subtitle, link, severity } = each as Fields
      found.push({
        title,
        subtitle: this.text(subtitle) || undefined,
        link: webAddress(link),
        severity: severity === 1 || severity === 2 ? severity : 0,
      })
    }
    return found
  }

  classes(value: unknown): ReadonlyMap<string, string> {
    const found = new Map<string, string>()
    for (const each of this.list(value)) {
      const name = isFields(each) ? this.text(each.name) : undefined
      const colour = isFields(each) ? this.text(each.color) : undefined
      if (found.size < classesMax && name && colour) found.set(name, colour)
    }
    return found
  }

  private list(value: unknown): readonly unknown[] {
    if (Array.isArray(value)) return value
    if (value !== undefined && value !== null) this.fault('wrong type')
    return []
  }

  /** A name cut short could be another's: those are told apart by nothing, and the later counts. */
  private name(value: unknown): string | undefined {
    return typeof value === 'string' && value !== '' ? cut(value) : undefined
  }

  private text(value: unknown): string | undefined {
    if (value === undefined || value === null) return undefined
    return typeof value === 'string' ? cut(value) : this.fault('wrong type')
  }

  private amount(value: unknown): number | undefined {
    if (value === undefined || value === null) return undefined
    const isAmount = typeof value === 'number' && Number.isFinite(value) && value >= 0
    return isAmount ? value : this.fault('wrong type')
  }

  private fault(fault: Fault): undefined {
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1)
    return undefined
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function cut(text: string): string {
  const short = text.length <= textMax ? text : `${text.slice(0, textMax - 1)}…`
  return short.toWellFormed()
}

/** A link is followed by a click: only where it leads to a page, never where it runs something. */
function webAddress(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 2000) return undefined
  const url = URL.canParse(value) ? new URL(value) : undefined
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url.href : undefined
}
