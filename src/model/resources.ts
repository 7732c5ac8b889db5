import type { LogLine } from './graph.ts'

/** One resource of a link, as far as its sampled lines tell of it. */
export interface TopResource {
  readonly method: string
  readonly resource: string
  /** Lines of it: `ok`, warnings and errors together. */
  readonly count: number
  readonly errors: number
  readonly warnings: number
  /** Null where none was answered. */
  readonly p50Us: number | null
  readonly maxUs: number | null
}

type Told = Pick<LogLine, 'method' | 'resource' | 'outcome' | 'durationUs'>

/** What is asked for most, most frequent first, at most `max` of them. */
export function topResources(lines: readonly Told[], max: number): TopResource[] {
  const groups = new Map<string, Told[]>()
  for (const line of lines) {
    const key = `${line.method}\n${line.resource}`
    const group = groups.get(key)
    if (group) group.push(line)
    else groups.set(key, [line])
  }
  const frequent = [...groups.values()].sort((a, b) => b.length - a.length).slice(0, max)
  return frequent.map(resourceOf)
}

function resourceOf(lines: readonly Told[]): TopResource {
  const durations = lines.flatMap(({ durationUs = [] }) => durationUs).sort((a, b) => a - b)
  const { method, resource } = lines[0]
  return {
    ...{ method, resource, count: lines.length },
    errors: lines.filter(({ outcome }) => outcome === 'error').length,
    warnings: lines.filter(({ outcome }) => outcome === 'warning').length,
    p50Us: durations[Math.ceil(durations.length / 2) - 1] ?? null,
    maxUs: durations.at(-1) ?? null,
  }
}
