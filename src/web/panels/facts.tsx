import styles from './facts.module.css'

export interface Fact {
  readonly name: string
  readonly value: string
  readonly isTrouble?: boolean
  /** What is meant by it. */
  readonly why?: string
}

/** Names and values, one a line; what is amiss has a colour. */
export function FactList({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className={styles.facts}>
      {facts.map(({ name, value, isTrouble, why }) => (
        <div key={name} title={why} data-trouble={isTrouble}>
          <dt>{name}</dt>
          <dd>
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** How much of what there is, is taken. */
export function Meter({ name, value, part }: { name: string; value: string; part: number }) {
  return (
    <div className={styles.meter}>
      <span>{name}</span>
      <b>{value}</b>
      <i aria-hidden="true">
        <i style={{ width: `${100 * Math.min(1, Math.max(0, part))}%` }} />
      </i>
    </div>
  )
}
