import { type Outcome, outcomes } from '#model/transaction.ts'
import { emptyFilter, type Filter, formatFilter, parseFilter } from './filter.ts'
import type { Path } from './level.ts'

const kinds = ['link', 'service', 'river', 'group'] as const

/** What the person looks at; the address bar holds it, so that a link to a picture can be sent. */
export interface View {
  readonly selection: Selection | undefined
  /** The place: the path of a group, empty for everything. */
  readonly at: Path
  /** Of a selected link: which of its requests. */
  readonly moment: Moment | undefined
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
}

const frames = ['full', 'kiosk', 'embed'] as const
export type Frame = (typeof frames)[number]

export type Theme = 'dark' | 'light'

/** A service or a link, by id; a group of services, or all links between two places (`river`), by their ids on the map. */
export interface Selection {
  readonly kind: (typeof kinds)[number]
  readonly id: string
}

export const emptyView: View = {
  selection: undefined,
  at: '',
  moment: undefined,
  theme: undefined,
  table: undefined,
  frame: 'full',
  filter: emptyFilter,
}

/** Longest id that is taken from an address. */
const idMax = 512

/**
 * Reads `?kiosk`, `?embed`, `?at=`, `?service=`, `?link=`, `?group=`, `?river=`, `&theme=`, `&view=`, and the filter; what
 * is not understood is left out.
 */
export function parseView(query: string): View {
  const fields = new URLSearchParams(query)
  const theme = fields.get('theme')
  const table = fields.get('view')
  return {
    selection: kinds.map(kind => selectionOf(kind, fields)).find(Boolean),
    at: atOf(fields),
    moment: momentOf(fields),
    theme: theme === 'dark' || theme === 'light' ? theme : undefined,
    table: table === 'services' || table === 'links' ? table : undefined,
    frame: frames.find(frame => fields.has(frame)) ?? 'full',
    filter: parseFilter(fields),
  }
}

function momentOf(fields: URLSearchParams): Moment | undefined {
  const timeMs = Number(fields.get('moment') ?? Number.NaN)
  const outcome = outcomes.find(each => each === fields.get('outcome'))
  return Number.isSafeInteger(timeMs) && timeMs > 0 ? { timeMs, outcome } : undefined
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
  const { selection, at, moment, theme, table, frame, filter } = view
  const fields = new URLSearchParams()
  if (at) fields.set('at', at)
  if (selection) fields.set(selection.kind, selection.id)
  if (moment) fields.set('moment', String(moment.timeMs))
  if (moment?.outcome) fields.set('outcome', moment.outcome)
  if (table) fields.set('view', table)
  if (theme) fields.set('theme', theme)
  formatFilter(filter, fields)
  const query = [...(frame === 'full' ? [] : [frame]), fields.toString()].filter(Boolean).join('&')
  return query ? `?${query}` : ''
}

export const sameSelection = (a: Selection | undefined, b: Selection | undefined) =>
  a?.kind === b?.kind && a?.id === b?.id

export const sameMoment = (a: Moment | undefined, b: Moment | undefined) =>
  a?.timeMs === b?.timeMs && a?.outcome === b?.outcome
