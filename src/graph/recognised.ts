import type { Endpoint } from '#model/endpoint.ts'

const portsMax = 50_000

/**
 * Which protocol a service speaks on a port, as last recognised. A refused connection or bytes that were joined too
 * late to be recognised belong to the same link as the calls that were.
 */
export class Recognised {
  readonly #protocols = new Map<string, string>()

  /** The protocol to file under; `isNew` when this port was recognised just now. */
  name(service: string, server: Endpoint, transport: string, protocol: string) {
    const key = `${service} ${server.port}/${transport}`
    const known = this.#protocols.get(key)
    if (protocol === transport) return { protocol: known ?? protocol, isNew: false }
    if (known !== protocol && this.#protocols.size < portsMax) this.#protocols.set(key, protocol)
    return { protocol, isNew: known === undefined }
  }
}
