import { createSign } from 'node:crypto'
import { numberOf, parseJson, recordOf, textOf } from '#lib/json.ts'
import { ApiClient, under } from './cluster-http.ts'
import type { Credentials } from './cluster-login.ts'

/** Who logs in at a DC/OS: a person with a password, or a service account with a private key. */
export type DcosUser =
  | { readonly uid: string; readonly password: string }
  | { readonly uid: string; readonly key: string }

/** A token is renewed so long before it ends. */
const earlyMs = 60_000
/** A login that was refused is not tried again sooner: accounts are locked by those who insist. */
const restMs = 5 * 60_000
const proofSeconds = 300
const tokenCharsMax = 16_384

/** Logs in at a DC/OS when first asked, again before the token ends, and once when it is refused. */
export class DcosLogin implements Credentials {
  readonly given = true
  readonly renews = true
  readonly #url: URL
  readonly #user: DcosUser
  readonly #client: ApiClient
  readonly #now: () => number
  #token: Promise<string> | undefined
  #endsMs = 0
  #refusal: { readonly error: Error; readonly untilMs: number } | undefined

  constructor(address: URL, user: DcosUser, now: () => number = Date.now) {
    this.#url = under(new URL(address.origin), '/acs/api/v1/auth/login')
    this.#user = user
    this.#now = now
    // The password is in the body: it goes nowhere else.
    this.#client = new ApiClient({ credentials: secret, hosts: [address.host] })
  }

  async header(_: URL, signal: AbortSignal): Promise<string> {
    if (this.#refusal && this.#now() < this.#refusal.untilMs) throw this.#refusal.error
    if (this.#now() > this.#endsMs - earlyMs) this.#token = undefined
    this.#token ??= this.#login(signal)
    const asked = this.#token
    try {
      return `token=${await asked}`
    } catch (error) {
      if (this.#token === asked) this.#token = undefined
      throw error
    }
  }

  refused(): void {
    this.#token = undefined
  }

  close(): void {
    this.#client.close()
  }

  async #login(signal: AbortSignal): Promise<string> {
    this.#endsMs = Number.POSITIVE_INFINITY
    const { status, body } = await this.#client.ask(this.#url, { signal, post: this.#proof() })
    const token = textOf(recordOf(body).token, tokenCharsMax)
    if (status === 401 || status === 403) {
      const error = new Error(`DC/OS refuses the login of ${this.#user.uid} (${status})`)
      this.#refusal = { error, untilMs: this.#now() + restMs }
      throw error
    }
    if (status !== 200 || !/^[\w.~+/=-]+$/.test(token)) {
      throw new Error(`DC/OS answered ${status} to a login, without a token`)
    }
    this.#refusal = undefined
    this.#endsMs = endOf(token)
    return token
  }

  #proof(): object {
    const { uid } = this.#user
    if ('password' in this.#user) return { uid, password: this.#user.password }
    const exp = Math.floor(this.#now() / 1000) + proofSeconds
    return { uid, token: signed({ uid, exp }, this.#user.key) }
  }
}

const secret: Credentials = {
  given: true,
  renews: false,
  header: async () => undefined,
  refused: () => {},
  close: () => {},
}

/** A JSON web token, RS256. */
function signed(claims: object, key: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`
  return `${text}.${createSign('RSA-SHA256').update(text).sign(key, 'base64url')}`
}

/** When a token ends, in milliseconds since the epoch; never when it does not say. */
function endOf(token: string): number {
  const claims = parseJson(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  return (numberOf(recordOf(claims).exp) ?? Number.POSITIVE_INFINITY) * 1000
}
