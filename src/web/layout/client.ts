import type { Arrangement } from '#model/arrangement.ts'
import type { LayoutGraph, Place } from './graph.ts'
import {
  type Age,
  adopted,
  arrangementOf,
  changed,
  isStale,
  type Memory,
  nothing,
  remembered,
  type Spots,
  spotsOf,
} from './memory.ts'
import type { LayoutAnswer, LayoutQuestion } from './worker.ts'

/** Places whose layout is remembered; those longest unseen are laid out anew. */
const memoriesMax = 100

interface Ask {
  readonly graph: LayoutGraph
  readonly at: string
  readonly anew: boolean
}

/** An answer: positions in the order of the graph's nodes. */
export interface Laid extends Ask {
  readonly positions: Float32Array<ArrayBuffer>
  /** For what was laid out anew: where everyone stood before. */
  readonly before: Spots
}

export interface LayoutEvents {
  placed(laid: Laid): void
  /** What somebody has arranged at a place that is not remembered here; absent where nobody arranges anything. */
  arranged?(at: string): Arrangement | undefined
}

/** Asks the layout worker, one question at a time, the latest wins; remembers where everything stands. */
export class LayoutClient {
  private readonly worker: Worker
  private readonly events: LayoutEvents
  private readonly memories = new Map<string, Memory>()
  private asked: { readonly ticket: number; readonly ask: Ask; readonly begun: Age } | undefined
  /** The answer that is on its way knows nothing of what has changed since. */
  private isLate = false
  private next: Ask | undefined
  private tickets = 0

  /** `worker` runs worker.ts. */
  constructor(events: LayoutEvents, worker: Worker) {
    this.events = events
    this.worker = worker
    this.worker.addEventListener('message', ({ data }: MessageEvent<LayoutAnswer>) =>
      this.take(data),
    )
  }

  /** Lays out what is seen at a place; nodes that stand there stay, unless it is young and has outgrown its layout. */
  place(graph: LayoutGraph, at: string): void {
    this.ask({ graph, at, anew: false })
  }

  /** Lays everything at a place out anew: what hands have placed there is forgotten. */
  tidy(graph: LayoutGraph, at: string): void {
    this.ask({ graph, at, anew: true })
  }

  /** Where these stand; `undefined`: nowhere yet. */
  spots(at: string, ids: Iterable<string>): Spots {
    return spotsOf(this.memory(at), ids)
  }

  /** A hand puts them elsewhere; the next layout follows. */
  change(at: string, spots: Spots): void {
    this.keep(at, changed(this.memory(at), spots))
  }

  /** Somebody else has arranged the place. */
  adopt(at: string, arrangement: Arrangement): void {
    if (this.memories.has(at)) this.keep(at, adopted(this.memory(at), arrangement))
  }

  /** A place as others should see it. */
  arrangement(at: string): Arrangement {
    return arrangementOf(this.memory(at))
  }

  private memory(at: string): Memory {
    const known = this.memories.get(at)
    if (known) return known
    const arrangement = this.events.arranged?.(at)
    return arrangement ? adopted(nothing, arrangement) : nothing
  }

  private keep(at: string, memory: Memory): void {
    this.memories.delete(at)
    this.memories.set(at, memory)
    for (const oldest of this.memories.keys()) {
      if (this.memories.size <= memoriesMax) break
      this.memories.delete(oldest)
    }
    if (this.asked?.ask.at !== at) return
    this.isLate = true
    this.next ??= this.asked.ask
  }

  private ask(ask: Ask): void {
    const { next, asked } = this
    if (asked) {
      const isWished = next?.at === ask.at && next.anew
      const isOwed = this.isLate && asked.ask.at === ask.at && asked.ask.anew
      this.next = { ...ask, anew: ask.anew || isWished || isOwed }
      return
    }
    const { graph, at, anew } = ask
    const memory = this.memory(at)
    const isFresh = anew || memory.places.size === 0 || isStale(memory, graph)
    const ticket = ++this.tickets
    const hands = anew ? nothing.places : only(memory.places, id => memory.hands.has(id))
    const previous = isFresh ? nothing.places : only(memory.places, id => !memory.hands.has(id))
    const now = { nodes: graph.nodes.length, links: graph.links.length }
    this.asked = { ticket, ask, begun: isFresh ? now : memory.begun }
    this.isLate = false
    this.worker.postMessage({ ticket, graph, previous, hands } satisfies LayoutQuestion)
  }

  private take({ ticket, positions }: LayoutAnswer): void {
    if (this.asked?.ticket !== ticket) return
    const { ask, begun } = this.asked
    this.asked = undefined
    if (!this.isLate) this.settle(ask, begun, positions)
    const { next } = this
    this.next = undefined
    if (next) this.ask(next)
  }

  private settle(ask: Ask, begun: Age, positions: Float32Array<ArrayBuffer>): void {
    const { graph, at, anew } = ask
    const memory = this.memory(at)
    const before = anew ? spotsOf(memory, [...memory.hands, ...memory.here]) : new Map()
    const here = new Set(graph.nodes.map(({ id }) => id))
    const places = remembered(anew ? nothing : memory, graph, positions)
    const hands = anew ? nothing.hands : memory.hands
    this.keep(at, { places, hands, here, begun, isArranged: anew || memory.isArranged })
    this.events.placed({ ...ask, positions, before })
  }

  end(): void {
    this.worker.terminate()
  }
}

function only(
  places: ReadonlyMap<string, Place>,
  isWanted: (id: string) => boolean,
): Map<string, Place> {
  return new Map([...places].filter(([id]) => isWanted(id)))
}
