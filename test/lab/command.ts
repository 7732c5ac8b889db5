import { execFile, spawnSync } from 'node:child_process'

const outputMax = 64 * 1024 * 1024

/** Runs a command and gives its output; throws one sentence with the command and its complaint when it fails. */
export function run(
  argv: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const [file, ...rest] = argv
  return new Promise((resolve, reject) => {
    execFile(file, rest, { env, maxBuffer: outputMax }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout)
      const complaint = stderr.trim() || error.message
      reject(new Error(`${argv.slice(0, 4).join(' ')} failed: ${complaint}`))
    })
  })
}

/**
 * Runs a command to its end and gives its output, or undefined when it failed. Synchronous on purpose: tear-down runs
 * when the process exits, where nothing asynchronous gets a turn any more.
 */
export function attempt(
  argv: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  timeoutMs = 20_000,
): string | undefined {
  const [file, ...rest] = argv
  const options = { env, encoding: 'utf8', timeout: timeoutMs, maxBuffer: outputMax } as const
  const { status, stdout } = spawnSync(file, rest, options)
  return status === 0 ? stdout : undefined
}

/** Blocks this thread; only tear-down may, for the same reason. */
export function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

export const sleep = (ms: number): Promise<void> => new Promise(done => setTimeout(done, ms))

/** Asks until the answer is not undefined; throws `complaint` when the time is over. */
export async function waitFor<T>(
  ask: () => Promise<T | undefined> | T | undefined,
  timeoutMs: number,
  complaint: () => string,
): Promise<T> {
  const endMs = Date.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (Date.now() > endMs) throw new Error(complaint())
    await sleep(100)
  }
}
