import type { ClientRequest, IncomingMessage } from 'node:http'
import { cut } from '#lib/text.ts'

/** Sends a request without a body; answers when the answer's head is there. Fails when the connection does, and on abort. */
export function sent(request: (answered: (answer: IncomingMessage) => void) => ClientRequest) {
  return new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request(resolve)
    asked.on('error', reject)
    asked.end()
  })
}

/** The whole body as text. A longer one than `bytesMax` is refused. */
export async function textOf(answer: IncomingMessage, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bytesMax) throw new Error(`its answer is longer than ${bytesMax >> 20} MiB`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** Asks with a signal that aborts with the given one, and after `limitMs`: then the error says so. */
export async function within<T>(
  limitMs: number,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = AbortSignal.timeout(limitMs)
  try {
    return await ask(AbortSignal.any([signal, late]))
  } catch (error) {
    if (!late.aborted || signal.aborted) throw error
    throw new Error(`it did not answer within ${limitMs / 1000} s`)
  }
}

/** The same for an answer whose body goes on and on: `limitMs` until it begins, then never silent for `silentMs`. */
export async function opened(
  limits: { readonly beginMs: number; readonly silentMs: number },
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<IncomingMessage>,
): Promise<IncomingMessage> {
  const { beginMs, silentMs } = limits
  const opening = new AbortController()
  const timer = setTimeout(() => opening.abort(), beginMs)
  try {
    const answer = await ask(AbortSignal.any([signal, opening.signal]))
    answer.setTimeout(silentMs, () => answer.destroy(new Error('its stream fell silent')))
    return answer
  } catch (error) {
    if (!opening.signal.aborted || signal.aborted) throw error
    throw new Error(`its stream did not begin within ${beginMs / 1000} s`)
  } finally {
    clearTimeout(timer)
  }
}

/** A server's own words, as one short line. */
export const wordsOf = (text: string): string => cut(text.replace(/[\s\p{Cc}]+/gu, ' ').trim(), 200)
