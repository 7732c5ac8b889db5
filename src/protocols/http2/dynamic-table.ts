import { type FieldKind, unknownField } from './static-table.ts'

/** Size before another is said (RFC 9113, 6.5.2). */
const tableBytesDefault = 4096
/** Largest table that is kept; references beyond it read as unknown. */
const tableBytesMax = 64 * 1024
/** What an entry takes besides its name and value (RFC 7541, 4.1). */
const entryBytes = 32
/** About what an entry takes here besides its text. */
const heldEntryBytes = 16

/**
 * The fields that one side said before and refers to by their age (RFC 7541, 2.3.2): of each what it is to us, and its
 * text if that matters. Sizes are counted low (coded, and without names), so that what the peer has is never forgotten
 * too soon; what it has forgotten it does not ask for. Hence a table joined in midstream knows what came since.
 *
 *     newest = 2      slots  [ 3rd | 2nd | 1st |  -  |  -  | 6th | 5th | 4th ]      a ring, its length a power of two
 */
export class DynamicTable {
  #kinds = new Uint8Array(8)
  #sizes = new Uint32Array(8)
  #texts: string[] = Array(8).fill('')
  #newest = 0
  #count = 0
  #bytes = 0
  #textChars = 0
  #bytesMax = tableBytesDefault

  /** About what it keeps. */
  get heldBytes(): number {
    return this.#kinds.length * heldEntryBytes + this.#textChars
  }

  /** What the entry of that age is (1: the newest); unknown when it is not there. */
  kind(age: number): FieldKind {
    return age > this.#count ? unknownField : this.#kinds[this.#slot(age)]
  }

  text(age: number): string {
    return age > this.#count ? '' : this.#texts[this.#slot(age)]
  }

  /** `length`: of name and value, as far as it is known, rather too low. */
  add(kind: FieldKind, text: string, length: number): void {
    const size = entryBytes + length
    this.#shrink(this.#bytesMax - size)
    if (size > this.#bytesMax) return
    if (this.#count === this.#kinds.length) this.#grow()
    this.#newest = (this.#newest + 1) & (this.#kinds.length - 1)
    this.#kinds[this.#newest] = kind
    this.#sizes[this.#newest] = size
    this.#texts[this.#newest] = text
    this.#count++
    this.#bytes += size
    this.#textChars += text.length
  }

  /**
   * The side that fills it says how large it is from now on. It has to, whatever the other side allows in its settings
   * (RFC 7541, 4.2): they need not be read.
   */
  resize(bytesMax: number): void {
    this.#bytesMax = Math.min(bytesMax, tableBytesMax)
    this.#shrink(this.#bytesMax)
  }

  /** Fields were missed: how old those are that came before them is not known. */
  forget(): void {
    this.#shrink(0)
  }

  #shrink(bytesMax: number): void {
    while (this.#count > 0 && this.#bytes > bytesMax) {
      const oldest = this.#slot(this.#count--)
      this.#bytes -= this.#sizes[oldest]
      this.#textChars -= this.#texts[oldest].length
      this.#texts[oldest] = ''
    }
  }

  #slot(age: number): number {
    return (this.#newest + 1 - age) & (this.#kinds.length - 1)
  }

  #grow(): void {
    const count = this.#count
    const kinds = new Uint8Array(count * 2)
    const sizes = new Uint32Array(count * 2)
    const texts: string[] = Array(count * 2).fill('')
    for (let i = 0; i < count; i++) {
      const slot = this.#slot(count - i)
      kinds[i] = this.#kinds[slot]
      sizes[i] = this.#sizes[slot]
      texts[i] = this.#texts[slot]
    }
    this.#kinds = kinds
    this.#sizes = sizes
    this.#texts = texts
    this.#newest = count - 1
  }
}
