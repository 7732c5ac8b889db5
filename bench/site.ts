import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** An nginx in a network namespace of its own, and a second namespace from which it is called. */
export interface Site {
  readonly url: string
  /** Prefix of a command that runs where the clients are. */
  readonly inClient: readonly string[]
  close(): void
}

/** Where the clients are. */
export const clientNamespace = '/var/run/netns/inkling-bench-c'

const names = { server: 'inkling-bench-s', client: 'inkling-bench-c' } as const

/** Opens the site; needs root, iproute2 and nginx. `close` takes all of it away. */
export async function openSite(): Promise<Site> {
  removeNamespaces()
  const dir = mkdtempSync(join(tmpdir(), 'inkling-bench-'))
  for (const name of Object.values(names)) ip('netns', 'add', name)
  ip(
    'link',
    'add',
    'inkb0',
    'netns',
    names.server,
    'type',
    'veth',
    'peer',
    'name',
    'inkb1',
    'netns',
    names.client,
  )
  const ends = [
    [names.server, 'inkb0', '10.213.99.1/24'],
    [names.client, 'inkb1', '10.213.99.2/24'],
  ] as const
  for (const [name, device, address] of ends) {
    ip('-n', name, 'addr', 'add', address, 'dev', device)
    ip('-n', name, 'link', 'set', device, 'up')
    ip('-n', name, 'link', 'set', 'lo', 'up')
  }
  const nginx = startNginx(dir)
  await new Promise(resolve => setTimeout(resolve, 500))
  return {
    url: 'http://10.213.99.1/',
    inClient: ['ip', 'netns', 'exec', names.client],
    close: () => {
      nginx.kill('SIGTERM')
      removeNamespaces()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function startNginx(dir: string): ChildProcess {
  const config = `daemon off; worker_processes 1; error_log ${dir}/error.log; pid ${dir}/pid;
events { worker_connections 1024; }
http { access_log off; keepalive_requests 1000000000;
  client_body_temp_path ${dir}/a; proxy_temp_path ${dir}/b; fastcgi_temp_path ${dir}/c; uwsgi_temp_path ${dir}/d; scgi_temp_path ${dir}/e;
  server { listen 10.213.99.1:80; location / { return 200 "${'inkling '.repeat(16)}"; } } }`
  writeFileSync(join(dir, 'nginx.conf'), config)
  const args = [
    'netns',
    'exec',
    names.server,
    'nginx',
    '-c',
    join(dir, 'nginx.conf'),
    '-e',
    join(dir, 'error.log'),
  ]
  return spawn('ip', args, { stdio: 'ignore' })
}

function removeNamespaces(): void {
  for (const name of Object.values(names)) {
    for (const pid of attempt('netns', 'pids', name).split('\n')) {
      if (pid) process.kill(Number(pid), 'SIGKILL')
    }
    attempt('netns', 'del', name)
  }
}

function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8' })
}

function attempt(...args: string[]): string {
  try {
    return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return ''
  }
}

/**
 * CPU seconds that a process and its threads have used, to the nanosecond (schedstat), those in which one was ready and
 * waited for a core, and its resident bytes now.
 */
export function costOf(pid: number) {
  let nanoseconds = 0
  let waitedNanoseconds = 0
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const [ran, waited] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')
    nanoseconds += Number(ran)
    waitedNanoseconds += Number(waited)
  }
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const residentBytes = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024
  return { cpuSeconds: nanoseconds / 1e9, waitedSeconds: waitedNanoseconds / 1e9, residentBytes }
}
