import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where the engine listens. */
export type EngineAddress =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls?: Tls }

export interface Tls {
  readonly ca: Buffer
  readonly cert: Buffer
  readonly key: Buffer
}

/** The variables that the docker command honours. */
export interface DockerEnvironment {
  readonly DOCKER_HOST?: string
  readonly DOCKER_CERT_PATH?: string
  readonly DOCKER_TLS_VERIFY?: string
}

const defaultPath = '/var/run/docker.sock'
const plainPort = 2375
const tlsPort = 2376

/**
 * The address that `DOCKER_HOST` names (`unix://`, `tcp://`, `http://`, `https://`, `host:port`), or the usual socket.
 * Throws one sentence when it names none: a fault of the operator.
 */
export function addressOf(environment: DockerEnvironment): EngineAddress {
  const text = environment.DOCKER_HOST?.trim() || `unix://${defaultPath}`
  if (text.startsWith('/')) return { kind: 'socket', path: text }
  if (text.startsWith('unix://')) {
    return { kind: 'socket', path: text.slice('unix://'.length) || defaultPath }
  }
  const url = URL.parse(text.includes('://') ? text : `tcp://${text}`)
  if (url === null || url.hostname === '' || !/^(tcp|https?):$/.test(url.protocol)) {
    throw new Error(
      `DOCKER_HOST is ${JSON.stringify(text)}; write unix:///path/to/docker.sock or tcp://host:port`,
    )
  }
  return tcpAddress(url, environment)
}

/** As the operator would write it, for messages. */
export function formatAddress(address: EngineAddress): string {
  if (address.kind === 'socket') return address.path
  return `${address.tls ? 'https' : 'tcp'}://${address.host}:${address.port}`
}

function tcpAddress(url: URL, environment: DockerEnvironment): EngineAddress {
  const secure =
    url.protocol === 'https:' || url.port === String(tlsPort) || !!environment.DOCKER_TLS_VERIFY
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = url.port === '' ? (secure ? tlsPort : plainPort) : Number(url.port)
  if (!secure) return { kind: 'tcp', host, port }
  return { kind: 'tcp', host, port, tls: readTls(environment.DOCKER_CERT_PATH) }
}

function readTls(folder: string | undefined): Tls {
  if (!folder)
    throw new Error(
      'DOCKER_HOST asks for TLS: set DOCKER_CERT_PATH to a folder with ca.pem, cert.pem, key.pem',
    )
  const read = (name: string) => {
    try {
      return readFileSync(join(folder, name))
    } catch (error) {
      throw new Error(`DOCKER_CERT_PATH: cannot read ${name}: ${(error as Error).message}`)
    }
  }
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') }
}
