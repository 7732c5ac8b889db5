import { cell, type LayoutGraph, type Place } from './graph.ts'
import type { LayoutAnswer, LayoutQuestion } from './worker.ts'

/** How much was known when a picture was laid out. */
export interface Age {
  readonly nodes: number
  readonly links: number
}

const smallMax = 120
const growth = 1.5
/** Places of services that are gone are kept, so that they come back where they were: this many at most. */
const goneMax = 1000

/**
 * Whether the picture should be begun anew: most of it is not what was laid out, or it was laid out half blind (few
 * links were known) or is small enough that nobody has learnt it by heart.
 */
export function outgrown(then: Age, now: Age): boolean {
  if (now.nodes > then.nodes * growth) return true
  const blind = then.links < then.nodes * 0.5
  return (blind || now.nodes <= smallMax) && now.links > Math.max(2, then.links * growth)
}

/**
 * The places to remember after an answer: where everyone is now, and where those who are gone were, unless somebody
 * stands there now. Oldest first are forgotten.
 */
export function remembered(
  before: ReadonlyMap<string, Place>,
  graph: LayoutGraph,
  positions: Float32Array,
): Map<string, Place> {
  const now = new Map(
    graph.nodes.map(({ id }, i) => [id, { x: positions[i * 2], y: positions[i * 2 + 1] }]),
  )
  const standing = [...now.values()]
  const isFree = ({ x, y }: Place) =>
    standing.every(
      other => Math.abs(other.x - x) >= cell.width - 1 || Math.abs(other.y - y) >= cell.height - 1,
    )
  const gone = [...before].filter(([id, place]) => !now.has(id) && isFree(place))
  return new Map([...gone.slice(-goneMax), ...now])
}

/** Where everyone stands in one place, and how much was known when it was laid out. */
interface Memory {
  readonly places: ReadonlyMap<string, Place>
  readonly begun: Age
}

/** Places whose layout is remembered; those longest unseen are laid out anew. */
const memoriesMax = 100
const nothing: Memory = { places: new Map(), begun: { nodes: 0, links: 0 } }

interface Ask {
  readonly graph: LayoutGraph
  readonly at: string
  readonly anew: boolean
}

/** Asks the layout worker, one question at a time, the latest wins; remembers where everything stands. */
export class LayoutClient {
  private readonly worker: Worker
  private readonly placed: (graph: LayoutGraph, positions: Float32Array<ArrayBuffer>) => void
  private readonly memories = new Map<string, Memory>()
  private asked: { readonly ticket: number; readonly ask: Ask; readonly begun: Age } | undefined
  private next: Ask | undefined
  private tickets = 0

  /** `placed` hears of each answer: positions in the order of the graph's nodes. `worker` runs worker.ts. */
  constructor(
    placed: (graph: LayoutGraph, positions: Float32Array<ArrayBuffer>) => void,
    worker: Worker,
  ) {
    this.placed = placed
    this.worker = worker
    this.worker.addEventListener('message', ({ data }: MessageEvent<LayoutAnswer>) =>
      this.take(data),
    )
  }

  /** Lays out what is seen at a place; nodes that stand there stay, unless it is young and has outgrown its layout. */
  place(graph: LayoutGraph, at: string): void {
    this.ask({ graph, at, anew: false })
  }

  /** Lays everything at a place out anew. */
  tidy(graph: LayoutGraph, at: string): void {
    this.ask({ graph, at, anew: true })
  }

  private ask(ask: Ask): void {
    const { next } = this
    if (this.asked) {
      this.next = { ...ask, anew: ask.anew || (next?.at === ask.at && next.anew) }
      return
    }
    const { graph, at, anew } = ask
    const { places, begun } = this.memories.get(at) ?? nothing
    const now = { nodes: graph.nodes.length, links: graph.links.length }
    const isFresh = anew || places.size === 0 || outgrown(begun, now)
    const ticket = ++this.tickets
    const question: LayoutQuestion = { ticket, graph, previous: isFresh ? nothing.places : places }
    this.asked = { ticket, ask, begun: isFresh ? now : begun }
    this.worker.postMessage(question)
  }

  private take({ ticket, positions }: LayoutAnswer): void {
    if (this.asked?.ticket !== ticket) return
    const { ask, begun } = this.asked
    this.asked = undefined
    this.remember(ask, begun, positions)
    this.placed(ask.graph, positions)
    const { next } = this
    this.next = undefined
    if (next) this.ask(next)
  }

  private remember({ graph, at }: Ask, begun: Age, positions: Float32Array): void {
    const before = this.memories.get(at) ?? nothing
    this.memories.delete(at)
    this.memories.set(at, { places: remembered(before.places, graph, positions), begun })
    for (const oldest of this.memories.keys()) {
      if (this.memories.size <= memoriesMax) break
      this.memories.delete(oldest)
    }
  }

  end(): void {
    this.worker.terminate()
  }
}
