/** Largest number that is believed: no index, length or size is larger. */
const numberMax = 2 ** 28

/** How a field is represented (RFC 7541, 6). */
export type Representation = 'indexed' | 'literal' | 'size'

/** Goes through the representations of fields in a header block, in order, without decoding texts. */
export class FieldCursor {
  representation: Representation = 'indexed'
  /** Of `indexed` the field's, of `literal` the name's, 0: it is spelled out; of `size` the size. */
  index = 0
  /** The literal is added to the dynamic table. */
  added = false
  nameStart = 0
  nameEnd = 0
  nameCoded = false
  valueStart = 0
  valueEnd = 0
  valueCoded = false
  /** These bytes are no header block, or not all of one. */
  broken = false

  #bytes: Uint8Array = new Uint8Array(0)
  #at = 0
  #end = 0
  #stringEnd = 0
  #stringCoded = false

  reset(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
    this.broken = false
  }

  /** False at the end, and where it is broken. */
  next(): boolean {
    if (this.#at >= this.#end || this.broken) return false
    const first = this.#bytes[this.#at]
    if (first & 0x80) {
      this.representation = 'indexed'
      this.index = this.#number(7)
      if (this.index === 0) this.broken = true
    } else if ((first & 0xe0) === 0x20) {
      this.representation = 'size'
      this.index = this.#number(5)
    } else this.#literal((first & 0x40) !== 0)
    return !this.broken
  }

  #literal(added: boolean): void {
    this.representation = 'literal'
    this.added = added
    this.index = this.#number(added ? 6 : 4)
    if (this.index === 0) {
      this.nameStart = this.#string()
      this.nameEnd = this.#stringEnd
      this.nameCoded = this.#stringCoded
      if (this.nameStart === this.nameEnd) this.broken = true
    }
    this.valueStart = this.#string()
    this.valueEnd = this.#stringEnd
    this.valueCoded = this.#stringCoded
  }

  /** Where the string begins whose length is next (RFC 7541, 5.2). */
  #string(): number {
    this.#stringCoded = this.#at < this.#end && (this.#bytes[this.#at] & 0x80) !== 0
    const length = this.#number(7)
    const start = this.#at
    if (start + length > this.#end) this.broken = true
    this.#at = start + length
    this.#stringEnd = this.#at
    return start
  }

  /** A number whose first byte has so many bits for it (RFC 7541, 5.1). */
  #number(bits: number): number {
    const bytes = this.#bytes
    if (this.#at >= this.#end) {
      this.broken = true
      return 0
    }
    const prefix = (1 << bits) - 1
    let number = bytes[this.#at++] & prefix
    if (number < prefix) return number
    for (let factor = 1; number < numberMax && factor < numberMax; factor *= 128) {
      if (this.#at >= this.#end) break
      const byte = bytes[this.#at++]
      number += (byte & 0x7f) * factor
      if (byte < 0x80 && number < numberMax) return number
    }
    this.broken = true
    return 0
  }
}
