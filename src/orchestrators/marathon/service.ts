import type { Service } from '#model/service.ts'

/** Longer paths are none of Marathon's; cutting one would make two apps the same. */
const pathCharsMax = 512
/** Groups one can zoom into. */
const depthMax = 16

/** `/services//app/` and `services/app` are `/services/app`; undefined when it is no path of an app. */
export function pathOf(text: string): string | undefined {
  if (text.length > pathCharsMax) return undefined
  const parts = text.split('/').filter(part => part !== '')
  if (parts.length === 0 || /[\s\p{Cc}]/u.test(text)) return undefined
  if (parts.some(part => part === '.' || part === '..')) return undefined
  return `/${parts.join('/')}`
}

/** The service of an app or pod: its name is the last part of its path, its group the parts before. */
export function marathonService(path: string): Service {
  const parts = path.split('/').filter(part => part !== '')
  const name = parts.pop() ?? path
  return { id: `marathon:${path}`, name, kind: 'marathon', group: parts.slice(0, depthMax) }
}

/**
 * The grammars of Marathon's task ids, read from the right: `app.<uuid>` (up to 1.7), `app.<uuid>.2` (resident tasks),
 * `pod.instance-<uuid>.<container>` (1.4), `app.instance-<uuid>._app.3` (1.8, the last number grows with each restart).
 */
const grammars: readonly RegExp[] = [
  /^(.+)\.(?:instance-|marathon-)[^_.]+[._][^.]+\.(\d+)$/,
  /^(.+)\.(?:instance-|marathon-)[^_.]+[._][^.]+$/,
  /^(.+)\.(?:instance-|marathon-)[^_.]+$/,
  /^(.+)[._][0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.(\d+)$/,
  /^(.+)[._][0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
]

/** What a task's id tells: which app or pod it is of, and how often it was started again. */
export interface TaskName {
  readonly path: string
  readonly restarts: number
}

/** Undefined when the id is none that Marathon would give. */
export function taskNameOf(id: string): TaskName | undefined {
  if (id.length > pathCharsMax) return undefined
  for (const grammar of grammars) {
    const match = grammar.exec(id)
    const path = match && pathOf(match[1].replaceAll('_', '/'))
    if (path) return { path, restarts: Math.max(0, Number(match[2] ?? 1) - 1) }
  }
  return undefined
}
