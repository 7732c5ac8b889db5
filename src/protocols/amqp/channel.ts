import type { Side } from '#model/side.ts'
import type { Method } from './methods.ts'

/** About what a channel takes. */
export const channelBytes = 768
/** Calls of a channel that are looked through for the one that a reply answers. */
const searchMax = 64

/** A message on its way: a method, its header, and its body in frames. */
export interface Content {
  /** Undefined between messages. */
  method: Method | undefined
  resource: string
  startUs: number
  bytes: number
  /** Bytes of the body to come; -1 before the header. */
  left: number
  gap: boolean
  /** Why it was returned; 0: it was not. */
  code: number
}

const noContent = (): Content => ({
  method: undefined,
  resource: '',
  startUs: 0,
  bytes: 0,
  left: -1,
  gap: false,
  code: 0,
})

/** What one channel is doing. It answers in order, whatever others do. */
export class Channel {
  readonly number: number
  /** Of each side: the message it is sending. */
  readonly contents: readonly [Content, Content] = [noContent(), noContent()]
  /** Of each side: numbers of the calls it made and that wait, oldest first. */
  readonly calls: readonly [number[], number[]] = [[], []]
  /** Of each side: something was said here since bytes of it were last lost. */
  readonly isUsed: [boolean, boolean] = [false, false]
  /** The queue that is meant by no name: the one declared last. */
  queue = '<last queue>'
  /** Publishes are confirmed, and all of them since then were seen; or some not, so that their numbers are unknown. */
  confirming: 'no' | 'yes' | 'unknown' = 'no'
  /** Number of the last publish, and of the last up to which all are confirmed. */
  published = 0
  confirmed = 0

  constructor(number: number) {
    this.number = number
  }

  /** The oldest call of a side that `isAnswered`; it waits no longer. */
  takeCall(side: Side, isAnswered: (number: number) => boolean): number | undefined {
    const calls = this.calls[side]
    const length = Math.min(calls.length, searchMax)
    for (let i = 0; i < length; i++) if (isAnswered(calls[i])) return calls.splice(i, 1)[0]
    return undefined
  }

  /** No call waits any longer. */
  forgetCalls(): void {
    for (const calls of this.calls) calls.length = 0
  }
}
