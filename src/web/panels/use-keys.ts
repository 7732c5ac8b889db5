import { useEffect } from 'react'
import { around } from '../state/level.ts'
import type { Page } from '../state/page.ts'
import {
  enterPlace,
  goTo,
  hideSelected,
  otherGrouping,
  reveal,
  select,
  togglePause,
  toggleSlow,
} from '../state/page.ts'
import { into } from '../state/place.ts'
import { isVertex, sameSelection } from '../state/view.ts'
import { type Step, walk } from '../state/walk.ts'
import { followButtonId } from './log-drawer.tsx'
import { focusPanel } from './panel.tsx'
import { searchFieldId } from './search-box.tsx'
import { type Surroundings, useSurroundings } from './use-desk.ts'

/** The keys of the page; a field or a control that has the focus keeps its own. */
export function useKeys(): void {
  const surroundings = useSurroundings()
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey || isBusy(event)) return
      const act = (event.ctrlKey || event.metaKey ? controlKeys : keysOf(event))[event.key]
      if (!act) return
      event.preventDefault()
      act(surroundings)
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [surroundings])
}

/** The focus is where the key has a meaning of its own. */
function isBusy({ key, target }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false
  if (target.closest('dialog[open], :popover-open')) return true
  if (key === 'Escape') return document.querySelector('dialog[open], :popover-open') !== null
  if (target.closest('input, textarea, select')) return true
  if (key === 'Enter' || key === ' ')
    return target.closest('button, summary, a, [role="row"]') !== null
  return key.startsWith('Arrow') && target.closest('[role="table"], aside') !== null
}

const steps: Record<string, Step> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}

const keysOf = ({ shiftKey, key }: KeyboardEvent) => (shiftKey && key in steps ? shiftKeys : keys)

type Keys = Readonly<Record<string, (surroundings: Surroundings) => void>>

/** How far one press moves a node, in units of the map: a quarter of the room that a node has. */
const stepX = 42
const stepY = 24

const shiftKeys: Keys = {
  ArrowLeft: mover(-stepX, 0),
  ArrowRight: mover(stepX, 0),
  ArrowUp: mover(0, -stepY),
  ArrowDown: mover(0, stepY),
}

function mover(dx: number, dy: number) {
  return ({ desk, drawing }: Surroundings) => {
    const { selection } = desk.store.get().view
    if (selection && isVertex(selection)) drawing.current?.nudge(selection.id, dx, dy)
  }
}

const controlKeys: Keys = { z: ({ drawing }) => drawing.current?.undo() }

const keys: Keys = {
  '/': () => document.getElementById(searchFieldId)?.focus(),
  '?': ({ desk }) => desk.store.set(page => ({ ...page, helpOpen: !page.helpOpen })),
  ' ': ({ desk }) => {
    const follow = document.getElementById(followButtonId)
    if (follow) follow.click()
    else desk.store.set(togglePause)
  },
  p: ({ desk }) => desk.store.set(togglePause),
  s: ({ desk }) => desk.store.set(toggleSlow),
  f: ({ map }) => map.current?.fit(),
  e: ({ desk }) => desk.store.set(nextProblem),
  g: ({ desk }) => desk.store.set(otherGrouping),
  h: ({ desk }) => desk.store.set(hideSelected),
  l: ({ drawing }) => drawing.current?.tidy(),
  u: ({ drawing }) => drawing.current?.undo(),
  t: ({ desk }) => desk.store.set(toggleTable),
  Enter: enter,
  Escape: ({ desk }) => desk.store.set(stepBack),
  ...Object.fromEntries(Object.entries(steps).map(([key, step]) => [key, walker(step)])),
}

function walker(step: Step) {
  return ({ desk }: Surroundings) => {
    const { picture, view } = desk.store.get()
    if (!picture || picture.topology.services.length === 0) return
    const selection = walk(picture.map, view.selection, step)
    desk.store.set(page => select(page, selection))
  }
}

/** Into the selected group or service, and into its panel; where one is there already, to it. */
function enter({ desk, map }: Surroundings): void {
  const { picture, view } = desk.store.get()
  const { selection, at } = view
  const path = selection && into(at, selection)
  if (path !== undefined && path !== at) desk.store.set(page => enterPlace(page, path))
  const isHere = selection && isVertex(selection) && (path ?? at) === at
  const index = isHere ? picture?.map.topology.serviceIndex.get(selection.id) : undefined
  if (index !== undefined) map.current?.focus(index)
  focusPanel()
}

function nextProblem(page: Page): Page {
  const problems = page.picture?.problems ?? []
  if (problems.length === 0) return page
  const at = problems.findIndex(({ target }) => sameSelection(target, page.view.selection))
  return reveal(page, problems[(at + 1) % problems.length].target)
}

const toggleTable = (page: Page): Page => ({
  ...page,
  view: { ...page.view, table: page.view.table ? undefined : 'links' },
})

/** The selection goes first, then the table, then the place. */
function stepBack(page: Page): Page {
  const { selection, table, at } = page.view
  if (selection) return select(page, undefined)
  if (table) return toggleTable(page)
  const { topology } = page
  return at === '' || !topology ? page : goTo(page, around(topology, at))
}
