/** A fault of the operator or of the world that ends a command: one sentence, exit code 2, no stack. */
export class Fault extends Error {
  override readonly name = 'Fault'
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** `ENOENT`, `EADDRINUSE`, ... of a system error; undefined otherwise. */
export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined
}
