import type { Interner, Interners } from '#lib/intern.ts'
import { cut, utf8 } from '#lib/text.ts'

/** Characters of a name that are shown: as long as DNS allows. */
const charsMax = 255
const control = /\p{Cc}/gu
/** A name as DNS has them, of two labels at least: no address, no `localhost`. */
const host = /^(?=.*[a-z])[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})+$/

/** Names of servers as they are shown: in lower case, which means the same, unless raw. */
export function serverNames(interners: Interners, raw: boolean): Interner {
  return raw
    ? interners.named('tls name raw', shown)
    : interners.named('tls name', (bytes, start, end) => shown(bytes, start, end).toLowerCase())
}

/** What others may call a server that a client called so; undefined where that is no name of a host. */
export function hostNameOf(name: string): string | undefined {
  const lower = name.toLowerCase()
  return host.test(lower) && lower.length < charsMax ? lower : undefined
}

function shown(bytes: Uint8Array, start: number, end: number): string {
  return cut(
    utf8(bytes, start, Math.min(end, start + charsMax * 4)).replace(control, '\ufffd'),
    charsMax,
  )
}
