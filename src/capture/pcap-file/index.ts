import { openSync } from 'node:fs'
import { Fault } from '#lib/fault.ts'
import type { PacketSink } from '#model/packet.ts'
import type { CaptureCounters, Source } from '../source.ts'
import { ByteQueue, type Input } from './byte-queue.ts'
import { GzipInput } from './gzip-input.ts'
import { headerBytes, PcapReader, pcapForm } from './pcap.ts'
import { PcapngReader, sectionHeader } from './pcapng.ts'
import { PlainInput, readWaiting } from './plain-input.ts'
import { emptyReading, type FormatReader, type Reading } from './reading.ts'

/** Standard input, as a path. */
export const standardInput = '-'

/**
 * A capture file as a source of packets, drained synchronously and read as it is drained: memory does not grow with it.
 * `direction` is known where the link layer or the format tells it; namespace is 0 and loopback false.
 */
export interface PcapFileSource extends Source {
  readonly path: string
  /** One sentence when the file ends too early or stops making sense; known once it has ended. */
  readonly fault: string | undefined
  /** Bytes of the file so far, after unpacking. */
  readonly bytesRead: number
}

/**
 * Opens a pcap or pcapng file (gzip or not; `-` for standard input).
 * Throws the operator's error, one sentence, when it cannot be read or is no such file.
 */
export function openPcapFile(path: string): PcapFileSource {
  const name = path === standardInput ? 'standard input' : path
  const input = openInput(path, name)
  try {
    return new FileSource(path, name, input)
  } catch (error) {
    input.close()
    throw error
  }
}

class FileSource implements PcapFileSource {
  readonly path: string
  readonly #name: string
  readonly #input: Input
  readonly #queue: ByteQueue
  readonly #reading: Reading = emptyReading()
  readonly #reader: FormatReader

  constructor(path: string, name: string, input: Input) {
    this.path = path
    this.#name = name
    this.#input = input
    this.#queue = new ByteQueue(input)
    this.#reader = openReader(this.#queue, this.#reading, input, name)
  }

  get ended(): boolean {
    return this.#reading.ended
  }

  get bytesRead(): number {
    return this.#queue.bytesRead
  }

  get fault(): string | undefined {
    const fault = this.#input.fault ?? this.#reading.fault
    if (!this.#reading.ended || !fault) return undefined
    const count = this.#reading.packets + this.#reading.foreign
    const after = `after ${count} ${count === 1 ? 'packet' : 'packets'}`
    return fault === 'cut'
      ? `${this.#name} is cut short ${after}.`
      : `${this.#name} is damaged ${after}: what follows makes no sense.`
  }

  drain(sink: PacketSink, packetsMax: number): number {
    return this.#reading.ended ? 0 : this.#reader.drain(sink, packetsMax)
  }

  counters(): CaptureCounters {
    const { packets, bytes, drops, cut, foreign } = this.#reading
    return { packets, bytes, drops, cut, foreign }
  }

  close(): void {
    this.#reading.ended = true
    this.#input.close()
  }
}

function openReader(queue: ByteQueue, reading: Reading, input: Input, name: string): FormatReader {
  const magic = queue.need(4) ? queue.view.getUint32(queue.start) : 0
  if (input.fault === 'damaged') throw new Fault(`${name} is damaged: it does not unpack.`)
  if (queue.end === 0) throw new Fault(`${name} is empty: a capture file was expected.`)
  if (magic === sectionHeader) return new PcapngReader(queue, reading)
  const form = pcapForm(magic)
  if (!form) throw new Fault(`${name} is no capture file: pcap or pcapng was expected.`)
  if (!queue.need(headerBytes)) throw new Fault(`${name} is cut short within its header.`)
  return new PcapReader(queue, reading, form)
}

function openInput(path: string, name: string): Input {
  try {
    const fd = path === standardInput ? 0 : openSync(path, 'r')
    const head = readHead(fd)
    const packed = head[0] === 0x1f && head[1] === 0x8b
    return packed ? new GzipInput(fd, head) : new PlainInput(fd, head)
  } catch (error) {
    throw new Fault(`${name} cannot be read: ${reasonOf(error)}.`)
  }
}

/** Two bytes tell gzip; a pipe cannot be wound back, so they travel on with the input. */
function readHead(fd: number): Uint8Array {
  const head = new Uint8Array(2)
  const first = readWaiting(fd, head, 0, 2)
  const count = first === 1 ? 1 + readWaiting(fd, head, 1, 1) : first
  return head.subarray(0, count)
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied'
  if (code === 'EISDIR') return 'it is a directory'
  return message
}
