import { formatAddress } from '#lib/ip-address.ts'
import { readProc } from './proc.ts'

const globalScope = '00'

/** Addresses of the network namespace in which a process lives, but loopback and link-local ones. */
export function addressesIn(procRoot: string, pid: number): string[] {
  return [
    ...localIpv4(readProc(`${procRoot}/${pid}/net/fib_trie`) ?? ''),
    ...globalIpv6(readProc(`${procRoot}/${pid}/net/if_inet6`) ?? ''),
  ]
}

/** The namespace's own IPv4 addresses but loopback, from `/proc/<pid>/net/fib_trie`. */
export function localIpv4(fibTrie: string): readonly string[] {
  const local = fibTrie.matchAll(/\|-- (\d+\.\d+\.\d+\.\d+)\n\s+\/32 host LOCAL/g)
  const ips = new Set([...local].map(match => match[1]))
  return [...ips].filter(ip => !ip.startsWith('127.'))
}

/** The namespace's own IPv6 addresses of global scope, from `/proc/<pid>/net/if_inet6`. */
export function globalIpv6(ifInet6: string): readonly string[] {
  const ips: string[] = []
  for (const line of ifInet6.split('\n')) {
    const [hex = '', , , scope] = line.trim().split(/\s+/)
    if (!/^[0-9a-f]{32}$/.test(hex) || scope !== globalScope) continue
    const word = (i: number) => Number.parseInt(hex.slice(8 * i, 8 * i + 8), 16) | 0
    ips.push(formatAddress(word(0), word(1), word(2), word(3)))
  }
  return ips
}
