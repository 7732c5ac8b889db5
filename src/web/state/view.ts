import { parseTraceId } from '#model/trace-id.ts'
import { type Outcome, outcomes } from '#model/transaction.ts'
import { emptyFilter, type Filter, formatFilter, parseFilter } from './filter.ts'
import type { Path } from './place.ts'

const kinds = ['link', 'service', 'river', 'group', 'instance', 'flow', 'node'] as const
const vertexKinds: readonly Selection['kind'][] = ['service', 'group', 'instance']

/** What the person looks at; the address bar holds it, so that a link to a picture can be sent. */
export interface View {
  readonly selection: Selection | undefined
  /** The place: the path of a group, empty for everything. */
  readonly at: Path
  /** Of a selected link: which of its requests. */
  readonly moment: Moment | undefined
  /** Of a selected link: what the lines of its access log are to contain; empty: all are shown. */
  readonly text: string
  /** Of a selected link: only requests that took at least so long; 0: all. */
  readonly slowerMs: number
  /** Of a selected link: instead of its lines, those of this trace on all links; empty: its own. */
  readonly trace: string
  /** Which part of the panel is open; undefined: the first. */
  readonly tab: Tab | undefined
  /** Minutes that plots show. */
  readonly minutes: Minutes
  /** undefined: as the system has it. */
  readonly theme: Theme | undefined
  readonly table: 'services' | 'links' | undefined
  /** What is around the map: everything; on a wall, figures and problems; in another page, nothing. */
  readonly frame: Frame
  readonly filter: Filter
}

/** The requests of one second, of one outcome. */
export interface Moment {
  /** Start of the second, ms since the epoch. */
  readonly timeMs: number
  readonly outcome: Outcome | undefined
  /** Of so many seconds, where a plot does not tell them apart. */
  readonly seconds?: number
}

/** Most seconds that are one moment. */
const momentSecondsMax = 60

export const tabs = [
  'callers',
  'calls',
  'instances',
  'events',
  'resources',
  'traffic',
  'nodes',
] as const
export type Tab = (typeof tabs)[number]

/** The longest first: what a plot shows when nothing else was chosen. */
export const spans = [15, 5] as const
export type Minutes = (typeof spans)[number]

const frames = ['full', 'kiosk', 'embed'] as const
export type Frame = (typeof frames)[number]

export type Theme = 'dark' | 'light'

/**
 * A service or a link, by id; a group of services, all links between two places (`river`), one instance, or what it says on
 * a link (`flow`), by their ids on the map; a node, by its name.
 */
export interface Selection {
  readonly kind: (typeof kinds)[number]
  readonly id: string
}

export const emptyView: View = {
  selection: undefined,
  at: '',
  moment: undefined,
  text: '',
  slowerMs: 0,
  trace: '',
  tab: undefined,
  minutes: spans[0],
  theme: undefined,
  table: undefined,
  frame: 'full',
  filter: emptyFilter,
}

/** Longest id, and longest text to look for, that are taken from an address. */
const idMax = 512
export const textMax = 200

/**
 * Reads `?kiosk`, `?embed`, `?at=`, `?service=`, `?link=`, `?group=`, `?river=`, `?instance=`, `?flow=`, `?node=`, `&tab=`,
 * `&text=`, `&slower=`, `&trace=`, `&minutes=`, `&theme=`, `&view=`, and the filter; what is not understood is left out.
 */
export function parseView(query: string): View {
  const fields = new URLSearchParams(query)
  const theme = fields.get('theme')
  const table = fields.get('view')
  return {
    selection: kinds.map(kind => selectionOf(kind, fields)).find(Boolean),
    at: atOf(fields),
    moment: momentOf(fields),
    text: (fields.get('text') ?? '').slice(0, textMax),
    slowerMs: slowerOf(fields),
    trace: parseTraceId(fields.get('trace') ?? '') ?? '',
    tab: tabs.find(tab => tab === fields.get('tab')),
    minutes: spans.find(minutes => String(minutes) === fields.get('minutes')) ?? spans[0],
    theme: theme === 'dark' || theme === 'light' ? theme : undefined,
    table: table === 'services' || table === 'links' ? table : undefined,
    frame: frames.find(frame => fields.has(frame)) ?? 'full',
    filter: parseFilter(fields),
  }
}

function slowerOf(fields: URLSearchParams): number {
  const ms = Number(fields.get('slower') ?? 0)
  return ms > 0 && ms <= 3_600_000 ? ms : 0
}

function momentOf(fields: URLSearchParams): Moment | undefined {
  const timeMs = Number(fields.get('moment') ?? Number.NaN)
  const outcome = outcomes.find(each => each === fields.get('outcome'))
  if (!Number.isSafeInteger(timeMs) || timeMs <= 0) return undefined
  const seconds = Number(fields.get('seconds') ?? 1)
  const isLong = Number.isSafeInteger(seconds) && seconds > 1 && seconds <= momentSecondsMax
  return { timeMs, outcome, ...(isLong && { seconds }) }
}

/** Without slashes at its ends. */
function atOf(fields: URLSearchParams): Path {
  const at = fields.get('at') ?? ''
  return at.length <= idMax ? at.replace(/^\/+|\/+$/g, '') : ''
}

function selectionOf(kind: Selection['kind'], fields: URLSearchParams): Selection | undefined {
  const id = fields.get(kind)
  return id && id.length <= idMax ? { kind, id } : undefined
}

/** The inverse of `parseView`: `''` or a query that begins with `?`. */
export function formatView(view: View): string {
  const { selection, at, moment, text, slowerMs, trace } = view
  const { tab, minutes, theme, table, frame, filter } = view
  const fields = new URLSearchParams()
  if (at) fields.set('at', at)
  if (selection) fields.set(selection.kind, selection.id)
  if (moment) fields.set('moment', String(moment.timeMs))
  if (moment?.seconds) fields.set('seconds', String(moment.seconds))
  if (moment?.outcome) fields.set('outcome', moment.outcome)
  if (selection && text) fields.set('text', text)
  if (selection && slowerMs > 0) fields.set('slower', String(slowerMs))
  if (selection && trace) fields.set('trace', trace)
  if (selection && tab) fields.set('tab', tab)
  if (minutes !== spans[0]) fields.set('minutes', String(minutes))
  if (table) fields.set('view', table)
  if (theme) fields.set('theme', theme)
  formatFilter(filter, fields)
  const query = [...(frame === 'full' ? [] : [frame]), fields.toString()].filter(Boolean).join('&')
  return query ? `?${query}` : ''
}

/** Whether it stands on the map, and is no line between two that do. */
export const isVertex = ({ kind }: Selection): boolean => vertexKinds.includes(kind)

export const sameSelection = (a: Selection | undefined, b: Selection | undefined) =>
  a?.kind === b?.kind && a?.id === b?.id

export const sameMoment = (a: Moment | undefined, b: Moment | undefined) =>
  a?.timeMs === b?.timeMs && a?.outcome === b?.outcome && a?.seconds === b?.seconds
