import { createContext, useContext, useMemo, useState } from 'react'

/** The moment that one points at: the same in all plots of a panel. */
export interface SharedMoment {
  /** ms since the epoch; undefined while one points at none. */
  readonly timeMs: number | undefined
  point(timeMs: number | undefined): void
}

const MomentContext = createContext<SharedMoment>({ timeMs: undefined, point: () => {} })

export const useMoment = (): SharedMoment => useContext(MomentContext)

/** Plots in here show the same moment. */
export function MomentGroup({ children }: { children: React.ReactNode }) {
  const [timeMs, point] = useState<number>()
  const shared = useMemo(() => ({ timeMs, point }), [timeMs])
  return <MomentContext value={shared}>{children}</MomentContext>
}
