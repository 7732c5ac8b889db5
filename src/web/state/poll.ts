/** Asking again and again. */
export interface Polling {
  /** Asks now. */
  again(): void
  end(): void
}

/** Whether anybody looks. */
export interface Sight {
  readonly hidden: boolean
  addEventListener(kind: 'visibilitychange', listener: () => void): void
  removeEventListener(kind: 'visibilitychange', listener: () => void): void
}

/**
 * Asks now and `everyMs` after each answer, one question at a time. While nobody looks nothing is asked; who comes back is
 * answered at once.
 */
export function poll(
  ask: (signal: AbortSignal) => Promise<void>,
  everyMs: number,
  sight: Sight = document,
): Polling {
  const abort = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let isAsking = false
  let isDue = false
  const next = async () => {
    clearTimeout(timer)
    isDue = isAsking || sight.hidden
    if (isDue || abort.signal.aborted) return
    isAsking = true
    await ask(abort.signal)
    isAsking = false
    if (abort.signal.aborted) return
    timer = setTimeout(next, isDue && !sight.hidden ? 0 : everyMs)
  }
  const look = () => {
    if (isDue && !sight.hidden) void next()
  }
  sight.addEventListener('visibilitychange', look)
  void next()
  return {
    again: () => void next(),
    end: () => {
      abort.abort()
      clearTimeout(timer)
      sight.removeEventListener('visibilitychange', look)
    },
  }
}
