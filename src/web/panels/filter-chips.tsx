import { emptyFilter, type Filter, toggled } from '../state/filter.ts'
import { formatNumber } from '../state/format.ts'
import { filterBy, hideSelected, type Page } from '../state/page.ts'
import { pathOfGroup } from '../state/place.ts'
import { texts } from '../texts.ts'
import styles from './filter-box.module.css'
import { usePage, useSurroundings } from './use-desk.ts'

/** What is left off the map, and how that is changed. */
export function useFilter() {
  const { store } = useSurroundings().desk
  const filter = usePage(page => page.view.filter)
  return { filter, set: (to: Filter) => store.set(page => filterBy(page, to)) }
}

interface Chip {
  readonly key: string
  readonly text: string
  /** What is left when it is taken away. */
  readonly without: Filter
}

/** What is set, each to be taken away; and whether anything is left to see. */
export function FilterChips() {
  const { filter, set } = useFilter()
  const isEmpty = usePage(isEmptyHere)
  const chips = chipsOf(filter)
  if (chips.length === 0) return null
  return (
    <>
      <ul className={styles.chips} aria-label={texts.filter.label}>
        {chips.map(({ key, text, without }) => (
          <li key={key}>
            <button type="button" title={texts.filter.remove} onClick={() => set(without)}>
              <bdi>{text}</bdi>
              <i aria-hidden="true">×</i>
            </button>
          </li>
        ))}
      </ul>
      {isEmpty && (
        <p className={styles.nothing} role="status">
          {texts.filter.nothing} <ShowEverything />
        </p>
      )}
    </>
  )
}

export function ShowEverything() {
  const { set } = useFilter()
  return (
    <button type="button" className={styles.clear} onClick={() => set(emptyFilter)}>
      {texts.filter.clear}
    </button>
  )
}

const isEmptyHere = ({ picture }: Page) => picture?.map.topology.services.length === 0

function chipsOf(filter: Filter): Chip[] {
  const { protocols, places, trouble, rateMin, name, hidden } = filter
  const text = (list: readonly string[]) => list.join(', ')
  return [
    { key: 'only', text: text(protocols), without: { ...filter, protocols: [] } },
    { key: 'place', text: text(places), without: { ...filter, places: [] } },
    {
      key: 'trouble',
      text: trouble ? texts.filter.troubles[trouble] : '',
      without: { ...filter, trouble: undefined },
    },
    {
      key: 'min',
      text: rateMin > 0 ? texts.filter.rateMin(formatNumber(rateMin)) : '',
      without: { ...filter, rateMin: 0 },
    },
    { key: 'name', text: name && texts.filter.named(name), without: { ...filter, name: '' } },
    {
      key: 'hide',
      text: hidden.length > 0 ? texts.filter.hiddenCount(hidden.length) : '',
      without: { ...filter, hidden: [] },
    },
  ].filter(chip => chip.text !== '')
}

/** Who is hidden, each to be shown again. */
export function HiddenList({ filter, set }: { filter: Filter; set: (filter: Filter) => void }) {
  const topology = usePage(page => page.topology)
  const nameOf = (id: string) =>
    pathOfGroup(id) ?? topology?.services[topology.serviceIndex.get(id) ?? -1]?.name ?? id
  if (filter.hidden.length === 0) return null
  return (
    <fieldset className={styles.facet}>
      <legend>{texts.filter.hidden}</legend>
      <ul>
        {filter.hidden.map(id => (
          <li key={id}>
            <bdi>{nameOf(id)}</bdi>
            <button
              type="button"
              className={styles.clear}
              onClick={() => set({ ...filter, hidden: toggled(filter.hidden, id) })}
            >
              {texts.filter.show}
            </button>
          </li>
        ))}
      </ul>
    </fieldset>
  )
}

/** Leaves the selected service or group off the map. */
export function HideButton() {
  const selection = usePage(page => page.view.selection)
  const { store } = useSurroundings().desk
  if (selection?.kind !== 'service' && selection?.kind !== 'group') return null
  return (
    <button
      type="button"
      className={styles.hide}
      title={texts.filter.hide}
      aria-label={texts.filter.hide}
      onClick={() => store.set(hideSelected)}
    >
      <svg viewBox="0 0 16 16" width="15" height="15" aria-hidden="true">
        <path d="M1.500 8s2.400-4.200 6.500-4.200S14.500 8 14.500 8 12.100 12.200 8 12.200 1.500 8 1.500 8zM8 6.200a1.800 1.800 0 1 0 0 3.600 1.800 1.800 0 0 0 0-3.600M2.500 13.500l11-11" />
      </svg>
    </button>
  )
}
