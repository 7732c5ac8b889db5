import { middleUs } from '#lib/histogram.ts'
import type { LinkDetail } from '../state/api.ts'
import { duration, join } from '../state/format.ts'
import { texts } from '../texts.ts'
import styles from './latency.module.css'

const width = 314
const height = 52
/** Bars of the picture. */
const barsMax = 48

/** How long the answers of the last minute took: a histogram over a logarithmic axis, and the quantiles on it. */
export function Latency({ detail }: { detail: LinkDetail }) {
  const bars = barsOf(detail.latency)
  const quantiles = [
    [texts.link.p50, detail.p50Us],
    [texts.link.p90, detail.p90Us],
    [texts.link.p99, detail.p99Us],
  ] as const
  if (!bars) return <p className={styles.none}>{texts.link.unseen}</p>
  return (
    <>
      <svg className={styles.picture} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
        {bars.heights.map((part, i) => (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place
            key={i}
            x={(i * width) / barsMax + 0.5}
            y={height - part * (height - 4)}
            width={width / barsMax - 1}
            height={part * (height - 4)}
            rx="1"
          />
        ))}
        {quantiles.map(([name, us]) => {
          const x = us && bars.place(us)
          return x ? <path key={name} d={`M${x.toFixed(1)} 0V${height}`} /> : null
        })}
      </svg>
      <dl className={styles.quantiles}>
        {quantiles.map(([name, us]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{join(duration(us))}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}

/** Heights of 0 to 1 over a logarithmic axis from the quickest to the slowest. */
function barsOf(latency: readonly number[]) {
  if (latency.length === 0) return undefined
  const first = Math.log(Math.max(1, middleUs(latency[0])))
  const last = Math.log(Math.max(2, middleUs(latency[latency.length - 2]) * 1.05))
  const range = Math.max(0.5, last - first)
  const at = (us: number) => (Math.log(Math.max(1, us)) - first) / range
  const counts = new Array<number>(barsMax).fill(0)
  for (let i = 0; i < latency.length; i += 2) {
    const bar = Math.floor(at(middleUs(latency[i])) * barsMax)
    counts[Math.min(barsMax - 1, Math.max(0, bar))] += latency[i + 1]
  }
  const most = Math.max(...counts)
  return { heights: counts.map(count => count / most), place: (us: number) => at(us) * width }
}
