import type { Program } from './assembler.ts'

/** A packet as a filter sees it: its bytes, and what the kernel knows beside them, by offset. */
export interface Seen {
  readonly bytes: Uint8Array
  readonly beside: ReadonlyMap<number, number>
}

interface Registers {
  accumulator: number
  index: number
  readonly cells: Uint32Array
}

/**
 * Runs a classic BPF program as the kernel would, for tests: the bytes to keep, 0 for dropped.
 * A load outside the packet drops it, as there. Throws on what the kernel would refuse to load.
 */
export function runFilter(program: Program, seen: Seen): number {
  const registers: Registers = { accumulator: 0, index: 0, cells: new Uint32Array(16) }
  for (let at = 0; at < program.length; at++) {
    const { code, jt, jf, k } = program[at]
    if (code === 0x06) return k
    if ((code & 7) === 5) {
      if (code === 0x05) at += k
      else at += holds(code, registers.accumulator, k) ? jt : jf
    } else if (!step(code, k, registers, seen)) return 0
  }
  throw new Error('the program runs past its end')
}

function holds(code: number, accumulator: number, k: number): boolean {
  if (code === 0x15) return accumulator === k
  if (code === 0x25) return accumulator > k
  if (code === 0x35) return accumulator >= k
  if (code === 0x45) return (accumulator & k) !== 0
  throw new Error(`no jump 0x${code.toString(16)}`)
}

/** False: a load lay outside. */
function step(code: number, k: number, registers: Registers, seen: Seen): boolean {
  const { accumulator, index, cells } = registers
  const set = (value: number | undefined) => {
    if (value === undefined) return false
    registers.accumulator = value >>> 0
    return true
  }
  if (code === 0x20) return set(seen.beside.get(k) ?? load(seen.bytes, k, 4))
  if (code === 0x28) return set(load(seen.bytes, k, 2))
  if (code === 0x30) return set(load(seen.bytes, k, 1))
  if (code === 0x48) return set(load(seen.bytes, index + k, 2))
  if (code === 0x50) return set(load(seen.bytes, index + k, 1))
  if (code === 0x60) return set(cells[k])
  if (code === 0x04) return set(accumulator + k)
  if (code === 0x0c) return set(accumulator + index)
  if (code === 0x1c) return set(accumulator - index)
  if (code === 0x54) return set(accumulator & k)
  if (code === 0x74) return set(accumulator >>> k)
  if (code === 0xb1) {
    const byte = load(seen.bytes, k, 1)
    registers.index = ((byte ?? 0) & 15) * 4
    return byte !== undefined
  }
  if (code === 0x01) registers.index = k
  else if (code === 0x07) registers.index = accumulator
  else if (code === 0x02) cells[k] = accumulator
  else throw new Error(`no instruction 0x${code.toString(16)}`)
  return true
}

function load(bytes: Uint8Array, at: number, count: number): number | undefined {
  if (at + count > bytes.length) return undefined
  let value = 0
  for (let i = 0; i < count; i++) value = value * 256 + bytes[at + i]
  return value
}
