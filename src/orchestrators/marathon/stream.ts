import type { IncomingMessage } from 'node:http'
import { pause } from '#lib/backoff.ts'
import { messageOf } from '#lib/fault.ts'
import { ServerSentEvents } from '#lib/server-sent-events.ts'
import { under } from '../cluster-http.ts'
import type { Visit } from '../cluster-life.ts'
import { type Change, changeOf } from './event.ts'

/** Where a stream tells what comes of it. */
export interface StreamListener {
  opened(): void
  /** There are no events to be had here, at least for now. */
  refused(reason: string): void
  changed(change: Change): void
}

export interface StreamOptions {
  /** Marathon sends a sign of life every 10 s; a stream without one is dead. */
  readonly silentMs: number
  /** A stream that was refused is asked for again. */
  readonly retryMs: number
}

/**
 * Reads `GET /v2/events` until the signal aborts; throws when a stream that was there ends. There is no resuming: what
 * happened meanwhile has to be looked at.
 */
export async function followEvents(
  { client, base, signal }: Visit,
  options: StreamOptions,
  listener: StreamListener,
): Promise<void> {
  const url = under(base, '/v2/events?plan-format=light')
  while (!signal.aborted) {
    // Exactly this type: a list of types, a parameter or another case is refused with 405.
    const request = { signal, accept: 'text/event-stream' }
    const opened = await client.open(url, request, options.silentMs).then(refusalOf, messageOf)
    if (signal.aborted) return
    if (typeof opened !== 'string') return read(opened, listener)
    listener.refused(opened)
    await pause(options.retryMs, signal)
  }
}

/** The stream, or why it is none. */
function refusalOf(answer: IncomingMessage): IncomingMessage | string {
  const { statusCode, headers } = answer
  const isStream = /^text\/event-stream\b/i.test(headers['content-type'] ?? '')
  if (statusCode === 200 && isStream) return answer
  answer.destroy()
  return statusCode === 200 ? 'it has no event stream' : `it answered ${statusCode} to /v2/events`
}

async function read(stream: IncomingMessage, listener: StreamListener): Promise<void> {
  listener.opened()
  const events = new ServerSentEvents()
  for await (const chunk of stream) {
    for (const event of events.read(chunk as Buffer)) listener.changed(changeOf(event))
  }
  throw new Error('it closed the event stream')
}
