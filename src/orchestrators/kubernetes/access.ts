import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '#lib/fault.ts'
import { isLoopback } from '#lib/ip.ts'
import { accessOfFiles } from './kubeconfig.ts'

/** Who asks. */
export interface Credentials {
  readonly authorization?: string
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
}

/** How the server is believed. */
export interface Trust {
  readonly ca?: string | Buffer
  readonly servername?: string
  readonly rejectUnauthorized?: boolean
}

/** Where a cluster's API is and how to ask there. Files are read anew for each request: their owners replace them. */
export interface Access {
  readonly server: URL
  trust(): Trust
  credentials(signal: AbortSignal): Promise<Credentials>
  /** The last credentials were refused. */
  refused(): void
}

/** Where a pod finds what it was given. */
const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount'
/** Said instead of a path: `INKLING_KUBERNETES=in-cluster`. */
export const inClusterWord = 'in-cluster'

/**
 * The access that the operator named: kubeconfig files, together as kubectl reads them, or none of them within a pod.
 * Throws a `Fault` when that makes no sense.
 */
export function accessOf(given: readonly string[], environment: NodeJS.ProcessEnv): Access {
  const paths = given.filter(text => text !== inClusterWord && text !== '')
  if (paths.length > 0) return accessOfFiles(paths, environment)
  return inCluster(environment, serviceAccount)
}

/** A pod's own: its service account, at the address that the kubelet told. */
export function inCluster(environment: NodeJS.ProcessEnv, folder: string): Access {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = environment
  if (!host) {
    throw new Fault(
      '--kubernetes without a file asks as the pod it runs in, and this is none (KUBERNETES_SERVICE_HOST is not set): give --kubernetes ~/.kube/config.',
    )
  }
  const token = join(folder, 'token')
  if (!existsSync(token)) {
    throw new Fault(
      `--kubernetes finds no service account at ${token}: give the pod one (automountServiceAccountToken).`,
    )
  }
  const shownHost = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  return {
    server: new URL(`https://${shownHost}:${port}`),
    trust: () => ({ ca: readFileSync(join(folder, 'ca.crt')) }),
    // Such a token lives for an hour; the kubelet lays the next one in its place.
    credentials: async () => ({ authorization: `Bearer ${readFileSync(token, 'utf8').trim()}` }),
    refused: () => {},
  }
}

/** Credentials go nowhere in clear text but to this machine (`kubectl proxy`). */
export function isSafe(server: URL): boolean {
  const host = server.hostname.replace(/^\[|\]$/g, '')
  return server.protocol === 'https:' || isLoopback(host) || host === 'localhost'
}
