import type { Arrangement } from '#model/arrangement.ts'
import { viewOf } from '../draw/camera.ts'

/** Where a node of an arrangement is on a screen that shows all of it, beside no panel. */
export function screenOf(
  id: string,
  nodes: Arrangement,
  size: { readonly width: number; readonly height: number },
): { x: number; y: number; scale: number } {
  const all = Object.values(nodes)
  const [xs, ys] = [all.map(({ x }) => x), all.map(({ y }) => y)]
  const box = {
    ...{ left: Math.min(...xs) - 84, right: Math.max(...xs) + 84 },
    ...{ top: Math.min(...ys) - 62, bottom: Math.max(...ys) + 58 },
  }
  const insets = { top: 64, right: 0, bottom: 56, left: 0 }
  const view = viewOf(box, size.width, size.height, insets)
  const at = (world: number, origin: number) => world * view.scale + origin
  return { x: at(nodes[id].x, view.x), y: at(nodes[id].y, view.y), scale: view.scale }
}
