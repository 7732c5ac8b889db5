/** World to screen is `screen = world * scale + (x, y)`, in CSS pixels. */
export interface View {
  readonly x: number
  readonly y: number
  readonly scale: number
}

export interface Insets {
  readonly top: number
  readonly right: number
  readonly bottom: number
  readonly left: number
  /** How large what lies over the upper left corner is now, if anything does: the whole is shown beside it. */
  readonly corner?: () => { readonly width: number; readonly height: number } | undefined
}

/** A stretch of the world. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

export const isInside = (inner: Box, outer: Box): boolean =>
  inner.left >= outer.left &&
  inner.right <= outer.right &&
  inner.top >= outer.top &&
  inner.bottom <= outer.bottom

const scaleMin = 0.02
const scaleMax = 8
const flightMs = 320
/** `fit` shows a small map no larger than this on a small screen, and on a wall as much larger as the wall is. */
const fitScaleMax = 1.5
const smallScreen = { width: 1280, height: 720 }

/** The view that shows all of a box inside the screen less its insets. */
export function viewOf(box: Box, width: number, height: number, insets: Insets): View {
  const free = {
    width: Math.max(80, width - insets.left - insets.right),
    height: Math.max(80, height - insets.top - insets.bottom),
  }
  const wide = Math.max(1, box.right - box.left)
  const high = Math.max(1, box.bottom - box.top)
  const fitting = Math.min(free.width / wide, free.height / high)
  const larger = Math.max(1, Math.min(width / smallScreen.width, height / smallScreen.height))
  const scale = Math.min(fitScaleMax * larger, Math.max(scaleMin, fitting))
  return centred(
    (box.left + box.right) / 2,
    (box.top + box.bottom) / 2,
    scale,
    insets.left + free.width / 2,
    insets.top + free.height / 2,
  )
}

/** The view in which a place of the world lies at a place of the screen. */
function centred(wx: number, wy: number, scale: number, sx: number, sy: number): View {
  return { scale, x: sx - wx * scale, y: sy - wy * scale }
}

/** Where one looks from. Moves at once under the hand, in 320 ms (slowing down) when told to go somewhere. */
export class Camera implements View {
  x = 0
  y = 0
  scale = 1
  private from: View | undefined
  private to: View | undefined
  private startMs = 0

  get flying(): boolean {
    return this.to !== undefined
  }

  fly(to: View, nowMs: number): void {
    this.from = { x: this.x, y: this.y, scale: this.scale }
    this.to = to
    this.startMs = nowMs
  }

  jump(to: View): void {
    this.to = undefined
    this.x = to.x
    this.y = to.y
    this.scale = to.scale
  }

  pan(dx: number, dy: number): void {
    this.to = undefined
    this.x += dx
    this.y += dy
  }

  /** Zooms by a factor about a place of the screen. */
  zoom(factor: number, sx: number, sy: number): void {
    this.to = undefined
    const scale = Math.min(scaleMax, Math.max(scaleMin, this.scale * factor))
    const ratio = scale / this.scale
    this.x = sx - (sx - this.x) * ratio
    this.y = sy - (sy - this.y) * ratio
    this.scale = scale
  }

  /** One step of a flight; true when the view changed. The scale moves evenly in octaves, about a steady centre. */
  step(nowMs: number, sx: number, sy: number): boolean {
    const { from, to } = this
    if (!from || !to) return false
    const t = Math.min(1, (nowMs - this.startMs) / flightMs)
    const eased = 1 - (1 - t) ** 3
    const scale = from.scale * (to.scale / from.scale) ** eased
    const lookX = mix((sx - from.x) / from.scale, (sx - to.x) / to.scale, eased)
    const lookY = mix((sy - from.y) / from.scale, (sy - to.y) / to.scale, eased)
    this.scale = scale
    this.x = sx - lookX * scale
    this.y = sy - lookY * scale
    if (t === 1) this.jump(to)
    return true
  }
}

function mix(a: number, b: number, t: number): number {
  return a + (b - a) * t
}
