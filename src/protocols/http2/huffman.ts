/** Bits of the code of each byte (RFC 7541, appendix B), a row for sixteen of them. The code is canonical. */
const lengths = Uint8Array.from(
  `13 23 28 28 28 28 28 28 28 24 30 28 28 30 28 28
   28 28 28 28 28 28 30 28 28 28 28 28 28 28 28 28
    6 10 10 12 13  6  8 11 10 10  8 11  8  6  6  6
    5  5  5  6  6  6  6  6  6  6  7  8 15  6 12 10
   13  6  7  7  7  7  7  7  7  7  7  7  7  7  7  7
    7  7  7  7  7  7  7  7  8  7  8 13 19 13 14  6
   15  5  6  5  6  5  6  6  6  5  7  7  6  6  6  5
    6  7  6  5  5  6  7  7  7  7  7 15 11 14 13 28
   20 22 20 20 22 22 22 23 22 23 23 23 23 23 24 23
   24 24 22 23 24 23 23 23 23 21 22 23 22 23 23 24
   22 21 20 22 22 23 23 21 23 22 22 24 21 22 23 23
   21 21 22 21 23 22 23 23 20 22 22 22 23 22 22 23
   26 26 20 19 22 23 22 25 26 26 26 27 27 26 24 25
   19 21 26 27 27 26 27 24 21 21 26 26 28 27 27 27
   20 24 20 21 22 21 21 23 22 22 25 25 24 24 26 23
   26 27 26 26 27 27 27 27 27 28 27 27 27 27 27 26`
    .trim()
    .split(/\s+/)
    .map(Number),
)
/** The end of the string has a code that must not come: 30 ones. */
const endOfString = 256
const endOfStringBits = 30
/** Padding is shorter than a byte (RFC 7541, 5.2). */
const paddingMax = 7

/** Codes by byte, the next longer one counted up from the one before it. */
const codes = new Uint32Array(256)

/**
 * The codes as a tree.
 *
 *     children[node * 2 + bit]   > 0: the next node   <= 0: the byte is its negative   none: not a code
 */
const none = -512
const children = new Int16Array(1024).fill(none)

let nodes = 1
let code = 0
for (let bits = 5; bits <= endOfStringBits; bits++) {
  for (let byte = 0; byte < 256; byte++) {
    if (lengths[byte] !== bits) continue
    codes[byte] = code
    grow(code++, bits, byte)
  }
  code *= 2
}
grow(2 ** endOfStringBits - 1, endOfStringBits, endOfString)

function grow(code: number, bits: number, byte: number): void {
  let node = 0
  for (let left = bits - 1; left > 0; left--) {
    const child = node * 2 + ((code >>> left) & 1)
    if (children[child] === none) children[child] = nodes++
    node = children[child]
  }
  children[node * 2 + (code & 1)] = -byte
}

/** The bytes that a Huffman coded string stands for, `bytesMax` of them at most; undefined when it is none. */
export function decodeHuffman(
  bytes: Uint8Array,
  start: number,
  end: number,
  bytesMax: number,
): Uint8Array | undefined {
  // the shortest code has five bits
  const decoded = new Uint8Array(Math.min(bytesMax, Math.ceil(((end - start) * 8) / 5)))
  let length = 0
  let node = 0
  let pending = 0
  let allOnes = true
  for (let at = start; at < end; at++) {
    for (let shift = 7; shift >= 0; shift--) {
      const bit = (bytes[at] >>> shift) & 1
      const child = children[node * 2 + bit]
      pending++
      if (bit === 0) allOnes = false
      if (child > 0) {
        node = child
        continue
      }
      if (child === none || child === -endOfString) return undefined
      if (length === decoded.length) return decoded
      decoded[length++] = -child
      node = 0
      pending = 0
      allOnes = true
    }
  }
  return pending <= paddingMax && allOnes ? decoded.subarray(0, length) : undefined
}

/** A text of ASCII as it is when Huffman coded: names are recognised by it, without being decoded. */
export function encodeHuffman(text: string): Uint8Array {
  let bits = ''
  for (const byte of Buffer.from(text, 'latin1')) {
    bits += codes[byte].toString(2).padStart(lengths[byte], '0')
  }
  bits = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1')
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], octet => Number.parseInt(octet, 2))
}
