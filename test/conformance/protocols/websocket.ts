import type { Comparison } from '../comparison.ts'
import type { Expectation, Expected, WebSocketFrame } from '../expectation.ts'

type Flow = Expectation['flows'][number]

/** The reference lists frames: here they are put together, by RFC 6455 and no decoder of ours. */
export const websocket: Comparison = {
  protocol: 'websocket',
  reference: 'websocket',
  listed: expectation =>
    expectation.confidence.websocketFrames?.level === 'high'
      ? expectation.flows.flatMap(flow => transactionsOf(flow, expectation))
      : [],
  // the end of a connection without a CLOSE is no frame
  isComparable: ({ status }) => status !== '1006',
  exceptions: [
    {
      file: /1kxun.pcap: 172\.104\.93\.92:1234 .* is called websocket/,
      fields: ['name'],
      reason: 'the connections are upgraded by their 101; the capture ends before the first frame',
    },
    {
      file: /http_origin_different_than_host.pcap: 10\.140\.206\.74:34536 .* is called websocket/,
      fields: ['name'],
      reason: 'upgraded by its 101; the reference names only what came before',
    },
  ],
}

const opposite = { c2s: 's2c', s2c: 'c2s' } as const
const normal = [1000, 1001, 1005]

function transactionsOf(flow: Flow, { transactions }: Expectation): Expected[] {
  const frames = flow.decode?.websocket
  if (!frames) return []
  const { client, server } = flow
  const upgrade = transactions.find(
    one => one.client === client && one.server === server && one.status === 101,
  )
  const resource = upgrade?.resource ?? null
  const tell = (method: string, status: string | null, ok: boolean, reqFirst: number) => ({
    ...{ protocol: 'websocket', client, server, resource, method, status, ok, reqFirst },
  })
  return frames.flatMap((frame, index): Expected[] => {
    const { opcode, ts } = frame
    if (opcode === 'text' || opcode === 'binary')
      return [tell(opcode.toUpperCase(), null, true, ts)]
    if (opcode === 'ping') {
      const answer = answerOf(frames, index)
      return [tell('PING', answer?.toUpperCase() ?? null, answer !== undefined, ts)]
    }
    if (opcode !== 'close' || frames.findIndex(one => one.opcode === 'close') < index) return []
    const { closeCode = 1005 } = frame
    return [tell('CLOSE', String(closeCode), normal.includes(closeCode), ts)]
  })
}

/** The PONG to a PING, counted in order, or the CLOSE that came instead. */
function answerOf(frames: readonly WebSocketFrame[], index: number): string | undefined {
  const { dir } = frames[index]
  const pings = frames.slice(0, index).filter(one => one.opcode === 'ping' && one.dir === dir)
  const back = frames.filter(one => one.dir === opposite[dir])
  const pong = back.filter(({ opcode }) => opcode === 'pong')[pings.length]
  return (pong ?? back.find(({ opcode }) => opcode === 'close'))?.opcode
}
