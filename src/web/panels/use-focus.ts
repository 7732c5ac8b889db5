import { useEffect } from 'react'
import { panelId } from './panel.tsx'

/** The id by which the focus finds the map. */
export const mapId = 'map'

/** So many places are remembered in which the focus was. */
const trailMax = 20

/**
 * The focus is never lost: when what has it goes from the page, the panel that opened instead has it, else whatever had
 * it before and is still there, else the map.
 */
export function useFocus(): void {
  useEffect(() => {
    const keeper = new FocusKeeper()
    return () => keeper.end()
  }, [])
}

class FocusKeeper {
  private readonly trail: Element[] = []
  /** Lost the focus just now: what is taken from the page loses it a moment before. */
  private lost: Element | undefined
  private timer: ReturnType<typeof setTimeout> | undefined
  private readonly ended = new AbortController()
  private readonly observer = new MutationObserver(changes => this.look(changes))

  constructor() {
    const { signal } = this.ended
    document.addEventListener('focusin', ({ target }) => this.came(target), { signal })
    document.addEventListener('focusout', ({ target }) => this.went(target), { signal })
    this.observer.observe(document.body, { subtree: true, childList: true })
  }

  private came(target: EventTarget | null): void {
    clearTimeout(this.timer)
    this.lost = undefined
    if (!(target instanceof Element)) return
    const { trail } = this
    if (trail.includes(target)) trail.splice(trail.indexOf(target), 1)
    trail.push(target)
    if (trail.length > trailMax) trail.shift()
  }

  private went(target: EventTarget | null): void {
    clearTimeout(this.timer)
    this.lost = target instanceof Element ? target : undefined
    this.timer = setTimeout(() => this.left())
  }

  /** A person went elsewhere: nothing leads back. */
  private left(): void {
    this.lost = undefined
    if (isNowhere()) this.trail.length = 0
  }

  private look(changes: readonly MutationRecord[]): void {
    const { lost } = this
    if (!lost || !isNowhere()) return
    const isTaken = changes.some(({ removedNodes }) =>
      [...removedNodes].some(node => node.contains(lost)),
    )
    // What is only moved within the page has left it too, for a moment.
    if (isTaken || !lost.isConnected) give(lost.isConnected ? lost : this.next(lost))
  }

  private next(lost: Element): Element | null {
    const isOfPanel = lost.closest(`#${panelId}`) !== null
    const panel = document.getElementById(panelId)
    if (isOfPanel && panel) return panel
    while (this.trail.length > 0) {
      const before = this.trail.pop()!
      if (before.isConnected) return before
    }
    return document.getElementById(mapId)
  }

  end(): void {
    clearTimeout(this.timer)
    this.ended.abort()
    this.observer.disconnect()
  }
}

const isNowhere = () => document.activeElement === document.body || !document.activeElement

function give(element: Element | null): void {
  if (element instanceof HTMLElement) element.focus({ preventScroll: true })
}
