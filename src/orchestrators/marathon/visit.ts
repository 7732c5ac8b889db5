import { pause } from '#lib/backoff.ts'
import { recordOf, textOf } from '#lib/json.ts'
import { cut } from '#lib/text.ts'
import { type ApiAnswer, refusalOf, under } from '../cluster-http.ts'
import type { Visit } from '../cluster-life.ts'
import { Told } from '../told.ts'
import { type Doings, readDeployments, readQueue } from './deployment.ts'
import type { Change } from './event.ts'
import type { Hosts } from './hosts.ts'
import type { Roster } from './roster.ts'
import { followEvents } from './stream.ts'

/** How often to look. After a look that took long, it rests several times as long: a big Marathon takes seconds. */
export interface Rhythm {
  /** Events come in rows: waiting a little makes one look of them. */
  readonly gatherMs: number
  readonly restMs: number
  /** Between two looks at everything, without events. */
  readonly pollMs: number
  /** The same with events: some get lost. */
  readonly sweepMs: number
  readonly silentMs: number
  readonly retryMs: number
}

export const usualRhythm: Rhythm = {
  gatherMs: 100,
  restMs: 1_000,
  pollMs: 5_000,
  sweepMs: 60_000,
  silentMs: 35_000,
  retryMs: 5 * 60_000,
}

const restFactor = 4
const restMaxMs = 60_000
/** The stream is waited for so long before the first look. */
const patienceMs = 1_000
/** More changed workloads than these are looked at all together. */
const singlesMax = 16

/** What a visit needs besides its address, kept between visits. */
export interface Surroundings {
  readonly roster: Roster
  readonly hosts: Hosts
  readonly rhythm: Rhythm
}

/** One visit to a Marathon: everything first, then what changes, told by its events or, without, by asking again. */
export class MarathonVisit {
  readonly #visit: Visit
  readonly #around: Surroundings
  readonly #told = new Told()
  readonly #dirty = new Set<string>()
  #allDirty = false
  #isStreaming = false
  #toldStreaming = false
  /** Why there are no events, in case. */
  #refusal = ''
  #hasPods = true
  #version = ''
  #wake: () => void = () => {}

  constructor(visit: Visit, around: Surroundings) {
    this.#visit = visit
    this.#around = around
  }

  /** Runs until the signal aborts or the Marathon is lost; then it throws the reason. */
  async run(): Promise<void> {
    await this.#meet()
    const settled = new AbortController()
    const following = this.#follow(() => settled.abort())
    // Whoever loses the race below may still fail: that is no news then.
    following.catch(() => {})
    await pause(patienceMs, AbortSignal.any([settled.signal, this.#visit.signal]))
    await Promise.race([following, this.#learn()])
  }

  /** Which version it is, and who leads: the events may be the leader's only. */
  async #meet(): Promise<void> {
    const answer = await this.#ask('/v2/info')
    const isHidden = answer.status === 403 || answer.status === 404
    if (answer.status !== 200 && !isHidden) throw refusalOf('/v2/info', answer)
    const info = recordOf(answer.body)
    this.#version = textOf(info.version, 64) || 'of unknown version'
    const leader = textOf(info.leader, 256)
    if (leader !== '') this.#visit.client.trust(leader)
  }

  #follow(settled: () => void): Promise<void> {
    return followEvents(this.#visit, this.#around.rhythm, {
      opened: () => {
        this.#isStreaming = true
        this.#note('all')
        settled()
      },
      refused: reason => {
        this.#refusal = reason
        settled()
      },
      changed: change => this.#note(change),
    })
  }

  /** Everything, then changes, for ever. */
  async #learn(): Promise<void> {
    const { signal, observer } = this.#visit
    let startMs = performance.now()
    await this.#look('all')
    observer.all(this.#told.all(await this.#groups()))
    this.#tellVersion()
    let sweptMs = performance.now()
    let lookedMs = sweptMs - startMs
    while (!signal.aborted) {
      const { pollMs, sweepMs, restMs } = this.#around.rhythm
      const period = this.#isStreaming ? sweepMs : rested(pollMs, lookedMs)
      await this.#waitForChange(sweptMs + period - performance.now())
      if (signal.aborted) return
      const change = this.#taken(performance.now() >= sweptMs + period)
      startMs = performance.now()
      await this.#look(change)
      for (const group of this.#told.changes(await this.#groups())) observer.changed(group)
      lookedMs = performance.now() - startMs
      if (change === 'all') sweptMs = performance.now()
      if (this.#toldStreaming !== this.#isStreaming) this.#tellVersion()
      await pause(rested(restMs, lookedMs), signal)
    }
  }

  #tellVersion(): void {
    this.#toldStreaming = this.#isStreaming
    const how = this.#isStreaming
      ? ''
      : `, asked again and again: ${this.#refusal || 'no events yet'}`
    this.#visit.learned(cut(this.#version + how, 300))
  }

  async #groups() {
    const { roster, hosts } = this.#around
    return roster.groups(await hosts.resolve(roster.unaddressed()))
  }

  /** What is to be looked at now; it is no longer afterwards. */
  #taken(isDue: boolean): Change {
    const isAll = isDue || this.#allDirty || this.#dirty.size > singlesMax
    const change = isAll ? 'all' : [...this.#dirty]
    this.#dirty.clear()
    this.#allDirty = false
    return change
  }

  /** What fails leaves all as it was. */
  async #look(change: Change): Promise<void> {
    if (change === 'all') await this.#lookAtAll()
    else for (const path of change) await this.#lookAt(path)
    await this.#lookAtDoings()
  }

  async #lookAtAll(): Promise<void> {
    const { roster } = this.#around
    this.#dirty.clear()
    this.#allDirty = false
    const answer = await this.#ask('/v2/apps?embed=apps.tasks')
    const { apps } = recordOf(answer.body)
    if (answer.status !== 200 || !Array.isArray(apps)) throw refusalOf('/v2/apps', answer)
    const pods = await this.#listOfPods()
    roster.putApps(apps)
    if (pods) roster.putPods(pods)
  }

  /** Undefined where there are none: before 1.4, or hidden from us. */
  async #listOfPods(): Promise<unknown[] | undefined> {
    if (!this.#hasPods) return undefined
    const answer = await this.#ask('/v2/pods/::status')
    if (answer.status === 200 && Array.isArray(answer.body)) return answer.body
    if (answer.status >= 500) throw refusalOf('/v2/pods/::status', answer)
    this.#hasPods = false
    return undefined
  }

  /** An event does not tell whether it is about an app or a pod. */
  async #lookAt(path: string): Promise<void> {
    const { roster } = this.#around
    const kinds = roster.isPod(path) ? (['pod', 'app'] as const) : (['app', 'pod'] as const)
    for (const kind of kinds) {
      if (kind === 'pod' && !this.#hasPods) continue
      const encoded = path.split('/').map(encodeURIComponent).join('/')
      const url = kind === 'app' ? `/v2/apps${encoded}` : `/v2/pods${encoded}::status`
      const answer = await this.#ask(url)
      const { app } = recordOf(answer.body)
      const found = kind === 'app' ? app : answer.body
      if (answer.status === 200 && typeof found === 'object') return roster.put(path, found, kind)
      if (answer.status !== 404) throw refusalOf(url, answer)
      roster.delete(path, kind)
    }
  }

  /** Deployments and waiting lists are an extra: where they are not to be had, nothing is said of them. */
  async #lookAtDoings(): Promise<void> {
    const read = async (path: string, parse: (body: unknown) => Doings) => {
      const answer = await this.#ask(path)
      return answer.status === 200 ? parse(answer.body) : new Map<string, string>()
    }
    const deployments = await read('/v2/deployments', readDeployments)
    this.#around.roster.putDoings(deployments, await read('/v2/queue', readQueue))
  }

  #ask(path: string): Promise<ApiAnswer> {
    const { client, base, signal } = this.#visit
    return client.ask(under(base, path), { signal })
  }

  #note(change: Change): void {
    if (change === 'all') this.#allDirty = true
    else for (const path of change) this.#dirty.add(path)
    if (this.#dirty.size > singlesMax) {
      this.#dirty.clear()
      this.#allDirty = true
    }
    if (this.#allDirty || this.#dirty.size > 0) this.#wake()
  }

  async #waitForChange(ms: number): Promise<void> {
    const { signal } = this.#visit
    if (this.#dirty.size === 0 && !this.#allDirty) {
      const woken = new AbortController()
      this.#wake = () => woken.abort()
      await pause(Math.max(0, ms), AbortSignal.any([woken.signal, signal]))
      this.#wake = () => {}
    }
    await pause(this.#around.rhythm.gatherMs, signal)
  }
}

function rested(leastMs: number, lookedMs: number): number {
  return Math.max(leastMs, Math.min(restMaxMs, lookedMs * restFactor))
}
