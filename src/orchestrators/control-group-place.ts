import { existsSync, readdirSync } from 'node:fs'
import { readProc } from './proc.ts'

/** A hierarchy of control groups, mounted: v2 has one for all controllers, v1 one for each or for some together. */
export interface Hierarchy {
  /** Its controllers (`memory`, `cpu,cpuacct`); undefined for v2. */
  readonly controllers: readonly string[] | undefined
  /** The group that is mounted there, as `root` of `/proc/<pid>/mountinfo` has it. */
  readonly root: string
  readonly folder: string
}

/** Folders looked through for a group whose path is not told from its beginning. */
const searchedMax = 2000

/** Hierarchies as we have them mounted, then as the machine's first process has: we may see but a part. */
export function findHierarchies(procRoot: string): Hierarchy[] {
  const first = `${procRoot}/1`
  return [
    ...hierarchiesIn(readProc('/proc/self/mountinfo') ?? '', ''),
    ...hierarchiesIn(readProc(`${first}/mountinfo`) ?? '', `${first}/root`),
  ]
}

/** `38 31 0:28 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory` and the like; `before`: where its paths begin. */
export function hierarchiesIn(mountinfo: string, before: string): Hierarchy[] {
  return mountinfo.split('\n').flatMap(line => {
    const [mount, file] = line.split(' - ')
    const [, , , root, folder] = mount.split(' ')
    const [type, , options = ''] = (file ?? '').split(' ')
    if (type !== 'cgroup' && type !== 'cgroup2') return []
    const controllers = type === 'cgroup' ? options.split(',') : undefined
    return [{ controllers, root, folder: before + folder }]
  })
}

/** Finds the folders of control groups. */
export class ControlGroupPlaces {
  readonly #hierarchies: readonly Hierarchy[]
  /** Where paths that begin above our own namespace of control groups stand, by how they begin. */
  readonly #bases = new Map<string, string>()

  constructor(hierarchies: readonly Hierarchy[]) {
    this.#hierarchies = hierarchies
  }

  /**
   * The folder of a group of `/proc/<pid>/cgroup` in the hierarchy of a controller: v1's where there is one, else v2's;
   * undefined when it cannot be seen from here.
   */
  folderOf(
    cgroup: string,
    controller: string,
  ): { readonly folder: string; readonly v2: boolean } | undefined {
    const lines = cgroup.split('\n').map(partsOf)
    const v1 = lines.find(({ controllers }) => controllers.includes(controller))
    const v2 = lines.find(({ id }) => id === '0')
    for (const line of [v1, v2]) {
      const folder = line && this.#folder(line.path, line === v1 ? controller : undefined)
      if (folder !== undefined) return { folder, v2: line === v2 }
      if (line && line === v1) return undefined
    }
    return undefined
  }

  #folder(path: string, controller: string | undefined): string | undefined {
    for (const hierarchy of this.#hierarchies) {
      const { controllers } = hierarchy
      const isIt = controller ? controllers?.includes(controller) : controllers === undefined
      const folder = isIt ? this.#within(hierarchy, path) : undefined
      if (folder !== undefined && existsSync(folder)) return folder
    }
    return undefined
  }

  /**
   * In a namespace of control groups of our own, both paths begin with `/..` for each step up from where that is. What
   * stands between them has a name that we are not told: it is looked for.
   */
  #within({ root, folder }: Hierarchy, path: string): string | undefined {
    const [rootUp, rootRest] = climbed(root)
    const [up, rest] = climbed(path)
    if (up > rootUp) return undefined
    if (rootUp === 0) {
      if (rootRest === '') return folder + rest
      return rest.startsWith(`${rootRest}/`) ? folder + rest.slice(rootRest.length) : undefined
    }
    if (rootRest !== '') return undefined
    const key = `${folder} ${up}`
    const known = this.#bases.get(key)
    if (known !== undefined && existsSync(known + rest)) return known + rest
    const base = baseOf(folder, rootUp - up, rest)
    if (base !== undefined) this.#bases.set(key, base)
    return base === undefined ? undefined : base + rest
  }
}

/** `4:memory:/docker/<id>`, `0::/system.slice/docker-<id>.scope`. */
function partsOf(line: string) {
  const [id, controllers = '', ...path] = line.split(':')
  return { id, controllers: controllers.split(','), path: path.join(':') }
}

/** How often it goes up, and what follows: `/../docker-<id>.scope`. */
function climbed(path: string): [up: number, rest: string] {
  const [climb] = /^(?:\/\.\.)*/.exec(path)!
  const rest = path.slice(climb.length)
  return [climb.length / 3, rest === '/' ? '' : rest]
}

/** The folder so many levels below that has `rest` in it. */
function baseOf(folder: string, levels: number, rest: string): string | undefined {
  let bases = [folder]
  for (let level = 0; level < levels; level++) {
    bases = bases.flatMap(foldersIn).slice(0, searchedMax)
  }
  return bases.find(base => existsSync(base + rest))
}

function foldersIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
    return entries.filter(entry => entry.isDirectory()).map(({ name }) => `${folder}/${name}`)
  } catch {
    // It went while we looked.
    return []
  }
}
