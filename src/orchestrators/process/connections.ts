import { type Stats, statSync } from 'node:fs'
import { formatAddress } from '#lib/ip-address.ts'
import type { Libc } from '#lib/libc.ts'
import type { Endpoint } from '#model/endpoint.ts'
import { Assembler, frame, type Register, type Width } from './bpf.ts'
import { BpfKernel, type BpfRing } from './bpf-kernel.ts'
import { findTracepoint, type Tracepoint } from './tracepoint.ts'

/** A TCP connection as its client's process made it, in whatever namespace. */
export interface Connection {
  /** Process that called connect(); it may be gone by now. */
  readonly pid: number
  /** Its `comm` at that time: 15 characters, a thread's where threads have names. */
  readonly comm: string
  readonly local: Endpoint
  readonly remote: Endpoint
}

/** Tells connections as they are made. */
export interface ConnectionTap {
  /** Gives what came since the last call, at most `max`; answers how many. */
  drain(done: (connection: Connection) => void, max: number): number
  /** Connections the kernel could not tell because the buffer was full. */
  lost(): number
  close(): void
}

/**
 * What the program writes for each connection; the kernel's own order of bytes except for the addresses.
 *
 *     pid u32 | family u16 | local port u16 | remote port u16 | - u16 | local be32 | remote be32
 *     | local IPv6 16 | remote IPv6 16 | comm 16
 */
const recordBytes = 72
const at = {
  pid: 0,
  family: 4,
  localPort: 6,
  remotePort: 8,
  local: 12,
  remote: 16,
  local6: 20,
  remote6: 36,
  comm: 52,
}
const ipv6 = 10
const commBytes = 16

const tracepointName = 'sock/inet_sock_set_state'
const ringBytes = 1 << 18
/** Connections between SYN and answer; the oldest are forgotten by the kernel. */
const attemptsMax = 16_384
const tcp = 6
const synSent = 2

/** bpf-helpers(7), by number. */
const helper = {
  ...{ lookup: 1, update: 2, delete: 3, pidTgid: 14, comm: 16 },
  ...{ pidTgidInside: 120, reserve: 131, submit: 132 },
}

/** The pid namespace in which pids are told: as the kernel knows it, by device and inode of /proc/self/ns/pid. */
export interface PidNamespace {
  readonly device: number
  readonly inode: number
}

/** Inode of the machine's first pid namespace (PROC_PID_INIT_INO): there pids are what the kernel calls them. */
const firstPidNamespace = 0xeffffffc

/**
 * Watches connections of every process in every namespace, by a program on the tracepoint `sock:inet_sock_set_state`
 * (Linux 4.16; ring buffers need 5.8). It costs something per connection, nothing per packet. Answers a reason in words
 * where this kernel does not have it or does not allow it.
 */
export function openTap(libc: Libc, procRoot: string): ConnectionTap | string {
  const tracepoint = findTracepoint(libc, tracepointName)
  if (tracepoint === undefined) return 'the kernel shows no tracepoints (needs root and Linux 5.8)'
  const missing = fieldNames.filter(name => !tracepoint.fields.has(name))
  if (missing.length > 0) return `the tracepoint ${tracepointName} has no ${missing.join(', ')}`
  const kernel = new BpfKernel(libc)
  const ring = load(kernel, tracepoint, procRoot)
  if (typeof ring !== 'string') return new RingTap(kernel, ring.ring, ring.lost)
  kernel.close()
  return ring
}

function load(
  kernel: BpfKernel,
  tracepoint: Tracepoint,
  procRoot: string,
): { ring: BpfRing; lost: number } | string {
  const attempts = kernel.createHash(8, 4 + 4 + commBytes, attemptsMax)
  const lost = kernel.createArray(8, 1)
  const ringMap = kernel.createRing(ringBytes)
  if (attempts === undefined || lost === undefined || ringMap === undefined) {
    return `the kernel does not allow eBPF maps (${kernel.reason})`
  }
  const maps = { attempts, lost, ring: ringMap }
  const program = kernel.load(programOf(tracepoint, maps, pidNamespaceOf(procRoot)))
  if (program === undefined) return `the kernel refuses the eBPF program (${kernel.reason})`
  if (!kernel.attach(program, tracepoint.id)) {
    return `the kernel does not let us watch connections (${kernel.reason})`
  }
  const ring = kernel.mapRing(ringMap, ringBytes)
  return ring === undefined
    ? `no memory for the connection buffer (${kernel.reason})`
    : { ring, lost }
}

/**
 * In which pid namespace that proc file system numbers processes; undefined where pids need no translation: outside any
 * container, which is also taken for granted where we may not look at its first process.
 */
function pidNamespaceOf(procRoot: string): PidNamespace | undefined {
  const first = procRoot === '/proc' ? 'self' : '1'
  const found = statOf(`${procRoot}/${first}/ns/pid`)
  if (found === undefined || found.ino === firstPidNamespace) return undefined
  return { device: found.dev, inode: found.ino }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}

class RingTap implements ConnectionTap {
  readonly #kernel: BpfKernel
  readonly #ring: BpfRing
  readonly #lost: number

  constructor(kernel: BpfKernel, ring: BpfRing, lost: number) {
    this.#kernel = kernel
    this.#ring = ring
    this.#lost = lost
  }

  drain(done: (connection: Connection) => void, max: number): number {
    return this.#ring.read((bytes, start, length) => {
      if (length >= recordBytes) done(readConnection(bytes, start))
    }, max)
  }

  lost(): number {
    return this.#kernel.readCounter(this.#lost)
  }

  close(): void {
    this.#kernel.close()
  }
}

/** One record, copied out of the ring. */
export function readConnection(bytes: Buffer, start: number): Connection {
  const isV6 = bytes.readUInt16LE(start + at.family) === ipv6
  const ip = (v4: number, v6: number) => {
    const word = (i: number) => bytes.readInt32BE(start + v6 + 4 * i)
    return isV6
      ? formatAddress(word(0), word(1), word(2), word(3))
      : formatAddress(0, 0, 0xffff, bytes.readInt32BE(start + v4))
  }
  const comm = bytes.toString('utf8', start + at.comm, start + at.comm + commBytes)
  return {
    pid: bytes.readUInt32LE(start + at.pid),
    comm: comm.split('\0', 1)[0],
    local: { ip: ip(at.local, at.local6), port: bytes.readUInt16LE(start + at.localPort) },
    remote: { ip: ip(at.remote, at.remote6), port: bytes.readUInt16LE(start + at.remotePort) },
  }
}

const fieldNames = [
  'skaddr',
  'oldstate',
  'newstate',
  'sport',
  'dport',
  'family',
  'protocol',
  'saddr',
  'daddr',
  'saddr_v6',
  'daddr_v6',
]

interface Maps {
  readonly attempts: number
  readonly lost: number
  readonly ring: number
}

// What the program keeps on its stack: the socket's address, and who connects with it.
const key = -8
const value = -32
const valuePid = value
const valueComm = value + 8
/** struct bpf_pidns_info: thread u32, process u32. */
const insidePids = -40

/**
 * The program. A client's connection is seen twice: at CLOSE -> SYN_SENT its own process runs, but the local port is not
 * yet in the record; at SYN_SENT -> ESTABLISHED (or CLOSE) the port is there, but anybody may run. So the first leaves
 * pid and name under the socket's address, and the second picks them up and writes one record.
 */
export function programOf(tracepoint: Tracepoint, maps: Maps, inside?: PidNamespace): Buffer {
  const code = new Assembler()
  const field = (name: string) => tracepoint.fields.get(name)!
  const load = (target: Register, name: string) =>
    code.load(target, context, field(name).offset, field(name).size as Width)
  const context: Register = 6
  code.move(context, 1)
  load(2, 'protocol').jumpUnless(2, tcp, 'end')
  load(2, 'skaddr').store(frame, key, 2, 8)
  load(2, 'newstate').jumpIf(2, synSent, 'attempt')
  load(2, 'oldstate').jumpIf(2, synSent, 'settled')
  code.jump('end')
  code.label('attempt')
  if (inside) writePidInside(code, inside)
  else code.call(helper.pidTgid).shiftRight(0, 32).store(frame, valuePid, 0, 4)
  writeAttempt(code, maps)
  code.jump('end')
  writeSettled(code.label('settled'), context, tracepoint, maps)
  return code.label('end').set(0, 0).exit().build()
}

/** Who is not in our pid namespace cannot be looked up by pid: left alone. */
function writePidInside(code: Assembler, { device, inode }: PidNamespace): void {
  code.set(1, device).setWide(2, inode).move(3, frame).add(3, insidePids).set(4, 8)
  code.call(helper.pidTgidInside).jumpUnless(0, 0, 'end')
  code.load(0, frame, insidePids + 4, 4).store(frame, valuePid, 0, 4)
}

function writeAttempt(code: Assembler, maps: Maps): void {
  code.storeNumber(frame, valuePid + 4, 0, 4)
  code.move(1, frame).add(1, valueComm).set(2, commBytes).call(helper.comm)
  code.map(1, maps.attempts).move(2, frame).add(2, key).move(3, frame).add(3, value).set(4, 0)
  code.call(helper.update)
}

function writeSettled(
  code: Assembler,
  context: Register,
  tracepoint: Tracepoint,
  maps: Maps,
): void {
  const attempt: Register = 8
  const record: Register = 7
  code.map(1, maps.attempts).move(2, frame).add(2, key).call(helper.lookup).jumpIf(0, 0, 'end')
  code.move(attempt, 0)
  code.map(1, maps.ring).set(2, recordBytes).set(3, 0).call(helper.reserve).jumpIf(0, 0, 'full')
  code.move(record, 0)
  copy(code, { from: attempt, offset: 0, to: record, place: at.pid, bytes: 4 })
  copy(code, {
    from: attempt,
    offset: valueComm - value,
    to: record,
    place: at.comm,
    bytes: commBytes,
  })
  for (const [name, place] of [
    ['family', at.family],
    ['sport', at.localPort],
    ['dport', at.remotePort],
    ['saddr', at.local],
    ['daddr', at.remote],
    ['saddr_v6', at.local6],
    ['daddr_v6', at.remote6],
  ] as const) {
    const { offset, size } = tracepoint.fields.get(name)!
    copy(code, { from: context, offset, to: record, place, bytes: size })
  }
  code.move(1, record).set(2, 0).call(helper.submit).jump('forget')
  writeLost(code.label('full'), maps)
  code.label('forget').map(1, maps.attempts).move(2, frame).add(2, key).call(helper.delete)
}

/** Counts a record for which there was no room. */
function writeLost(code: Assembler, maps: Maps): void {
  code.storeNumber(frame, value, 0, 4)
  code.map(1, maps.lost).move(2, frame).add(2, value).call(helper.lookup).jumpIf(0, 0, 'forget')
  code.set(1, 1).atomicAdd(0, 0, 1)
}

interface Copy {
  readonly from: Register
  readonly offset: number
  readonly to: Register
  readonly place: number
  readonly bytes: number
}

/** Moves bytes by the widest loads that their place allows: the verifier refuses unaligned ones. */
function copy(code: Assembler, { from, offset, to, place, bytes }: Copy): void {
  const scratch: Register = 2
  for (let done = 0; done < bytes; ) {
    const width = ([4, 2, 1] as const).find(
      w => w <= bytes - done && (offset + done) % w === 0 && (place + done) % w === 0,
    )!
    code.load(scratch, from, offset + done, width).store(to, place + done, scratch, width)
    done += width
  }
}
