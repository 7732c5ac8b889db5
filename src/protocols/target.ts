import { cut, utf8 } from '#lib/text.ts'

/** Characters of a target that are kept. */
const charsMax = 2048
/** Bytes of a target that are looked at. */
export const targetBytesMax = charsMax * 3

/** A request target as it stands on the wire. */
export function rawTarget(bytes: Uint8Array, start: number, end: number): string {
  return cut(utf8(bytes, start, Math.min(end, start + targetBytesMax)), charsMax)
}

/**
 * A request target without what may be private: values of the query and of path parameters become `?`
 * (`/a;id=1?b=2&c` to `/a;id=?` + `?b=?&c`), and user information is left out.
 */
export function safeTarget(bytes: Uint8Array, start: number, end: number): string {
  const target = utf8(bytes, start, Math.min(end, start + targetBytesMax))
  const query = target.indexOf('?')
  const path = query < 0 ? target : target.slice(0, query)
  const safePath = withoutUser(path).replace(/(;[^=;/]*=)[^;/]*/g, '$1?')
  return cut(query < 0 ? safePath : `${safePath}?${safeQuery(target.slice(query + 1))}`, charsMax)
}

/** `http://user:password@host/path` and `user@host:443` without what stands before the `@`. */
function withoutUser(path: string): string {
  if (path.startsWith('/') || !path.includes('@')) return path
  return path.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/]*@/i, '$1')
}

function safeQuery(query: string): string {
  return query.replace(/([^&;=]*)(=[^&;]*)?/g, (_, name: string, value?: string) =>
    value === undefined ? name : `${name}=?`,
  )
}
