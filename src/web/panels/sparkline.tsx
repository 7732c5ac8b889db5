import { sparkPaths } from '../state/spark.ts'
import styles from './sparkline.module.css'

export interface SparklineProps {
  readonly values: readonly number[]
  /** Drawn over it in the colour of errors, on the same scale. */
  readonly second?: readonly number[]
  readonly width: number
  readonly height: number
  /** The least value that fills the height, so that noise near zero looks like nothing. */
  readonly ceiling?: number
  readonly tone?: 'plain' | 'error' | 'warning'
}

/** A line without axes: the shape of the last minutes, newest at the right. */
export function Sparkline(props: SparklineProps) {
  const { values, second, width, height, tone = 'plain' } = props
  const ceiling = Math.max(props.ceiling ?? 0, ...values)
  const { line, area } = sparkPaths(values, { width, height, ceiling })
  const over = second && sparkPaths(second, { width, height, ceiling })
  return (
    <svg
      className={styles.spark}
      data-tone={tone}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      aria-hidden="true"
    >
      <path className={styles.base} d={`M0 ${height - 0.5}H${width}`} />
      <path className={styles.area} d={area} />
      <path className={styles.line} d={line} />
      {over && <path className={styles.second} d={over.area} />}
    </svg>
  )
}
