import {
  createContext,
  type RefObject,
  useContext,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react'
import type { FlowMap } from '../draw/flow-map.ts'
import type { Answer } from '../state/api.ts'
import type { Desk } from '../state/desk.ts'
import { enterPlace, goTo, type Page, reveal, select } from '../state/page.ts'
import type { Path } from '../state/place.ts'
import { type Polling, poll } from '../state/poll.ts'
import type { Moment, Selection, View } from '../state/view.ts'
import type { Drawing } from './drawing.ts'

/** What every panel may reach: the desk, and the map while it is drawn. */
export interface Surroundings {
  readonly desk: Desk
  readonly map: RefObject<FlowMap | undefined>
  /** What arranges the map, while it is drawn. */
  readonly drawing: RefObject<Drawing | undefined>
}

export const SurroundingsContext = createContext<Surroundings | undefined>(undefined)

export function useSurroundings(): Surroundings {
  const surroundings = useContext(SurroundingsContext)
  if (!surroundings) throw new Error('A panel was drawn outside the page.')
  return surroundings
}

/** A part of the page's value; draws again when that part is another. */
export function usePage<T>(choose: (page: Page) => T): T {
  const { store } = useSurroundings().desk
  return useSyncExternalStore(store.subscribe, () => choose(store.get()))
}

/** Changes what the person looks at. */
export function useView() {
  const { store } = useSurroundings().desk
  return {
    select: (selection: Selection | undefined, moment?: Moment) =>
      store.set(page => select(page, selection, moment)),
    /** Selects, and goes where it can be seen. */
    reveal: (selection: Selection) => store.set(page => reveal(page, selection)),
    goTo: (at: Path) => store.set(page => goTo(page, at)),
    enter: (at: Path) => store.set(page => enterPlace(page, at)),
    change: (view: Partial<View>) =>
      store.set(page => ({ ...page, view: { ...page.view, ...view } })),
  }
}

/** The newest good answer, and what is wrong if the newest one was not good. */
export interface Asked<T> {
  readonly value: T | undefined
  readonly error: string | undefined
  readonly gone: boolean
  /** Asks at once. */
  again(): void
}

type Told<T> = Omit<Asked<T>, 'again'>
const nothing: Told<never> = { value: undefined, error: undefined, gone: false }

/** Asks for `key` now and every `everyMs`, as long as the panel is there and can be seen. */
export function useAnswer<T>(
  key: string,
  ask: (key: string, signal: AbortSignal) => Promise<Answer<T>>,
  everyMs: number,
): Asked<T> {
  const [asked, setAsked] = useState<Told<T> & { key: string }>({ ...nothing, key })
  const polling = useRef<Polling>(undefined)
  useEffect(() => {
    polling.current = poll(async signal => {
      const answer = await ask(key, signal)
      if (signal.aborted) return
      setAsked(before => ({ ...merge(before.key === key ? before : nothing, answer), key }))
    }, everyMs)
    return () => polling.current?.end()
  }, [key, ask, everyMs])
  const told = asked.key === key ? asked : nothing
  return { ...told, again: () => polling.current?.again() }
}

function merge<T>(before: Told<T>, answer: Answer<T>): Told<T> {
  if (answer.kind === 'ok') return { value: answer.value, error: undefined, gone: false }
  return { value: before.value, error: answer.error, gone: answer.kind === 'gone' }
}

/** Whether a media query holds. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    listener => {
      const media = matchMedia(query)
      media.addEventListener('change', listener)
      return () => media.removeEventListener('change', listener)
    },
    () => matchMedia(query).matches,
  )
}

/** Narrow screens: panels lie below the map instead of over it. */
export const narrow = '(max-width: 760px)'
