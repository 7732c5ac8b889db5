import type { Colours, FlowMap, Target, Theme } from '../draw/flow-map.ts'
import { createFlowMap } from '../draw/index.ts'
import { radiusOf } from '../draw/rates.ts'
import { type Laid, LayoutClient } from '../layout/client.ts'
import type { LayoutGraph } from '../layout/index.ts'
// In the module itself: a page that takes it from elsewhere may not start a worker from there.
import LayoutWorker from '../layout/worker.ts?worker&inline'
import { ringMax, ringOf, ringPlaces } from './arrange.ts'
import type { Card } from './card.ts'
import type { VizceralNode } from './graph.ts'
import { type Box, type Mark, Overlay } from './overlay.ts'
import type { Picture } from './picture.ts'
import type { Place } from './place.ts'

export interface StageEvents {
  hover(target: Target | undefined, x: number, y: number): void
  select(target: Target | undefined): void
  open(target: Target): void
  /** All is where it belongs. */
  placed(): void
  /** Where the figures of nodes lie has changed. */
  boxes(boxes: readonly [string, Box][]): void
}

/** A place with its picture, and what is written at its nodes. */
export interface Showing {
  readonly place: Place
  readonly picture: Picture
  linesOf(node: VizceralNode): readonly string[]
}

const secondMs = 1000

/** The renderer, the layout and the texts over them, kept at the same picture; it repeats the snapshot every second. */
export class Stage {
  private readonly canvas: HTMLCanvasElement
  private readonly map: FlowMap
  private readonly overlay: Overlay
  private readonly layout: LayoutClient
  private readonly events: StageEvents
  private readonly timer: ReturnType<typeof setInterval>
  private readonly ended = new AbortController()
  private showing: Showing | undefined
  private positions: Float32Array | undefined
  private asked: LayoutGraph | undefined
  /** What the positions are of: a snapshot of the same names is not laid out again. */
  private laidOut: LayoutGraph | undefined
  private boxesTold = ''

  constructor(canvas: HTMLCanvasElement, events: StageEvents) {
    this.canvas = canvas
    this.events = events
    this.map = createFlowMap(canvas, {
      hover: (target, x, y) => events.hover(target, x, y),
      select: target => events.select(target),
      open: target => events.open(target),
      camera: camera => {
        this.overlay?.look(camera)
        this.tellBoxes()
      },
    })
    this.overlay = new Overlay(canvas)
    const placed = ({ graph, positions }: Laid) => {
      if (graph === this.asked) this.settle(graph, positions)
    }
    this.layout = new LayoutClient({ placed }, new LayoutWorker())
    this.map.setInsets({ top: 72, right: 48, bottom: 48, left: 48 })
    this.timer = setInterval(() => this.beat(), secondMs)
    this.followMotion()
  }

  private followMotion(): void {
    const wish = matchMedia('(prefers-reduced-motion: reduce)')
    this.map.setReducedMotion(wish.matches)
    wish.addEventListener('change', () => this.map.setReducedMotion(wish.matches), {
      signal: this.ended.signal,
    })
  }

  show(showing: Showing): void {
    const before = this.showing?.place
    const { place, picture } = showing
    const isElsewhere = before !== undefined && keyOf(before) !== keyOf(place)
    if (isElsewhere) {
      this.map.select(undefined)
      this.map.enter(place.view.length > before.view.length ? 'inward' : 'outward')
      this.overlay.show([])
    }
    this.showing = showing
    this.map.setScene(picture.scene)
    this.beat()
    this.arrange(isElsewhere || before === undefined)
  }

  private beat(): void {
    const timeMs = Math.floor(Date.now() / secondMs) * secondMs
    if (this.showing) this.map.pushFrame(this.showing.picture.frame(timeMs))
  }

  private arrange(isNew: boolean): void {
    const { place, picture } = this.showing!
    if (isNew) this.positions = undefined
    if (this.positions && this.laidOut && isSameGraph(this.laidOut, picture.layout)) {
      this.mark()
      this.events.placed()
      return
    }
    this.laidOut = undefined
    this.asked = picture.layout
    const ring = picture.nodes.length <= ringMax ? ringOf(place) : undefined
    if (ring) this.settle(picture.layout, this.onRing(ring))
    else this.layout.place(picture.layout, keyOf(place))
  }

  private onRing(kind: 'ring' | 'ringCenter'): Float32Array {
    const { place, picture } = this.showing!
    const { clientWidth, clientHeight } = this.canvas
    const names = picture.nodes.map(({ name }) => name)
    return ringPlaces(names, { kind, entry: place.entry, isTall: clientHeight > clientWidth })
  }

  private settle(graph: LayoutGraph, positions: Float32Array): void {
    this.laidOut = graph
    this.positions = positions
    this.map.setPositions(positions)
    this.mark()
    this.events.placed()
  }

  /** Writes figures and dots at the nodes anew. */
  private mark(): void {
    const { showing, positions } = this
    if (!showing || !positions) return
    const marks = showing.picture.nodes.flatMap((node, i): Mark[] => {
      const lines = showing.linesOf(node)
      const severity = severityOf(node)
      if (lines.length === 0 && severity === undefined) return []
      const radius = radiusOf(node.data.volume, node.isEntryNode)
      const [x, y] = [positions[i * 2], positions[i * 2 + 1]]
      return [{ name: node.name, x, y, radius, lines, severity }]
    })
    this.overlay.show(marks)
    this.tellBoxes()
  }

  private tellBoxes(): void {
    const boxes = this.overlay?.boxes() ?? []
    const told = boxes.map(([name, box]) => `${name} ${Object.values(box).map(Math.round)}`).join()
    if (told === this.boxesTold) return
    this.boxesTold = told
    this.events.boxes(boxes)
  }

  /** Selects what the callers say, not the hand. */
  select(target: Target | undefined): void {
    this.map.select(target)
  }

  highlight(nodes: ReadonlySet<number> | undefined): void {
    this.map.highlight(nodes)
  }

  tell(card: Card | undefined, x = 0, y = 0, pinned = false): void {
    this.overlay.tell(card, x, y, pinned)
  }

  /** Where a node stands on the canvas; undefined while it has no place. */
  whereIs(index: number): { x: number; y: number } | undefined {
    const { positions } = this
    if (!positions || index < 0) return undefined
    return this.overlay.onScreen(positions[index * 2], positions[index * 2 + 1])
  }

  paint(theme: Theme, colours: Colours, text: string, ground: string): void {
    this.map.setTheme(theme)
    this.map.setColours(colours)
    this.overlay.setColours(text, ground)
  }

  fit(): void {
    this.map.fit()
  }

  stats(): ReturnType<FlowMap['stats']> {
    return this.map.stats()
  }

  end(): void {
    clearInterval(this.timer)
    this.ended.abort()
    this.layout.end()
    this.overlay.end()
    this.map.destroy()
  }
}

function isSameGraph(one: LayoutGraph, other: LayoutGraph): boolean {
  return (
    one.nodes.length === other.nodes.length &&
    one.links.length === other.links.length &&
    one.nodes.every(({ id, group }, i) => {
      const same = other.nodes[i]
      return id === same.id && group === same.group
    }) &&
    one.links.every(({ client, server }, i) => {
      const same = other.links[i]
      return client === same.client && server === same.server
    })
  )
}

function keyOf({ view, kind }: Place): string {
  return JSON.stringify([kind, ...view])
}

const severities: Readonly<Record<string, 1 | 2>> = { warning: 1, danger: 2 }

/** The worst of its notices and its class. */
function severityOf(node: VizceralNode): Mark['severity'] {
  const own = Object.hasOwn(severities, node.class) ? severities[node.class] : undefined
  const told = node.notices.map(({ severity }) => severity)
  const all = own === undefined ? told : [...told, own]
  return all.length > 0 ? (Math.max(...all) as 0 | 1 | 2) : undefined
}
