import type { IncomingMessage } from 'node:http'
import { pause } from '#lib/backoff.ts'
import { type JsonRecord, parseJson, recordOf, textOf } from '#lib/json.ts'
import { cut } from '#lib/text.ts'
import { refusalOf, under } from '../cluster-http.ts'
import type { Visit } from '../cluster-life.ts'
import { Told } from '../told.ts'
import type { MesosCluster } from './cluster.ts'
import { Measuring, type MeasuringRhythm, usualMeasuring } from './measuring.ts'
import { RecordIo } from './record-io.ts'
import { leaderElsewhere, readState, readStateV1 } from './state.ts'

/** How often to look. */
export interface Rhythm {
  /** Events come in rows: waiting a little makes one picture of them. */
  readonly gatherMs: number
  readonly restMs: number
  /** Between two looks at the whole state, without events. */
  readonly pollMs: number
  /** The same with events. */
  readonly sweepMs: number
  /** After agents came or went. */
  readonly settleMs: number
  /** Until the first record, which is the whole state. */
  readonly firstMs: number
  /** A subscription that is silent for longer is dead: from 1.5 on there is a sign of life every 15 s. */
  readonly silentMs: number
  /** The same before 1.5, where nothing may happen for long. */
  readonly stillMs: number
  /** How often agents are asked what their tasks take. */
  readonly measuring: MeasuringRhythm
}

export const usualRhythm: Rhythm = {
  gatherMs: 100,
  restMs: 500,
  pollMs: 5_000,
  sweepMs: 10 * 60_000,
  settleMs: 10_000,
  firstMs: 60_000,
  silentMs: 75_000,
  stillMs: 5 * 60_000,
  measuring: usualMeasuring,
}

/** A state that takes a second to make is not asked for every five. */
const pollFactor = 10
const pollMaxMs = 60_000
/** Masters that each say another leads. */
const hopsMax = 2

/** One visit to a master: everything first, then what changes, by a subscription (1.0 and newer) or by asking again. */
export class MesosVisit {
  readonly #visit: Visit
  readonly #cluster: MesosCluster
  readonly #rhythm: Rhythm
  readonly #told = new Told()
  #base: URL
  #isTold = false
  #isDirty = false
  #wake: () => void = () => {}
  /** When the whole state is to be asked for again. */
  #sweepAtMs = Number.POSITIVE_INFINITY
  /** Events that came while the state was on its way. */
  #meanwhile: JsonRecord[] | undefined

  constructor(visit: Visit, cluster: MesosCluster, rhythm: Rhythm) {
    this.#visit = visit
    this.#base = visit.base
    this.#cluster = cluster
    this.#rhythm = rhythm
  }

  /** Runs until the signal aborts or the master is lost, or leads no more; then it throws the reason. */
  async run(): Promise<void> {
    const version = await this.#version()
    const stream = await this.#subscribe()
    if (this.#visit.signal.aborted) return
    void this.#measure()
    if (typeof stream === 'string') return this.#poll(version, stream)
    const reading = this.#read(stream)
    // Whoever loses the race may still fail: that is no news then.
    reading.catch(() => {})
    await Promise.race([reading, this.#tellChanges(version)])
  }

  async #measure(): Promise<void> {
    const { client, signal, base } = this.#visit
    const cluster = this.#cluster
    const measuring = new Measuring({
      ...{ client, base, rhythm: this.#rhythm.measuring },
      agents: () => cluster.busyAgents(),
      measured: (agent, usages) => {
        cluster.measured(agent, usages)
        this.#noteChange()
      },
    })
    await measuring.run(signal)
  }

  /** Every master tells its version, leading or not; before 0.26 none does. */
  async #version(): Promise<string> {
    const { client, signal } = this.#visit
    const answer = await client.ask(under(this.#base, '/version'), { signal })
    if (answer.status >= 500 || answer.status === 401) throw refusalOf('/version', answer)
    return textOf(recordOf(answer.body).version, 64) || 'of unknown version'
  }

  /** The subscription, or why there is none. */
  async #subscribe(): Promise<IncomingMessage | string> {
    const { client, signal } = this.#visit
    const request = { signal, post: { type: 'SUBSCRIBE' } }
    const answer = await client.open(under(this.#base, '/api/v1'), request, this.#rhythm.firstMs)
    const { statusCode, headers } = answer
    const isStream = /^application\/json\b/i.test(headers['content-type'] ?? '')
    if (statusCode === 200 && isStream) return answer
    answer.destroy()
    if (statusCode === 503) throw new Error('no master leads, or it has not recovered yet (503)')
    return statusCode === 200
      ? 'it has no subscription'
      : `it answered ${statusCode} to a subscription`
  }

  async #read(stream: IncomingMessage): Promise<void> {
    const records = new RecordIo()
    for await (const chunk of stream) {
      for (const record of records.read(chunk as Buffer)) {
        const event = recordOf(parseJson(record))
        if (event.type === 'SUBSCRIBED') this.#begin(stream, recordOf(event.subscribed))
        else this.#apply(event)
      }
    }
    throw new Error('it closed the subscription')
  }

  #begin(stream: IncomingMessage, subscribed: JsonRecord): void {
    const state = readStateV1(subscribed.get_state)
    if (!state) throw new Error('its subscription begins without a state')
    const { silentMs, stillMs, sweepMs } = this.#rhythm
    stream.setTimeout(subscribed.heartbeat_interval_seconds === undefined ? stillMs : silentMs)
    this.#cluster.replace(state)
    this.#sweepAtMs = performance.now() + sweepMs
    this.#noteChange()
  }

  #apply(event: JsonRecord): void {
    this.#meanwhile?.push(event)
    const again = this.#cluster.apply(event)
    if (again !== undefined) {
      const waitMs = again === 'at once' ? 0 : this.#rhythm.settleMs
      this.#sweepAtMs = Math.min(this.#sweepAtMs, performance.now() + waitMs)
    }
    if (event.type !== 'HEARTBEAT') this.#noteChange()
  }

  #noteChange(): void {
    this.#isDirty = true
    this.#wake()
  }

  async #tellChanges(version: string): Promise<void> {
    const { signal } = this.#visit
    while (!signal.aborted) {
      await this.#waitForChange()
      if (signal.aborted) return
      if (performance.now() >= this.#sweepAtMs) await this.#sweep()
      this.#isDirty = false
      this.#tell(version)
      await pause(this.#rhythm.restMs, signal)
    }
  }

  /** Events that come while the state does may be newer than it: they are applied once more. */
  async #sweep(): Promise<void> {
    this.#sweepAtMs = performance.now() + this.#rhythm.sweepMs
    this.#meanwhile = []
    await this.#look()
    const events = this.#meanwhile
    this.#meanwhile = undefined
    for (const event of events) this.#cluster.apply(event)
  }

  #tell(version: string): void {
    const { observer, learned } = this.#visit
    const groups = this.#cluster.groups()
    if (this.#isTold) {
      for (const group of this.#told.changes(groups)) observer.changed(group)
      return
    }
    this.#isTold = true
    observer.all(this.#told.all(groups))
    learned(version)
  }

  async #poll(version: string, reason: string): Promise<void> {
    const { signal } = this.#visit
    const how = cut(`${version}, asked again and again: ${reason}`, 300)
    while (!signal.aborted) {
      const startMs = performance.now()
      await this.#look()
      const tookMs = performance.now() - startMs
      this.#tell(how)
      const restMs = Math.min(pollMaxMs, tookMs * pollFactor)
      await pause(Math.max(this.#rhythm.pollMs, restMs), signal)
    }
  }

  /** What fails leaves all as it was. Up to 0.28 a master that stands by does not redirect: it names the leader. */
  async #look(hops = 0): Promise<void> {
    const { client, signal } = this.#visit
    const answer = await client.ask(under(this.#base, '/state'), { signal })
    const state = answer.status === 200 ? readState(answer.body) : undefined
    if (!state) throw refusalOf('/state', answer)
    const leader = leaderElsewhere(answer.body)
    if (leader === undefined) {
      this.#cluster.replace(state)
      return
    }
    const to = `${this.#base.protocol}//${leader}`
    if (hops >= hopsMax || !URL.canParse(to))
      throw new Error(`it stands by, ${cut(leader, 99)} leads`)
    client.check(this.#base, new URL(to))
    this.#base = new URL(to)
    await this.#look(hops + 1)
  }

  async #waitForChange(): Promise<void> {
    const { signal } = this.#visit
    const ms = Math.min(60_000, Math.max(0, this.#sweepAtMs - performance.now()))
    if (!this.#isDirty) {
      const woken = new AbortController()
      this.#wake = () => woken.abort()
      await pause(ms, AbortSignal.any([woken.signal, signal]))
      this.#wake = () => {}
    }
    await pause(this.#rhythm.gatherMs, signal)
  }
}
