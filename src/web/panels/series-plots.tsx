import type { Steps } from '../state/series.ts'
import type { Moment } from '../state/view.ts'
import { texts } from '../texts.ts'
import { MomentGroup } from './moment-shared.tsx'
import { PanelError, Waiting } from './panel.tsx'
import styles from './plot.module.css'
import type { Mark } from './plot.tsx'
import { BytesPlot, ErrorsPlot, HeatPlot, LatencyPlot, RequestsPlot, SpanBar } from './plots.tsx'
import { usePage, useView } from './use-desk.ts'
import { type SeriesShown, useSeries } from './use-series.ts'

/** The figures of the last seconds. */
export interface Now {
  readonly requests: number
  readonly errorShare: number
  readonly p99Us: number
  readonly bytes: number
}

export interface SeriesPlotsProps {
  readonly id: string
  readonly now: Now
  /** Shown in the place of plots while there are none because the server gave no answer. */
  readonly instead: React.ReactNode
}

export interface ServicePlotsProps extends SeriesPlotsProps {
  readonly side: 'callers' | 'calls'
  readonly marks: readonly Mark[]
}

/** What a service answers, or of one that nobody calls what it asks: rate, errors, latency over time. */
export function ServicePlots({ id, side, now, marks, instead }: ServicePlotsProps) {
  const series = useSeries('service', id, side)
  const name = side === 'callers' ? texts.service.requests : texts.service.calls
  return (
    <Frame {...{ series, marks, now, instead }}>
      {steps => (
        <>
          <RequestsPlot {...{ name, steps, marks }} now={now.requests} />
          <ErrorsPlot {...{ steps, marks }} now={now.errorShare} />
          <LatencyPlot {...{ steps, marks }} now={now.p99Us} />
        </>
      )}
    </Frame>
  )
}

/** What goes over a link: how requests ended, and how often they took how long. A click leads to those of that moment. */
export function LinkPlots({ id, now, instead }: SeriesPlotsProps) {
  const series = useSeries('link', id, 'callers')
  const moment = usePage(page => page.view.moment)
  const { change } = useView()
  const chosen = moment && { timeMs: moment.timeMs, seconds: moment.seconds ?? 1 }
  const chooseOf = (steps: Steps) => (step: number) =>
    change({ moment: toggled(moment, steps.timesMs[step], steps.stepMs / 1000), trace: '' })
  const { boundsUs } = series
  return (
    <Frame {...{ series, now, instead }} marks={[]}>
      {steps => {
        const base = { steps, chosen, choose: chooseOf(steps) }
        return (
          <>
            <RequestsPlot {...base} name={texts.kpi.requests} now={now.requests} />
            <HeatPlot {...base} boundsUs={boundsUs} now={now.p99Us} />
          </>
        )
      }}
    </Frame>
  )
}

/** Chosen again, it is chosen no more. */
const toggled = (moment: Moment | undefined, timeMs: number, seconds: number) =>
  moment?.timeMs === timeMs
    ? undefined
    : { timeMs, outcome: undefined, ...(seconds > 1 && { seconds }) }

interface FrameProps {
  readonly series: SeriesShown
  readonly marks: readonly Mark[]
  readonly now: Now
  readonly instead: React.ReactNode
  readonly children: (steps: Steps) => React.ReactNode
}

/** Every state that plots can be in. */
function Frame({ series: { steps, asked }, marks, now, instead, children }: FrameProps) {
  if (!steps) {
    return (
      <>
        {asked.error ? instead : <Waiting height={waitingHeight} />}
        <PanelError {...asked} />
      </>
    )
  }
  return (
    <MomentGroup>
      <SpanBar steps={steps} marks={marks} />
      <Content {...{ steps, now }}>{children}</Content>
      <PanelError {...asked} />
    </MomentGroup>
  )
}

/** About as high as what comes, so that nothing jumps. */
const waitingHeight = 320

function Content({
  steps,
  now,
  children,
}: Pick<FrameProps, 'now' | 'children'> & { steps: Steps }) {
  const minutes = usePage(page => page.view.minutes)
  const isSaid = (column: Steps['bytes']) => column.some(value => value !== null && value > 0)
  if (isSaid(steps.requests)) return children(steps)
  if (!isSaid(steps.bytes)) return <p className={styles.empty}>{texts.plot.silent(minutes)}</p>
  return (
    <>
      <BytesPlot steps={steps} now={now.bytes} />
      <p className={styles.empty}>{texts.plot.undecoded}</p>
    </>
  )
}
