import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openPcapFile } from '#capture/pcap-file/index.ts'
import type { Packet } from '#model/packet.ts'
import { parseTalk, type Talk } from '#protocols/talk.ts'

const root = join(import.meta.dirname, '../..')

export interface NamedTalk extends Talk {
  readonly name: string
}

/** Packets of a recording, one after the other. */
export interface Recording {
  readonly name: string
  readonly packets: readonly Readonly<Packet>[]
}

/** What is mutated: the fixtures of all protocols, and what was recorded of real servers. */
export interface Corpus {
  readonly talks: readonly NamedTalk[]
  readonly recordings: readonly Recording[]
}

/** The same, in the same order, wherever it is read. */
export function readCorpus(): Corpus {
  const talks = globSync('src/protocols/*/fixtures/*.talk', { cwd: root })
    .sort()
    .map(name => ({ name, ...parseTalk(readFileSync(join(root, name), 'utf8')) }))
    .filter(({ pieces }) => pieces.length > 0)
  const recordings = globSync('test/recordings/*.pcap', { cwd: root })
    .sort()
    .map(name => ({ name, packets: packetsOf(join(root, name)) }))
    .filter(({ packets }) => packets.length > 0)
  return { talks, recordings }
}

function packetsOf(path: string): Packet[] {
  const packets: Packet[] = []
  const source = openPcapFile(path)
  while (!source.ended) source.drain(packet => packets.push(copyOf(packet)), 1024)
  source.close()
  return packets
}

function copyOf(packet: Packet): Packet {
  const bytes = packet.bytes.slice(packet.start, packet.end)
  return { ...packet, bytes, start: 0, end: bytes.length }
}
