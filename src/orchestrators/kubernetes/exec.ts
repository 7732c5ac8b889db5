import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { z } from 'zod'
import type { Credentials } from './access.ts'

/** `users[].user.exec` of a kubeconfig: a command that answers credentials (client.authentication.k8s.io). */
export const execShape = z.object({
  apiVersion: z.string().catch('client.authentication.k8s.io/v1'),
  command: z.string().min(1),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
})

const answer = z.object({
  status: z.object({
    token: z.string().optional(),
    clientCertificateData: z.string().optional(),
    clientKeyData: z.string().optional(),
    expirationTimestamp: z.string().optional(),
  }),
})

const runMs = 60_000
const answerBytesMax = 1 << 20
/** Credentials are asked for anew this long before they end. */
const earlyMs = 60_000

/** Credentials from a command, kept until they end or are refused. */
export class ExecCredentials {
  readonly #exec: z.infer<typeof execShape>
  readonly #folder: string
  #kept: { readonly credentials: Credentials; readonly untilMs: number } | undefined
  #asking: Promise<Credentials> | undefined

  constructor(exec: z.infer<typeof execShape>, folder: string) {
    this.#exec = exec
    this.#folder = folder
  }

  /** The command runs once, however many ask. */
  async credentials(): Promise<Credentials> {
    if (this.#kept && Date.now() < this.#kept.untilMs) return this.#kept.credentials
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  refused(): void {
    this.#kept = undefined
  }

  async #ask(): Promise<Credentials> {
    const status = statusOf(await this.#run())
    if (!status)
      throw new Error(`credentials come from ${this.#exec.command}, and it answered none`)
    const { token, clientCertificateData: cert, clientKeyData: key } = status
    const credentials = {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(cert && key ? { cert, key } : {}),
    }
    const endMs = Date.parse(status.expirationTimestamp ?? '') || Number.POSITIVE_INFINITY
    this.#kept = { credentials, untilMs: endMs - earlyMs }
    return credentials
  }

  /** What it wrote on stderr may hold secrets: it is not repeated. */
  #run(): Promise<string> {
    const { command, args, env, apiVersion } = this.#exec
    const file = command.includes('/') ? resolve(this.#folder, command) : command
    const request = { kind: 'ExecCredential', apiVersion, spec: { interactive: false } }
    const environment = {
      ...process.env,
      KUBERNETES_EXEC_INFO: JSON.stringify(request),
      ...Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])),
    }
    const options = { env: environment, timeout: runMs, maxBuffer: answerBytesMax }
    return new Promise<string>((done, fail) => {
      execFile(file, args ?? [], options, (error, stdout) => {
        if (!error) return done(stdout)
        const why =
          error.code === 'ENOENT' ? 'there is no such command' : `it ended with ${error.code}`
        fail(new Error(`credentials come from ${command}, and ${why}`))
      })
    })
  }
}

/** What cannot be read is not repeated: it may be a secret all the same. */
function statusOf(text: string) {
  try {
    return answer.safeParse(JSON.parse(text)).data?.status
  } catch {
    return undefined
  }
}
