import {
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { find, postgresFolders } from '../install/needs.ts'
import { attempt, run } from './command.ts'
import type { Engine } from './engine.ts'

/** An image made of this machine's own programs; no registry is asked. */
export interface Image {
  readonly name: string
  /** Fills an empty root folder. */
  build(root: string): void
  /** Lines for `docker import --change`. */
  readonly changes: readonly string[]
}

const apps = join(import.meta.dirname, 'apps')
const postgresUser = 70

/** Shell and common commands: what every image of the lab stands on. */
export const baseImage: Image = { name: 'lab/base', build: fillBase, changes: ['CMD ["sh"]'] }

/** Shell and the libraries that Node is linked to: stands for Debian where Inkling's own image is built. */
export const libraryImage: Image = {
  name: 'lab/libraries',
  build: root => {
    fillBase(root)
    for (const library of libraries(process.execPath)) copy(root, library, library)
  },
  changes: ['CMD ["sh"]'],
}

/** Node and the applications of `apps/`. */
export const nodeImage: Image = {
  name: 'lab/node',
  build: root => {
    fillBase(root)
    addProgram(root, process.execPath, '/usr/bin/node')
    cpSync(apps, join(root, 'app'), { recursive: true })
    writeFileSync(join(root, 'app/package.json'), '{"type":"module"}')
  },
  changes: ['WORKDIR /app', 'ENV NODE_NO_WARNINGS=1', 'ENTRYPOINT ["/usr/bin/node"]'],
}

export const redisImage: Image = {
  name: 'lab/redis',
  build: root => {
    fillBase(root)
    for (const name of ['redis-server', 'redis-cli'])
      addProgram(root, require(name), `/usr/bin/${name}`)
  },
  changes: [
    'EXPOSE 6379',
    'CMD ["redis-server", "--save", "", "--protected-mode", "no", "--bind", "0.0.0.0"]',
  ],
}

export const postgresImage: Image = {
  name: 'lab/postgres',
  build: fillPostgres,
  changes: ['EXPOSE 5432', `USER ${postgresUser}`, 'CMD ["sh", "/start"]'],
}

export const nginxImage: Image = {
  name: 'lab/nginx',
  build: root => {
    fillBase(root)
    addProgram(root, require('nginx'), '/usr/sbin/nginx')
    for (const folder of ['etc/nginx', 'var/log/nginx', 'var/lib/nginx', 'srv'])
      mkdirSync(join(root, folder), { recursive: true })
    writeFileSync(join(root, 'srv/index.html'), '<h1>blog</h1>\n')
    writeFileSync(join(root, 'etc/nginx/nginx.conf'), nginxConfig)
  },
  changes: ['EXPOSE 80', 'CMD ["/usr/sbin/nginx", "-g", "daemon off;"]'],
}

const nginxConfig = `user root; worker_processes 1; error_log /dev/stderr;
events {}
http { access_log off; server { listen 80; root /srv; } }
`

/** An engine that images can be loaded into, and the lab's folder. */
export type Shelf = Pick<Engine, 'place' | 'host'>

/** Builds an image and loads it into the engine, or into each of several. */
export async function load(shelves: Shelf | readonly Shelf[], image: Image): Promise<void> {
  const all = [shelves].flat()
  const root = join(all[0].place.dir, 'roots', basename(image.name))
  mkdirSync(root, { recursive: true })
  image.build(root)
  const changes = image.changes.flatMap(change => ['--change', change])
  const script = 'root=$1; shift; tar -C "$root" -c . | docker import "$@"'
  const argv = ['sh', '-c', script, 'sh', root, ...changes, '-', image.name]
  await Promise.all(all.map(({ host }) => run(argv, { ...process.env, DOCKER_HOST: host })))
  rmSync(root, { recursive: true, force: true })
}

function require(command: string): string {
  const path = find(command)
  if (!path) throw new Error(`the lab needs ${command}`)
  return path
}

function fillBase(root: string): void {
  for (const folder of [
    'bin',
    'etc',
    'tmp',
    'run',
    'root',
    'var',
    'proc',
    'sys',
    'dev',
    'usr/bin',
  ]) {
    mkdirSync(join(root, folder), { recursive: true })
  }
  copyFileSync(require('busybox'), join(root, 'bin/busybox'))
  for (const applet of (attempt(['busybox', '--list']) ?? '').split('\n').filter(Boolean)) {
    if (applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet))
  }
  writeFileSync(
    join(root, 'etc/passwd'),
    `root:x:0:0::/root:/bin/sh\npostgres:x:${postgresUser}:${postgresUser}::/:/bin/sh\n`,
  )
  writeFileSync(join(root, 'etc/group'), `root:x:0:\npostgres:x:${postgresUser}:\n`)
  writeFileSync(join(root, 'etc/nsswitch.conf'), 'hosts: files dns\n')
}

/** A program with the libraries it is linked to, at the paths where its loader looks for them. */
function addProgram(root: string, path: string, target = path): void {
  copy(root, path, target)
  for (const library of libraries(path)) copy(root, library, library)
}

function libraries(path: string): string[] {
  const linked = attempt(['ldd', path]) ?? ''
  return [...linked.matchAll(/(\/\S+) \(0x/g)].map(match => match[1])
}

function copy(root: string, source: string, target: string): void {
  const path = join(root, target)
  if (existsSync(path)) return
  mkdirSync(dirname(path), { recursive: true })
  copyFileSync(source, path)
}

/** Debian's PostgreSQL at the paths that are compiled into it. */
function fillPostgres(root: string): void {
  fillBase(root)
  const [bin] = postgresFolders()
  if (!bin) throw new Error('the lab needs postgres')
  for (const name of ['postgres', 'initdb', 'psql']) addProgram(root, join(bin, name))
  const lib = join(dirname(bin), 'lib')
  for (const name of readdirSync(lib)) {
    if (name.endsWith('.so') && !name.includes('llvm')) copy(root, join(lib, name), join(lib, name))
  }
  const share = bin.replace('/usr/lib', '/usr/share').replace(/\/bin$/, '')
  cpSync(share, join(root, share), { recursive: true, dereference: true })
  for (const zone of ['UTC', 'GMT', 'Etc']) {
    const path = `/usr/share/zoneinfo/${zone}`
    if (existsSync(path)) cpSync(path, join(root, path), { recursive: true, dereference: true })
  }
  for (const folder of ['run/postgresql', 'var/lib/postgresql']) {
    mkdirSync(join(root, folder), { recursive: true })
    chownSync(join(root, folder), postgresUser, postgresUser)
  }
  writeFileSync(join(root, 'start'), postgresStart(bin))
}

const postgresStart = (bin: string): string => `set -e
data=/var/lib/postgresql/data
${bin}/initdb -D $data -U postgres --auth=trust --no-sync --locale=C --encoding=UTF8
echo 'host all all all trust' >> $data/pg_hba.conf
exec ${bin}/postgres -D $data -c listen_addresses='*' -c unix_socket_directories=/run/postgresql -c fsync=off
`
