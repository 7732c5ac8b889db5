import { useEffect, useRef, useState } from 'react'
import type { Outcome } from '#model/transaction.ts'
import {
  aboutSecond,
  addLines,
  failLog,
  filterLog,
  followLog,
  type Log,
  newestSequence,
  openLog,
  pauseLog,
  type Wanted,
} from '../state/log.ts'
import { type Polling, poll } from '../state/poll.ts'
import type { Moment } from '../state/view.ts'
import { useSurroundings } from './use-desk.ts'

/** A following reader asks for newer lines this often. */
const askEveryMs = 1000
/** Lines of the first answer, and the most that one later answer may bring. */
const linesAskedMax = 500
/** A filter that is being typed is asked for when the typing rests. */
const typingMs = 250

export interface LogActions {
  choose(outcome: Outcome | undefined): void
  pause(): void
  follow(): void
}

/**
 * Follows the access log of a link as long as the drawer is open, or a trace on all links; `text`: what its lines are to
 * contain.
 */
export function useLog(
  link: string,
  moment: Moment | undefined,
  wanted: Omit<Wanted, 'outcome'>,
): [log: Log, actions: LogActions] {
  const { api } = useSurroundings().desk
  const { text: wantedText, slowerMs: wantedMs, trace: wantedTrace } = wanted
  const [log, setLog] = useState(() => openLog(link, moment, wanted))
  const current = useRef(log)
  current.current = log
  const { outcome, text, slowerMs, trace, secondMs, seconds } = log
  useEffect(() => {
    const now = { text: wantedText, slowerMs: wantedMs, trace: wantedTrace }
    setLog(log => {
      if (log.trace !== now.trace) return filterLog(log, { ...now, outcome: undefined })
      const isSame = log.text === now.text && log.slowerMs === now.slowerMs
      return isSame ? log : filterLog(log, now)
    })
  }, [wantedText, wantedMs, wantedTrace])
  useEffect(() => {
    const ask = async (signal: AbortSignal) => {
      const query = {
        outcome,
        text: text || undefined,
        slowerMs,
        ...(secondMs === undefined ? {} : aboutSecond(secondMs, seconds)),
        limit: linesAskedMax,
        after: newestSequence(current.current),
      }
      const answer = await (trace
        ? api.trace({ ...query, trace }, signal)
        : api.log(link, query, signal))
      if (signal.aborted) return
      setLog(before =>
        answer.kind === 'ok' ? addLines(before, answer.value) : failLog(before, answer.error),
      )
    }
    let polling: Polling | undefined
    const begin = () => {
      polling = poll(ask, askEveryMs)
    }
    const timer = setTimeout(begin, text ? typingMs : 0)
    return () => {
      clearTimeout(timer)
      polling?.end()
    }
  }, [api, link, outcome, text, slowerMs, trace, secondMs, seconds])
  const actions = {
    choose: (next: Outcome | undefined) => setLog(before => filterLog(before, { outcome: next })),
    pause: () => setLog(pauseLog),
    follow: () => setLog(followLog),
  }
  return [log, actions]
}
