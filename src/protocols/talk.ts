import type { Flow, FlowReader, OpenFlow, Sent, Transport } from '#model/flow.ts'
import { clientSide, otherSide, type Side, serverSide } from '#model/side.ts'
import type { Transaction } from '#model/transaction.ts'
import { converse, shareOptions } from './conversation.ts'
import type { Protocol } from './protocol.ts'

/** Each piece of a talk comes so much later than the one before it. */
const stepUs = 1000

/** Something a side says at once (a segment, a datagram), or `lostBytes` of it that nobody saw. */
export interface Piece {
  readonly side: Side
  readonly bytes: Uint8Array
  readonly lostBytes: number
  readonly timeUs: number
}

/**
 * Who said what on a flow, as text. It is how fixtures of protocols are written:
 *
 *     # a comment
 *     udp                              the transport, if not TCP
 *     raw                              literals are kept
 *     midstream                        no handshake was seen
 *     > "GET / HTTP/1.1\r\n"           the client says, at once
 *       "Host: a\r\n\r\n"              (goes on)
 *     < "HTTP/1.1 200 OK\r\n" x'0d0a'  the server says; hexadecimal bytes
 *     < lost 1448                      so many bytes were not seen
 *
 * Escapes: \r \n \t \0 \\ \" \xNN. Other characters are UTF-8. Pieces are one millisecond apart.
 */
export interface Talk {
  readonly transport: Transport
  readonly raw: boolean
  readonly midstream: boolean
  readonly pieces: readonly Piece[]
}

/** Throws, naming the line, when the text is no talk. */
export function parseTalk(text: string): Talk {
  const said: { side: Side; bytes: number[]; lostBytes: number }[] = []
  const words = new Set<string>()
  for (const [index, line] of text.split('\n').entries()) {
    const rest = /^[<>]/.test(line) ? line.slice(1).trim() : line.trim()
    if (rest === '' && !/^[<>]/.test(line)) continue
    if (rest.startsWith('#')) continue
    if (/^(udp|tcp|raw|midstream)$/.test(line)) {
      words.add(line)
      continue
    }
    if (line.startsWith('>')) said.push({ side: clientSide, bytes: [], lostBytes: 0 })
    if (line.startsWith('<')) said.push({ side: serverSide, bytes: [], lostBytes: 0 })
    const piece = said.at(-1)
    const lost = /^lost (\d+)$/.exec(rest)
    const bytes = lost ? [] : parseBytes(rest)
    if (!piece || !bytes) throw new Error(`line ${index + 1} is no piece of a talk: ${line}`)
    if (lost) piece.lostBytes = Number(lost[1])
    piece.bytes.push(...bytes)
  }
  return {
    transport: words.has('udp') ? 'udp' : 'tcp',
    raw: words.has('raw'),
    midstream: words.has('midstream'),
    pieces: said.map(({ side, bytes, lostBytes }, index) => ({
      side,
      bytes: Uint8Array.from(bytes),
      lostBytes,
      timeUs: index * stepUs,
    })),
  }
}

const escapes: Record<string, number> = { r: 13, n: 10, t: 9, '0': 0, '\\': 92, '"': 34 }

function parseBytes(text: string): number[] | undefined {
  const bytes: number[] = []
  let rest = text
  while (rest !== '') {
    const match = /^(?:"((?:[^"\\]|\\.)*)"|x'([0-9a-f\s]*)')\s*/.exec(rest)
    if (!match) return undefined
    if (match[2] !== undefined) bytes.push(...Buffer.from(match[2].replace(/\s/g, ''), 'hex'))
    else bytes.push(...unescaped(match[1]))
    rest = rest.slice(match[0].length)
  }
  return bytes
}

function unescaped(text: string): number[] {
  return text
    .split(/(\\x[0-9a-f]{2}|\\.)/i)
    .flatMap(part =>
      part.startsWith('\\x')
        ? [Number.parseInt(part.slice(2), 16)]
        : part.startsWith('\\')
          ? [escapes[part[1]] ?? part.charCodeAt(1)]
          : [...Buffer.from(part)],
    )
}

/** What came of hearing a talk. */
export interface Heard {
  readonly flow: Flow
  readonly transactions: readonly Transaction[]
  readonly faults: readonly unknown[]
}

/** Lets the protocols of a list hear pieces of a talk as one flow, up to its close. */
export function hear(
  talk: Talk,
  list: readonly Protocol[],
  pieces: readonly Piece[] = talk.pieces,
  serverPort = 1,
): Heard {
  const transactions: Transaction[] = []
  const faults: unknown[] = []
  const flow = flowOf(talk, serverPort)
  const options = shareOptions({ raw: talk.raw, fault: (_, reason) => faults.push(reason) })
  const reader = converse(flow, list, transaction => transactions.push(transaction), options)
  for (const piece of pieces) say(reader, piece, flow.client.port === serverPort)
  reader.close('ended', (pieces.at(-1)?.timeUs ?? 0) + stepUs)
  return { flow, transactions, faults }
}

/** `swapped`: client and server changed roles, as `OpenFlow.swap` does it. */
function say(reader: FlowReader, { side, bytes, lostBytes, timeUs }: Piece, swapped: boolean) {
  const told = swapped ? otherSide(side) : side
  if (lostBytes > 0) reader.gap(told, lostBytes, timeUs)
  if (bytes.length > 0) reader.read(told, bytes, 0, bytes.length, timeUs)
}

/** A flow that nobody counts, for talks. */
export function flowOf(talk: Pick<Talk, 'transport' | 'midstream'>, serverPort: number): OpenFlow {
  const sent = (): Sent => ({
    packets: 0,
    bytes: 0,
    retransmissions: 0,
    outOfOrder: 0,
    lostBytes: 0,
  })
  const flow = {
    id: 1,
    transport: talk.transport,
    namespace: 0,
    client: { ip: '10.0.0.1', port: 40000 },
    server: { ip: '10.0.0.2', port: serverPort },
    local: 'unknown' as const,
    state: talk.midstream ? ('midstream' as const) : ('open' as const),
    startUs: 0,
    lastUs: 0,
    connectUs: undefined,
    sent: [sent(), sent()] as const,
    protocol: undefined,
    swap() {
      if (!talk.midstream && talk.transport === 'tcp') return false
      const { client } = flow
      flow.client = flow.server
      flow.server = client
      return true
    },
  }
  return flow
}

/** One line: `http GET /a?b=? 200 ok 45>120 bytes 1000us gap`. */
export function formatTransaction(transaction: Transaction): string {
  const { protocol, method, resource, status, outcome } = transaction
  const { requestBytes, responseBytes, durationUs, gap, names, serverName, traceId } = transaction
  const words = [
    protocol,
    method,
    resource === '' ? "''" : resource,
    status ?? '-',
    outcome,
    `${requestBytes}>${responseBytes} bytes`,
    durationUs === undefined ? 'unanswered' : `${durationUs}us`,
  ]
  if (gap) words.push('gap')
  for (const { ip, name } of names ?? []) words.push(`${name}=${ip}`)
  if (serverName !== undefined) words.push(`${serverName}=server`)
  if (traceId !== undefined) words.push(`${traceId}=trace`)
  return words.join(' ')
}
