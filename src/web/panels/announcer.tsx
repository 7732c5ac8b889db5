import { useEffect, useState } from 'react'
import { age, formatNumber } from '../state/format.ts'
import { type Page, stalenessOf } from '../state/page.ts'
import { texts } from '../texts.ts'
import styles from './app.module.css'
import { extentOf } from './problem-list.tsx'
import { useSurroundings } from './use-desk.ts'

/** A summary is spoken at most this often, and only when it is about something else than before. */
const speakEveryMs = 10_000

/** Tells people who listen what others see at a glance. */
export function Announcer() {
  const { store } = useSurroundings().desk
  const [text, setText] = useState('')
  useEffect(() => {
    let told = ''
    const timer = setInterval(() => {
      const page = store.get()
      const problems = page.picture?.problems.map(({ target }) => target.id).join(' ')
      if (problems === undefined) return
      const key = `${stalenessOf(page)?.kind} ${problems}`
      if (key === told) return
      told = key
      setText(summary(page))
    }, speakEveryMs)
    return () => clearInterval(timer)
  }, [store])
  return (
    <p className={styles.hidden} aria-live="polite">
      {text}
    </p>
  )
}

function summary(page: Page): string {
  const { picture } = page
  if (!picture) return ''
  const stale = stalenessOf(page)
  if (stale) return texts.stale[stale.kind](age(page.nowMs - stale.sinceMs))
  const { topology, totals, problems } = picture
  const told = problems.map(problem => `${problem.name} ${extentOf(problem)}`)
  return texts.announce(topology.services.length, formatNumber(totals.requests), told)
}
