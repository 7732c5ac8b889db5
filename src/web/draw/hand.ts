import type { Camera } from './camera.ts'
import type { World } from './world.ts'

interface Place {
  readonly x: number
  readonly y: number
}

/** A node in a hand: where it is, where it came from, and how far from its centre it was taken. World units. */
interface Held {
  readonly slot: number
  readonly from: Place
  readonly grip: Place
  at: Place
}

/** Carries one node across the map. */
export class Hand {
  private readonly world: World
  private readonly camera: Camera
  private held: Held | undefined

  constructor(world: World, camera: Camera) {
    this.world = world
    this.camera = camera
  }

  /** Takes hold of a node at this place of the screen; false: it cannot be moved. */
  grab(slot: number, x: number, y: number): boolean {
    const { world, camera } = this
    if (!this.canMove(slot)) return false
    const from = { x: world.places[slot * 4 + 2], y: world.places[slot * 4 + 3] }
    const { scale } = camera
    const grip = { x: from.x - (x - camera.x) / scale, y: from.y - (y - camera.y) / scale }
    this.held = { slot, from, grip, at: from }
    return true
  }

  private canMove(slot: number): boolean {
    const { world } = this
    const isThere = world.nodeSlots.isPresent(slot) && world.placed[slot] === 1
    return isThere && !world.nodes[slot]!.isGhost
  }

  /** What is held follows, in whole units of the world; false: nothing is held. */
  drag(x: number, y: number): boolean {
    const { held, camera } = this
    if (!held) return false
    held.at = {
      x: Math.round((x - camera.x) / camera.scale + held.grip.x),
      y: Math.round((y - camera.y) / camera.scale + held.grip.y),
    }
    this.stay()
    return true
  }

  /** Lets go; answers what was held. */
  drop(): Omit<Held, 'grip'> | undefined {
    const { held } = this
    this.held = undefined
    return held
  }

  /** The scene or the places are others: what is held is still where the hand is, if it is there at all. */
  stay(): void {
    const { held } = this
    if (!held) return
    if (this.canMove(held.slot)) this.world.put(held.slot, held.at.x, held.at.y)
    else this.held = undefined
  }
}
