import type { VizceralNode } from './graph.ts'

/** One line of figures at a node: what it is called, where it is found in the node, how it is written. */
export interface Detail {
  readonly header?: string
  /** A path into the node: `data.volume`. */
  readonly data?: string
  /** `0`, `0.0`, `0,0`, `0.00%`, `0.0a`: digits after the point, thousands, percent, shortened. */
  readonly format?: string
}

export interface DetailSet {
  readonly top?: Detail
  readonly bottom?: Detail
}

type Kind = 'default' | 'focused' | 'entry' | 'region' | 'global'

/** By mode and kind of node: `{ detailedNode: { volume: { default: { top, bottom } } } }`. */
export interface Definitions {
  readonly detailedNode?: Readonly<Record<string, Readonly<Partial<Record<Kind, DetailSet>>>>>
}

const standard: DetailSet = {
  top: { header: 'RPS', data: 'data.volume', format: '0.0a' },
  bottom: { header: 'ERROR RATE', data: 'data.classPercents.danger', format: '0.00%' },
}

export const definitionsDefault: Definitions = { detailedNode: { volume: { default: standard } } }

/** The new ones over the old, kind by kind. */
export function mergeDefinitions(
  known: Definitions,
  changes: Definitions | undefined,
): Definitions {
  const modes = { ...known.detailedNode }
  for (const [mode, kinds] of Object.entries(changes?.detailedNode ?? {})) {
    const before = Object.hasOwn(modes, mode) ? modes[mode] : {}
    modes[mode] = { ...before, ...kinds }
  }
  return { detailedNode: modes }
}

/** What is written at a node: at most two lines, `63.2k RPS`. */
export function linesOf(
  node: VizceralNode,
  kind: 'region' | 'focused',
  mode: string,
  { detailedNode = {} }: Definitions,
): string[] {
  const kinds = Object.hasOwn(detailedNode, mode) ? detailedNode[mode] : detailedNode.volume
  const own = node.isEntryNode ? kinds?.entry : kinds?.[kind]
  const { top, bottom } = own ?? kinds?.default ?? {}
  return [top, bottom].flatMap(detail => (detail ? (lineOf(node, detail) ?? []) : []))
}

function lineOf(node: VizceralNode, { header = '', data = '', format = '0.0' }: Detail) {
  const value = valueAt(node, data)
  return value === undefined ? undefined : `${formatNumber(value, format)} ${header}`.trim()
}

function valueAt(node: VizceralNode, path: string): number | undefined {
  let value: unknown = node
  for (const key of path.split('.').slice(0, 8)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) {
      // A class that no traffic has is none of it.
      return path.includes('Percent') ? 0 : undefined
    }
    value = (value as Record<string, unknown>)[key]
  }
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

const steps = [
  [1e9, 'b'],
  [1e6, 'm'],
  [1e3, 'k'],
] as const

export function formatNumber(value: number, format: string): string {
  const digits = Math.min(6, /\.(0+)/.exec(format)?.[1].length ?? 0)
  if (format.includes('%')) return `${(value * 100).toFixed(digits)} %`
  const step = format.includes('a') ? steps.find(([from]) => value >= from) : undefined
  const shown = step ? value / step[0] : value
  const text = shown.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    useGrouping: format.includes(','),
  })
  return step ? text + step[1] : text
}
