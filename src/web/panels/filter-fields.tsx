import { useId } from 'react'
import { texts } from '../texts.ts'
import styles from './filter-box.module.css'

export interface ChoiceProps<T> {
  readonly name: string
  readonly values: readonly T[]
  readonly value: T
  show(value: T): string
  onChange(value: T): void
}

/** One of a few; a value from elsewhere stands beside them. */
export function Choice<T>({ name, values, value, show, onChange }: ChoiceProps<T>) {
  const group = useId()
  const all = values.includes(value) ? values : [...values, value]
  return (
    <fieldset className={styles.choice}>
      <legend>{name}</legend>
      {all.map(each => (
        <label key={String(each)} data-chosen={each === value}>
          <input
            type="radio"
            name={group}
            checked={each === value}
            onChange={() => onChange(each)}
          />
          {show(each)}
        </label>
      ))}
    </fieldset>
  )
}

export interface FacetProps {
  readonly name: string
  readonly counts: ReadonlyMap<string, number>
  readonly chosen: readonly string[]
  onToggle(one: string): void
}

/** Any of many, each with how often it is there; none chosen: all are meant. */
export function Facet({ name, counts, chosen, onToggle }: FacetProps) {
  const gone = chosen.filter(one => !counts.has(one)).map(one => [one, 0] as const)
  const all = [...counts, ...gone]
  if (all.length < 2 && chosen.length === 0) return null
  return (
    <fieldset className={styles.facet}>
      <legend>{name}</legend>
      <ul>
        {all.map(([one, count]) => (
          <li key={one}>
            <label title={one}>
              <input
                type="checkbox"
                checked={chosen.includes(one)}
                onChange={() => onToggle(one)}
              />
              <bdi>{one.split('/').join(texts.place.separator)}</bdi>
              <small>{count.toLocaleString('en')}</small>
            </label>
          </li>
        ))}
      </ul>
    </fieldset>
  )
}
