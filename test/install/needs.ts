import { accessSync, constants, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Something a machine must have that npm does not bring. */
export interface Need {
  /** The command looked for. */
  readonly command: string
  /** Debian's package that brings it. */
  readonly package: string
  /** What stays untested without it. */
  readonly why: string
}

export const needs: readonly Need[] = [
  { command: 'dockerd', package: 'docker.io', why: 'the lab with a real Docker engine' },
  // Debian 12 has it in docker.io, later ones in a package of its own.
  { command: 'docker', package: 'docker-cli', why: 'the lab with a real Docker engine' },
  { command: 'ip', package: 'iproute2', why: 'everything in network namespaces' },
  { command: 'iptables', package: 'iptables', why: 'the lab with a real Docker engine' },
  { command: 'nft', package: 'nftables', why: 'the lab with a real Docker engine' },
  { command: 'busybox', package: 'busybox-static', why: 'the images of the lab' },
  { command: 'redis-server', package: 'redis-server', why: 'the voting shop' },
  { command: 'postgres', package: 'postgresql', why: 'the voting shop' },
  {
    command: 'nginx',
    package: 'nginx-light',
    why: 'the voting shop and the comparison of overheads',
  },
  { command: 'dnsmasq', package: 'dnsmasq-base', why: 'outside parties with names' },
  { command: 'tini-static', package: 'tini', why: "the image's init" },
  { command: 'wrk', package: 'wrk', why: 'the benchmarks under load' },
  { command: 'tcpdump', package: 'tcpdump', why: 'capture files made on the spot' },
  { command: 'tshark', package: 'tshark', why: 'the comparison with tshark' },
  { command: 'openssl', package: 'openssl', why: 'the server by https' },
  { command: 'chromium', package: 'chromium', why: 'the page in a real browser' },
]

/** Where Debian keeps PostgreSQL's programs, newest first; they are on nobody's PATH. */
export function postgresFolders(root = '/usr/lib/postgresql'): string[] {
  try {
    const versions = readdirSync(root).filter(name => /^\d+$/.test(name))
    return versions.sort((a, b) => Number(b) - Number(a)).map(version => join(root, version, 'bin'))
  } catch {
    return []
  }
}

/** The full path of a command; undefined when this machine does not have it. */
export function find(command: string): string | undefined {
  const path = (process.env.PATH ?? '').split(delimiter)
  const folders = [...path, '/usr/sbin', '/sbin', '/usr/bin', ...postgresFolders()]
  return folders.map(folder => join(folder, command)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The needs that this machine does not meet. */
export function missing(commands = needs.map(need => need.command)): Need[] {
  return needs.filter(need => commands.includes(need.command) && !find(need.command))
}

/** One sentence that says what to install, or undefined when all is there. `asRoot`: root is needed as well. */
export function lack(commands: readonly string[], asRoot = false): string | undefined {
  if (asRoot && process.getuid?.() !== 0) return 'needs root: run it with sudo'
  return sentence(missing([...commands]))
}

/** `needs wrk: apt-get install ... wrk`; undefined for no needs. */
export function sentence(absent: readonly Need[]): string | undefined {
  if (absent.length === 0) return undefined
  const packages = [...new Set(absent.map(need => need.package))].join(' ')
  const names = absent.map(need => need.command).join(', ')
  return `needs ${names}: apt-get install --no-install-recommends ${packages}`
}
