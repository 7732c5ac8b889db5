import type { World } from './world.ts'

const growMs = 400
const fadeMs = 600

/** New nodes and links grow into the picture, gone ones fade out of it; each at its own pace, from where it is. */
export class Growth {
  private busy = true

  /** Something came or went. */
  wake(): void {
    this.busy = true
  }

  /** One step of `elapsedMs`; true when something changed. */
  step(world: World, elapsedMs: number): boolean {
    if (!this.busy) return false
    const nodes = this.stepNodes(world, elapsedMs)
    const links = this.stepLinks(world, elapsedMs)
    this.busy = nodes || links
    if (nodes) world.changed.nodes = true
    if (links) world.changed.linkStyles = true
    return this.busy
  }

  private stepNodes(world: World, elapsedMs: number): boolean {
    let moved = false
    for (let slot = 0; slot < world.nodeSlots.size; slot++) {
      const wanted = world.nodeSlots.isPresent(slot) && world.placed[slot] === 1 ? 1 : 0
      if (approach(world.nodeTable, slot * 8 + 6, wanted, elapsedMs)) moved = true
    }
    return moved
  }

  private stepLinks(world: World, elapsedMs: number): boolean {
    let moved = false
    for (let slot = 0; slot < world.linkSlots.size; slot++) {
      const link = world.links[slot]
      const placed = link && world.placed[link.client] === 1 && world.placed[link.server] === 1
      const wanted = placed && world.linkSlots.isPresent(slot) ? 1 : 0
      if (approach(world.linkStyles, slot * 4 + 3, wanted, elapsedMs)) moved = true
    }
    return moved
  }
}

function approach(values: Float32Array, at: number, wanted: number, elapsedMs: number): boolean {
  const was = values[at]
  if (was === wanted) return false
  const step = elapsedMs / (wanted > was ? growMs : fadeMs)
  values[at] = wanted > was ? Math.min(1, was + step) : Math.max(0, was - step)
  return true
}
