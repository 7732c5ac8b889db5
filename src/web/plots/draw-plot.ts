import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { timeOfSecond } from '../state/format.ts'
import { type Heat, heatOpacity } from './heat.ts'
import { logSplits } from './scale.ts'
import { gutter, type Line, type PlotSpec, type Tone, timesHeight } from './spec.ts'

/** A plot on the screen. */
export interface Plot {
  show(spec: PlotSpec): void
  resize(width: number): void
  destroy(): void
}

/** Draws into `host` with the colours that the page has now. */
export function createPlot(host: HTMLElement, first: PlotSpec, width: number): Plot {
  let spec = first
  const colours = coloursOf(host)
  const plot = new uPlot(
    optionsOf(() => spec, colours, width),
    dataOf(spec),
    host,
  )
  return {
    show: next => {
      spec = next
      plot.setData(dataOf(spec))
    },
    resize: to => {
      if (to > 0 && to !== plot.width) plot.setSize({ width: to, height: spec.height })
    },
    destroy: () => plot.destroy(),
  }
}

type Colours = (token: Tone | 'line') => string

function coloursOf(host: HTMLElement): Colours {
  const style = getComputedStyle(host)
  return token => style.getPropertyValue(`--${token}`).trim()
}

/** uPlot counts in seconds. */
const dataOf = ({ timesMs, lines }: PlotSpec): uPlot.AlignedData => [
  timesMs.map(ms => ms / 1000),
  ...lines.map(({ column }) => [...column]),
]

function optionsOf(spec: () => PlotSpec, colours: Colours, width: number): uPlot.Options {
  const { height, lines, isLogarithmic, hasTimes } = spec()
  const font = `10.5px ${getComputedStyle(document.body).fontFamily}`
  const axis = { stroke: colours('faint'), font, ticks: { show: false } }
  const grid = { stroke: colours('line'), width: 1 }
  return {
    width,
    height,
    padding: [6, 0, hasTimes ? 0 : 2, 0],
    legend: { show: false },
    // The moment is shared by all plots of a panel: they draw it themselves, over this.
    cursor: { show: false },
    scales: {
      x: { time: true, auto: false, range: () => [spec().fromMs / 1000, spec().untilMs / 1000] },
      y: {
        distr: isLogarithmic ? 3 : 1,
        range: () => [...spec().range] as [number, number],
      },
    },
    axes: [
      {
        ...axis,
        ...{ show: hasTimes, size: timesHeight, gap: 4, grid: { show: false } },
        splits: () => timeSplits(spec()),
        values: (_, splits) => splits.map(seconds => timeOfSecond(seconds * 1000).slice(0, 5)),
      },
      {
        ...axis,
        ...{ size: gutter, gap: 6, grid },
        splits: () => valueSplits(spec()),
        filter: (_, splits) => splits,
        values: (_, splits) => splits.map(value => spec().say(value)),
      },
    ],
    series: [{}, ...lines.map((line, i) => seriesOf(line, () => spec().lines[i], colours))],
    hooks: { drawAxes: [plot => paintHeat(plot, spec().heat, colours('ring'))] },
  }
}

function seriesOf(line: Line, now: () => Line, colours: Colours): uPlot.Series {
  return {
    scale: 'y',
    stroke: () => colours(now().tone),
    width: line.isBare ? 0 : 1.25,
    points: { show: false },
    ...(line.fill > 0 && { fill: () => faded(colours(now().tone), now().fill) }),
  }
}

/** A colour of the page, so opaque. */
const faded = (colour: string, part: number) =>
  `color-mix(in srgb, ${colour} ${Math.round(100 * part)}%, transparent)`

/** Zero is where the plot ends: it needs no number. */
function valueSplits({ range, isLogarithmic }: PlotSpec): number[] {
  return isLogarithmic ? logSplits(range) : [range[1] / 2, range[1]]
}

/** Whole minutes, five apart where many are shown; the names stay clear of both ends. */
function timeSplits({ fromMs, untilMs }: PlotSpec): number[] {
  const eachMs = untilMs - fromMs > 600_000 ? 300_000 : 60_000
  const edgeMs = (untilMs - fromMs) * 0.05
  const splits: number[] = []
  const firstMs = Math.ceil((fromMs + edgeMs) / eachMs) * eachMs
  for (let ms = firstMs; ms <= untilMs - edgeMs; ms += eachMs) splits.push(ms / 1000)
  return splits
}

function paintHeat(plot: uPlot, heat: Heat | undefined, colour: string): void {
  if (!heat || heat.cells.length === 0) return
  const { ctx, bbox } = plot
  const xs = heat.edgesMs.map(ms => Math.round(plot.valToPos(ms / 1000, 'x', true)))
  const ys = heat.edgesUs.map(us => Math.round(plot.valToPos(us, 'y', true)))
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  ctx.fillStyle = colour
  for (const { column, row, level } of heat.cells) {
    ctx.globalAlpha = heatOpacity(level)
    const [left, top] = [xs[column], ys[row + 1]]
    ctx.fillRect(left, top, Math.max(1, xs[column + 1] - left), Math.max(1, ys[row] - top))
  }
  ctx.restore()
}
