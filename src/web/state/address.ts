import { type Page, withLevel } from './page.ts'
import type { Store } from './store.ts'
import { formatView, parseView, sameMoment, sameSelection, type View } from './view.ts'

const themeKey = 'inkling.theme'

/** The view that the address bar holds; a theme chosen earlier fills in for a missing one. */
export function readAddress(): View {
  const view = parseView(location.search)
  const kept = parseView(`?theme=${localStorage.getItem(themeKey) ?? ''}`).theme
  return { ...view, theme: view.theme ?? kept }
}

/** Keeps the address bar and the view the same, both ways: a new selection is a step that "back" undoes. */
export function followAddress(store: Store<Page>): void {
  store.subscribe(() => {
    const { view } = store.get()
    const before = parseView(location.search)
    const query = formatView(view)
    if (query === formatView(before)) return
    if (view.theme) localStorage.setItem(themeKey, view.theme)
    const isStep =
      !sameSelection(view.selection, before.selection) ||
      view.table !== before.table ||
      view.at !== before.at ||
      view.trace !== before.trace ||
      !sameMoment(view.moment, before.moment)
    // A wall goes from problem to problem by itself: that is no step of a person.
    if (isStep && view.frame === 'full') history.pushState(null, '', query || location.pathname)
    else history.replaceState(null, '', query || location.pathname)
  })
  addEventListener('popstate', () => store.set(page => withLevel({ ...page, view: readAddress() })))
}
