import { useEffect, useId, useMemo, useRef, useState } from 'react'
import type { Plot as DrawnPlot } from '../plots/draw-plot.ts'
import { gutter, type PlotSpec, timesHeight } from '../plots/spec.ts'
import { timeOfSecond } from '../state/format.ts'
import { type Steps, stepAt } from '../state/series.ts'
import { texts } from '../texts.ts'
import { useMoment } from './moment-shared.tsx'
import { Waiting } from './panel.tsx'
import styles from './plot.module.css'
import { useTheme } from './use-theme.ts'

export interface PlotProps {
  readonly name: string
  readonly steps: Steps
  readonly spec: PlotSpec
  /** What is large: the figure of now, or of the moment that one points at. */
  readonly value: (step: number | undefined) => React.ReactNode
  /** The same in words, for those who hear it. */
  readonly say: (step: number) => string
  /** All of it in words. */
  readonly summary: string
  /** Small, at the right of the figure. */
  readonly legend?: (step: number | undefined) => React.ReactNode
  readonly marks?: readonly Mark[]
  /** A stretch that was chosen. */
  readonly chosen?: { readonly timeMs: number; readonly seconds: number } | undefined
  /** A step is chosen. */
  readonly choose?: (step: number) => void
}

/** Something that happened at a moment. */
export interface Mark {
  readonly timeMs: number
  readonly text: string
  readonly isTrouble: boolean
}

/** Values over time. Pointed at, or walked through with the arrows, it says what was at that moment. */
export function Plot(props: PlotProps) {
  const { name, steps, value, summary, legend } = props
  const { timeMs } = useMoment()
  const step = timeMs === undefined ? undefined : stepAt(steps, timeMs)
  const id = useId()
  return (
    <figure className={styles.plot}>
      <figcaption>
        <span className={styles.name} id={`${id}name`}>
          {name}
        </span>
        <span className={styles.value}>{value(step)}</span>
        <span className={styles.legend}>{legend?.(step)}</span>
      </figcaption>
      <Field {...props} id={id} step={step} />
      <p id={`${id}summary`} className={styles.hidden}>
        {props.choose ? `${summary} ${texts.plot.choose}` : summary}
      </p>
    </figure>
  )
}

/** Where it is drawn and pointed at. */
function Field({ id, step, ...props }: PlotProps & { id: string; step: number | undefined }) {
  const { steps, spec, say, choose, marks = [], chosen } = props
  const { point } = useMoment()
  const host = useRef<HTMLDivElement>(null)
  const state = useDrawn(host, spec)
  const newest = steps.timesMs.length - 1
  const at = step ?? newest
  const pointed = (event: React.PointerEvent | React.MouseEvent) => {
    const { left, width } = event.currentTarget.getBoundingClientRect()
    const part = (event.clientX - left - gutter) / Math.max(1, width - gutter)
    const timeMs =
      steps.fromMs + Math.min(0.9999, Math.max(0, part)) * (steps.untilMs - steps.fromMs)
    return stepAt(steps, timeMs)
  }
  const pointAt = (index: number | undefined) =>
    point(index === undefined ? undefined : steps.timesMs[index])
  const press = (event: React.KeyboardEvent) => {
    if (event.key === 'Escape' && step !== undefined) pointAt(undefined)
    else if ((event.key === 'Enter' || event.key === ' ') && choose) choose(at)
    else if (keySteps[event.key] !== undefined)
      pointAt(Math.max(0, Math.min(newest, at + keySteps[event.key])))
    else return
    event.preventDefault()
  }
  return (
    <div
      className={styles.field}
      role="slider"
      tabIndex={0}
      aria-labelledby={`${id}name`}
      aria-describedby={`${id}summary`}
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={Math.max(0, newest)}
      aria-valuenow={Math.max(0, at)}
      aria-valuetext={
        at < 0 ? texts.plot.nothing : `${timeOfSecond(steps.timesMs[at])}, ${say(at)}`
      }
      data-clickable={choose !== undefined}
      style={{ height: spec.height }}
      onPointerMove={event => pointAt(pointed(event))}
      onPointerLeave={event => event.pointerType === 'mouse' && pointAt(undefined)}
      // A moment that stands: who listens would be told a new one every few seconds.
      onFocus={event => {
        if (event.currentTarget.matches(':focus-visible')) pointAt(at)
      }}
      onBlur={() => pointAt(undefined)}
      onClick={event => {
        const index = pointed(event)
        if (index !== undefined) choose?.(index)
      }}
      onKeyDown={press}
    >
      <div ref={host} />
      {state === 'waiting' && <Waiting height={spec.height - 8} />}
      {state === 'failed' && <p className={styles.failed}>{props.summary}</p>}
      <div
        className={styles.over}
        style={{ left: gutter, bottom: spec.hasTimes ? timesHeight : 0 }}
      >
        {marks.map(mark => (
          <i
            key={`${mark.timeMs} ${mark.text}`}
            className={styles.mark}
            data-trouble={mark.isTrouble}
            style={{ left: placeOf(steps, mark.timeMs) }}
          />
        ))}
        {chosen && (
          <i
            className={styles.chosen}
            style={{
              left: placeOf(steps, chosen.timeMs),
              width: `${(100_000 * chosen.seconds) / (steps.untilMs - steps.fromMs)}%`,
            }}
          />
        )}
        {step !== undefined && (
          <i
            className={styles.hair}
            style={{ left: placeOf(steps, steps.timesMs[step] + steps.stepMs / 2) }}
          />
        )}
      </div>
    </div>
  )
}

const keySteps: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowDown: -1,
  ArrowUp: 1,
  PageDown: -12,
  PageUp: 12,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
}

/** How far from the left a moment is; outside of it where the moment is not shown. */
const placeOf = ({ fromMs, untilMs }: Steps, timeMs: number) =>
  `${(100 * (timeMs - fromMs)) / (untilMs - fromMs)}%`

type State = 'waiting' | 'drawn' | 'failed'

/** Draws once the code that draws is here; again when the values, the colours or the width are others. */
function useDrawn(host: React.RefObject<HTMLDivElement | null>, spec: PlotSpec): State {
  const [state, setState] = useState<State>('waiting')
  const theme = useTheme()
  const drawn = useRef<DrawnPlot>(undefined)
  const newest = useRef(spec)
  newest.current = spec
  // What cannot change once it is drawn.
  const shape = useMemo(
    () => [spec.lines.length, spec.height, spec.isLogarithmic].join(),
    [spec.lines.length, spec.height, spec.isLogarithmic],
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: colours and shape are read while it is made
  useEffect(() => {
    let isGone = false
    const watch = new ResizeObserver(([{ contentRect }]) =>
      drawn.current?.resize(contentRect.width),
    )
    import('../plots/draw-plot.ts').then(
      ({ createPlot }) => {
        const element = host.current
        if (isGone || !element) return
        drawn.current = createPlot(element, newest.current, element.clientWidth)
        watch.observe(element)
        setState('drawn')
      },
      () => setState('failed'),
    )
    return () => {
      isGone = true
      watch.disconnect()
      drawn.current?.destroy()
      drawn.current = undefined
    }
  }, [host, theme, shape])
  useEffect(() => drawn.current?.show(spec), [spec])
  return state
}
