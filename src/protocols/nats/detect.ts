import { latin1 } from '#lib/text.ts'
import type { Evidence } from '../protocol.ts'
import { operationAt } from './operations.ts'

/** Bytes that are looked at. */
const looked = 1024

/** What both sides say in the same words. */
const neutral = /^(?:PING|PONG|\+OK)\r\n/
const greeting = /^INFO[ \t]+\{/
const connect = /^CONNECT[ \t]+\{/
const publish = /^PUB [^\s]+(?: [^\s]+)? (\d{1,9})\r\n/
const deliver = /^MSG [^\s]+ [^\s]+(?: [^\s]+)? (\d{1,9})\r\n/
const headers = /^H(PUB|MSG) [^\s]+(?: [^\s]+){0,2} \d{1,9} \d{1,9}\r\nNATS\/1\.0[ \r]/
const subscribe = /^(?:SUB [^\s]+(?: [^\s]+)? [^\s]+|UNSUB [^\s]+(?: \d+)?)\r\n/
const error = /^-ERR '[A-Za-z]/
/** A line that has not ended. */
const unended = /^[\x20-\x7e]*\r?$/

/**
 * INFO and CONNECT with their JSON prove it, and so does a message that ends where its line says. A subscription or an
 * error alone is weak: others speak in such lines, too.
 */
export function detect(bytes: Uint8Array, start: number, end: number): Evidence {
  let text = latin1(bytes, start, Math.min(end, start + looked))
  for (let found = neutral.exec(text); found; found = neutral.exec(text)) {
    text = text.slice(found[0].length)
  }
  if (text === '') return 'maybe'
  if (greeting.test(text)) return 'response'
  if (connect.test(text)) return 'request'
  const withHeaders = headers.exec(text)
  if (withHeaders) return withHeaders[1] === 'PUB' ? 'request' : 'response'
  if (subscribe.test(text)) return 'weak-request'
  if (error.test(text)) return 'weak-response'
  return detectMessage(text) ?? (mayBecome(text) ? 'maybe' : 'no')
}

function detectMessage(text: string): Evidence | undefined {
  const published = publish.exec(text)
  const found = published ?? deliver.exec(text)
  if (!found) return undefined
  const behind = found[0].length + Number(found[1])
  const past = text.slice(behind, behind + 2)
  if (past !== '\r\n'.slice(0, past.length)) return 'no'
  if (past.length < 2) return published ? 'weak-request' : 'weak-response'
  return published ? 'request' : 'response'
}

function mayBecome(text: string): boolean {
  const bytes = Buffer.from(text, 'latin1')
  return operationAt(bytes, 0, bytes.length) !== undefined && (unended.test(text) || isBegun(text))
}

/** Headers whose first line is not all there. */
const isBegun = (text: string): boolean => /^H(?:PUB|MSG) [^\r\n]*\r\n[NATS/1.0]{0,8}$/.test(text)
