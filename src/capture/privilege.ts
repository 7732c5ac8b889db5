import { readFileSync, realpathSync } from 'node:fs'
import { platform } from 'node:os'

/** What the answer depends on. */
export interface Privileges {
  /** As `os.platform()` names it. */
  readonly platform: string
  /** The effective capabilities, one bit each; undefined where there are none to read. */
  readonly capabilities: bigint | undefined
  /** The program that would be given capabilities: Node itself. */
  readonly program: string
}

/** What live capture needs, by number (linux/capability.h), and for what. */
const needed = [
  { bit: 13n, name: 'CAP_NET_RAW', use: 'to see packets' },
  { bit: 19n, name: 'CAP_SYS_PTRACE', use: "to find containers' networks" },
  { bit: 21n, name: 'CAP_SYS_ADMIN', use: "to enter containers' networks" },
]

/** Without it the map is there all the same, but for what the machine translates (connection tracking). */
const helpful = ['CAP_NET_ADMIN']

const dockerLine =
  'docker run --rm -it --privileged --pid=host --net=host -v /var/run/docker.sock:/var/run/docker.sock inkling up'

/** One sentence: what this process lacks for live capture and how to grant it. Undefined: it lacks nothing. */
export function missingPrivilege(): string | undefined {
  return explainMissing({
    platform: platform(),
    capabilities: readCapabilities(),
    program: realpathSync(process.execPath),
  })
}

/** As missingPrivilege, of privileges given. */
export function explainMissing(privileges: Privileges): string | undefined {
  if (privileges.platform !== 'linux') {
    return `Live capture needs Linux: run "${dockerLine}" (works inside Docker Desktop too), or look at a capture with "inkling replay FILE.pcap".`
  }
  const { capabilities = 0n, program } = privileges
  const missing = needed.filter(({ bit }) => (capabilities & (1n << bit)) === 0n)
  if (missing.length === 0) return undefined
  const lacks = missing.map(({ name, use }) => `${name} (${use})`).join(', ')
  const wanted = [...needed.map(({ name }) => name), ...helpful]
  const names = wanted.map(name => name.toLowerCase()).join(',')
  return `Live capture lacks ${lacks}: run it with sudo, or once "sudo setcap ${names}+ep ${program}", or look at a capture with "inkling replay FILE.pcap".`
}

function readCapabilities(): bigint | undefined {
  try {
    return parseCapabilities(readFileSync('/proc/self/status', 'utf8'))
  } catch {
    // No /proc, no Linux: the platform says so already.
    return undefined
  }
}

/** The line `CapEff:` of /proc/PID/status, 16 hexadecimal digits. */
export function parseCapabilities(status: string): bigint | undefined {
  const digits = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1]
  return digits === undefined ? undefined : BigInt(`0x${digits}`)
}
