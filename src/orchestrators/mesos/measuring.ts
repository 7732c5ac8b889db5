import { pause } from '#lib/backoff.ts'
import type { Usage } from '#model/service.ts'
import { type ApiClient, under } from '../cluster-http.ts'
import type { Agent } from './state.ts'
import { readStatistics, type Statistics, usageOf } from './statistics.ts'

/** How often agents are asked what their tasks take. */
export interface MeasuringRhythm {
  /** Before the first time: until the first picture there are no agents. */
  readonly firstMs: number
  readonly everyMs: number
  /** An agent that did not answer is left alone for so long. */
  readonly restMs: number
  readonly answerMs: number
}

export const usualMeasuring: MeasuringRhythm = {
  firstMs: 10_000,
  everyMs: 60_000,
  restMs: 10 * 60_000,
  answerMs: 5_000,
}

export interface MeasuringOptions {
  readonly client: ApiClient
  /** The master's address: agents are reached as it is, but for its credentials. */
  readonly base: URL
  readonly rhythm: MeasuringRhythm
  /** Agents that run tasks now. */
  agents(): readonly Agent[]
  /** What all executors of an agent take; nothing when it does not answer any more. */
  measured(agent: string, usages: ReadonlyMap<string, Usage>): void
}

/** Agents asked in one round, and at once. */
const agentsMax = 10_000
const atOnceMax = 4
const nothing: ReadonlyMap<string, Usage> = new Map()

/** The key of an executor's usage. */
export const executorKey = (framework: string, executor: string): string =>
  `${framework} ${executor}`

/** Asks all agents from time to time, some at once; who does not answer is left out for a while. */
export class Measuring {
  readonly #options: MeasuringOptions
  /** By agent, then by executor. */
  #before = new Map<string, ReadonlyMap<string, Statistics>>()
  readonly #restsUntilMs = new Map<string, number>()
  /** Agents of before 0.25 answer with a suffix only. */
  readonly #suffixed = new Set<string>()

  constructor(options: MeasuringOptions) {
    this.#options = options
  }

  /** Runs until the signal aborts; never throws. */
  async run(signal: AbortSignal): Promise<void> {
    await pause(this.#options.rhythm.firstMs, signal)
    while (!signal.aborted) {
      const agents = this.#options.agents().slice(0, agentsMax)
      this.#forgetBut(new Set(agents.map(({ id }) => id)))
      const waiting = agents.filter(({ id }) => !this.#isResting(id)).reverse()
      const ask = async () => {
        for (let agent = waiting.pop(); agent && !signal.aborted; agent = waiting.pop()) {
          await this.#measure(agent, signal)
        }
      }
      await Promise.all(Array.from({ length: atOnceMax }, ask))
      await pause(this.#options.rhythm.everyMs, signal)
    }
  }

  async #measure(agent: Agent, signal: AbortSignal): Promise<void> {
    const { measured, rhythm } = this.#options
    const found = await this.#ask(agent, signal)
    if (signal.aborted) return
    if (found === undefined) {
      this.#restsUntilMs.set(agent.id, performance.now() + rhythm.restMs)
      this.#before.delete(agent.id)
      measured(agent.id, nothing)
      return
    }
    const before = this.#before.get(agent.id)
    const now = new Map(found.map(each => [executorKey(each.framework, each.executor), each]))
    this.#before.set(agent.id, now)
    const usages = [...now].map(([key, each]) => [key, usageOf(before?.get(key), each)] as const)
    measured(agent.id, new Map(usages))
  }

  /** Undefined when it does not answer, or not with statistics. */
  async #ask(agent: Agent, given: AbortSignal): Promise<Statistics[] | undefined> {
    const signal = AbortSignal.any([given, AbortSignal.timeout(this.#options.rhythm.answerMs)])
    const path = '/monitor/statistics'
    const answer = await this.#get(
      agent,
      this.#suffixed.has(agent.id) ? `${path}.json` : path,
      signal,
    )
    if (answer?.status === 404 && !this.#suffixed.has(agent.id)) {
      this.#suffixed.add(agent.id)
      return this.#ask(agent, given)
    }
    if (answer?.status !== 200) return undefined
    return readStatistics(answer.body, Date.now() / 1000)
  }

  async #get(agent: Agent, path: string, signal: AbortSignal) {
    const url = urlOf(agent, path, this.#options.base)
    if (!url) return undefined
    try {
      return await this.#options.client.ask(url, { signal })
    } catch {
      // It is away, slow or another's: what it runs is known all the same, only not what that takes.
      return undefined
    }
  }

  #isResting(agent: string): boolean {
    return performance.now() < (this.#restsUntilMs.get(agent) ?? Number.NEGATIVE_INFINITY)
  }

  #forgetBut(agents: ReadonlySet<string>): void {
    for (const map of [this.#before, this.#restsUntilMs]) {
      for (const id of map.keys()) if (!agents.has(id)) map.delete(id)
    }
    for (const id of this.#suffixed) if (!agents.has(id)) this.#suffixed.delete(id)
  }
}

/**
 * As the master is reached: behind DC/OS' Admin Router by the agent's id, else at the address that it advertises, by http or
 * https as the master.
 */
export function urlOf({ id, host }: Agent, path: string, base: URL): URL | undefined {
  if (/^\/mesos\/?$/.test(base.pathname)) {
    return under(new URL(base.origin), `/agent/${encodeURIComponent(id)}${path}`)
  }
  const text = `${base.protocol}//${host}`
  return host !== undefined && URL.canParse(text) ? under(new URL(text), path) : undefined
}
