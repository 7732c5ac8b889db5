/** `10.0.0.1` of the address as one big-endian word. */
export function formatIpv4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`
}

/**
 * The canonical text of an address given as four big-endian 32-bit words: RFC 5952 for IPv6, dotted for IPv4, which is
 * given as IPv4-mapped words (`0, 0, 0xffff, address`, RFC 4291 section 2.5.5.2).
 */
export function formatAddress(word0: number, word1: number, word2: number, word3: number): string {
  if (word0 === 0 && word1 === 0 && word2 === 0xffff) return formatIpv4(word3)
  const groups: number[] = []
  for (const word of [word0, word1, word2, word3]) groups.push(word >>> 16, word & 0xffff)
  const [start, end] = longestZeros(groups)
  const hex = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map(group => group.toString(16))
      .join(':')
  return start === end ? hex(0, 8) : `${hex(0, start)}::${hex(end, 8)}`
}

/** The first of the longest runs of two zero groups or more; an empty range when there is none. */
function longestZeros(groups: readonly number[]): [number, number] {
  let best: [number, number] = [0, 0]
  for (let start = 0; start < 8; start++) {
    let end = start
    while (end < 8 && groups[end] === 0) end++
    if (end - start >= 2 && end - start > best[1] - best[0]) best = [start, end]
    start = end
  }
  return best
}

/** The four words of an address text, IPv4 as IPv4-mapped; undefined when the text is no address. */
export function parseAddress(text: string): [number, number, number, number] | undefined {
  if (!text.includes(':')) {
    const word = parseIpv4(text)
    return word === undefined ? undefined : [0, 0, 0xffff, word]
  }
  const groups = parseGroups(text)
  if (!groups) return undefined
  const word = (i: number) => (groups[i] << 16) | groups[i + 1]
  return [word(0), word(2), word(4), word(6)]
}

function parseIpv4(text: string): number | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every(part => /^\d{1,3}$/.test(part))) return undefined
  const bytes = parts.map(Number)
  if (bytes.some(byte => byte > 255)) return undefined
  return (bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3]
}

function parseGroups(text: string): number[] | undefined {
  const halves = hexadecimal(text).split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map(half => (half === '' ? [] : half.split(':').map(parseGroup)))
  const groups = [...head, ...(tail ?? [])]
  if (groups.some(Number.isNaN)) return undefined
  if (tail === undefined) return groups.length === 8 ? groups : undefined
  if (groups.length > 7) return undefined
  return [...head, ...new Array<number>(8 - groups.length).fill(0), ...tail]
}

/** The text with a dotted end as two groups. */
function hexadecimal(text: string): string {
  const start = text.lastIndexOf(':') + 1
  const word = parseIpv4(text.slice(start))
  if (word === undefined) return text
  return `${text.slice(0, start)}${(word >>> 16).toString(16)}:${(word & 0xffff).toString(16)}`
}

/** NaN when it is none. */
function parseGroup(text: string): number {
  return /^[0-9a-f]{1,4}$/i.test(text) ? Number.parseInt(text, 16) : Number.NaN
}
