import type { FlowMap } from '../draw/flow-map.ts'
import { LayoutClient } from '../layout/client.ts'
import type { LayoutGraph } from '../layout/index.ts'
import type { Frame, Topology } from '../state/feed.ts'
import { layoutGraphOf, sceneOf } from '../state/scene.ts'

/** A renderer and the layout that feeds it, kept at the same names. */
export interface Drawing {
  /** Shows these names; does nothing when they are shown already. */
  show(topology: Topology): void
  /** A second of figures. The renderer must know the names before it, and the page may not have drawn them yet. */
  frame(frame: Frame, topology: Topology): void
  end(): void
}

/** `requests`: the links' rates of now, for the layout. */
export function createDrawing(map: FlowMap, requests: () => ArrayLike<number>): Drawing {
  let shown: Topology | undefined
  let asked: LayoutGraph | undefined
  const layout = new LayoutClient((graph, positions) => {
    // Places in the order of names that have changed meanwhile would put everything elsewhere; the next is coming.
    if (graph === asked) map.setPositions(positions)
  })
  const show = (topology: Topology) => {
    if (topology === shown) return
    shown = topology
    map.setScene(sceneOf(topology))
    asked = layoutGraphOf(topology, requests())
    layout.place(asked)
  }
  return {
    show,
    frame: (frame, topology) => {
      show(topology)
      map.pushFrame(frame)
    },
    end: () => layout.end(),
  }
}
