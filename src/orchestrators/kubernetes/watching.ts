import { type BackoffLimits, pause } from '#lib/backoff.ts'
import { messageOf } from '#lib/fault.ts'
import { cut } from '#lib/text.ts'
import type { Observer } from '../orchestrator.ts'
import type { Access } from './access.ts'
import { Api, Refusal } from './api.ts'
import { Reflector, type ReflectorCounters, reflectorOptions, type Standing } from './reflector.ts'
import { type Kind, resources } from './resources.ts'
import { Roster } from './roster.ts'

export interface KubernetesOptions {
  readonly pageSize?: number
  readonly watchSeconds?: number
  readonly refusedMs?: number
  readonly answerMs?: number
  readonly backoff?: BackoffLimits
}

/** What a watch of a cluster needs to know of the world. */
export interface Surroundings {
  readonly access: Access
  readonly options: KubernetesOptions
  readonly counters: ReflectorCounters
  readonly observer: Observer
}

/** Events come in rows (a pod's conditions, its slices): waiting a little makes one look of them. */
const gatherMs = 50
/** Between two looks at least this, and so many times what the last one took, up to a second. */
const restMs = 100
const restFactor = 9
const restMaxMs = 1_000
/** Nothing happens for so long: look all the same. */
const idleMs = 60_000

const kinds = Object.keys(resources) as Kind[]

/** One watch of a cluster, until its signal aborts: everything first, then what changes. */
export class Watching {
  readonly #around: Surroundings
  readonly #api: Api
  readonly #roster = new Roster(() => this.#wake())
  readonly #standings = new Map<Kind, Standing>(kinds.map(kind => [kind, { kind: 'waiting' }]))
  #isDirty = false
  #wakeUp: () => void = () => {}
  #isTold = false
  #lostMs: number | undefined
  #version = ''
  #toldStatus = ''
  #toldNetworks = ''

  constructor(around: Surroundings) {
    this.#around = around
    const { answerMs } = around.options
    this.#api = new Api(around.access, answerMs === undefined ? {} : { answerMs })
  }

  async run(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const reflectors = kinds.map(kind => this.#reflector(kind).run(signal))
    while (!signal.aborted) {
      await this.#waitForChange(signal)
      const startMs = performance.now()
      await this.#look(signal)
      const wantedMs = restFactor * (performance.now() - startMs)
      await pause(Math.min(restMaxMs, Math.max(restMs, wantedMs)), signal)
    }
    await Promise.all(reflectors)
    this.#api.close()
  }

  #reflector<K extends Kind>(kind: K): Reflector<unknown> {
    const { options, counters } = this.#around
    const tell = (standing: Standing) => {
      const before = this.#standings.get(kind)
      this.#standings.set(kind, standing)
      if (before?.kind !== standing.kind || standing.kind === 'failing') this.#wake()
    }
    return new Reflector(this.#api, resources[kind], this.#roster.sink(kind), tell, {
      options: { ...reflectorOptions, ...options },
      counters,
    }) as Reflector<unknown>
  }

  /** Nothing is told before everything was listed; then what changes, also while some of it cannot be asked. */
  async #look(signal: AbortSignal): Promise<void> {
    const standings = [...this.#standings.values()]
    const failing = standings.find(({ kind }) => kind === 'failing')
    if (failing) this.#tellLoss(failing)
    else if (standings.every(({ kind }) => kind !== 'waiting')) await this.#tellStanding(signal)
    if (!this.#isTold || signal.aborted) return
    this.#tellNetworks()
    for (const group of this.#roster.changes()) this.#around.observer.changed(group)
  }

  async #tellStanding(signal: AbortSignal): Promise<void> {
    if (!this.#isTold || this.#lostMs !== undefined) {
      this.#version = await this.#askVersion(signal)
      if (signal.aborted) return
      this.#tellNetworks()
      this.#around.observer.all(this.#roster.all())
      this.#isTold = true
      this.#lostMs = undefined
      this.#toldStatus = ''
    }
    const version = [this.#version, ...this.#refusals()].join('; ')
    if (version === this.#toldStatus) return
    this.#toldStatus = version
    this.#around.observer.status({ kind: 'connected', version })
  }

  /** What we do without, and why, once for each reason. */
  #refusals(): string[] {
    const refused = [...this.#standings].flatMap(([kind, standing]) =>
      standing.kind === 'refused' ? [{ kind, error: standing.error }] : [],
    )
    const isForbidden = ({ error }: { error: unknown }) =>
      error instanceof Refusal && error.status === 403
    const forbidden = refused.filter(isForbidden).map(({ kind }) => kind)
    const missing = refused.filter(each => !isForbidden(each)).map(({ kind }) => kind)
    return [
      ...(forbidden.length > 0
        ? [`we may not read ${forbidden.join(', ')} (deploy/kubernetes/server.yaml has the role)`]
        : []),
      ...(missing.length > 0 ? [`it has no ${missing.join(', ')}`] : []),
    ]
  }

  /** A cluster that was never there is absent; one that was is lost, since it first went. */
  #tellLoss(standing: Standing): void {
    const reason = this.#api.sentence('error' in standing ? standing.error : undefined)
    if (this.#isTold) this.#lostMs ??= Date.now()
    if (reason === this.#toldStatus) return
    this.#toldStatus = reason
    this.#around.observer.status(
      this.#lostMs === undefined
        ? { kind: 'absent', reason }
        : { kind: 'lost', reason, sinceMs: this.#lostMs },
    )
  }

  #tellNetworks(): void {
    const networks = this.#roster.networks()
    const text = JSON.stringify(networks)
    if (text === this.#toldNetworks) return
    this.#toldNetworks = text
    this.#around.observer.networks?.(networks)
  }

  /** Not everybody may ask for it, and nothing depends on it. */
  async #askVersion(signal: AbortSignal): Promise<string> {
    try {
      const answer = await this.#api.get('/version', 'application/json', signal)
      const { gitVersion } = Object(answer) as { gitVersion?: unknown }
      return typeof gitVersion === 'string' ? cut(gitVersion, 64) : 'unknown version'
    } catch (error) {
      return `unknown version (${cut(messageOf(error), 100)})`
    }
  }

  #wake(): void {
    this.#isDirty = true
    this.#wakeUp()
  }

  async #waitForChange(signal: AbortSignal): Promise<void> {
    if (!this.#isDirty) {
      const woken = new AbortController()
      this.#wakeUp = () => woken.abort()
      await pause(idleMs, AbortSignal.any([woken.signal, signal]))
      this.#wakeUp = () => {}
    }
    await pause(gatherMs, signal)
    this.#isDirty = false
  }
}
