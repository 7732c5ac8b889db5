import { type Resident, taskName, taskOf } from '#model/resident.ts'
import { namesIn } from '../control-group.ts'
import { addressesIn } from '../namespace-addresses.ts'
import { readProc } from '../proc.ts'

/** Processes by the network namespace they are in. */
export interface Inhabited {
  readonly inode: string
  readonly pids: readonly number[]
}

/** Containers told; those beyond are counted. */
export const residentsMax = 8192
const addressesMax = 64
const taskCharsMax = 512
/** A process is read at each of its first looks, since it changes its control group while it starts, then seldom. */
const youngLooks = 2
const seldomLooks = 32
/** A namespace gets its addresses after its first process. */
const youngNamespaceLooks = 5

interface Dweller {
  readonly inode: string
  readonly names: readonly string[]
  readonly looks: number
}

interface Home {
  readonly addresses: readonly string[]
  readonly looks: number
}

/**
 * Which containers live in which network namespaces of the node, whatever runtime runs them. Read from the control groups
 * of processes, each a few times in its life.
 */
export class Residents {
  /** Containers beyond the limit, at the last look. */
  cut = 0
  readonly #procRoot: string
  readonly #host: string
  #dwellers = new Map<number, Dweller>()
  #homes = new Map<string, Home>()
  #all: readonly Resident[] = []
  /** The same as text, to see a change by. */
  #text = '[]'
  #names: ReadonlySet<string> = new Set()

  constructor(procRoot: string, hostNamespace: string) {
    this.#procRoot = procRoot
    this.#host = hostNamespace
  }

  get all(): readonly Resident[] {
    return this.#all
  }

  /** In the operator's words, what is missing; undefined when nothing is. */
  get notice(): string | undefined {
    if (this.cut === 0) return undefined
    return `${this.cut} containers are not looked at: there are more than ${residentsMax}.`
  }

  /** It was found among them. */
  isKnown(container: string): boolean {
    return this.#names.has(container)
  }

  /** How many that share nothing but the namespace live in each: the containers of one pod are one. */
  parties(): ReadonlyMap<string, number> {
    const parties = Map.groupBy(this.#all, ({ namespace }) => namespace)
    const partyOf = (resident: Resident) => taskOf(resident) ?? resident.names[0]
    return new Map([...parties].map(([home, here]) => [home, new Set(here.map(partyOf)).size]))
  }

  /** Takes who is there now; true when it is not who was there before. */
  look(namespaces: readonly Inhabited[]): boolean {
    const dwellers = new Map<number, Dweller>()
    const homes = new Map<string, Home>()
    const found = new Map<string, Resident>()
    for (const { inode, pids } of namespaces) {
      for (const pid of pids) {
        const dweller = this.#dweller(pid, inode)
        dwellers.set(pid, dweller)
        const { names } = dweller
        const key = `${inode} ${names.join(' ')}`
        if (names.length === 0 || found.has(key)) continue
        const home = homes.get(inode) ?? this.#home(inode, pid)
        homes.set(inode, home)
        found.set(key, { names, namespace: inode, addresses: home.addresses })
      }
    }
    this.#dwellers = dwellers
    this.#homes = homes
    const sorted = [...found.entries()].sort(byKey).map(([, resident]) => resident)
    return this.#take(withoutTaskless(sorted))
  }

  #take(found: readonly Resident[]): boolean {
    this.cut = Math.max(0, found.length - residentsMax)
    const all = found.slice(0, residentsMax)
    const text = JSON.stringify(all)
    if (text === this.#text) return false
    this.#text = text
    this.#all = all
    this.#names = new Set(all.map(({ names }) => names[0]))
    return true
  }

  #dweller(pid: number, inode: string): Dweller {
    const known = this.#dwellers.get(pid)
    const looks = known?.inode === inode ? known.looks + 1 : 0
    const isSettled = looks >= youngLooks && (looks + pid) % seldomLooks !== 0
    if (known && isSettled) return { ...known, looks }
    const cgroup = readProc(`${this.#procRoot}/${pid}/cgroup`)
    const names = cgroup === undefined ? (known?.names ?? []) : namesIn(cgroup)
    return { inode, looks, names: this.#withTask(pid, names) }
  }

  /**
   * A container of Mesos' own containerizer tells its task in the environment of its processes. That may be forged, but
   * only by whoever runs there; an orchestrator's word about the container counts before.
   */
  #withTask(pid: number, names: readonly string[]): readonly string[] {
    const [container, ...around] = names
    if (!container?.startsWith('mesos:')) return names
    const environment = readProc(`${this.#procRoot}/${pid}/environ`) ?? ''
    const task = /(?:^|\0)MESOS_TASK_ID=([^\0]+)/.exec(environment)?.[1].slice(0, taskCharsMax)
    return task === undefined ? names : [container, taskName(task), ...around]
  }

  #home(inode: string, pid: number): Home {
    if (inode === this.#host) return { addresses: [], looks: 0 }
    const known = this.#homes.get(inode)
    const looks = known ? known.looks + 1 : 0
    const isSettled = looks >= youngNamespaceLooks && looks % seldomLooks !== 0
    if (known && isSettled) return { ...known, looks }
    return { looks, addresses: addressesIn(this.#procRoot, pid).sort().slice(0, addressesMax) }
  }
}

/** Of a container some of whose processes tell its task, the others say nothing more. */
function withoutTaskless(residents: readonly Resident[]): Resident[] {
  const placeOf = ({ names, namespace }: Resident) => `${namespace} ${names[0]}`
  const telling = new Set(residents.filter(taskOf).map(placeOf))
  return residents.filter(each => taskOf(each) !== undefined || !telling.has(placeOf(each)))
}

const byKey = ([a]: readonly [string, Resident], [b]: readonly [string, Resident]) =>
  a < b ? -1 : a > b ? 1 : 0
