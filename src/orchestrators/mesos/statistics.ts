import { type JsonRecord, numberOf, recordOf, recordsOf } from '#lib/json.ts'
import type { Usage } from '#model/service.ts'
import { idOf } from './listed.ts'

/** What an agent measured of one of its executors: sums since it began, and what it has now. */
export interface Statistics {
  readonly framework: string
  readonly executor: string
  readonly atSeconds: number
  readonly cpuSeconds: number | undefined
  readonly cpusMax: number | undefined
  readonly memoryBytes: number | undefined
  readonly memoryBytesMax: number | undefined
}

/** Executors of one agent; those beyond are left out. */
const executorsMax = 10_000
/** A rate over less than this says nothing. */
const leastSeconds = 0.5

/**
 * `GET /monitor/statistics` of an agent of any version (mesos.proto, ResourceStatistics); undefined when it is none. Some
 * leave the time out: then it is when they were asked. Since 1.10 a task without a hard limit has a soft one only.
 */
export function readStatistics(answer: unknown, askedSeconds: number): Statistics[] | undefined {
  if (!Array.isArray(answer)) return undefined
  return recordsOf(answer)
    .slice(0, executorsMax)
    .map(({ framework_id, executor_id, statistics }) => {
      const told = recordOf(statistics)
      return {
        framework: idOf(framework_id),
        executor: idOf(executor_id),
        atSeconds: amountOf(told, 'timestamp') ?? askedSeconds,
        cpuSeconds: sumOf(told, 'cpus_user_time_secs', 'cpus_system_time_secs'),
        cpusMax: amountOf(told, 'cpus_limit', 'cpus_soft_limit'),
        memoryBytes: amountOf(told, 'mem_total_bytes', 'mem_rss_bytes'),
        memoryBytesMax: amountOf(told, 'mem_limit_bytes'),
      }
    })
    .filter(({ framework, executor }) => framework !== '' && executor !== '')
}

/** What it takes, from two measurements: one alone tells no processor time. An executor that began anew has less than before. */
export function usageOf(before: Statistics | undefined, now: Statistics): Usage {
  const seconds = before ? now.atSeconds - before.atSeconds : 0
  const spent = (now.cpuSeconds ?? Number.NaN) - (before?.cpuSeconds ?? Number.NaN)
  const cpus = seconds >= leastSeconds && spent >= 0 ? spent / seconds : undefined
  const { cpusMax, memoryBytes, memoryBytesMax } = now
  return {
    ...(cpus === undefined ? {} : { cpus: Math.round(cpus * 1000) / 1000 }),
    ...(cpusMax === undefined ? {} : { cpusMax }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(memoryBytesMax === undefined ? {} : { memoryBytesMax }),
  }
}

function amountOf(told: JsonRecord, ...names: readonly string[]): number | undefined {
  return names.map(name => numberOf(told[name])).find(value => value !== undefined && value >= 0)
}

function sumOf(told: JsonRecord, ...names: readonly string[]): number | undefined {
  const amounts = names.flatMap(name => amountOf(told, name) ?? [])
  return amounts.length === 0 ? undefined : amounts.reduce((a, b) => a + b)
}
