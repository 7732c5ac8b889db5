import type { Call } from './apps/truth-log.ts'
import type { Inkling, SecondOfLink } from './inkling.ts'
import { type Change, type Unrest, unanswered } from './unrest.ts'

/** A second in which a link was shown that was not there about that time. */
export interface WrongArrow {
  /** `17:55:38`. */
  readonly second: string
  readonly link: string
  readonly calls: number
  /** What was being done then. */
  readonly during: string
}

/** A link over the whole time. */
export interface Total {
  readonly link: string
  readonly trueCalls: number
  readonly foundCalls: number
  /** Calls in a second in which the link began or ended: its address may have been another's in the same second. */
  readonly edgeCalls: number
}

export interface Verdict {
  readonly seconds: number
  readonly wrong: readonly WrongArrow[]
  readonly totals: readonly Total[]
}

/** A call counts in the second in which its answer was seen: that of its request, or the next. */
const slackSeconds = 1
/** Of calls that failed nobody tells whose they were: who had the address shortly before, or has it shortly after. */
const failedSlackSeconds = 3

/** By then, and until so long before the end, all visitors are there. */
const startSeconds = 5

/** Second by second: is there an arrow that was not true then? And over all: is a call missing, or counted twice? */
export async function judge(inkling: Inkling, unrest: Unrest): Promise<Verdict> {
  const { truth, fromMs, toMs, changes } = unrest
  const [first, last] = [Math.floor(fromMs / 1000), Math.floor(toMs / 1000) + 1]
  const answered = truth.calls.filter(({ server }) => server !== unanswered)
  const parties = new Set(answered.flatMap(({ client, server }) => [client, server]))
  const found = await inkling.seconds(first, last, link => isOurs(link, parties))
  const trueSeconds = secondsOf(answered)
  const isTrue = (link: string, second: number, slack: number) => {
    const near = Array.from({ length: 2 * slack + 1 }, (_, i) => second - slack + i)
    return near.some(each => trueSeconds.get(link)?.has(each))
  }
  const slackOf = (answered: number) => (answered > 0 ? slackSeconds : failedSlackSeconds)
  const wrong = found
    .filter(one => !isUntold(one))
    .filter(({ link, second, answered }) => !isTrue(link, second, slackOf(answered)))
    .map(({ link, second, answered, failed }) => {
      const during = changeAt(changes, second)
      return { second: timeOf(second), link, calls: answered + failed, during }
    })
  const links = [...new Set([...trueSeconds.keys(), ...found.map(({ link }) => link)])].sort()
  const totals = links.map(link => {
    const calls = answered.filter(call => linkOf(call) === link)
    return {
      link,
      trueCalls: calls.length,
      foundCalls: found.reduce((sum, one) => sum + (one.link === link ? one.answered : 0), 0),
      edgeCalls: edgeCallsOf(calls, first, last),
    }
  })
  return { seconds: last - first + 1, wrong, totals }
}

/** A call that nobody answered to a port that nobody was known to hold then: its map says no more than that. */
const isUntold = ({ link, answered }: SecondOfLink): boolean =>
  answered === 0 && / -> host:[^ ]*$/.test(link)

/** In which seconds each link was called, as the callers say. */
function secondsOf(calls: readonly Call[]): Map<string, Set<number>> {
  const seconds = new Map<string, Set<number>>()
  for (const call of calls) {
    const known = seconds.get(linkOf(call)) ?? new Set()
    seconds.set(linkOf(call), known.add(Math.floor(call.atUs / 1e6)))
  }
  return seconds
}

/** Of a link that was there all along there are none. */
function edgeCallsOf(calls: readonly Call[], first: number, last: number): number {
  const seconds = calls.map(({ atUs }) => Math.floor(atUs / 1e6))
  const edges = [Math.min(...seconds), Math.max(...seconds)]
  const isWithin = (edge: number) => first + startSeconds < edge && edge < last - startSeconds
  return seconds.filter(second => isWithin(second) && edges.includes(second)).length
}

interface Ends {
  readonly client: string
  readonly server: string
}

/** Whoever called or answered, with whomever: but name look-ups. */
const isOurs = (
  { client, server, protocol }: Ends & { protocol: string },
  parties: ReadonlySet<string>,
): boolean => protocol !== 'dns' && (parties.has(client) || parties.has(server))

const linkOf = ({ client, server }: Ends): string => `${client} -> ${server}`

const timeOf = (second: number): string => new Date(second * 1000).toISOString().slice(11, 19)

/** Its effects last a little longer than it. */
const changeAt = (changes: readonly Change[], second: number): string =>
  changes.find(({ fromMs, toMs }) => fromMs < (second + 2) * 1000 && second * 1000 < toMs + 2000)
    ?.name ?? 'nothing'

/** Every link's counts, then every wrong arrow. */
export function format({ seconds, wrong, totals }: Verdict): string {
  const told = totals.map(total => {
    const { link, trueCalls, foundCalls } = total
    return `${isNear(total) ? 'right' : 'WRONG'}  ${link}  ${foundCalls} of ${trueCalls}`
  })
  const arrows = wrong.map(({ second, link, calls, during }) => {
    return `WRONG  ${second}  ${link}  ${calls} calls  (${during})`
  })
  return [...told, ...arrows, `${wrong.length} wrong arrows in ${seconds} seconds`].join('\n')
}

/** Within 1 %; a visitor that is stopped may not have told of the calls it was making. */
export const isNear = ({ trueCalls, foundCalls, edgeCalls }: Total): boolean =>
  Math.abs(foundCalls - trueCalls) <= Math.max(2, trueCalls * 0.01, edgeCalls)
