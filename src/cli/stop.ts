/** `--tied`, for a command that another one starts: who starts it may be killed, and then asks nobody to end. */
export const tiedOption: [flags: string, description: string] = [
  '--tied',
  'end when the standard input ends, as it does with whoever started this',
]

/** Aborts at Ctrl-C or when asked to end; a second time ends at once. `isTied`: when the standard input ends, too. */
export function untilStopped(isTied = false): AbortSignal {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(130)
      stop.abort()
    })
  }
  if (isTied) {
    const { stdin } = process
    stdin.on('end', () => stop.abort()).on('error', () => stop.abort())
    stdin.resume()
    // A pipe alone keeps nobody here.
    if ('unref' in stdin) stdin.unref()
  }
  return stop.signal
}

/** Settles when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
}
