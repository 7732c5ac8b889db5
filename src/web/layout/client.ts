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

/** Asks the layout worker, one question at a time, the latest wins; remembers where everything stands. */
export class LayoutClient {
  private readonly worker: Worker
  private readonly placed: (graph: LayoutGraph, positions: Float32Array<ArrayBuffer>) => void
  private places = new Map<string, Place>()
  private begun: Age = { nodes: 0, links: 0 }
  private asked: { ticket: number; graph: LayoutGraph } | undefined
  private next: { graph: LayoutGraph; anew: boolean } | undefined
  private tickets = 0

  /** `placed` hears of each answer: positions in the order of the graph's nodes. */
  constructor(placed: (graph: LayoutGraph, positions: Float32Array<ArrayBuffer>) => void) {
    this.placed = placed
    this.worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
    this.worker.addEventListener('message', ({ data }: MessageEvent<LayoutAnswer>) =>
      this.take(data),
    )
  }

  /** Lays the graph out; nodes that stand stay, unless the map is young and has outgrown its layout. */
  place(graph: LayoutGraph): void {
    this.ask(graph, false)
  }

  /** Lays everything out anew. */
  tidy(graph: LayoutGraph): void {
    this.ask(graph, true)
  }

  private ask(graph: LayoutGraph, anew: boolean): void {
    if (this.asked) {
      this.next = { graph, anew: anew || (this.next?.anew ?? false) }
      return
    }
    const now = { nodes: graph.nodes.length, links: graph.links.length }
    const fresh = anew || this.places.size === 0 || outgrown(this.begun, now)
    if (fresh) this.begun = now
    const question: LayoutQuestion = {
      ticket: ++this.tickets,
      graph,
      previous: fresh ? new Map() : this.places,
    }
    this.asked = { ticket: question.ticket, graph }
    this.worker.postMessage(question)
  }

  private take({ ticket, positions }: LayoutAnswer): void {
    if (this.asked?.ticket !== ticket) return
    const { graph } = this.asked
    this.asked = undefined
    this.places = remembered(this.places, graph, positions)
    this.placed(graph, positions)
    const next = this.next
    this.next = undefined
    if (next) this.ask(next.graph, next.anew)
  }

  end(): void {
    this.worker.terminate()
  }
}
