import type { Spot } from '#model/arrangement.ts'
import type { FlowMap } from '../draw/flow-map.ts'
import { type Laid, LayoutClient } from '../layout/client.ts'
import type { LayoutGraph } from '../layout/index.ts'
import { type Deed, onDeed, onUndone } from '../state/arranging.ts'
import type { Desk } from '../state/desk.ts'
import type { Frame, Topology } from '../state/feed.ts'
import { foldFrame } from '../state/fold.ts'
import type { MapGhost } from '../state/ghosts.ts'
import type { Level } from '../state/level.ts'
import { forgetGhosts, goTo } from '../state/page.ts'
import { isInward } from '../state/place.ts'
import { layoutGraphOf, sceneOf } from '../state/scene.ts'

/** A renderer and the layout that feeds it, kept at the same names; and the hands that arrange what it shows. */
export interface Drawing {
  /** Shows a place, and who is gone of it; does nothing when it is shown already. */
  show(level: Level, ghosts: readonly MapGhost[]): void
  /** A second of figures. The renderer must know the names before it, and the page may not have drawn them yet. */
  frame(frame: Frame, topology: Topology): void
  /** A hand has put a node (by index) elsewhere. */
  move(index: number, x: number, y: number): void
  /** A node (by id) is moved by a step. */
  nudge(id: string, dx: number, dy: number): void
  /** Lays out the place anew: what hands have placed there is forgotten. */
  tidy(): void
  /** The newest deed is undone, and seen where it was done. */
  undo(): void
  end(): void
}

/** Steps of keys are told to the server together. */
const stepWaitMs = 400

export function createDrawing(map: FlowMap, desk: Desk, worker: Worker): Drawing {
  return new Drawn(map, desk, worker)
}

class Drawn implements Drawing {
  private readonly map: FlowMap
  private readonly desk: Desk
  private readonly layout: LayoutClient
  private readonly deafen: () => void
  private shown: { readonly level: Level; readonly ghosts: readonly MapGhost[] } | undefined
  private asked: LayoutGraph | undefined
  /** The next places are the whole picture anew: it is shown as a whole. */
  private isToFit = false

  constructor(map: FlowMap, desk: Desk, worker: Worker) {
    this.map = map
    this.desk = desk
    const placed = (laid: Laid) => this.placed(laid)
    const arranged = (at: string) => desk.places.get(at)
    this.layout = new LayoutClient({ placed, arranged }, worker)
    this.deafen = desk.onPlaces(at => {
      this.layout.adopt(at, desk.places.get(at) ?? {})
      this.again(at)
    })
  }

  show(level: Level, ghosts: readonly MapGhost[]): void {
    const { shown, map } = this
    if (level === shown?.level && ghosts === shown.ghosts) return
    if (shown && level.at !== shown.level.at)
      map.enter(isInward(shown.level.at, level.at) ? 'inward' : 'outward')
    this.shown = { level, ghosts }
    map.setScene(sceneOf(level, ghosts))
    this.asked = layoutGraphOf(level, this.requests(), ghosts)
    this.layout.place(this.asked, level.at)
  }

  private requests(): ArrayLike<number> {
    return this.desk.store.get().picture?.map.links.requests ?? []
  }

  frame(frame: Frame, topology: Topology): void {
    const { picture } = this.desk.store.get()
    if (picture?.level.whole !== topology) return
    this.show(picture.level, picture.ghosts)
    const { level, frame: own } = picture
    this.map.pushFrame(own ? { ...own, timeMs: frame.timeMs } : foldFrame(level, frame))
  }

  private placed({ graph, at, anew, positions, before }: Laid): void {
    // Places in the order of names that have changed meanwhile would put everything elsewhere; the next is coming.
    if (graph === this.asked) this.map.setPositions(positions)
    if (anew) this.done({ kind: 'tidied', at, before, atMs: Date.now() }, 0)
    if (anew || this.isToFit) this.map.fit()
    this.isToFit = false
  }

  /** Lays out a place once more, if it is the one that is shown. */
  private again(at: string): void {
    if (this.asked && this.shown?.level.at === at) this.layout.place(this.asked, at)
  }

  /** Somebody has done something here: it can be undone, and all others hear of it. */
  private done(deed: Deed, waitMs: number): void {
    const { desk, layout } = this
    desk.store.set(page => onDeed(page, deed))
    desk.places.put(deed.at, layout.arrangement(deed.at), waitMs)
  }

  move(index: number, x: number, y: number): void {
    const service = this.shown?.level.topology.services[index]
    if (service) this.put(service, { x, y }, false)
  }

  nudge(id: string, dx: number, dy: number): void {
    const { level } = this.shown ?? {}
    const index = level?.topology.serviceIndex.get(id)
    if (!level || index === undefined) return
    const spot = this.layout.spots(level.at, [id]).get(id)
    const step = (value: number, by: number) => Math.round(value + by)
    const to = spot && { x: step(spot.x, dx), y: step(spot.y, dy) }
    if (to) this.put(level.topology.services[index], to, true)
  }

  private put({ id, name }: { id: string; name: string }, to: Spot, isStep: boolean): void {
    const { layout, shown } = this
    if (!shown) return
    const { at } = shown.level
    const before = layout.spots(at, [id])
    layout.change(at, new Map([[id, { ...to, hand: true }]]))
    this.again(at)
    const deed = { kind: 'moved', at, id, name, before, isStep, atMs: Date.now() } as const
    this.done(deed, isStep ? stepWaitMs : 0)
  }

  tidy(): void {
    const { desk, shown, layout } = this
    if (!shown) return
    desk.store.set(forgetGhosts)
    this.show(shown.level, [])
    if (this.asked) layout.tidy(this.asked, shown.level.at)
  }

  undo(): void {
    const { desk, layout } = this
    const deed = desk.store.get().deeds.at(-1)
    if (!deed) return
    layout.change(deed.at, deed.before)
    desk.places.put(deed.at, layout.arrangement(deed.at), 0)
    this.isToFit = deed.kind === 'tidied'
    desk.store.set(page => {
      const undone = onUndone(page, Date.now())
      return page.view.at === deed.at ? undone : goTo(undone, deed.at)
    })
    this.again(deed.at)
  }

  end(): void {
    this.deafen()
    this.layout.end()
  }
}

/** The worker that lays out the map: it takes a while to start. */
export function openLayoutWorker(): Worker {
  return new Worker(new URL('../layout/worker.ts', import.meta.url), { type: 'module' })
}
