import type { AttributionScore } from '#model/graph.ts'
import { type Apart, apartLevelOf, isApartOf } from './apart.ts'
import type { Deed, Told } from './arranging.ts'
import type { Frame, Status, Topology } from './feed.ts'
import {
  type LinkColumns,
  linkFigures,
  type ServiceColumns,
  serviceFigures,
  type Totals,
  totalsOf,
} from './figures.ts'
import { emptyFilter, type Filter, type Shown, shownBy, toggled } from './filter.ts'
import { foldColumns } from './fold.ts'
import { type Ghost, ghostsAt, goneAfter, isMissedAt, type MapGhost, withoutOld } from './ghosts.ts'
import type { History } from './history.ts'
import { type Level, levelOf, placeToSee } from './level.ts'
import { apartAtPlace, isOfMachines, machinesPlace, type Path } from './place.ts'
import { type Problem, problemsOf } from './problems.ts'
import type { Moment, Selection, View } from './view.ts'

/** Seconds that "now" is the mean of: short enough to see a click, long enough to read. */
export const nowSeconds = 5
/** Seconds that a problem stays listed after its last error, and that a link in trouble passes a filter. */
export const recentSeconds = 15
/** Without a frame for this long the figures are stale: frames come each second. */
export const staleMs = 4000

/** Whether the server can be reached. `waiting`: the next attempt is at `untilMs`; lost since `sinceMs`. */
export type Reach =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  | { readonly kind: 'waiting'; readonly sinceMs: number; readonly untilMs: number }

/** Figures of all services and links: all of one second, in the order of one topology. */
export interface Figures {
  readonly topology: Topology
  readonly links: LinkColumns
  readonly services: ServiceColumns
}

/** The figures that are on the screen. */
export interface Picture extends Figures {
  /** Start of the newest second, ms since the epoch, by the server's clock. */
  readonly timeMs: number
  /** The place one is at, and the figures of what stands there. */
  readonly level: Level
  readonly map: Figures
  /** At the place of a service's instances: what the second of the map is made of, instead of the links' own. */
  readonly frame: Omit<Frame, 'timeMs'> | undefined
  /** What is gone, where it was; the figures know nothing of it. */
  readonly ghosts: readonly MapGhost[]
  readonly totals: Totals
  /** Figures of all links over the last seconds: what counts as trouble. */
  readonly recent: LinkColumns
  /** What the view's filter lets pass; undefined: everything. */
  readonly shown: Shown | undefined
  /** Of what passes the filter. */
  readonly problems: readonly Problem[]
  readonly hiddenProblems: number
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
  /** The dots stand still. */
  readonly paused: boolean
  /** The dots go at a quarter of their pace. */
  readonly slow: boolean
  /** The service of whose instances this is the place, once they are known. */
  readonly apart: Apart | undefined
  /** Who is gone, not long ago. */
  readonly gone: readonly Ghost[]
  /** What was done to the places of the map since the page was opened, newest last: it can be undone. */
  readonly deeds: readonly Deed[]
  /** What is said of the newest deed. */
  readonly told: Told | undefined
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
    paused: false,
    slow: false,
    apart: undefined,
    gone: [],
    deeds: [],
    told: undefined,
  }
}

export function onTopology(page: Page, topology: Topology, history: History): Page {
  const gone = goneAfter(page.gone, page.topology, topology, Date.now())
  const timeMs = page.picture?.timeMs ?? 0
  return {
    ...page,
    topology,
    gone,
    picture: pictureOf(topology, history, timeMs, { ...page, gone }),
  }
}

/** A frame was put into the history; `nowMs` is this machine's clock. */
export function onFrame(page: Page, frame: Frame, history: History, nowMs: number): Page {
  const gone = withoutOld(page.gone, nowMs)
  const { topology } = page
  const picture = topology && pictureOf(topology, history, frame.timeMs, { ...page, gone })
  return { ...page, nowMs, frameAtMs: nowMs, gone, picture }
}

/** Nobody is missed any more at the place where one is. */
export function forgetGhosts(page: Page): Page {
  const { picture, view } = page
  if (!picture || picture.ghosts.length === 0) return page
  const gone = page.gone.filter(({ service }) => !isMissedAt(view.at, service))
  return { ...page, gone, picture: { ...picture, ghosts: [] } }
}

/** `page`: where one is, and what was seen there before. */
export function pictureOf(
  topology: Topology,
  history: History,
  timeMs: number,
  page?: Eyes,
): Picture {
  const links = linkFigures(history, topology, nowSeconds)
  const recent = linkFigures(history, topology, recentSeconds)
  const figures = { topology, timeMs, links, recent, services: serviceFigures(topology, links) }
  return { ...figures, totals: totalsOf(links), ...sightOf(figures, page) }
}

/** What of the page decides what one sees. */
type Eyes = Pick<Page, 'view' | 'picture' | 'gone' | 'apart'>

type Sight = Pick<
  Picture,
  'shown' | 'level' | 'ghosts' | 'map' | 'frame' | 'problems' | 'hiddenProblems'
>

/** What one sees of all figures: the place, through the filter. */
function sightOf(
  { topology, links, recent }: Pick<Picture, 'topology' | 'links' | 'recent'>,
  page?: Eyes,
): Sight {
  const { at = '', filter = emptyFilter } = page?.view ?? {}
  const before = page?.picture
  const isKnown = before?.topology === topology
  const shown = shownBy(topology, filter, recent, isKnown ? before.shown : undefined)
  const { level, map, frame } = placeOfSight({ topology, links }, { at, shown, page })
  const ghosts = ghostsAt(level, page?.gone ?? [])
  return {
    shown,
    level,
    ghosts: sameGhosts(before?.ghosts, ghosts),
    map,
    frame,
    ...problemsOf(topology, recent, target => isShown(topology, shown, target)),
  }
}

interface Looking {
  readonly at: Path
  readonly shown: Shown | undefined
  readonly page: Eyes | undefined
}

/** The place with its figures; the same place as before while nothing of it is another. */
function placeOfSight(
  { topology, links }: Pick<Picture, 'topology' | 'links'>,
  { at, shown, page }: Looking,
): Pick<Picture, 'level' | 'map' | 'frame'> {
  const before = page?.picture?.level
  const apart = page?.apart
  if (isApartOf(apart, at)) {
    const seen = apartLevelOf(topology, at, apart, { shown, ...(before && { before }) })
    const named = seen.level.topology
    const services = serviceFigures(named, seen.links)
    return {
      level: seen.level,
      map: { topology: named, links: seen.links, services },
      frame: seen.frame,
    }
  }
  const isSame =
    before?.whole === topology &&
    before.at === at &&
    before.shown === shown &&
    !page?.picture?.frame
  const level = isSame ? before : levelOf(topology, at, before, shown)
  return { level, map: figuresAt(level, links), frame: undefined }
}

/** A service's instances were asked for. */
export const takeApart = (page: Page, apart: Apart): Page =>
  apartAtPlace(page.view.at) === apart.service ? withLevel({ ...page, apart }) : page

/** Whether a service or link passes the filter. */
function isShown(topology: Topology, shown: Shown | undefined, { kind, id }: Selection): boolean {
  if (shown === undefined) return true
  if (kind === 'link') return shown.links[topology.linkIndex.get(id) ?? -1] === 1
  return shown.services[topology.serviceIndex.get(id) ?? -1] === 1
}

/** The list that was there before, when it is the same: what follows it need not be done again. */
function sameGhosts(
  before: readonly MapGhost[] | undefined,
  now: readonly MapGhost[],
): readonly MapGhost[] {
  const isSame =
    before?.length === now.length &&
    now.every(
      ({ service, district }, i) =>
        before[i].service.id === service.id && before[i].district === district,
    )
  return isSame ? before : now
}

function figuresAt(level: Level, all: LinkColumns): Figures {
  const links = foldColumns(level, all)
  return { topology: level.topology, links, services: serviceFigures(level.topology, links) }
}

const nothingOpen = {
  ...{ selection: undefined, moment: undefined },
  ...{ text: '', slowerMs: 0, trace: '', tab: undefined },
}

/** Goes to a place; what was selected there is left behind. */
export function goTo(page: Page, at: Path): Page {
  const view = { ...page.view, ...nothingOpen, at }
  return withLevel({ ...page, view, apart: undefined })
}

/** By machine, or by group again. */
export const otherGrouping = (page: Page): Page =>
  goTo(page, isOfMachines(page.view.at) ? '' : machinesPlace)

/** Goes into what is selected: of a service the panel stays open. */
export function enterPlace(page: Page, at: Path): Page {
  const { selection } = page.view
  const entered = goTo(page, at)
  return selection?.kind === 'service' ? select(entered, selection) : entered
}

/** Selects, and goes where it can be seen if it is part of a group here; what the filter hides is shown then. */
export function reveal(page: Page, selection: Selection): Page {
  const { picture } = page
  const service = picture && serviceOf(picture.topology, selection)
  if (!picture || service === undefined) return select(page, selection)
  const isSeen = isShown(picture.topology, picture.shown, selection)
  const open = select(isSeen ? page : filterBy(page, emptyFilter), selection)
  const at = placeToSee(picture.topology, open.picture!.level, service)
  return at === open.view.at ? open : withLevel({ ...open, view: { ...open.view, at } })
}

/** Leaves off the map what does not pass. */
export const filterBy = (page: Page, filter: Filter): Page =>
  withLevel({ ...page, view: { ...page.view, filter } })

/** The selected service or group goes off the map, and is no longer selected. */
export function hideSelected(page: Page): Page {
  const { selection, filter } = page.view
  if (selection?.kind !== 'service' && selection?.kind !== 'group') return page
  const isHidden = filter.hidden.includes(selection.id)
  const hidden = isHidden ? filter.hidden : toggled(filter.hidden, selection.id)
  return filterBy(select(page, undefined), { ...filter, hidden })
}

/** The picture of the place and the filter that the view names, at once. */
export function withLevel(page: Page): Page {
  const { picture } = page
  return picture ? { ...page, picture: { ...picture, ...sightOf(picture, page) } } : page
}

function serviceOf(topology: Topology, { kind, id }: Selection): number | undefined {
  if (kind === 'service') return topology.serviceIndex.get(id)
  const link = kind === 'link' ? topology.linkIndex.get(id) : undefined
  return link === undefined ? undefined : topology.links[link].server
}

export function select(page: Page, selection: Selection | undefined, moment?: Moment): Page {
  const text = selection?.kind === 'flow' ? instanceOfFlow(page, selection.id) : ''
  return { ...page, view: { ...page.view, ...nothingOpen, selection, moment, text } }
}

/** The name by which the access log has what an instance says. */
function instanceOfFlow({ picture }: Page, flow: string): string {
  const { services, links, linkIndex } = picture?.map.topology ?? { services: [], links: [] }
  const link = links[linkIndex?.get(flow) ?? -1]
  const ends = link ? [services[link.server], services[link.client]] : []
  return ends.find(({ kind }) => kind === 'instance')?.name ?? ''
}

export const toggleSlow = (page: Page): Page => ({ ...page, slow: !page.slow })
export const togglePause = (page: Page): Page => ({ ...page, paused: !page.paused })

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

/** Of fewer requests a share says nothing: two name look-ups of a process that was gone at once are no trouble. */
const tellingRequests = 20

/** The attribution score, once there is enough to attribute. */
export function attributionOf({ status }: Page): AttributionScore | undefined {
  return status && status.attribution.total >= tellingRequests ? status.attribution : undefined
}
