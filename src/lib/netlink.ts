import { closeSync, openSync } from 'node:fs'
import { getSystemErrorName } from 'node:util'
import type { Libc } from './libc.ts'

/** Flags of a request (linux/netlink.h): NLM_F_REQUEST, NLM_F_DUMP. */
export const request = 1
export const dump = 0x300
/** Types of messages that are the protocol's own: NLMSG_ERROR, NLMSG_DONE. */
export const messageError = 2
export const messageDone = 3
/** Before every message: length u32, type u16, flags u16, sequence u32, port u32. */
export const headerBytes = 16

const netlinkFamily = 16
const rawType = 3 | 0o2000000 // SOCK_RAW, SOCK_CLOEXEC
const dontWait = 0x40 // MSG_DONTWAIT
const newNetwork = 0x40000000 // CLONE_NEWNET
/** Types without the bits that say how they are written (NLA_F_NESTED, NLA_F_NET_BYTEORDER). */
const attributeTypes = 0x3fff
const nested = 0x8000

/** What passes to the kernel and back: a socket, or a test's idea of one. Both answer a length, or minus an errno. */
export interface NetlinkLine {
  send(bytes: Uint8Array): number
  /** Never waits: the kernel answers while it is asked. */
  receive(into: Uint8Array): number
  close(): void
}

/**
 * A netlink socket in our own network namespace, or in that of `namespacePath` (`/proc/<pid>/ns/net`), or why there is
 * none (`EPERM`). It enters, opens and comes back within this one call: a socket stays where it was opened.
 */
export function openNetlink(
  libc: Libc,
  protocol: number,
  namespacePath?: string,
): NetlinkLine | string {
  const open = () => libc.socket(netlinkFamily, rawType, protocol)
  const descriptor = namespacePath === undefined ? open() : within(libc, namespacePath, open)
  if (descriptor < 0) return faultName(libc.errno())
  const told = (length: number) => (length < 0 ? -libc.errno() : length)
  return {
    send: bytes => told(libc.send(descriptor, bytes, bytes.length, 0)),
    receive: into => told(libc.recv(descriptor, into, into.length, dontWait)),
    close: () => void libc.close(descriptor),
  }
}

/** `ENOENT` of 2. Numbers that are none are told as they are: they come from the kernel, and may be anything. */
export function faultName(errno: number): string {
  return errno > 0 && errno < 4096 ? getSystemErrorName(-errno) : `error ${errno}`
}

/** One message of those in a datagram; what it says is in `bytes[start, end)`. */
export interface NetlinkMessage {
  readonly type: number
  readonly sequence: number
  readonly start: number
  readonly end: number
}

/** The messages of a datagram, as far as their lengths make sense. */
export function messagesOf(bytes: Buffer, length: number): NetlinkMessage[] {
  const messages: NetlinkMessage[] = []
  for (let at = 0; at + headerBytes <= length; ) {
    const size = bytes.readUInt32LE(at)
    if (size < headerBytes || at + size > length) break
    const type = bytes.readUInt16LE(at + 4)
    const sequence = bytes.readUInt32LE(at + 8)
    messages.push({ type, sequence, start: at + headerBytes, end: at + size })
    at += padded(size)
  }
  return messages
}

/** What went wrong, of a message of type `messageError`; 0: nothing did. */
export function errnoOf(bytes: Buffer, { start, end }: NetlinkMessage): number {
  return end - start < 4 ? 0 : -bytes.readInt32LE(start)
}

/**
 * Shows each attribute in `bytes[start, end)`: its type and where its value lies. False: a length makes no sense, and what
 * follows it was not shown.
 */
export function eachAttribute(
  bytes: Buffer,
  start: number,
  end: number,
  show: (type: number, from: number, to: number) => void,
): boolean {
  let at = start
  while (at + 4 <= end) {
    const size = bytes.readUInt16LE(at)
    if (size < 4 || at + size > end) return false
    show(bytes.readUInt16LE(at + 2) & attributeTypes, at + 4, at + size)
    at += padded(size)
  }
  return true
}

/** An attribute: length u16, type u16, value, and zeros up to a multiple of four. */
export function attribute(type: number, value: Uint8Array): Buffer {
  const bytes = Buffer.alloc(padded(4 + value.length))
  bytes.writeUInt16LE(4 + value.length, 0)
  bytes.writeUInt16LE(type, 2)
  bytes.set(value, 4)
  return bytes
}

/** An attribute that holds others. */
export function nest(type: number, ...attributes: readonly Uint8Array[]): Buffer {
  return attribute(type | nested, Buffer.concat(attributes))
}

/** A message with its header. */
export function message(type: number, flags: number, sequence: number, payload: Uint8Array) {
  const bytes = Buffer.alloc(headerBytes + payload.length)
  bytes.writeUInt32LE(bytes.length, 0)
  bytes.writeUInt16LE(type, 4)
  bytes.writeUInt16LE(flags, 6)
  bytes.writeUInt32LE(sequence >>> 0, 8)
  bytes.set(payload, headerBytes)
  return bytes
}

const padded = (size: number): number => (size + 3) & ~3

/** Runs `call` with this thread in another network namespace. Nothing in between may be asynchronous. */
function within(libc: Libc, path: string, call: () => number): number {
  const descriptors: number[] = []
  try {
    descriptors.push(openSync('/proc/thread-self/ns/net', 'r'), openSync(path, 'r'))
    const [home, there] = descriptors
    if (libc.setns(there, newNetwork) !== 0) return -1
    const answer = call()
    // Staying there would put everything this thread does into a container: better no agent than that.
    if (libc.setns(home, newNetwork) !== 0) process.abort()
    return answer
  } catch {
    return -1
  } finally {
    for (const descriptor of descriptors) closeSync(descriptor)
  }
}
