import { latin1 } from '#lib/text.ts'
import type { Transport } from '#model/flow.ts'
import type { Evidence } from '../protocol.ts'
import { headerBytes, isRequest, isResponse, requestMagic, responseMagic } from './binary.ts'
import { readFrame, udpHeaderBytes } from './frame.ts'
import { forms } from './text.ts'

/** Bytes that are looked at: a key and what stands around it. */
const looked = 320

const key = '[!-~\\x80-\\xff]{1,250}'
const lineEnd = '(?: noreply)? *\\r?\\n'
/** What no other protocol's clients say: a key, three numbers, on a line. */
const storage = new RegExp(
  `^(?:(?:set|add|replace|append|prepend) ${key} \\d{1,10} -?\\d{1,19} \\d{1,10}` +
    `|cas ${key} \\d{1,10} -?\\d{1,19} \\d{1,10} \\d{1,20})${lineEnd}`,
)
/** What others might say, too. A number that is deleted is most likely a job of Beanstalk. */
const commands = new RegExp(
  [
    `^(?:(?:gets?|gats? -?\\d{1,19}) ${key}(?: |\\r?\\n)`,
    `(?:incr|decr) ${key} \\d{1,20}${lineEnd}`,
    `touch ${key} -?\\d{1,19}${lineEnd}`,
    `delete (?!\\d+\\r)${key}(?: 0)?${lineEnd}`,
    `(?:stats|lru_crawler|slabs|config)(?: [a-z]\\w*)*(?: \\d+)*\\r?\\n`,
    `(?:version|flush_all|verbosity)(?: [!-~]+)* *\\r?\\n`,
    `ms ${key} S?\\d{1,10}(?: [A-Za-z][!-~]*)* *\\r?\\n`,
    `m[gda] ${key}(?: [A-Za-z][!-~]*)* *\\r?\\n`,
    `me ${key}(?: b)?\\r?\\n`,
    `mn\\r?\\n)`,
  ].join('|'),
)
const word = /^[a-z_]{1,11}$/
const begun = /^([a-z_]{2,11}) [ -~\x80-\xff]*\r?$/

const item = new RegExp(`^VALUE ${key} \\d{1,10} \\d{1,10}(?: \\d{1,20})?\\r\\n`)
const replies =
  /^(?:STORED|NOT_STORED|EXISTS|NOT_FOUND|DELETED|TOUCHED|END|RESET|ERROR|OK|HD|EN|NF|NS|EX|MN|\d{1,20})\r\n|^(?:STAT \S+|VERSION|CLIENT_ERROR|SERVER_ERROR|VA \d+|(?:HD|EN|NF|NS|EX) [A-Za-z]\S*|ME \S+) ?[ -~]*\r\n/
const replyBegun = /^(?:[A-Z_]{1,12}|\d{1,20}|[A-Z_]{2,12} [ -~\x80-\xff]*)\r?$/

/**
 * What the first bytes of a side look like to memcached. A binary header that is right in all its parts proves it,
 * as does the line of a command that stores, or of an item. Other lines are weak: Redis takes `get key`, too.
 */
export function detect(
  bytes: Uint8Array,
  start: number,
  end: number,
  transport: Transport,
): Evidence {
  if (transport === 'udp') return detectDatagram(bytes, start, end)
  if (bytes[start] === requestMagic || bytes[start] === responseMagic) {
    if (end - start < headerBytes) return 'maybe'
    return detectBinary(bytes, start)
  }
  return detectText(latin1(bytes, start, Math.min(end, start + looked)))
}

function detectBinary(bytes: Uint8Array, start: number): Evidence {
  if (isRequest(bytes, start)) return 'request'
  return isResponse(bytes, start) ? 'response' : 'no'
}

function detectText(text: string): Evidence {
  if (storage.test(text)) return 'request'
  if (item.test(text)) return 'response'
  if (commands.test(text)) return 'weak-request'
  if (replies.test(text)) return 'weak-response'
  return mayBecomeText(text) ? 'maybe' : 'no'
}

function mayBecomeText(text: string): boolean {
  if (text.length === looked) return false
  if (word.test(text) || replyBegun.test(text)) return true
  const found = begun.exec(text)
  return found !== null && forms.has(found[1])
}

/** A datagram is whole, and its own header, if all of it is right, proves about as much as a line. */
function detectDatagram(bytes: Uint8Array, start: number, end: number): Evidence {
  const frame = readFrame(bytes, start, end)
  if (frame?.sequence !== 0) return 'no'
  const at = start + udpHeaderBytes
  if (bytes[at] === requestMagic || bytes[at] === responseMagic) {
    return end - at < headerBytes ? 'no' : detectBinary(bytes, at)
  }
  const evidence = detectText(latin1(bytes, at, Math.min(end, at + looked)))
  if (evidence === 'request' || evidence === 'response') return evidence
  if (!frame.isProper || evidence === 'maybe') return 'no'
  return evidence === 'weak-request' ? 'request' : evidence
}
