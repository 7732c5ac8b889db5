import type { FlowMap } from '../draw/flow-map.ts'
import { LayoutClient } from '../layout/client.ts'
import type { LayoutGraph } from '../layout/index.ts'
import type { Frame, Topology } from '../state/feed.ts'
import { foldFrame, isInward, type Level } from '../state/level.ts'
import { layoutGraphOf, sceneOf } from '../state/scene.ts'

/** A renderer and the layout that feeds it, kept at the same names. */
export interface Drawing {
  /** Shows a place; does nothing when it is shown already. */
  show(level: Level): void
  /** A second of figures. The renderer must know the names before it, and the page may not have drawn them yet. */
  frame(frame: Frame, topology: Topology): void
  end(): void
}

/** What the page knows now: the place one is at, and the rates of what stands there. */
export interface Shown {
  readonly level: Level
  readonly requests: ArrayLike<number>
}

export function createDrawing(map: FlowMap, now: () => Shown | undefined): Drawing {
  let shown: Level | undefined
  let asked: LayoutGraph | undefined
  const layout = new LayoutClient((graph, positions) => {
    // Places in the order of names that have changed meanwhile would put everything elsewhere; the next is coming.
    if (graph === asked) map.setPositions(positions)
  }, openLayoutWorker())
  const show = (level: Level) => {
    if (level === shown) return
    if (shown && level.at !== shown.at)
      map.enter(isInward(shown.at, level.at) ? 'inward' : 'outward')
    shown = level
    map.setScene(sceneOf(level))
    asked = layoutGraphOf(level, now()?.requests ?? [])
    layout.place(asked, level.at)
  }
  return {
    show,
    frame: (frame, topology) => {
      const level = now()?.level
      if (level?.whole !== topology) return
      show(level)
      map.pushFrame(foldFrame(level, frame))
    },
    end: () => layout.end(),
  }
}

function openLayoutWorker(): Worker {
  return new Worker(new URL('../layout/worker.ts', import.meta.url), { type: 'module' })
}
