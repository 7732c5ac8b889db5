import { formatAddress, parseAddress } from '#lib/ip-address.ts'

/** One text per address (RFC 5952), undefined when the text is none. */
export function addressOf(text: string): string | undefined {
  const words = parseAddress(text)
  return words === undefined ? undefined : formatAddress(...words)
}
