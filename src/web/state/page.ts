import type { AttributionScore } from '#model/graph.ts'
import type { Frame, Status, Topology } from './feed.ts'
import {
  type LinkColumns,
  linkFigures,
  type ServiceColumns,
  serviceFigures,
  type Totals,
  totalsOf,
} from './figures.ts'
import type { History } from './history.ts'
import { type Problem, problemsOf } from './problems.ts'
import type { Selection, View } from './view.ts'

/** Seconds that "now" is the mean of: short enough to see a click, long enough to read. */
export const nowSeconds = 5
/** Seconds that a problem stays listed after its last error. */
export const problemSeconds = 15
/** Without a frame for this long the figures are stale: frames come each second. */
export const staleMs = 4000

/** Whether the server can be reached. `waiting`: the next attempt is at `untilMs`; lost since `sinceMs`. */
export type Reach =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  | { readonly kind: 'waiting'; readonly sinceMs: number; readonly untilMs: number }

/** The figures that are on the screen: all of one second, in the order of one topology. */
export interface Picture {
  readonly topology: Topology
  /** Start of the newest second, ms since the epoch, by the server's clock. */
  readonly timeMs: number
  readonly links: LinkColumns
  readonly services: ServiceColumns
  readonly totals: Totals
  readonly problems: readonly Problem[]
}

/** What the drawing of the map can do here. */
export type MapState = 'starting' | 'drawing' | 'lost' | 'unsupported'

/** Everything that the page shows, as one value. */
export interface Page {
  readonly reach: Reach
  /** Why the server refuses to talk, in its own words. */
  readonly refusal: string | undefined
  readonly topology: Topology | undefined
  readonly picture: Picture | undefined
  readonly status: Status | undefined
  /** When the newest frame came in, by this machine's clock; undefined before the first. */
  readonly frameAtMs: number | undefined
  /** This machine's clock, moved on each second. */
  readonly nowMs: number
  readonly map: MapState
  readonly view: View
  readonly search: string
  readonly helpOpen: boolean
}

export function emptyPage(view: View, nowMs: number): Page {
  return {
    reach: { kind: 'connecting' },
    refusal: undefined,
    topology: undefined,
    picture: undefined,
    status: undefined,
    frameAtMs: undefined,
    nowMs,
    map: 'starting',
    view,
    search: '',
    helpOpen: false,
  }
}

export const onTopology = (page: Page, topology: Topology, history: History): Page => ({
  ...page,
  topology,
  picture: pictureOf(topology, history, page.picture?.timeMs ?? 0),
})

/** A frame was put into the history; `nowMs` is this machine's clock. */
export const onFrame = (page: Page, frame: Frame, history: History, nowMs: number): Page => ({
  ...page,
  nowMs,
  frameAtMs: nowMs,
  picture: page.topology && pictureOf(page.topology, history, frame.timeMs),
})

export function pictureOf(topology: Topology, history: History, timeMs: number): Picture {
  const links = linkFigures(history, topology, nowSeconds)
  return {
    topology,
    timeMs,
    links,
    services: serviceFigures(topology, links),
    totals: totalsOf(links),
    problems: problemsOf(topology, linkFigures(history, topology, problemSeconds)),
  }
}

export const select = (page: Page, selection: Selection | undefined): Page => ({
  ...page,
  view: { ...page.view, selection },
})

/** Why the figures cannot be trusted to be of now, if they cannot. */
export type Staleness =
  | { readonly kind: 'lost'; readonly sinceMs: number; readonly untilMs: number }
  | { readonly kind: 'silent'; readonly sinceMs: number }

export function stalenessOf({ reach, frameAtMs, nowMs }: Page): Staleness | undefined {
  if (reach.kind === 'waiting') return { ...reach, kind: 'lost' }
  if (frameAtMs === undefined || nowMs - frameAtMs < staleMs) return undefined
  return { kind: 'silent', sinceMs: frameAtMs }
}

/** Nothing has been said on any link yet. */
export const isEmpty = ({ topology }: Page) => topology !== undefined && topology.links.length === 0

/** The attribution score, once there is something to attribute. */
export function attributionOf({ status }: Page): AttributionScore | undefined {
  return status && status.attribution.total > 0 ? status.attribution : undefined
}
