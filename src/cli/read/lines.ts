import { formatDuration } from '#lib/figures.ts'
import { type Endpoint, format } from '#model/endpoint.ts'
import type { Flow } from '#model/flow.ts'
import { type Silence, silence, type Transaction } from '#model/transaction.ts'
import { charBytesMax, type LineWriter } from './line-writer.ts'

/** All of a line but its texts of the network. */
const lineBytes = 512

/** Writes one line about a transaction on a flow, or about a flow. The line's end is the caller's. */
export type TransactionLine = (writer: LineWriter, transaction: Transaction, flow: Flow) => void
export type FlowLine = (writer: LineWriter, flow: Flow) => void

/** Bytes that the line of a transaction may take. */
export function roomFor({ method, resource, status = '' }: Transaction): number {
  return lineBytes + charBytesMax * (method.length + resource.length + status.length)
}

/** Bytes that the line of a flow may take. */
export const flowRoom = 2 * lineBytes

/** One JSON object, as `inkling read --json` promises. */
export function jsonLine(writer: LineWriter, transaction: Transaction, flow: Flow): void {
  const { protocol, method, resource, status, outcome, durationUs, traceId } = transaction
  writer.plain('{"start":"')
  writer.time(transaction.startUs)
  writer.plain('","protocol":"')
  writer.plain(protocol)
  writer.plain('","client":')
  jsonEnd(writer, flow.client)
  writer.plain(',"server":')
  jsonEnd(writer, flow.server)
  writer.plain(',"method":')
  writer.quoted(method)
  writer.plain(',"resource":')
  writer.quoted(resource)
  if (status !== undefined) {
    writer.plain(',"status":')
    writer.quoted(status)
  }
  writer.plain(',"outcome":"')
  writer.plain(outcome)
  writer.plain('","requestBytes":')
  writer.number(transaction.requestBytes)
  writer.plain(',"responseBytes":')
  writer.number(transaction.responseBytes)
  if (durationUs !== undefined) {
    writer.plain(',"durationUs":')
    writer.number(durationUs)
  }
  if (transaction.gap) writer.plain(',"gap":true')
  if (traceId !== undefined) {
    writer.plain(',"traceId":"')
    writer.plain(traceId)
    writer.plain('"')
  }
  writer.plain('}')
}

function jsonEnd(writer: LineWriter, { ip, port }: Endpoint): void {
  writer.plain('{"ip":"')
  writer.plain(ip)
  writer.plain('","port":')
  writer.number(port)
  writer.plain('}')
}

const silences: Record<Silence, string> = {
  oneWay: 'one-way',
  lost: 'answer lost',
  unanswered: 'no answer',
}

/** The same for people. */
export function textLine(writer: LineWriter, transaction: Transaction, flow: Flow): void {
  const { protocol, method, resource, status, outcome, durationUs } = transaction
  writer.time(transaction.startUs)
  writer.plain(' ')
  writer.plain(protocol)
  writer.plain(' ')
  textEnd(writer, flow.client)
  writer.plain(' > ')
  textEnd(writer, flow.server)
  if (method !== '') {
    writer.plain(' ')
    writer.printable(method)
  }
  if (resource !== '') {
    writer.plain(' ')
    writer.printable(resource)
  }
  writer.plain(' ')
  if (status === undefined) writer.plain(silences[silence(transaction)])
  else {
    writer.printable(status)
    writer.plain(' ')
    writer.plain(outcome)
  }
  if (durationUs !== undefined) textDuration(writer, durationUs)
  if (transaction.gap) writer.plain(' gap')
}

function textEnd(writer: LineWriter, { ip, port }: Endpoint): void {
  const isIpv6 = ip.includes(':')
  if (isIpv6) writer.plain('[')
  writer.plain(ip)
  writer.plain(isIpv6 ? ']:' : ':')
  writer.number(port)
}

/** As `formatDuration` has it. */
function textDuration(writer: LineWriter, us: number): void {
  writer.plain(' ')
  if (us >= 1000) writer.plain(formatDuration(us))
  else {
    writer.number(Math.round(us))
    // µ, as the two bytes of UTF-8
    writer.plain(' \u00c2\u00b5s')
  }
}

/** A flow as JSON: endpoints, transport, what each side sent, state, protocol. */
export function jsonFlow(writer: LineWriter, flow: Flow): void {
  const { client, server, transport, state, connectUs, protocol } = flow
  const [requests, responses] = flow.sent
  const sent = { client: { ...requests }, server: { ...responses } }
  writer.plain('{"start":"')
  writer.time(flow.startUs)
  writer.plain('","end":"')
  writer.time(flow.lastUs)
  const rest = { transport, client, server, state, protocol, connectUs, sent }
  writer.plain(`",${JSON.stringify(rest).slice(1)}`)
}

/** The same for people. */
export function textFlow(writer: LineWriter, flow: Flow): void {
  const { client, server, transport, state, startUs, lastUs, protocol, sent } = flow
  const [requests, responses] = sent
  const packets = `${requests.packets}/${responses.packets} packets`
  const bytes = `${requests.bytes}/${responses.bytes} bytes`
  const lost = requests.lostBytes + responses.lostBytes
  writer.time(startUs)
  writer.plain(` ${protocol ?? transport} ${format(client)} > ${format(server)}`)
  writer.plain(` ${state} ${packets} ${bytes} `)
  writer.printable(formatDuration(lastUs - startUs))
  if (lost > 0) writer.plain(` ${lost} lost`)
}
