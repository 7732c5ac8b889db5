import { useEffect } from 'react'
import { nextStop } from '../state/tour.ts'
import { useSurroundings } from './use-desk.ts'

const stayMs = 20_000

/** From problem to problem, then the whole of where it began, and again. */
export function useTour(isOn: boolean): void {
  const { desk } = useSurroundings()
  useEffect(() => {
    if (!isOn) return
    const { at } = desk.store.get().view
    const timer = setInterval(() => desk.store.set(page => nextStop(page, at)), stayMs)
    return () => clearInterval(timer)
  }, [isOn, desk])
}
