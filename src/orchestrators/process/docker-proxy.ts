import type { Endpoint } from '#model/endpoint.ts'
import type { Transport } from '#model/flow.ts'

/** What Docker's userland proxy passes on: connections to `host` go to `container`. */
export interface ProxyTarget {
  readonly transport: Transport
  readonly host: Endpoint
  readonly container: Endpoint
}

/** What the kernel calls such a process, which may be gone before its command line is read: 15 characters. */
export const isProxyName = (name: string): boolean =>
  name === 'docker-proxy' || name === 'rootlesskit-doc'

/**
 * The target in a proxy's command line; undefined when it is none. Engines write `-proto tcp -host-ip 0.0.0.0 -host-port
 * 8080 -container-ip 172.17.0.2 -container-port 80` (28 and newer add `-use-listen-fd`); rootless ones start it under
 * the name `rootlesskit-docker-proxy`.
 */
export function proxyOf(command: readonly string[]): ProxyTarget | undefined {
  if (!/(^|\/)(rootlesskit-)?docker-proxy$/.test(command[0] ?? '')) return undefined
  const options = optionsOf(command.slice(1))
  const transport = options.get('proto')
  const host = endpointOf(options.get('host-ip') || '0.0.0.0', options.get('host-port'))
  const container = endpointOf(options.get('container-ip'), options.get('container-port'))
  if ((transport !== 'tcp' && transport !== 'udp') || !host || !container) return undefined
  return { transport, host, container }
}

/** Go's flags: `-name value`, `-name=value`, one dash or two. */
function optionsOf(words: readonly string[]): ReadonlyMap<string, string> {
  const options = new Map<string, string>()
  for (let i = 0; i < words.length; i++) {
    const match = /^--?([a-z-]+)(?:=(.*))?$/.exec(words[i])
    if (!match) continue
    const next = words[i + 1]
    const value = match[2] ?? (next !== undefined && !next.startsWith('-') ? next : '')
    options.set(match[1], value)
  }
  return options
}

function endpointOf(ip: string | undefined, portText: string | undefined): Endpoint | undefined {
  const port = Number(portText)
  return ip && port > 0 && port <= 65535 ? { ip, port } : undefined
}
