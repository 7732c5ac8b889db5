import { useState } from 'react'
import { join, share } from '../state/format.ts'
import { stalenessOf } from '../state/page.ts'
import type { Problem } from '../state/problems.ts'
import { sameSelection } from '../state/view.ts'
import { texts } from '../texts.ts'
import { ShowEverything } from './filter-chips.tsx'
import { OutcomeMark } from './marks.tsx'
import styles from './problem-list.module.css'
import { narrow, useMedia, usePage, useView } from './use-desk.ts'

/** Problems that are listed; the rest is counted. */
const shownMax = 5
const none: readonly Problem[] = []

/** Where to look next: links and services in trouble, the worst first. Nothing at all when all is well. */
export function ProblemList() {
  const problems = usePage(page => page.picture?.problems) ?? none
  // Where there is little room, or the access log has taken it, only the count is shown until it is asked for.
  const isCramped = useMedia(narrow)
  const hasLog = usePage(page => page.view.selection?.kind === 'link')
  const [choice, setChoice] = useState<boolean>()
  const isStale = usePage(page => stalenessOf(page) !== undefined)
  const hidden = usePage(page => page.picture?.hiddenProblems ?? 0)
  if (problems.length === 0)
    return (
      <section className={styles.list}>
        <HiddenProblems count={hidden} />
      </section>
    )
  const isOpen = choice ?? !(isCramped || hasLog)
  return (
    <section className={styles.list} data-stale={isStale}>
      <button type="button" aria-expanded={isOpen} onClick={() => setChoice(!isOpen)}>
        <OutcomeMark outcome={problems[0].kind === 'warnings' ? 'warning' : 'error'} />
        {texts.problems.title(problems.length)}
      </button>
      {isOpen && (
        <ul>
          {problems.slice(0, shownMax).map(problem => (
            <Row key={`${problem.target.kind} ${problem.target.id}`} problem={problem} />
          ))}
          {problems.length > shownMax && (
            <li className={styles.more}>{texts.problems.more(problems.length - shownMax)}</li>
          )}
        </ul>
      )}
      {isOpen && <HiddenProblems count={hidden} />}
    </section>
  )
}

/** Problems that the filter leaves off the map are still problems. */
function HiddenProblems({ count }: { count: number }) {
  const hasMap = usePage(page => page.picture?.map.topology.services.length !== 0)
  if (count === 0) return null
  return (
    <p className={styles.more}>
      {texts.filter.problems(count)} {hasMap && <ShowEverything />}
    </p>
  )
}

function Row({ problem }: { problem: Problem }) {
  const { reveal } = useView()
  const isSelected = usePage(page => sameSelection(page.view.selection, problem.target))
  return (
    <li>
      <button type="button" aria-pressed={isSelected} onClick={() => reveal(problem.target)}>
        <span className={styles.name} title={problem.name}>
          {problem.name}
          {problem.protocol && <small>{problem.protocol}</small>}
        </span>
        <span data-kind={problem.kind}>{extentOf(problem)}</span>
      </button>
    </li>
  )
}

/** How bad it is, in words. */
export function extentOf({ kind, share: part }: Problem): string {
  if (kind === 'unhealthy') return texts.problems.unhealthy
  return kind === 'errors'
    ? texts.problems.errors(join(share(part)))
    : texts.problems.warnings(join(share(part)))
}
