import { latin1 } from '#lib/text.ts'
import type { Evidence } from '../protocol.ts'
import { knownCommands, sharedCommands } from './commands.ts'

/** Bytes that are looked at. */
const looked = 96

/** `*2\r\n$3\r\nGET\r\n`: an array whose first element is a short string. */
const array = /^\*([1-9]\d{0,6})\r\n\$([1-9]\d?)\r\n([A-Za-z._-][\w.-]*)\r\n/
/** What may become such an array. */
const arrayBegun =
  /^\*(?:[1-9]\d{0,6}(?:\r(?:\n(?:\$(?:[1-9]\d?(?:\r(?:\n(?:[\w.-]*\r?)?)?)?)?)?)?)?)?$/
const inline = /^([A-Za-z][A-Za-z_.]*)(?: +[^\r\n]*)?\r?\n/
const inlineBegun = /^[A-Za-z][A-Za-z_.]{0,20}(?: +[\x20-\x7e]*\r?)?$/
const reply = new RegExp(
  [
    '^(?:\\+[\\x20-\\x7e]{0,60}(?:\\r\\n|.{30})',
    '-[A-Z][A-Z0-9]*(?: |\\r\\n)',
    ':[+-]?\\d{1,19}\\r\\n',
    '\\$(?:-1|\\d{1,10})\\r\\n',
    '[*~%>|](?:-1|\\d{1,10}|\\?)\\r\\n(?:[-+:$*~%>|_#,(!=]|$)',
    '_\\r\\n',
    '#[tf]\\r\\n',
    ',[-+]?(?:\\d|inf|nan)[\\d.eE+-]*\\r\\n',
    '\\([-+]?\\d+\\r\\n)',
  ].join('|'),
)
const replyBegun = /^[-+:$_#,(!=][\x20-\x7e]{0,60}\r?$/
/** Messages to subscribers, and confirmations: three elements, the last of which may be a number. */
const message = /^[*>][34]\r\n\$\d\d?\r\n[ps]?message\r\n\$/
const confirmation = /^[*>]3\r\n\$\d\d?\r\n[ps]?(?:un)?subscribe\r\n(?:\$-1|\$\d+\r\n[^\r\n]*)\r\n:/

/**
 * What the first bytes of a side look like to Redis. A known command in an array proves it; a line of words, and any
 * reply, are weak: POP3 says `+OK` too, and memcached `get`.
 */
export function detect(bytes: Uint8Array, start: number, end: number): Evidence {
  const text = latin1(bytes, start, Math.min(end, start + looked))
  if (text.startsWith('*') || text.startsWith('>')) return detectArray(text)
  if (reply.test(text)) return 'weak-response'
  return replyBegun.test(text) ? 'maybe' : detectInline(text)
}

function detectArray(text: string): Evidence {
  if (message.test(text) || confirmation.test(text)) return 'response'
  const found = array.exec(text)
  if (found && Number(found[2]) === found[3].length && isKnown(found[3])) return 'request'
  if (!found && arrayBegun.test(text)) return 'maybe'
  return reply.test(text) ? 'weak-response' : 'no'
}

function detectInline(text: string): Evidence {
  const found = inline.exec(text)
  if (found) return isLine(found[1]) && !/ HTTP\/1\.\d\r?$/im.test(found[0]) ? 'weak-request' : 'no'
  if (!inlineBegun.test(text)) return 'no'
  const [word] = text.split(' ', 1)
  return text.length === word.length || isLine(word) ? 'maybe' : 'no'
}

const isKnown = (word: string): boolean =>
  word.includes('.') || knownCommands.has(word.toUpperCase())

const isLine = (word: string): boolean => isKnown(word) && !sharedCommands.has(word.toUpperCase())

/** True when a reply begins here, or, being cut short, may begin here. */
export function mayBeReply(bytes: Uint8Array, start: number, end: number): boolean {
  const text = latin1(bytes, start, Math.min(end, start + looked))
  return reply.test(text) || replyBegun.test(text) || arrayBegun.test(text)
}
