import { table } from './apis.ts'

/** What a field is, and so what is done with it. */
export type Kind =
  | 'i8'
  | 'i16'
  | 'i32'
  | 'i64'
  | 'uuid'
  | 'string'
  | 'bytes'
  | 'shown'
  | 'topic'
  | 'topicId'
  | 'error'
  | 'acks'
  | 'wait'
  | 'session'
  | 'array'

export const uuidBytes = 16

/** Bytes of what is passed over. */
const fixedBytes: Partial<Record<Kind, number>> = { i8: 1, i16: 2, i32: 4, i64: 8, uuid: uuidBytes }

/** One field of a message, in versions `first` to `last`. */
export interface Step {
  readonly kind: Kind
  /** How many it takes, if that is always the same and nothing of it is read; else 0. */
  readonly bytes: number
  readonly first: number
  readonly last: number
  /** Of an array: what it is made of. */
  readonly each: readonly Step[]
  /** Each element of the array is a structure, not a plain value. */
  readonly isStructured: boolean
  /** The array is read to its end. */
  readonly isClosed: boolean
}

/** What is known of an API. */
export interface Api {
  readonly name: string
  /** Latest version that we know of. */
  readonly latest: number
  /** First flexible version: compact lengths, tagged fields. */
  readonly flexible: number
  /** Undefined where nothing is known: not what a message is, nor that it is empty. */
  readonly asks: readonly Step[] | undefined
  readonly answers: readonly Step[] | undefined
}

/** The request after which opaque tokens may follow, and the one whose response has no tagged fields in its header. */
export const saslHandshake = 17
export const apiVersions = 18

/** By API key. */
export const apis: readonly Api[] = table
  .trim()
  .split(/\n(?=\d)/)
  .map(readApi)

function readApi(text: string): Api {
  const [head, ...messages] = text.split(/\n(?=[<>])/)
  const [, name, latest, flexible] = head.split(' ')
  const steps = (sign: string) => {
    const message = messages.find(one => one.startsWith(sign))
    return message === undefined ? undefined : readSteps(message.slice(1).trim().split(/\s+/))
  }
  return {
    name,
    latest: Number(latest),
    flexible: flexible === '-' ? Number.POSITIVE_INFINITY : Number(flexible),
    asks: steps('>'),
    answers: steps('<'),
  }
}

/** Takes words up to the end of the array they are in. */
function readSteps(words: string[]): Step[] {
  const steps: Step[] = []
  while (words.length > 0 && words[0] !== ']') steps.push(readStep(words))
  return steps
}

function readStep(words: string[]): Step {
  const [, word, list, from, to] = /^([a-zA-Z0-9]+|\[)(\*?)(?:\((\d*)([-+]\d*)\))?$/.exec(
    words.shift()!,
  )!
  const first = Number(from ?? 0)
  const last = to === undefined || to === '+' ? Number.POSITIVE_INFINITY : Number(to.slice(1))
  const plain = (kind: Kind): Step => ({
    kind,
    bytes: fixedBytes[kind] ?? 0,
    first,
    last,
    each: [],
    isStructured: false,
    isClosed: true,
  })
  if (list) return { ...plain('array'), each: [plain(word as Kind)] }
  if (word !== '[') return plain(word as Kind)
  const each = readSteps(words)
  return { ...plain('array'), each, isStructured: true, isClosed: words.shift() === ']' }
}
