/** Labels of a series, in the order in which they are written. */
export type Labels = Readonly<Record<string, string>>

export interface Series {
  readonly labels: Labels
  readonly value: number
}

/** A metric with all its series, as `# HELP` and `# TYPE` announce it. */
export interface Metric {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  readonly series: readonly Series[]
}

/** Counts of values up to each bound; the last bound is Infinity and its count that of all. */
export interface HistogramSeries {
  readonly labels: Labels
  readonly cumulative: readonly number[]
  readonly sum: number
}

/** A histogram; all its series share the bounds. */
export interface HistogramMetric {
  readonly name: string
  readonly type: 'histogram'
  readonly help: string
  readonly bounds: readonly number[]
  readonly series: readonly HistogramSeries[]
}

/** The text exposition format 0.0.4 of Prometheus. Metrics without series are left out. */
export function formatExposition(metrics: readonly (Metric | HistogramMetric)[]): string {
  return metrics
    .filter(({ series }) => series.length > 0)
    .map(metric => `${announcement(metric)}${lines(metric).join('\n')}\n`)
    .join('')
}

const announcement = ({ name, type, help }: Metric | HistogramMetric) =>
  `# HELP ${name} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}\n# TYPE ${name} ${type}\n`

function lines(metric: Metric | HistogramMetric): string[] {
  const { name } = metric
  if (metric.type !== 'histogram') {
    return metric.series.map(({ labels, value }) => line(name, formatLabels(labels), value))
  }
  const bounds = metric.bounds.map(formatValue)
  return metric.series.flatMap(({ labels, cumulative, sum }) => {
    const own = formatLabels(labels)
    const lead = own === '' ? '' : `${own},`
    return [
      ...bounds.map((bound, i) => line(`${name}_bucket`, `${lead}le="${bound}"`, cumulative[i])),
      line(`${name}_sum`, own, sum),
      line(`${name}_count`, own, cumulative.at(-1) ?? 0),
    ]
  })
}

const line = (name: string, labels: string, value: number) =>
  `${name}${labels === '' ? '' : `{${labels}}`} ${formatValue(value)}`

function formatLabels(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeValue(value)}"`)
    .join(',')
}

/** Backslash, quote and line feed are escaped; lone halves of surrogate pairs are no UTF-8. */
const escapeValue = (value: string) =>
  value.toWellFormed().replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')

function formatValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}
