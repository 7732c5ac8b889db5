import { useId, useRef } from 'react'
import type { Tab } from '../state/view.ts'
import styles from './tabs.module.css'
import { usePage, useView } from './use-desk.ts'

export interface TabPart {
  /** undefined: the first, which is open when nothing else was chosen. */
  readonly tab: Tab | undefined
  readonly name: string
  readonly count?: number
  readonly content: () => React.ReactNode
}

/** Parts of a panel of which one is open; the address holds which. */
export function Tabs({ label, parts }: { label: string; parts: readonly TabPart[] }) {
  const chosen = usePage(page => page.view.tab)
  const { change } = useView()
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const open = Math.max(
    0,
    parts.findIndex(({ tab }) => tab === chosen),
  )
  const choose = (index: number) => {
    change({ tab: parts[index].tab })
    list.current?.querySelectorAll('button')[index]?.focus()
  }
  const press = (event: React.KeyboardEvent) => {
    const next = stepOf(event.key, open, parts.length)
    if (next === undefined) return
    event.preventDefault()
    choose(next)
  }
  return (
    <>
      <div ref={list} role="tablist" aria-label={label} className={styles.tabs} onKeyDown={press}>
        {parts.map(({ tab, name, count }, index) => (
          <button
            key={tab ?? ''}
            type="button"
            role="tab"
            id={`${id}${index}`}
            aria-selected={index === open}
            aria-controls={`${id}panel`}
            tabIndex={index === open ? 0 : -1}
            onClick={() => change({ tab })}
          >
            {name}
            {count !== undefined && <small>{count.toLocaleString('en')}</small>}
          </button>
        ))}
      </div>
      <div key={open} role="tabpanel" id={`${id}panel`} aria-labelledby={`${id}${open}`}>
        {parts[open].content()}
      </div>
    </>
  )
}

/** Where a key leads in a row of so many. */
function stepOf(key: string, at: number, count: number): number | undefined {
  if (key === 'ArrowRight') return (at + 1) % count
  if (key === 'ArrowLeft') return (at + count - 1) % count
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  return undefined
}
