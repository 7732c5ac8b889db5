import { type EngineAddress, formatAddress } from './address.ts'

const remedies: Readonly<Record<string, string>> = {
  EACCES: 'no permission to open it: run as root or as a member of the group docker',
  ENOENT: 'there is no such socket: is Docker running, and the socket mounted?',
  ECONNREFUSED: 'nobody listens there: is Docker running?',
}

/** One sentence for the operator: where, and what is wrong. */
export function faultOf(error: unknown, address: EngineAddress): string {
  const { code, message } = error as NodeJS.ErrnoException
  const cause = (code !== undefined && remedies[code]) || message || String(error)
  return `Docker at ${formatAddress(address)}: ${cause.trim()}`
}
