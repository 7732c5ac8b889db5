/**
 * A small assembler for eBPF programs (instruction set: RFC 9669). An instruction is 8 bytes: opcode u8, registers u8
 * (source << 4 | destination), offset i16, immediate i32. Jumps name labels; they are resolved at the end.
 */
export type Register = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10

/** Width of a load or store in bytes. */
export type Width = 1 | 2 | 4 | 8

/** The read-only pointer to the stack's end: locals lie at negative offsets. */
export const frame: Register = 10

interface Instruction {
  readonly opcode: number
  readonly target: Register
  readonly source: number
  readonly offset: number
  readonly immediate: number
  readonly label?: string
}

const widthBits: Readonly<Record<Width, number>> = { 4: 0x00, 2: 0x08, 1: 0x10, 8: 0x18 }
const loadMemory = 0x61
const storeMemory = 0x63
const storeImmediate = 0x62
const addImmediate = 0x07
const moveImmediate = 0xb7
const moveRegister = 0xbf
const shiftRight = 0x77
const atomicAdd = 0xdb // BPF_ATOMIC | BPF_DW, immediate BPF_ADD (0)
const jump = 0x05
const jumpIfEqual = 0x15
const jumpIfNotEqual = 0x55
const callHelper = 0x85
const exitProgram = 0x95
const loadWide = 0x18
/** Source register value that says: the immediate is a map's descriptor. */
const pseudoMapDescriptor = 1

/** Gathers instructions; `build` gives what the kernel takes. */
export class Assembler {
  readonly #instructions: Instruction[] = []
  readonly #labels = new Map<string, number>()

  load(target: Register, source: Register, offset: number, width: Width): this {
    return this.#add(loadMemory | widthBits[width], target, source, offset, 0)
  }

  store(target: Register, offset: number, source: Register, width: Width): this {
    return this.#add(storeMemory | widthBits[width], target, source, offset, 0)
  }

  storeNumber(target: Register, offset: number, value: number, width: Width): this {
    return this.#add(storeImmediate | widthBits[width], target, 0, offset, value)
  }

  move(target: Register, source: Register): this {
    return this.#add(moveRegister, target, source, 0, 0)
  }

  set(target: Register, value: number): this {
    return this.#add(moveImmediate, target, 0, 0, value)
  }

  /** A number of up to 64 bits, where `set` extends the sign of 32. */
  setWide(target: Register, value: number): this {
    this.#add(loadWide, target, 0, 0, value | 0)
    return this.#add(0, 0, 0, 0, Math.floor(value / 2 ** 32))
  }

  add(target: Register, value: number): this {
    return this.#add(addImmediate, target, 0, 0, value)
  }

  shiftRight(target: Register, bits: number): this {
    return this.#add(shiftRight, target, 0, 0, bits)
  }

  /** Adds a register to 64 bits of memory, safe against other processors. */
  atomicAdd(target: Register, offset: number, source: Register): this {
    return this.#add(atomicAdd, target, source, offset, 0)
  }

  map(target: Register, descriptor: number): this {
    this.#add(loadWide, target, pseudoMapDescriptor, 0, descriptor)
    return this.#add(0, 0, 0, 0, 0)
  }

  call(helper: number): this {
    return this.#add(callHelper, 0, 0, 0, helper)
  }

  jump(label: string): this {
    return this.#add(jump, 0, 0, 0, 0, label)
  }

  jumpIf(register: Register, value: number, label: string): this {
    return this.#add(jumpIfEqual, register, 0, 0, value, label)
  }

  jumpUnless(register: Register, value: number, label: string): this {
    return this.#add(jumpIfNotEqual, register, 0, 0, value, label)
  }

  label(name: string): this {
    this.#labels.set(name, this.#instructions.length)
    return this
  }

  exit(): this {
    return this.#add(exitProgram, 0, 0, 0, 0)
  }

  build(): Buffer {
    const program = Buffer.alloc(this.#instructions.length * 8)
    for (const [i, instruction] of this.#instructions.entries()) {
      const { opcode, target, source, immediate } = instruction
      program[i * 8] = opcode
      program[i * 8 + 1] = (source << 4) | target
      program.writeInt16LE(this.#offsetOf(instruction, i), i * 8 + 2)
      program.writeInt32LE(immediate, i * 8 + 4)
    }
    return program
  }

  /** Jumps count from the instruction after them. */
  #offsetOf({ label, offset }: Instruction, index: number): number {
    if (label === undefined) return offset
    const target = this.#labels.get(label)
    if (target === undefined) throw new Error(`the program jumps to ${label}, which is nowhere`)
    return target - index - 1
  }

  #add(
    opcode: number,
    target: Register,
    source: number,
    offset: number,
    immediate: number,
    label?: string,
  ): this {
    this.#instructions.push({ opcode, target, source, offset, immediate, label })
    return this
  }
}
