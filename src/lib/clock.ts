/**
 * Calls `tick` once a second, `afterMs` after each full second of the wall clock. A call that comes late does not shift
 * the next one; seconds that were slept through are not made up for. Answers how to stop.
 */
export function eachSecond(afterMs: number, tick: () => void): () => void {
  let timer: NodeJS.Timeout
  const arm = () => {
    const wait = 1000 - ((Date.now() - afterMs) % 1000)
    timer = setTimeout(() => {
      arm()
      tick()
    }, wait)
  }
  arm()
  return () => clearTimeout(timer)
}
