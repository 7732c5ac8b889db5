export const tls12 = 0x0303
export const tls13 = 0x0304

const names: Readonly<Record<number, string>> = {
  768: 'SSLv3',
  769: 'TLSv1.0',
  770: 'TLSv1.1',
  771: 'TLSv1.2',
  772: 'TLSv1.3',
}

/** TLS 1.3 before it was done: the drafts, 14 to 28, carry their number. */
export const isDraft = (version: number): boolean => version >>> 8 === 0x7f

/** TLS 1.3 or a draft of it: most of its handshake is encrypted. */
export const hidesHandshake = (version: number): boolean => version === tls13 || isDraft(version)

/** The version as people write it: `TLSv1.2`. */
export function versionName(version: number): string {
  if (isDraft(version)) return `TLSv1.3-draft${version & 0xff}`
  return names[version] ?? `0x${version.toString(16).padStart(4, '0')}`
}

/** A version that a hello may state. */
export const isVersion = (version: number): boolean =>
  names[version] !== undefined || isDraft(version)
