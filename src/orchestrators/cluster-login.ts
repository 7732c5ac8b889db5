import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Fault, messageOf } from '#lib/fault.ts'
import { parseJson, recordOf, textOf } from '#lib/json.ts'
import { DcosLogin, type DcosUser } from './dcos-login.ts'

/** How a cluster's API is told who asks. */
export interface Credentials {
  /** There are some: they must not go to strangers. */
  readonly given: boolean
  /** Others may be had when these are refused. */
  readonly renews: boolean
  /** The `Authorization` for a request, if any. Fails when a login does. */
  header(url: URL, signal: AbortSignal): Promise<string | undefined>
  /** The last ones were refused. */
  refused(): void
  close(): void
}

/** An address as the operator gave it, and what stood before its `@`. */
interface Given {
  readonly url: URL
  readonly basic: string | undefined
}

/** The addresses of one cluster, and how to ask there. */
export interface Access {
  readonly urls: readonly URL[]
  readonly credentials: Credentials
}

/**
 * What the operator gave: `http://10.0.0.1:8080`, `10.0.0.1:8080`, `https://user:password@host/path`, also several with
 * commas between. Credentials stand in the addresses or in the environment (`INKLING_<NAME>_USER`, `..._PASSWORD`;
 * `INKLING_DCOS_TOKEN`; `INKLING_DCOS_USER` with `..._PASSWORD` or `..._KEY`). Throws a `Fault` when they make no sense.
 */
export function accessOf(
  name: string,
  texts: readonly string[],
  environment: NodeJS.ProcessEnv,
): Access {
  const given = texts.flatMap(text => text.split(',')).filter(text => text.trim() !== '')
  const addresses = given.map(text => addressOf(name, text.trim()))
  if (addresses.length === 0) throw new Fault(`--${name} needs the address of its API.`)
  const urls = addresses.map(({ url }) => url)
  return { urls, credentials: credentialsOf(name, addresses, environment) }
}

function addressOf(name: string, text: string): Given {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isBare = !text.includes('://') && URL.canParse(`http://${text}`)
  const found = isBare ? new URL(`http://${text}`) : url
  if (!found || !/^https?:$/.test(found.protocol)) {
    const shown = text.replace(/^(\w*:\/\/)?[^@/]*@/, '$1').slice(0, 100)
    throw new Fault(
      `--${name} ${shown} is no address: write http://HOST:PORT or https://HOST/PATH.`,
    )
  }
  const { username, password } = found
  const basic = username === '' ? undefined : basicOf(decoded(username), decoded(password))
  const bare = new URL(found)
  bare.username = ''
  bare.password = ''
  bare.hash = ''
  bare.search = ''
  return { url: bare, basic }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function credentialsOf(
  name: string,
  addresses: readonly Given[],
  environment: NodeJS.ProcessEnv,
): Credentials {
  const own = `INKLING_${name.toUpperCase()}`
  const { [`${own}_USER`]: user, [`${own}_PASSWORD`]: password } = environment
  const inAddress = new Map(addresses.map(({ url, basic }) => [url.host, basic]))
  const first = addresses.find(({ basic }) => basic !== undefined)?.basic
  if (first !== undefined) return new Fixed(({ host }) => inAddress.get(host) ?? first)
  if (user) return new Fixed(() => basicOf(user, password ?? ''))
  const token = environment.INKLING_DCOS_TOKEN?.trim()
  if (token) return new Fixed(() => `token=${token}`)
  const dcosUser = dcosUserOf(environment)
  return dcosUser ? new DcosLogin(addresses[0].url, dcosUser) : new Fixed(undefined)
}

/** The same for ever. */
class Fixed implements Credentials {
  readonly given: boolean
  readonly renews = false
  readonly #of: ((url: URL) => string) | undefined

  constructor(of: ((url: URL) => string) | undefined) {
    this.#of = of
    this.given = of !== undefined
  }

  async header(url: URL): Promise<string | undefined> {
    return this.#of?.(url)
  }

  refused(): void {}

  close(): void {}
}

function basicOf(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

/** A person's name and password, or a service account's name and private key (its PEM, or the JSON that DC/OS keeps). */
function dcosUserOf(environment: NodeJS.ProcessEnv): DcosUser | undefined {
  const { INKLING_DCOS_USER: uid = '', INKLING_DCOS_PASSWORD: password } = environment
  const { INKLING_DCOS_KEY: path } = environment
  if (path) {
    const { key, name } = keyOf(path)
    if (!uid && !name)
      throw new Fault('INKLING_DCOS_KEY needs INKLING_DCOS_USER, the account’s name.')
    return { uid: uid || name, key }
  }
  if (!uid) return undefined
  if (password === undefined) {
    throw new Fault('INKLING_DCOS_USER needs INKLING_DCOS_PASSWORD or INKLING_DCOS_KEY.')
  }
  return { uid, password }
}

function keyOf(path: string): { key: string; name: string } {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new Fault(`INKLING_DCOS_KEY ${path} cannot be read: ${messageOf(error)}`)
  }
  const account = recordOf(parseJson(text))
  const key = textOf(account.private_key, 16_384) || text
  try {
    createPrivateKey(key)
  } catch {
    throw new Fault(`INKLING_DCOS_KEY ${path} holds no private key, or one with a password.`)
  }
  return { key, name: textOf(account.uid) }
}
