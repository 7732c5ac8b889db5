/** Least time between two notices of fed changes: the page is redrawn at most four times a second. */
export const feedIntervalMs = 250

/** One value, and those who want to know when it changes. */
export interface Store<T> {
  get(): T
  /** A person's doing: shown at once. */
  set(change: (value: T) => T): void
  /** The network's doing: shown at most every `feedIntervalMs`. */
  feed(change: (value: T) => T): void
  /** Returns what ends it. */
  subscribe(listener: () => void): () => void
}

/** A store that begins with `initial`. */
export function createStore<T>(initial: T): Store<T> {
  let value = initial
  let timer: ReturnType<typeof setTimeout> | undefined
  let toldMs = Number.NEGATIVE_INFINITY
  const listeners = new Set<() => void>()
  const tell = () => {
    clearTimeout(timer)
    timer = undefined
    toldMs = Date.now()
    for (const listener of listeners) listener()
  }
  const change = (next: (value: T) => T) => {
    const changed = next(value)
    const same = Object.is(changed, value)
    value = changed
    return !same
  }
  return {
    get: () => value,
    set: next => {
      if (change(next)) tell()
    },
    feed: next => {
      if (!change(next) || timer !== undefined) return
      const waitMs = toldMs + feedIntervalMs - Date.now()
      if (waitMs <= 0) tell()
      else timer = setTimeout(tell, waitMs)
    },
    subscribe: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
