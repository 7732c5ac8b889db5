import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { Fault, messageOf } from '#lib/fault.ts'
import { readYaml } from '#lib/yaml.ts'
import type { Access, Credentials, Trust } from './access.ts'
import { ExecCredentials, execShape } from './exec.ts'

const text = z.string().nullish()
const cluster = z.object({
  server: z.string(),
  'certificate-authority': text,
  'certificate-authority-data': text,
  'insecure-skip-tls-verify': z.boolean().nullish(),
  'tls-server-name': text,
  'proxy-url': text,
})
const user = z.object({
  token: text,
  tokenFile: text,
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  username: text,
  password: text,
  exec: execShape.nullish(),
  'auth-provider': z.unknown().optional(),
})
const context = z.object({ cluster: z.string(), user: z.string().catch('') })
const named = <T extends z.ZodType>(key: string, shape: T) =>
  z.array(z.looseObject({ name: z.string(), [key]: shape })).nullish()
const kubeconfig = z.object({
  'current-context': z.string().nullish(),
  clusters: named('cluster', z.unknown()),
  users: named('user', z.unknown()),
  contexts: named('context', z.unknown()),
})

type Text = z.infer<typeof text>
type Kubeconfig = z.infer<typeof kubeconfig>
type Kind = 'cluster' | 'user' | 'context'

const fileBytesMax = 1 << 20

/** A file, and the folder that paths in it are relative to. */
interface File {
  readonly path: string
  readonly content: Kubeconfig
}

/**
 * The access that kubeconfig files describe, together as kubectl reads them: of two things of one name the first counts.
 * The context is `INKLING_KUBERNETES_CONTEXT`, else the first file's current one. Throws a `Fault` when they do not say.
 */
export function accessOfFiles(paths: readonly string[], environment: NodeJS.ProcessEnv): Access {
  const files = paths.map(read)
  const chosen =
    environment.INKLING_KUBERNETES_CONTEXT ||
    files.map(({ content }) => content['current-context']).find(Boolean)
  if (!chosen) {
    throw new Fault(
      `--kubernetes ${paths[0]} has no current context: kubectl config use-context NAME, or INKLING_KUBERNETES_CONTEXT.`,
    )
  }
  const { value: place } = find(files, 'context', chosen, context)
  const { value: where, file } = find(files, 'cluster', place.cluster, cluster)
  const who = place.user === '' ? undefined : find(files, 'user', place.user, user)
  const server = addressOf(where.server, file.path)
  if (where['proxy-url']) {
    throw new Fault(`--kubernetes ${file.path}: proxy-url is not understood; name another cluster.`)
  }
  const credentials = who ? credentialsOf(who.value, who.file.path) : anonymous
  return { server, trust: () => trustOf(where, file.path), ...credentials }
}

function read(path: string): File {
  try {
    if (statSync(path).size > fileBytesMax) throw new Error('it is too long')
    const content = kubeconfig.safeParse(readYaml(readFileSync(path, 'utf8')))
    if (!content.success) throw new Error('it has no clusters, users and contexts')
    return { path, content: content.data }
  } catch (error) {
    throw new Fault(`--kubernetes ${path} is no kubeconfig that can be read: ${messageOf(error)}.`)
  }
}

function find<T>(files: readonly File[], kind: Kind, name: string, shape: z.ZodType<T>) {
  for (const file of files) {
    const found = file.content[`${kind}s`]?.find(each => each.name === name)
    if (!found) continue
    const read = shape.safeParse(found[kind])
    if (read.success) return { value: read.data, file }
    throw new Fault(`--kubernetes ${file.path}: the ${kind} ${name} makes no sense.`)
  }
  throw new Fault(`--kubernetes ${files[0].path} has no ${kind} ${name}.`)
}

function addressOf(server: string, path: string): URL {
  const url = URL.canParse(server) ? new URL(server) : undefined
  if (url && /^https?:$/.test(url.protocol)) return url
  throw new Fault(`--kubernetes ${path}: ${server.slice(0, 100)} is no address of a server.`)
}

function trustOf(where: z.infer<typeof cluster>, path: string): Trust {
  const ca = given(where['certificate-authority-data'], where['certificate-authority'], path)
  const servername = where['tls-server-name']
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(servername ? { servername } : {}),
    ...(where['insecure-skip-tls-verify'] ? { rejectUnauthorized: false } : {}),
  }
}

type Asking = Pick<Access, 'credentials' | 'refused'>

const anonymous: Asking = { credentials: async () => ({}), refused: () => {} }

function credentialsOf(who: z.infer<typeof user>, path: string): Asking {
  if (who.exec) {
    const exec = new ExecCredentials(who.exec, dirname(path))
    return { credentials: () => exec.credentials(), refused: () => exec.refused() }
  }
  if (who['auth-provider']) {
    throw new Fault(
      `--kubernetes ${path}: auth-provider is gone since Kubernetes 1.26; let the user have a token or an exec plugin.`,
    )
  }
  const credentials = async (): Promise<Credentials> => {
    const cert = given(who['client-certificate-data'], who['client-certificate'], path)
    const key = given(who['client-key-data'], who['client-key'], path)
    const authorization = authorizationOf(who, path)
    return {
      ...(cert && key ? { cert, key } : {}),
      ...(authorization ? { authorization } : {}),
    }
  }
  return { credentials, refused: () => {} }
}

/** A file's token is newer than the one that stands beside it. */
function authorizationOf(who: z.infer<typeof user>, path: string): string | undefined {
  const token = who.tokenFile ? contentOf(who.tokenFile, path).toString().trim() : who.token
  if (token) return `Bearer ${token}`
  if (!who.username) return undefined
  return `Basic ${Buffer.from(`${who.username}:${who.password ?? ''}`).toString('base64')}`
}

function given(data: Text, file: Text, path: string) {
  if (data) return Buffer.from(data, 'base64')
  return file ? contentOf(file, path) : undefined
}

function contentOf(file: string, path: string): Buffer {
  return readFileSync(resolve(dirname(path), file))
}
