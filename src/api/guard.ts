import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** Who may ask. Without `viewToken` whoever reaches the address may look; agents always prove themselves. */
export interface Guard {
  readonly agentToken: string
  readonly viewToken: string | undefined
  /** On loopback only these Host names are answered, so that no web page can reach in by a name of its own. */
  readonly isLoopback: boolean
  /** It is asked over TLS. */
  readonly isSecure: boolean
}

export type Refusal = { readonly status: 401 | 403; readonly error: string }

const cookieName = 'inkling_token'
const loopbackHost = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/

/** Why a viewer's request is refused; undefined when it may pass. */
export function refuseViewer(guard: Guard, headers: IncomingHttpHeaders): Refusal | undefined {
  if (guard.isLoopback && !loopbackHost.test(headers.host ?? '')) {
    return { status: 403, error: 'This server answers only to localhost or 127.0.0.1.' }
  }
  if (headers.origin !== undefined && !isSameHost(headers.origin, headers.host)) {
    return { status: 403, error: 'Requests from other sites are refused.' }
  }
  if (guard.viewToken === undefined || isEqual(tokenOf(headers), guard.viewToken)) return undefined
  return {
    status: 401,
    error: 'A token is needed: open the address with ?token=..., or send Authorization: Bearer ...',
  }
}

/** Why an agent is refused; undefined when its token is right. */
export function refuseAgent(guard: Guard, headers: IncomingHttpHeaders): Refusal | undefined {
  if (isEqual(tokenOf(headers), guard.agentToken)) return undefined
  return { status: 401, error: 'The agent token is missing or wrong: see --token.' }
}

/** The cookie that remembers a token given in the address. */
export function cookieOf(token: string, isSecure: boolean): string {
  const cookie = `${cookieName}=${encodeURIComponent(token)}; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000`
  return isSecure ? `${cookie}; Secure` : cookie
}

/** Equal in constant time. */
export function isEqual(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}

function tokenOf(headers: IncomingHttpHeaders): string {
  const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
  if (bearer !== undefined) return bearer
  for (const cookie of (headers.cookie ?? '').split(/; */)) {
    if (cookie.startsWith(`${cookieName}=`)) return decode(cookie.slice(cookieName.length + 1))
  }
  return ''
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

function isSameHost(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host
}
