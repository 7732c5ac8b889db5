/** What hands do to the map, in CSS pixels of the canvas. */
export interface Gestured {
  pan(dx: number, dy: number): void
  zoom(factor: number, x: number, y: number): void
  hover(x: number, y: number): void
  leave(): void
  tap(x: number, y: number): void
  doubleTap(x: number, y: number): void
  /** A hand takes hold of what lies there; false: there is nothing that can be moved. */
  grab(x: number, y: number): boolean
  drag(x: number, y: number): void
  /** What was dragged stays where it is, or goes back to where it came from. */
  drop(isKept: boolean): void
}

const dragPx = 4
const doubleTapMs = 320
/** A finger that rests this long takes hold of what lies under it; one that does not moves the whole map. */
const holdMs = 350

interface Finger {
  x: number
  y: number
}

/** Listens to wheel and pointers (mouse, pen, fingers: two of them pinch); the returned function ends it. */
export function listen(canvas: HTMLCanvasElement, to: Gestured): () => void {
  const ended = new AbortController()
  const { signal } = ended
  const gestures = new Gestures(canvas, to)
  canvas.style.touchAction = 'none'
  canvas.addEventListener('wheel', event => gestures.wheel(event), { passive: false, signal })
  canvas.addEventListener('pointerdown', event => gestures.down(event), { signal })
  canvas.addEventListener('pointermove', event => gestures.move(event), { signal })
  canvas.addEventListener('pointerup', event => gestures.up(event), { signal })
  canvas.addEventListener('pointercancel', event => gestures.drop(event), { signal })
  canvas.addEventListener('pointerleave', () => to.leave(), { signal })
  return () => ended.abort()
}

class Gestures {
  private readonly fingers = new Map<number, Finger>()
  private moved = 0
  private start: Finger = { x: 0, y: 0 }
  private isHolding = false
  private mayGrab = false
  private timer: ReturnType<typeof setTimeout> | undefined
  private lastTap = { timeMs: 0, x: 0, y: 0 }
  private readonly canvas: HTMLCanvasElement
  private readonly to: Gestured

  constructor(canvas: HTMLCanvasElement, to: Gestured) {
    this.canvas = canvas
    this.to = to
  }

  private at(event: MouseEvent): Finger {
    const box = this.canvas.getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top }
  }

  /** A wheel zooms to the pointer; a trackpad's pinch comes as a wheel with the control key, finer. */
  wheel(event: WheelEvent): void {
    event.preventDefault()
    const lines = event.deltaMode === 1 ? 16 : 1
    const power = event.ctrlKey ? 0.01 : 0.0016
    const turned = Math.max(-240, Math.min(240, event.deltaY * lines))
    const { x, y } = this.at(event)
    this.to.zoom(Math.exp(-turned * power), x, y)
  }

  down(event: PointerEvent): void {
    if (event.button !== 0) return
    this.canvas.setPointerCapture(event.pointerId)
    if (this.fingers.size === 0) this.begin(event)
    else this.release(false)
    this.fingers.set(event.pointerId, this.at(event))
  }

  private begin(event: PointerEvent): void {
    this.moved = 0
    this.start = this.at(event)
    this.mayGrab = event.pointerType !== 'touch'
    if (!this.mayGrab) this.timer = setTimeout(() => this.grab(), holdMs)
  }

  private grab(): void {
    this.mayGrab = false
    this.isHolding = this.to.grab(this.start.x, this.start.y)
  }

  /** What is held is let go of, to stay there or to go back. */
  private release(isKept: boolean): void {
    clearTimeout(this.timer)
    this.mayGrab = false
    if (this.isHolding) this.to.drop(isKept)
    this.isHolding = false
  }

  move(event: PointerEvent): void {
    const now = this.at(event)
    const was = this.fingers.get(event.pointerId)
    if (!was) {
      this.to.hover(now.x, now.y)
      return
    }
    this.moved += Math.hypot(now.x - was.x, now.y - was.y)
    const other = [...this.fingers].find(([id]) => id !== event.pointerId)?.[1]
    if (other) this.pinch(was, now, other)
    else if (this.moved > dragPx) this.drag(was, now)
    this.fingers.set(event.pointerId, now)
  }

  private drag(was: Finger, now: Finger): void {
    if (this.mayGrab) this.grab()
    if (!this.isHolding) clearTimeout(this.timer)
    if (this.isHolding) this.to.drag(now.x, now.y)
    else this.to.pan(now.x - was.x, now.y - was.y)
  }

  private pinch(was: Finger, now: Finger, other: Finger): void {
    const before = Math.hypot(was.x - other.x, was.y - other.y)
    const after = Math.hypot(now.x - other.x, now.y - other.y)
    this.to.pan((now.x - was.x) / 2, (now.y - was.y) / 2)
    if (before > 1) this.to.zoom(after / before, (now.x + other.x) / 2, (now.y + other.y) / 2)
  }

  up(event: PointerEvent): void {
    const pressed = this.fingers.delete(event.pointerId)
    if (this.fingers.size === 0) this.release(this.moved > dragPx)
    if (!pressed || this.fingers.size > 0 || this.moved > dragPx) return
    const { x, y } = this.at(event)
    const { timeMs, x: lastX, y: lastY } = this.lastTap
    const again = event.timeStamp - timeMs < doubleTapMs && Math.hypot(x - lastX, y - lastY) < 12
    this.lastTap = { timeMs: again ? 0 : event.timeStamp, x, y }
    if (again) this.to.doubleTap(x, y)
    else this.to.tap(x, y)
  }

  drop(event: PointerEvent): void {
    this.fingers.delete(event.pointerId)
    this.release(false)
  }
}
