/** 127.0.0.0/8 and ::1. */
export function isLoopback(ip: string): boolean {
  return ip.startsWith('127.') || ip === '::1'
}

/**
 * Multicast, broadcast and the unspecified address: no party of its own stands behind it. 240.0.0.0/4, though reserved,
 * is given to pods.
 */
export function isNobody(ip: string): boolean {
  if (ip.includes(':')) return ip === '::' || ip.startsWith('ff')
  const first = Number.parseInt(ip, 10)
  return (first >= 224 && first < 240) || first === 0 || ip === '255.255.255.255'
}
