import { useMemo } from 'react'
import type { Topology } from '../state/feed.ts'
import { criteriaOf, type Filter, toggled } from '../state/filter.ts'
import { formatNumber } from '../state/format.ts'
import { districtsOf } from '../state/level.ts'
import { texts } from '../texts.ts'
import styles from './filter-box.module.css'
import { HiddenList, ShowEverything, useFilter } from './filter-chips.tsx'
import { Choice, Facet } from './filter-fields.tsx'
import popover from './popover.module.css'
import bar from './top-bar.module.css'
import { usePage } from './use-desk.ts'

const popoverId = 'filter'
/** Least requests per second that are offered. */
const rates = [0, 0.1, 1, 10, 100, 1000]
const troubles = [undefined, 'warning', 'error'] as const

/** What is to be left off the map and the table. */
export function FilterBox() {
  const { filter, set } = useFilter()
  const topology = usePage(page => page.topology)
  const count = criteriaOf(filter)
  return (
    <>
      <button
        type="button"
        className={bar.icon}
        popoverTarget={popoverId}
        title={texts.filter.hint}
        aria-label={count > 0 ? texts.filter.set(count) : texts.filter.hint}
        aria-pressed={count > 0}
      >
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <path d="M2 3.5h12L9.500 8.700v4.300l-3 1.500V8.700z" strokeLinejoin="round" />
        </svg>
      </button>
      <div id={popoverId} popover="auto" className={`${popover.popover} ${styles.popover}`}>
        <div className={styles.head}>
          <h2>{texts.filter.title}</h2>
          {count > 0 && <ShowEverything />}
        </div>
        {topology && <Fields filter={filter} set={set} topology={topology} />}
      </div>
    </>
  )
}

interface FieldsProps {
  readonly filter: Filter
  readonly set: (filter: Filter) => void
  readonly topology: Topology
}

function Fields({ filter, set, topology }: FieldsProps) {
  const protocols = useMemo(
    () => countsOf(topology.links.map(({ protocol }) => protocol)),
    [topology],
  )
  const places = useMemo(() => countsOf(districtsOf(topology)), [topology])
  return (
    <>
      <label className={styles.name}>
        <span>{texts.filter.name}</span>
        <input
          type="text"
          value={filter.name}
          maxLength={100}
          spellCheck={false}
          autoComplete="off"
          onChange={event => set({ ...filter, name: event.target.value })}
        />
      </label>
      <Choice
        name={texts.filter.trouble}
        values={troubles}
        value={filter.trouble}
        show={value => texts.filter.troubles[value ?? 'any']}
        onChange={trouble => set({ ...filter, trouble })}
      />
      <Choice
        name={texts.filter.rate}
        values={rates}
        value={filter.rateMin}
        show={value => (value === 0 ? texts.filter.anyRate : formatNumber(value))}
        onChange={rateMin => set({ ...filter, rateMin })}
      />
      <Facet
        name={texts.filter.protocols}
        counts={protocols}
        chosen={filter.protocols}
        onToggle={one => set({ ...filter, protocols: toggled(filter.protocols, one) })}
      />
      <Facet
        name={texts.filter.places}
        counts={places}
        chosen={filter.places}
        onToggle={one => set({ ...filter, places: toggled(filter.places, one) })}
      />
      <HiddenList filter={filter} set={set} />
    </>
  )
}

/** How often each is there, most often first. */
function countsOf(all: readonly (string | undefined)[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const each of all) if (each) counts.set(each, (counts.get(each) ?? 0) + 1)
  return new Map([...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)))
}
