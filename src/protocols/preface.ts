import { begins, uint16 } from '#lib/bytes.ts'

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
const word = Buffer.from('PROXY ', 'latin1')
/** Longest line of version 1, with its end. */
const lineMax = 107

/**
 * Length of the line or block with which a proxy tells a server who its client is, before the first bytes of that
 * client (PROXY protocol, https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt, 2.1 and 2.2); 0 without one.
 * Proxies send it whole, in one segment.
 */
export function prefaceLength(bytes: Uint8Array, start: number, end: number): number {
  if (begins(bytes, start, end, word))
    return lineLength(bytes, start, Math.min(end, start + lineMax))
  if (!begins(bytes, start, end, signature) || end - start < 16) return 0
  const length = 16 + uint16(bytes, start + 14)
  return length <= end - start ? length : 0
}

function lineLength(bytes: Uint8Array, start: number, end: number): number {
  const index = bytes.subarray(start, end).indexOf(0x0a)
  return index + 1
}
