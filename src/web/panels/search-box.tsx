import { useEffect, useId, useMemo, useRef, useState } from 'react'
import { cut } from '../state/format.ts'
import { filterBy, type Page } from '../state/page.ts'
import { isPartOfNames, type SearchResult, search } from '../state/search.ts'
import { texts } from '../texts.ts'
import styles from './search-box.module.css'
import { usePage, useSurroundings, useView } from './use-desk.ts'

/** The id by which the keyboard finds the field. */
export const searchFieldId = 'search'

/** Search over names, groups and protocols: lights up the map while typing, Enter goes there. */
export function SearchBox() {
  const field = useRef<HTMLInputElement>(null)
  const listId = useId()
  const { text, found, count, active, type, go, only, press } = useSearch(field)
  return (
    <div className={styles.box}>
      <svg className={styles.lens} viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        <path d="M11 11l3.5 3.5M12 7A5 5 0 1 1 2 7a5 5 0 0 1 10 0z" />
      </svg>
      <input
        ref={field}
        id={searchFieldId}
        role="combobox"
        type="text"
        autoComplete="off"
        spellCheck={false}
        maxLength={100}
        aria-label={texts.search.label}
        aria-expanded={found !== undefined}
        aria-controls={listId}
        aria-activedescendant={found && active < count ? `${listId}-${active}` : undefined}
        placeholder={texts.search.placeholder}
        value={text}
        onChange={event => type(event.target.value)}
        onKeyDown={press}
      />
      {!text && <kbd>/</kbd>}
      {found && (
        <div className={styles.list} id={listId} role="listbox" aria-label={texts.search.label}>
          <p>{found.count === 0 ? texts.search.none : texts.search.more(found.count)}</p>
          {found.results.map((result, i) => (
            <Result
              key={`${result.target.kind} ${result.target.id}`}
              id={`${listId}-${i}`}
              name={result.name}
              place={result.target.kind === 'node' ? texts.node.kind : result.place}
              active={i === active}
              onGo={() => go(result)}
            />
          ))}
          {only && (
            <Result
              id={`${listId}-${found.results.length}`}
              name={texts.search.only(text.trim())}
              place={texts.search.filter}
              active={active === found.results.length}
              onGo={only}
            />
          )}
        </div>
      )}
    </div>
  )
}

/** Names of nodes, one a line: as a text, because it is the same as long as they are. */
const nodeNames = ({ status }: Page) => status?.agents.map(({ node }) => node).join('\n') ?? ''

/** What is typed, what is found, which of it is active, and what keys do with it. */
function useSearch(field: React.RefObject<HTMLInputElement | null>) {
  const { desk, map } = useSurroundings()
  const topology = usePage(page => page.topology)
  const text = usePage(page => page.search)
  const { reveal } = useView()
  const [active, setActive] = useState(0)
  const nodes = usePage(page => (text ? nodeNames(page) : ''))
  const found = useMemo(
    () => topology && search(topology, text, nodes.split('\n')),
    [topology, text, nodes],
  )
  const level = usePage(page => page.picture?.level)
  useEffect(() => {
    const nodes = found && [...found.services].map(index => level?.nodeOf[index] ?? -1)
    map.current?.highlight(nodes && new Set(nodes.filter(node => node >= 0)))
  }, [map, found, level])

  const type = (value: string) => {
    setActive(0)
    desk.store.set(page => ({ ...page, search: value }))
  }
  const leave = () => {
    type('')
    field.current?.blur()
  }
  const go = ({ target }: SearchResult) => {
    leave()
    const before = level
    reveal(target)
    const after = desk.store.get().picture?.level
    // In another place the map flies there by itself.
    if (target.kind !== 'service' || after !== before) return
    const index = after?.topology.serviceIndex.get(target.id)
    if (index !== undefined) map.current?.focus(index)
  }
  const onlyThese = () => {
    const name = text.trim()
    leave()
    desk.store.set(page => filterBy(page, { ...page.view.filter, name }))
  }
  const only = topology && isPartOfNames(topology, text) ? onlyThese : undefined
  const results = found?.results ?? []
  const count = results.length + (only ? 1 : 0)
  const press = (event: React.KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (event.key === 'Escape') leave()
    else if (step !== 0) setActive((active + step + count) % Math.max(1, count))
    else if (event.key === 'Enter' && results[active]) go(results[active])
    else if (event.key === 'Enter' && active < count) only?.()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return { text, found, count, active, type, go, only, press }
}

interface ResultProps {
  readonly id: string
  readonly name: string
  readonly place: string
  readonly active: boolean
  readonly onGo: () => void
}

function Result({ id, name, place, active, onGo }: ResultProps) {
  return (
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={active}
      // Before the field loses the focus and the list closes.
      onPointerDown={event => {
        event.preventDefault()
        onGo()
      }}
    >
      <span className={styles.name}>
        <bdi>{cut(name)}</bdi>
      </span>
      <span className={styles.place}>
        <bdi>{cut(place)}</bdi>
      </span>
    </div>
  )
}
