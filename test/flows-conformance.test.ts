import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openPcapFile } from '#capture/pcap-file/index.ts'
import { Flows } from '#flows/flows.ts'
import { type Endpoint, format } from '#model/endpoint.ts'
import type { OpenFlow } from '#model/flow.ts'

const shared = process.env.INKLING_SHARED ?? join(import.meta.dirname, '../../shared')
const folder = join(shared, 'conformance')
const skip = existsSync(join(folder, 'captures')) ? false : 'needs the captures: set INKLING_SHARED'

/** Captures made so that readers differ. */
const confusing = /evader|evasion|overlap|urgent|fuzz|fast-open|smuggl|trunc__/

/** Agreement below which something broke; what differs, and why, is listed with VERBOSE=1. */
const agreementMin = 0.985

/** What one end of a five-tuple sent in a whole capture. */
interface End {
  packets: number
  bytes: number
  gapBytes: number
}

/** Ends by `tcp 10.0.0.1:1 > 10.0.0.2:2`. */
type Ends = Map<string, End>

interface ExpectedFlow {
  readonly proto: string
  readonly client: string
  readonly server: string
  readonly packets: readonly [number, number]
  readonly streamBytes?: readonly [number, number]
  readonly payloadBytes?: readonly [number, number]
  readonly gaps?: readonly [
    readonly (readonly [number, number])[],
    readonly (readonly [number, number])[],
  ]
  readonly encapsulation: readonly unknown[]
  readonly truncatedFrames: number
  readonly overlapConflict?: boolean
}

interface Expected {
  readonly pcap: string
  readonly flows?: readonly ExpectedFlow[]
  readonly capture: { readonly fragments: number; readonly truncatedFrames: number }
}

function count(ends: Ends, name: string, sent: End): void {
  const end = ends.get(name) ?? { packets: 0, bytes: 0, gapBytes: 0 }
  end.packets += sent.packets
  end.bytes += sent.bytes
  end.gapBytes += sent.gapBytes
  ends.set(name, end)
}

/** The endpoint as our text; theirs writes IPv6 without brackets. */
function endpoint(text: string): string {
  const colon = text.lastIndexOf(':')
  const ip = text.slice(0, colon).replace(/^\[|\]$/g, '')
  return format({ ip, port: Number(text.slice(colon + 1)) } satisfies Endpoint)
}

/** Packets of a tunnel are those of the flows in it; the reference counts them twice. */
const isTunnel = ({ proto, client, server }: ExpectedFlow): boolean =>
  proto === 'udp' && [client, server].some(end => /:(2152|4789|4790|6081|6635|8472)$/.test(end))

function expectedEnds(expected: Expected): Ends {
  const ends: Ends = new Map()
  for (const flow of expected.flows ?? []) {
    if (isTunnel(flow)) continue
    const names = [endpoint(flow.client), endpoint(flow.server)]
    for (const side of [0, 1] as const) {
      const gaps = flow.gaps?.[side] ?? []
      count(ends, `${flow.proto} ${names[side]} > ${names[1 - side]}`, {
        packets: flow.packets[side],
        bytes: (flow.streamBytes ?? flow.payloadBytes)?.[side] ?? 0,
        gapBytes: gaps.reduce((sum, [start, end]) => sum + end - start, 0),
      })
    }
  }
  return ends
}

function readEnds(path: string): Ends {
  const opened: OpenFlow[] = []
  const flows = new Flows({
    open(flow) {
      opened.push(flow)
      return undefined
    },
  })
  const source = openPcapFile(path)
  let lastUs = 0
  while (!source.ended) {
    source.drain(packet => {
      flows.add(packet)
      lastUs = packet.timeUs
    }, 1000)
    flows.tick(lastUs)
  }
  source.close()
  flows.flush(lastUs)
  const ends: Ends = new Map()
  for (const { transport, client, server, sent } of opened) {
    const names = [format(client), format(server)]
    for (const side of [0, 1] as const) {
      const { packets, bytes, lostBytes: gapBytes } = sent[side]
      count(ends, `${transport} ${names[side]} > ${names[1 - side]}`, { packets, bytes, gapBytes })
    }
  }
  return ends
}

function* expectations(): Generator<{ path: string; expected: Expected }> {
  for (const origin of readdirSync(join(folder, 'captures'))) {
    for (const name of readdirSync(join(folder, 'expected', origin))) {
      const text = readFileSync(join(folder, 'expected', origin, name), 'utf8')
      const expected = JSON.parse(text) as Expected
      const path = join(folder, 'captures', expected.pcap)
      if (!confusing.test(path) && existsSync(path)) yield { path, expected }
    }
  }
}

/** Flows of a capture that both readings are sure of: nothing cut, no fragments, no contradiction. */
function isSure({ flows = [], capture }: Expected): boolean {
  const isPlain = (flow: ExpectedFlow) => !flow.overlapConflict
  return capture.fragments === 0 && capture.truncatedFrames === 0 && flows.every(isPlain)
}

test('flows of captures that others recorded: five-tuples, packets, bytes and gaps', {
  skip,
}, t => {
  const agreed = { ends: 0, packets: 0, bytes: 0, gapBytes: 0 }
  let captures = 0
  let total = 0
  for (const { path, expected } of expectations()) {
    if (!isSure(expected)) continue
    captures++
    const ours = readEnds(path)
    for (const [name, end] of expectedEnds(expected)) {
      total++
      const own = ours.get(name)
      if (own) agreed.ends++
      for (const fact of ['packets', 'bytes', 'gapBytes'] as const) {
        if (own?.[fact] === end[fact]) agreed[fact]++
        else if (process.env.VERBOSE) {
          t.diagnostic(`${expected.pcap}: ${name} ${fact} ${own?.[fact]}, expected ${end[fact]}`)
        }
      }
    }
  }
  const share = (value: number) => `${((value / total) * 100).toFixed(2)} %`
  t.diagnostic(
    `${captures} captures, ${total} ends of five-tuples: found ${share(agreed.ends)}, packets ` +
      `${share(agreed.packets)}, bytes ${share(agreed.bytes)}, gaps ${share(agreed.gapBytes)} equal`,
  )
  for (const [fact, value] of Object.entries(agreed)) {
    assert.ok(value / total >= agreementMin, `${fact}: ${share(value)} equal`)
  }
})
