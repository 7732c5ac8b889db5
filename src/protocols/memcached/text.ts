import { isDigit } from '#lib/bytes.ts'
import type { Outcome } from '#model/transaction.ts'

/** How the line of a text command is laid out: places of words, the command's own being 0. */
export interface Form {
  /** Of the first key, or of what a command without keys is about; 0: nothing. */
  readonly key: number
  /** All words from `key` on are keys. */
  readonly hasKeys: boolean
  /** Of the length of the data that follows; 0: none does. */
  readonly length: number
  /** Words behind the key, or the length, are flags of one letter: `q`, `O123`. */
  readonly isMeta: boolean
  /** How it is answered: by `noreply`, not at all; `never`; or only when there is something to say. */
  readonly reply: 'always' | 'noreply' | 'never' | 'quiet'
}

const form = (own: Partial<Form>): Form => ({
  key: 0,
  hasKeys: false,
  length: 0,
  isMeta: false,
  reply: 'always',
  ...own,
})

const keys = form({ key: 1, hasKeys: true })
const keysBehindTime = form({ key: 2, hasKeys: true })
const store = form({ key: 1, length: 4, reply: 'noreply' })
const keyed = form({ key: 1, reply: 'noreply' })
const meta = form({ key: 1, isMeta: true })
const about = form({ key: 1, reply: 'noreply' })
const plain = form({ reply: 'noreply' })

/** Commands of https://github.com/memcached/memcached/blob/master/doc/protocol.txt; `config` is ElastiCache's. */
export const forms: ReadonlyMap<string, Form> = new Map([
  ['get', keys],
  ['gets', keys],
  ['gat', keysBehindTime],
  ['gats', keysBehindTime],
  ['set', store],
  ['add', store],
  ['replace', store],
  ['append', store],
  ['prepend', store],
  ['cas', store],
  ['delete', keyed],
  ['incr', keyed],
  ['decr', keyed],
  ['touch', keyed],
  ['mg', meta],
  ['md', meta],
  ['ma', meta],
  ['me', form({ key: 1 })],
  ['ms', form({ key: 1, length: 2, isMeta: true })],
  ['mn', form({})],
  ['stats', form({ key: 1 })],
  ['slabs', about],
  ['lru', about],
  ['lru_crawler', about],
  ['config', form({ key: 1 })],
  ['version', form({})],
  ['verbosity', plain],
  ['flush_all', plain],
  ['cache_memlimit', plain],
  ['watch', plain],
  ['misbehave', form({})],
  ['refresh_certs', form({})],
  ['shutdown', form({ reply: 'quiet' })],
  ['quit', form({ reply: 'never' })],
])

/** The command asks for items: it hits or misses. */
export const retrievals: ReadonlySet<string> = new Set(
  'get gets gat gats mg getq getk getkq gatq gatk gatkq'.split(' '),
)

/** First words of lines with which a reply goes on; others end it. */
export const partWords: ReadonlySet<string> = new Set('VALUE STAT ITEM PREFIX CONFIG mg'.split(' '))
/** First words of lines that end a reply; a number does, too. */
export const lastWords: ReadonlySet<string> = new Set(
  `END STORED NOT_STORED EXISTS NOT_FOUND DELETED TOUCHED OK RESET VERSION ERROR CLIENT_ERROR SERVER_ERROR
  HD VA EN NF NS EX ME MN BUSY BADCLASS NOSPARE NOTFULL UNSAFE SAME ERROR:`.split(/\s+/),
)

/** What the short words of meta commands stand for, in the words of the document; of `HD` by command. */
const metaWords = new Map([
  ['VA', 'OK'],
  ['HD', 'OK'],
  ['ME', 'OK'],
  ['MN', 'OK'],
  ['EN', 'MISS'],
  ['NF', 'NOT_FOUND'],
  ['NS', 'NOT_STORED'],
  ['EX', 'EXISTS'],
  ['ERROR:', 'ERROR'],
])
const doneWords = new Map([
  ['ms', 'STORED'],
  ['md', 'DELETED'],
])

/**
 * What `word`, at the end of a reply with so many items, says to a command that asked for so many. Without a word the
 * end was not seen.
 */
export function textStatus(method: string, word: string, items: number, asked: number): string {
  const isRetrieval = retrievals.has(method)
  if (word === '') return isRetrieval ? 'HIT' : 'OK'
  if (word === 'END' && isRetrieval) {
    if (items === 0) return 'MISS'
    return items < asked ? 'PARTIAL' : 'HIT'
  }
  if (isRetrieval && (word === 'VA' || word === 'HD')) return 'HIT'
  if (word === 'HD') return doneWords.get(method) ?? 'OK'
  if (isDigit(word.charCodeAt(0))) return 'OK'
  return metaWords.get(word) ?? word
}

const warnings = new Set('ERROR CLIENT_ERROR BUSY BADCLASS NOSPARE NOTFULL UNSAFE SAME'.split(' '))

/** A miss, and that another was faster, are no faults. What is too large is the client's. */
export function textOutcome(status: string, isTooLarge: boolean): Outcome {
  if (status === 'SERVER_ERROR') return isTooLarge ? 'warning' : 'error'
  return warnings.has(status) ? 'warning' : 'ok'
}

/** The whole number that `bytes[start, end)` are, or -1; inexact above 2^53. */
export function numberOf(bytes: Uint8Array, start: number, end: number): number {
  let number = 0
  for (let i = start; i < end; i++) {
    if (!isDigit(bytes[i])) return -1
    number = number * 10 + bytes[i] - 0x30
  }
  return end > start ? number : -1
}

/** Of a token that request and reply both carry: never 0. */
export function tokenHash(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], 16777619)
  return (hash & 0x3fffffff) | 0x40000000
}
