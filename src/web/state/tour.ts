import { goTo, type Page, reveal } from './page.ts'
import type { Path } from './place.ts'
import { sameSelection } from './view.ts'

/** What is looked at after this: the next problem, or all of `home` when there is none; while all is well it stays there. */
export function nextStop(page: Page, home: Path): Page {
  const { selection, at } = page.view
  const problems = page.picture?.problems ?? []
  const here = problems.findIndex(({ target }) => sameSelection(target, selection))
  const isOver = selection !== undefined && here < 0
  const next = isOver ? undefined : problems[here + 1]
  if (next) return reveal(goTo(page, home), next.target)
  return selection || at !== home ? goTo(page, home) : page
}
