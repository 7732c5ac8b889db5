import { formatDuration } from '#lib/figures.ts'
import { type Endpoint, format } from '#model/endpoint.ts'
import type { Flow } from '#model/flow.ts'
import { type Silence, silence, type Transaction } from '#model/transaction.ts'

/** Formats microseconds since the epoch as `2026-01-01T00:00:00.000001Z`. */
export type TimeFormat = (us: number) => string

const digits = Array.from({ length: 1000 }, (_, i) => String(i).padStart(3, '0'))

/** A format that remembers the last second's text: lines come many to a second. */
export function createTimeFormat(): TimeFormat {
  let second = Number.NaN
  let text = ''
  return us => {
    const whole = Math.floor(us / 1_000_000)
    if (whole !== second) {
      second = whole
      text = new Date(whole * 1000).toISOString().slice(0, 20)
    }
    const rest = us - whole * 1_000_000
    return `${text}${digits[Math.floor(rest / 1000)]}${digits[Math.floor(rest % 1000)]}Z`
  }
}

const control = /[^\u0020-\u007e\u00a0-\uffff]/

/** A transaction with its two ends. */
export interface Line {
  readonly transaction: Transaction
  readonly client: Endpoint
  readonly server: Endpoint
  readonly time: TimeFormat
}

/** One JSON object, as `inkling read --json` promises. */
export function jsonLine({ transaction, client, server, time }: Line): string {
  const { protocol, method, resource, status, outcome, startUs, durationUs } = transaction
  const { requestBytes, responseBytes, gap } = transaction
  return JSON.stringify({
    start: time(startUs),
    protocol,
    client,
    server,
    method,
    resource,
    status,
    outcome,
    requestBytes,
    responseBytes,
    durationUs,
    gap: gap || undefined,
  })
}

const silences: Record<Silence, string> = {
  oneWay: 'one-way',
  lost: 'answer lost',
  unanswered: 'no answer',
}

/** The same for people. */
export function textLine({ transaction, client, server, time }: Line): string {
  const { protocol, method, resource, status, outcome, startUs, durationUs, gap } = transaction
  const ends = `${format(client)} > ${format(server)}`
  const answer = status === undefined ? silences[silence(transaction)] : `${status} ${outcome}`
  const took = durationUs === undefined ? '' : ` ${formatDuration(durationUs)}`
  const what = printable(`${method} ${resource}`.trim())
  return `${time(startUs)} ${protocol} ${ends} ${what} ${answer}${took}${gap ? ' gap' : ''}`
}

/** A flow as JSON: endpoints, transport, what each side sent, state, protocol. */
export function jsonFlow(flow: Flow, time: TimeFormat): string {
  const { client, server, transport, state, startUs, lastUs, connectUs, protocol } = flow
  const [requests, responses] = flow.sent
  const sent = { client: { ...requests }, server: { ...responses } }
  const times = { start: time(startUs), end: time(lastUs) }
  return JSON.stringify({ ...times, transport, client, server, state, protocol, connectUs, sent })
}

/** The same for people. */
export function textFlow(flow: Flow, time: TimeFormat): string {
  const { client, server, transport, state, startUs, lastUs, protocol, sent } = flow
  const ends = `${format(client)} > ${format(server)}`
  const [requests, responses] = sent
  const packets = `${requests.packets}/${responses.packets} packets`
  const bytes = `${requests.bytes}/${responses.bytes} bytes`
  const lost = requests.lostBytes + responses.lostBytes
  const took = formatDuration(lastUs - startUs)
  const loss = lost > 0 ? ` ${lost} lost` : ''
  return `${time(startUs)} ${protocol ?? transport} ${ends} ${state} ${packets} ${bytes} ${took}${loss}`
}

/** Bytes of the network must not command the terminal. */
function printable(text: string): string {
  if (!control.test(text)) return text
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach the terminal
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '·')
}
