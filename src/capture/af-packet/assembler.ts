/** One instruction of the classic BPF machine: `sock_filter` of linux/filter.h. */
export interface Instruction {
  readonly code: number
  readonly jt: number
  readonly jf: number
  readonly k: number
}

/** What the machine runs: forward jumps only, so it ends. */
export type Program = readonly Instruction[]

/** The kernel takes no longer program (BPF_MAXINSNS). */
export const instructionsMax = 4096

/** Where to go on; a side left out goes on with the next instruction. */
export interface Branches {
  readonly yes?: string
  readonly no?: string
}

/** Comparisons of the accumulator with a constant. */
const tests = { equal: 0x15, above: 0x25, atLeast: 0x35, anyBit: 0x45 } as const

type Line =
  | { readonly kind: 'plain'; readonly code: number; readonly k: number }
  | { readonly kind: 'jump'; readonly to: string }
  | { readonly kind: 'branch'; readonly code: number; readonly k: number; readonly to: Branches }
  | { readonly kind: 'label'; readonly name: string }

const jumpAlways = 0x05
/** A conditional jump holds its distance in a byte. */
const branchMax = 255

/**
 * Writes classic BPF with labels instead of counted jumps. A conditional jump too far for its byte
 * becomes a short one around unconditional jumps. Labels lie after the jumps to them.
 */
export class Assembler {
  readonly #lines: Line[] = []

  loadWord(at: number): this {
    return this.#plain(0x20, at)
  }
  loadHalf(at: number): this {
    return this.#plain(0x28, at)
  }
  loadByte(at: number): this {
    return this.#plain(0x30, at)
  }
  /** From the index register on. */
  loadHalfFromIndex(at: number): this {
    return this.#plain(0x48, at)
  }
  /** From the index register on. */
  loadByteFromIndex(at: number): this {
    return this.#plain(0x50, at)
  }
  /** The index register becomes `4 * (byte & 15)`: the length of an IPv4 header. */
  loadIndexFromHeaderLength(at: number): this {
    return this.#plain(0xb1, at)
  }
  setIndex(value: number): this {
    return this.#plain(0x01, value)
  }
  copyToIndex(): this {
    return this.#plain(0x07, 0)
  }
  storeIn(cell: number): this {
    return this.#plain(0x02, cell)
  }
  loadFrom(cell: number): this {
    return this.#plain(0x60, cell)
  }
  add(value: number): this {
    return this.#plain(0x04, value)
  }
  addIndex(): this {
    return this.#plain(0x0c, 0)
  }
  subtractIndex(): this {
    return this.#plain(0x1c, 0)
  }
  and(mask: number): this {
    return this.#plain(0x54, mask)
  }
  shiftRight(bits: number): this {
    return this.#plain(0x74, bits)
  }

  /** Branches on the accumulator. */
  when(test: keyof typeof tests, value: number, to: Branches): this {
    this.#lines.push({ kind: 'branch', code: tests[test], k: value, to })
    return this
  }
  goTo(to: string): this {
    this.#lines.push({ kind: 'jump', to })
    return this
  }
  label(name: string): this {
    this.#lines.push({ kind: 'label', name })
    return this
  }
  /** Ends with the packet taken, cut to so many bytes; 0 drops it. */
  take(bytes: number): this {
    return this.#plain(0x06, bytes)
  }

  /** The program. Throws when a label is missing or lies behind, or the kernel would refuse the length. */
  assemble(): Program {
    const far = new Set<Line>()
    for (;;) {
      const places = this.#place(far)
      const tooFar = this.#lines.filter(line => !far.has(line) && isTooFar(line, places))
      if (tooFar.length === 0) return this.#write(far, places)
      for (const line of tooFar) far.add(line)
    }
  }

  #plain(code: number, k: number): this {
    this.#lines.push({ kind: 'plain', code, k })
    return this
  }

  #place(far: ReadonlySet<Line>): Places {
    const labels = new Map<string, number>()
    const lines = new Map<Line, number>()
    let at = 0
    for (const line of this.#lines) {
      lines.set(line, at)
      if (line.kind === 'label') labels.set(line.name, at)
      else at += far.has(line) ? 3 : 1
    }
    return { labels, lines }
  }

  #write(far: ReadonlySet<Line>, places: Places): Program {
    const program = this.#lines.flatMap(line => write(line, far.has(line), places))
    if (program.length > instructionsMax) {
      throw new Error(`a filter of ${program.length} instructions is longer than the kernel takes`)
    }
    return program
  }
}

/** At which instruction each label and line begins. */
interface Places {
  readonly labels: ReadonlyMap<string, number>
  readonly lines: ReadonlyMap<Line, number>
}

function isTooFar(line: Line, places: Places): boolean {
  if (line.kind !== 'branch') return false
  const at = places.lines.get(line)!
  return [line.to.yes, line.to.no].some(
    to => to !== undefined && distance(at, to, places) > branchMax,
  )
}

function distance(at: number, to: string, { labels }: Places): number {
  const target = labels.get(to)
  if (target === undefined || target <= at) throw new Error(`no label "${to}" lies ahead`)
  return target - at - 1
}

function write(line: Line, isFar: boolean, places: Places): Instruction[] {
  if (line.kind === 'label') return []
  if (line.kind === 'plain') return [{ code: line.code, jt: 0, jf: 0, k: line.k }]
  const at = places.lines.get(line)!
  if (line.kind === 'jump') return [jump(distance(at, line.to, places))]
  const { code, k, to } = line
  const near = (side: string | undefined) => (side === undefined ? 0 : distance(at, side, places))
  if (!isFar) return [{ code, jt: near(to.yes), jf: near(to.no), k }]
  const beyond = (side: string | undefined, from: number) =>
    jump(side === undefined ? at + 2 - from : distance(from, side, places))
  return [{ code, jt: 0, jf: 1, k }, beyond(to.yes, at + 1), beyond(to.no, at + 2)]
}

function jump(k: number): Instruction {
  return { code: jumpAlways, jt: 0, jf: 0, k }
}

/** The program as the kernel reads it: 8 bytes an instruction, little-endian. */
export function encode(program: Program): Uint8Array {
  const bytes = new Uint8Array(program.length * 8)
  const view = new DataView(bytes.buffer)
  for (const [i, { code, jt, jf, k }] of program.entries()) {
    view.setUint16(i * 8, code, true)
    view.setUint8(i * 8 + 2, jt)
    view.setUint8(i * 8 + 3, jf)
    view.setUint32(i * 8 + 4, k >>> 0, true)
  }
  return bytes
}
