import pino from 'pino'

/** What the running parts say to their operator. */
export interface Log {
  info(text: string): void
  warn(text: string): void
  error(text: string, fault?: unknown): void
}

/** Lines of JSON on standard error where a machine reads them; plain sentences on a terminal. */
export function createLog(level: string, isTerminal = process.stderr.isTTY): Log {
  if (isTerminal) return plainLog(level)
  const log = pino({ level, base: undefined }, pino.destination({ fd: 2, sync: true }))
  return {
    info: text => log.info(text),
    warn: text => log.warn(text),
    error: (text, fault) => log.error({ err: fault }, text),
  }
}

function plainLog(level: string): Log {
  const isQuiet = level === 'silent'
  const write = (text: string) => void (isQuiet || process.stderr.write(`${text}\n`))
  return {
    info: text => level !== 'warn' && write(text),
    warn: write,
    error: (text, fault) => write(fault instanceof Error ? `${text}: ${fault.stack}` : text),
  }
}
