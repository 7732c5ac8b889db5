import type { LayoutGraph, Place } from './graph.ts'
import type { LayoutAnswer, LayoutQuestion } from './worker.ts'

/** A young map is laid out afresh while it still grows by leaps; after that, what stands stays. */
export interface Age {
  readonly nodes: number
  readonly links: number
}

const youngNodesMax = 120

/**
 * Whether the picture should be begun anew: the map was laid out when less than two thirds of today's links (or nodes)
 * were known, and it is small enough that nobody has learnt it by heart.
 */
export function outgrown(then: Age, now: Age): boolean {
  if (now.nodes > youngNodesMax) return false
  return now.nodes > then.nodes * 1.5 || now.links > Math.max(2, then.links * 1.5)
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
    graph.nodes.forEach(({ id }, i) => {
      this.places.set(id, { x: positions[i * 2], y: positions[i * 2 + 1] })
    })
    this.placed(graph, positions)
    const next = this.next
    this.next = undefined
    if (next) this.ask(next.graph, next.anew)
  }

  end(): void {
    this.worker.terminate()
  }
}
