import { formatAddress, parseAddress } from '#lib/ip-address.ts'
import type { Libc } from '#lib/libc.ts'
import {
  dump,
  messageDone,
  messageError,
  messagesOf,
  type NetlinkLine,
  openNetlink,
  request,
} from '#lib/netlink.ts'
import type { Endpoint } from '#model/endpoint.ts'
import type { Transport } from '#model/flow.ts'

/** One socket of a namespace, as the kernel tells it. The wildcard address is `0.0.0.0` or `::`. */
export interface Socket {
  readonly transport: Transport
  readonly local: Endpoint
  readonly remote: Endpoint
  readonly listening: boolean
  /** What `/proc/<pid>/fd` calls it: `socket:[<inode>]`. */
  readonly inode: number
}

const inetDiagProtocol = 4 // NETLINK_SOCK_DIAG
const byFamily = 20 // SOCK_DIAG_BY_FAMILY
const ipv4 = 2
const ipv6 = 10
const tcp = 6
const udp = 17
const listenState = 10
const closeState = 7
/** UDP sockets without a peer are in state CLOSE, those with one in ESTABLISHED. */
const udpStates = (1 << closeState) | (1 << 1)
const receiveBytes = 64 * 1024
const requestBytes = 72
const answerBytes = 72
/** Sockets that one dump may tell: a node with more listeners than this is beyond us. */
const dumpMax = 20_000

/**
 * Asks the kernel about sockets, in the namespace in which it was opened (sock_diag(7)). A lookup of one socket costs
 * microseconds whatever the node does; `/proc/net/tcp` walks all hash buckets, milliseconds on an idle machine.
 *
 *     nlmsghdr             length u32, type u16, flags u16, sequence u32, port u32              16
 *     inet_diag_req_v2     family u8, protocol u8, ext u8, pad u8, states u32, sockid           56
 *     inet_diag_msg        family u8, state u8, timer u8, retrans u8, sockid, expires u32,
 *                          rqueue u32, wqueue u32, uid u32, inode u32                           72
 *     inet_diag_sockid     sport be16, dport be16, src be32[4], dst be32[4], if u32, cookie u64 48
 */
export class SocketDiag {
  readonly #line: NetlinkLine
  readonly #received = Buffer.alloc(receiveBytes)
  #sequence = 0

  private constructor(line: NetlinkLine) {
    this.#line = line
  }

  /** In our own namespace, or in that of `namespacePath` (`/proc/<pid>/ns/net`); undefined when refused. */
  static open(libc: Libc, namespacePath?: string): SocketDiag | undefined {
    const line = openNetlink(libc, inetDiagProtocol, namespacePath)
    return typeof line === 'string' ? undefined : new SocketDiag(line)
  }

  /** The socket with these ends; a listener or an unconnected UDP socket when that is who would get the packet. */
  find(transport: Transport, local: Endpoint, remote: Endpoint): Socket | undefined {
    const question = this.#question(transport, familyOf(local.ip), 0xffffffff, request)
    // The kernel takes UDP's ends the other way round ("swapped for historical reasons").
    const [source, target] = transport === 'tcp' ? [local, remote] : [remote, local]
    if (!writeEnd(question, 28, source, 24) || !writeEnd(question, 44, target, 26)) return undefined
    return this.#ask(question, transport, 1)[0]
  }

  /** All sockets that wait for others: TCP listeners and UDP sockets. */
  waiting(): readonly Socket[] {
    return [
      ...this.#dump('tcp', ipv4, 1 << listenState),
      ...this.#dump('tcp', ipv6, 1 << listenState),
      ...this.#dump('udp', ipv4, udpStates),
      ...this.#dump('udp', ipv6, udpStates),
    ]
  }

  close(): void {
    this.#line.close()
  }

  #dump(transport: Transport, family: number, states: number): readonly Socket[] {
    return this.#ask(this.#question(transport, family, states, request | dump), transport, dumpMax)
  }

  #question(transport: Transport, family: number, states: number, flags: number): Buffer {
    const question = Buffer.alloc(requestBytes)
    question.writeUInt32LE(requestBytes, 0)
    question.writeUInt16LE(byFamily, 4)
    question.writeUInt16LE(flags, 6)
    question.writeUInt32LE(++this.#sequence, 8)
    question[16] = family
    question[17] = transport === 'tcp' ? tcp : udp
    question.writeUInt32LE(states >>> 0, 20)
    // INET_DIAG_NOCOOKIE: any socket with these ends.
    question.fill(0xff, 64, 72)
    return question
  }

  /** Sends, and reads until the kernel is done: it answers while it is asked, so an empty queue is an end too. */
  #ask(question: Buffer, transport: Transport, max: number): readonly Socket[] {
    const sockets: Socket[] = []
    if (this.#line.send(question) < 0) return sockets
    for (let done = false; !done; ) {
      const length = this.#line.receive(this.#received)
      if (length <= 0) return sockets
      done = this.#read(length, transport, sockets, max)
    }
    return sockets
  }

  /** The messages of one datagram; answers whether the last was among them. */
  #read(length: number, transport: Transport, sockets: Socket[], max: number): boolean {
    for (const { type, sequence, start, end } of messagesOf(this.#received, length)) {
      if (sequence !== this.#sequence) continue
      if (type === byFamily && end - start >= answerBytes && sockets.length < max) {
        sockets.push(readSocket(this.#received, start, transport))
      }
      if (type === messageDone || type === messageError || max === 1) return true
    }
    return false
  }
}

function familyOf(ip: string): number {
  return ip.includes(':') ? ipv6 : ipv4
}

function writeEnd(question: Buffer, at: number, end: Endpoint, portAt: number): boolean {
  const words = parseAddress(end.ip)
  if (words === undefined) return false
  question.writeUInt16BE(end.port, portAt)
  if (familyOf(end.ip) === ipv4) question.writeInt32BE(words[3] | 0, at)
  else for (let i = 0; i < 4; i++) question.writeInt32BE(words[i] | 0, at + 4 * i)
  return true
}

function readSocket(bytes: Buffer, at: number, transport: Transport): Socket {
  const family = bytes[at]
  return {
    transport,
    local: { ip: readIp(bytes, at + 8, family), port: bytes.readUInt16BE(at + 4) },
    remote: { ip: readIp(bytes, at + 24, family), port: bytes.readUInt16BE(at + 6) },
    listening: bytes[at + 1] === listenState,
    inode: bytes.readUInt32LE(at + 68),
  }
}

function readIp(bytes: Buffer, at: number, family: number): string {
  const word = (i: number) => bytes.readInt32BE(at + 4 * i)
  return family === ipv4
    ? formatAddress(0, 0, 0xffff, word(0))
    : formatAddress(word(0), word(1), word(2), word(3))
}
