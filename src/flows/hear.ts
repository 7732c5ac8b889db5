import type { FlowReader, OpenFlow } from '#model/flow.ts'
import { Flows, type FlowsOptions } from './flows.ts'
import { packetsOfTalk, type Speakers } from './talk.ts'

const decoder = new TextDecoder('latin1')

/** Flows that write down what their readers are told, for tests. */
export interface Listener {
  readonly flows: Flows
  /** `> bytes`, `< gap 3`, `ended`; from the second flow on with its number before it. */
  readonly told: string[]
  readonly opened: OpenFlow[]
}

/** An empty table whose readers write down what they are told. `first` may act on the first flow's first bytes. */
export function listen(options: Partial<FlowsOptions> = {}): Listener {
  const told: string[] = []
  const opened: OpenFlow[] = []
  const open = (flow: OpenFlow): FlowReader => {
    opened.push(flow)
    const name = opened.length === 1 ? '' : `${opened.length} `
    return {
      read(side, bytes, start, end) {
        told.push(`${name}${'><'[side]} ${decoder.decode(bytes.subarray(start, end))}`)
      },
      gap: (side, lengthBytes) => told.push(`${name}${'><'[side]} gap ${lengthBytes}`),
      close: end => told.push(name + end),
    }
  }
  return { flows: new Flows({ seed: 1, open, ...options }), told, opened }
}

/** Plays a talk to its end, which is the end of the file where the talk leaves flows open. */
export function hear(talk: string, speakers?: Speakers, options?: Partial<FlowsOptions>): Listener {
  const listener = listen(options)
  let lastUs = 0
  for (const packet of packetsOfTalk(talk, speakers)) {
    listener.flows.add(packet)
    lastUs = packet.timeUs
  }
  listener.flows.flush(lastUs)
  return listener
}

/** The counters of a flow in one line, those that are not 0: `open >packets 3 bytes 7 <packets 2 lost 5`. */
export function summary(flow: OpenFlow): string {
  const sides = flow.sent.map((sent, side) => {
    const counts = Object.entries({
      packets: sent.packets,
      bytes: sent.bytes,
      repeated: sent.retransmissions,
      late: sent.outOfOrder,
      lost: sent.lostBytes,
    })
    const told = counts.filter(([, count]) => count > 0).map(([name, count]) => `${name} ${count}`)
    return told.length > 0 ? ` ${'><'[side]} ${told.join(' ')}` : ''
  })
  return flow.state + sides.join('')
}
