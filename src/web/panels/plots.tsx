import { useMemo } from 'react'
import { outcomes } from '#model/transaction.ts'
import { heatLevels, heatOpacity } from '../plots/heat.ts'
import type { PlotSpec } from '../plots/spec.ts'
import { bytesSpec, errorsSpec, heatSpec, latencySpec, requestsSpec } from '../plots/specs.ts'
import {
  bytes,
  duration,
  formatNumber,
  join,
  type Quantity,
  share,
  timeOfSecond,
} from '../state/format.ts'
import { type Column, extentOf, type Steps } from '../state/series.ts'
import { type Minutes, spans } from '../state/view.ts'
import { texts } from '../texts.ts'
import { OutcomeMark } from './marks.tsx'
import { useMoment } from './moment-shared.tsx'
import styles from './plot.module.css'
import { type Mark, Plot, type PlotProps } from './plot.tsx'
import { usePage, useView } from './use-desk.ts'

/** What all plots of a panel have. */
export type PlotBase = Pick<PlotProps, 'steps' | 'marks' | 'chosen' | 'choose'>

/** Which minutes are shown, or the moment that one points at, and a choice of how many. */
export function SpanBar({
  steps,
  marks = [],
}: {
  steps: Steps | undefined
  marks?: readonly Mark[]
}) {
  const minutes = usePage(page => page.view.minutes)
  const { change } = useView()
  const { timeMs } = useMoment()
  return (
    <div className={styles.bar}>
      <span data-pointed={timeMs !== undefined}>
        {timeMs === undefined ? spanText(minutes, steps) : momentText(timeMs, steps, marks)}
      </span>
      <fieldset aria-label={texts.plot.span}>
        {spans.toReversed().map(each => (
          <button
            key={each}
            type="button"
            aria-pressed={each === minutes}
            onClick={() => change({ minutes: each })}
          >
            {texts.plot.minutes(each)}
          </button>
        ))}
      </fieldset>
    </div>
  )
}

function spanText(minutes: Minutes, steps: Steps | undefined): string {
  const isPart = steps !== undefined && steps.keptFromMs > steps.fromMs + steps.stepMs
  return isPart ? texts.plot.since(timeOfSecond(steps.keptFromMs)) : texts.plot.last(minutes)
}

function momentText(timeMs: number, steps: Steps | undefined, marks: readonly Mark[]): string {
  const stepMs = steps?.stepMs ?? 1000
  const told = marks.filter(mark => mark.timeMs >= timeMs && mark.timeMs < timeMs + stepMs)
  return [timeOfSecond(timeMs), ...told.map(({ text }) => text)].join(' · ')
}

export interface NowProps {
  /** Of the last seconds: what is large while one points at no moment. */
  readonly now: number
}

const Figure = ({ quantity, tone }: { quantity: Quantity; tone?: 'error' | 'warning' }) => (
  <span data-tone={tone}>
    {quantity.value}
    <small>{quantity.unit}</small>
  </span>
)

const perSecond = (value: number): Quantity => ({
  value: formatNumber(value),
  unit: texts.kpi.perSecond,
})

/** A figure of now, or of a step; of a step of which nothing is known, a dash. */
const valueAt = (column: Column, now: number, step: number | undefined): number | null =>
  step === undefined ? now : column[step]

const none: Quantity = { value: '–', unit: '' }

/** Requests per second, and how they ended. */
export function RequestsPlot({
  name,
  now,
  hasTimes,
  ...base
}: PlotBase & NowProps & { name: string; hasTimes?: boolean }) {
  const { steps } = base
  const spec = useMemo(() => requestsSpec(steps, hasTimes), [steps, hasTimes])
  const say = (value: number) => join(perSecond(value))
  return (
    <Plot
      {...base}
      {...{ name, spec }}
      summary={inWords(name, steps, steps.requests, say)}
      say={step => outcomesInWords(steps, step)}
      value={step => {
        const value = valueAt(steps.requests, now, step)
        return <Figure quantity={value === null ? none : perSecond(value)} />
      }}
      legend={step =>
        step !== undefined &&
        outcomes.map(outcome => (
          <span key={outcome}>
            <OutcomeMark outcome={outcome} />
            <b>{formatNumber(steps[outcome][step] ?? 0)}</b>
          </span>
        ))
      }
    />
  )
}

function outcomesInWords(steps: Steps, step: number): string {
  if (steps.requests[step] === null) return texts.plot.unknown
  const told = outcomes.map(
    outcome => `${formatNumber(steps[outcome][step] ?? 0)} ${texts.legend.outcome[outcome]}`,
  )
  return texts.plot.each(told.join(', '))
}

/** The share of errors. */
export function ErrorsPlot({ now, ...base }: PlotBase & NowProps) {
  const { steps } = base
  const spec = useMemo(() => errorsSpec(steps), [steps])
  const say = (value: number) => join(share(value))
  const name = texts.service.errors
  return (
    <Plot
      {...base}
      {...{ name, spec }}
      summary={inWords(name, steps, steps.errorShare, say)}
      say={step => sayOr(steps.errorShare[step], say)}
      value={step => {
        const value = valueAt(steps.errorShare, now, step)
        const tone = value ? 'error' : undefined
        return <Figure quantity={value === null ? none : share(value)} tone={tone} />
      }}
    />
  )
}

const sayOr = (value: number | null, say: (value: number) => string) =>
  value === null ? texts.plot.unknown : say(value)

const sayUs = (us: number) => join(duration(us))

const quantiles = [
  ['p50', 'p50Us', 'var(--text)'],
  ['p90', 'p90Us', 'var(--secondary)'],
  ['p99', 'p99Us', 'var(--ring)'],
] as const

/** How long answers took: three lines over a logarithmic axis. */
export function LatencyPlot({ now, ...base }: PlotBase & NowProps) {
  const { steps } = base
  const spec = useMemo(() => latencySpec(steps), [steps])
  if (!spec) return <p className={styles.empty}>{texts.plot.untimed}</p>
  return <Timed {...base} {...{ now, spec }} name={texts.service.p99} />
}

/** How often answers took how long: the brighter the more. */
export function HeatPlot({
  now,
  boundsUs,
  ...base
}: PlotBase & NowProps & { boundsUs: readonly number[] }) {
  const { steps } = base
  const spec = useMemo(() => heatSpec(steps, boundsUs), [steps, boundsUs])
  if (!spec) return <p className={styles.empty}>{texts.plot.untimed}</p>
  return (
    <>
      <Timed {...base} {...{ now, spec }} name={texts.service.p99} isHeat />
      <Scale spec={spec} />
    </>
  )
}

function Timed({
  now,
  isHeat,
  ...props
}: PlotBase & NowProps & { name: string; spec: PlotSpec; isHeat?: boolean }) {
  const { steps, name } = props
  const shown = isHeat ? quantiles.filter(([quantile]) => quantile !== 'p90') : quantiles
  return (
    <Plot
      {...props}
      summary={inWords(name, steps, steps.p99Us, sayUs)}
      say={step =>
        quantiles
          .map(([quantile, column]) => `${quantile} ${sayOr(steps[column][step], sayUs)}`)
          .join(', ')
      }
      value={step => <Figure quantity={duration(valueAt(steps.p99Us, now, step) ?? undefined)} />}
      legend={step =>
        shown.map(([quantile, column, colour]) => (
          <span key={quantile}>
            <span
              className={styles.swatch}
              style={{ borderColor: isHeat && quantile === 'p99' ? 'var(--secondary)' : colour }}
            />
            {quantile}
            {step !== undefined && <b>{sayOr(steps[column][step], sayUs)}</b>}
          </span>
        ))
      }
    />
  )
}

/** What a shade of the heat map stands for. */
function Scale({ spec: { heat } }: { spec: PlotSpec }) {
  if (!heat) return null
  return (
    <p className={`${styles.empty} ${styles.scale}`}>
      1
      <span aria-hidden="true" style={{ display: 'inline-flex' }}>
        {Array.from({ length: heatLevels }, (_, k) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a shade is its place
          <i key={k} style={{ opacity: heatOpacity(k + 1) }} />
        ))}
      </span>
      {texts.plot.requests(heat.most)}
    </p>
  )
}

/** Where requests cannot be told apart: how much is said. */
export function BytesPlot({ now, ...base }: PlotBase & NowProps) {
  const { steps } = base
  const say = (value: number) => `${join(bytes(value))}${texts.kpi.perSecond}`
  const spec = useMemo(() => bytesSpec(steps, value => join(bytes(value))), [steps])
  const name = texts.link.bytes
  return (
    <Plot
      {...base}
      {...{ name, spec }}
      summary={inWords(name, steps, steps.bytes, say)}
      say={step => sayOr(steps.bytes[step], say)}
      value={step => {
        const { value, unit } = bytes(valueAt(steps.bytes, now, step) ?? 0)
        return <Figure quantity={{ value, unit: `${unit}${texts.kpi.perSecond}` }} />
      }}
    />
  )
}

/** A column as a whole, for those who do not see it. */
function inWords(
  name: string,
  steps: Steps,
  column: Column,
  say: (value: number) => string,
): string {
  const minutes = Math.round((steps.untilMs - steps.fromMs) / 60_000)
  const extent = extentOf(column)
  if (!extent) return texts.plot.nothingOf(name, minutes)
  const { least, most, mostAt, newest } = extent
  const at = timeOfSecond(steps.timesMs[mostAt])
  return texts.plot.summary({
    name,
    minutes,
    newest: say(newest),
    least: say(least),
    most: say(most),
    at,
  })
}
