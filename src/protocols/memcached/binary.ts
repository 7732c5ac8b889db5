import { uint16, uint32 } from '#lib/bytes.ts'
import type { Outcome } from '#model/transaction.ts'

/** https://github.com/memcached/memcached/blob/master/doc/protocol-binary.txt (draft-stone-memcache-binary). */
export const headerBytes = 24
export const requestMagic = 0x80
export const responseMagic = 0x81
/** Bytes of a key, and of a whole body, that are believed. */
export const keyMax = 250
const bodyMax = 2 ** 30

/** Name, and bytes of extras that a request has. */
const opcodes: readonly (readonly [name: string, extras: number] | undefined)[] = [
  ['get', 0],
  ['set', 8],
  ['add', 8],
  ['replace', 8],
  ['delete', 0],
  ['incr', 20],
  ['decr', 20],
  ['quit', 0],
  ['flush', 4],
  ['getq', 0],
  ['noop', 0],
  ['version', 0],
  ['getk', 0],
  ['getkq', 0],
  ['append', 0],
  ['prepend', 0],
  ['stat', 0],
  ['setq', 8],
  ['addq', 8],
  ['replaceq', 8],
  ['deleteq', 0],
  ['incrq', 20],
  ['decrq', 20],
  ['quitq', 0],
  ['flushq', 4],
  ['appendq', 0],
  ['prependq', 0],
  ['verbosity', 4],
  ['touch', 4],
  ['gat', 4],
  ['gatq', 4],
  undefined,
  ['sasl_list_mechs', 0],
  ['sasl_auth', 0],
  ['sasl_step', 0],
  ['gatk', 4],
  ['gatkq', 4],
]
const flushes = new Set([0x08, 0x18])
/** One that asks for statistics; each comes as a response of its own, an empty one ends them. */
const opcodeStat = 0x10
const opcodeQuitq = 0x17
/** Those whose name ends in q. */
const quietOpcodes = opcodes.map(known => known?.[0].endsWith('q') ?? false)

const statuses = new Map<number, readonly [name: string, outcome: Outcome]>([
  [0x0000, ['OK', 'ok']],
  [0x0001, ['NOT_FOUND', 'ok']],
  [0x0002, ['EXISTS', 'ok']],
  [0x0003, ['TOO_LARGE', 'warning']],
  [0x0004, ['INVALID_ARGUMENTS', 'warning']],
  [0x0005, ['NOT_STORED', 'ok']],
  [0x0006, ['NON_NUMERIC', 'warning']],
  [0x0007, ['WRONG_VBUCKET', 'warning']],
  [0x0008, ['AUTH_ERROR', 'warning']],
  [0x0009, ['AUTH_CONTINUE', 'ok']],
  [0x0020, ['AUTH_ERROR', 'warning']],
  [0x0021, ['AUTH_CONTINUE', 'ok']],
  [0x0081, ['UNKNOWN_COMMAND', 'warning']],
  [0x0082, ['OUT_OF_MEMORY', 'error']],
  [0x0083, ['NOT_SUPPORTED', 'warning']],
  [0x0084, ['INTERNAL_ERROR', 'error']],
  [0x0085, ['BUSY', 'error']],
  [0x0086, ['TEMPORARY_FAILURE', 'error']],
])

/**
 * The header of a binary request or response:
 *
 *     magic opcode key key | extras type vbucket/status | body (extras, key, value) | opaque | cas, 8 bytes
 */
export class Header {
  opcode = 0
  keyBytes = 0
  extrasBytes = 0
  /** Of a response. */
  status = 0
  /** Extras, key and value. */
  bodyBytes = 0
  opaque = 0

  /** False when it contradicts itself. The caller has seen to it that it is all there. */
  read(bytes: Uint8Array, start: number): boolean {
    this.opcode = bytes[start + 1]
    this.keyBytes = uint16(bytes, start + 2)
    this.extrasBytes = bytes[start + 4]
    this.status = uint16(bytes, start + 6)
    this.bodyBytes = uint32(bytes, start + 8)
    this.opaque = uint32(bytes, start + 12)
    return this.keyBytes + this.extrasBytes <= this.bodyBytes && this.bodyBytes <= bodyMax
  }

  get method(): string {
    return opcodes[this.opcode]?.[0] ?? `opcode ${this.opcode}`
  }

  /** It is answered only when there is something to say. */
  get isQuiet(): boolean {
    return quietOpcodes[this.opcode] ?? false
  }

  get isNeverAnswered(): boolean {
    return this.opcode === opcodeQuitq
  }

  /** More responses to the same request follow. */
  get isPart(): boolean {
    return this.opcode === opcodeStat && this.status === 0 && this.keyBytes > 0
  }
}

/** True when a request begins here as clients write them: all its header must be there. */
export function isRequest(bytes: Uint8Array, start: number): boolean {
  const one = new Header()
  if (bytes[start] !== requestMagic || !one.read(bytes, start)) return false
  const known = opcodes[one.opcode]
  if (!known || bytes[start + 5] !== 0 || one.status !== 0 || one.keyBytes > keyMax) return false
  return one.extrasBytes === known[1] || (one.extrasBytes === 0 && flushes.has(one.opcode))
}

/** True when a response begins here: all its header must be there. */
export function isResponse(bytes: Uint8Array, start: number): boolean {
  const one = new Header()
  if (bytes[start] !== responseMagic || !one.read(bytes, start)) return false
  if (!opcodes[one.opcode] || bytes[start + 5] !== 0 || one.keyBytes > keyMax) return false
  return statuses.has(one.status) && one.extrasBytes <= 8
}

/** A response's status by name. Only what asks for items hits or misses. */
export function binaryStatus(code: number, isRetrieval: boolean): readonly [string, Outcome] {
  if (isRetrieval && code === 0) return ['HIT', 'ok']
  if (isRetrieval && code === 1) return ['MISS', 'ok']
  return statuses.get(code) ?? [`STATUS ${code}`, 'error']
}
