import { cut } from '#lib/text.ts'
import { type Instance, instanceKey, type ServiceGroup } from './service.ts'

/** What can happen to a service or one of its instances, as orchestrators tell it. */
export const eventKinds = [
  'appeared',
  'gone',
  'started',
  'stopped',
  'restarted',
  'health',
  'state',
  'scaled',
  'image',
  'doing',
] as const
export type EventKind = (typeof eventKinds)[number]

/** Something that happened to a service; with `instance`, to that one of it. */
export interface ClusterEvent {
  readonly timeMs: number
  readonly kind: EventKind
  /** Id of the service. */
  readonly service: string
  /** Id of the instance, and its name: it may be gone. */
  readonly instance?: string
  readonly instanceName?: string
  /** How it was, and how it is: a state, a health, a number, an image, a sentence. */
  readonly from?: string
  readonly to?: string
}

/** When it was told, and when the instances that are gone went, by their keys. */
export interface EventTimes {
  readonly atMs: number
  readonly goneMs: ReadonlyMap<string, number>
}

/** Of more instances than these nothing is said each: the service was scaled. */
const instancesMax = 20
const charsMax = 256
/** A moment that is told anew may be off by this: clocks are compared again and again. */
const sameMs = 2000

/** What happened between two tellings of one service; undefined: it was not there, or is no more. */
export function eventsBetween(
  before: ServiceGroup | undefined,
  after: ServiceGroup | undefined,
  times: EventTimes,
): ClusterEvent[] {
  const group = after ?? before
  if (!group) return []
  const { id: service, kind: serviceKind } = group.service
  const base = { timeMs: times.atMs, service }
  if (!before) return [{ ...base, kind: 'appeared' }]
  // Processes of a machine come and go.
  if (serviceKind === 'process') return []
  if (!after) return [{ ...base, kind: 'gone' }]
  return [
    ...changeOf('doing', base, doingOf(before), doingOf(after), isSameDoing),
    ...changeOf('image', base, imageOf(before), imageOf(after), isSameImage),
    ...changeOf('scaled', base, ...sizesOf(before, after)),
    ...instanceEvents(before, after, times).slice(0, instancesMax),
  ]
}

type Base = Pick<ClusterEvent, 'timeMs' | 'service'>

/** An event with what it was and is, unless that is the same. */
function changeOf(
  kind: EventKind,
  base: Base,
  from: string | undefined,
  to: string | undefined,
  isSame = (a: string | undefined, b: string | undefined) => a === b,
): ClusterEvent[] {
  if (isSame(from, to)) return []
  return [
    {
      ...{ ...base, kind },
      ...(from !== undefined && { from: cut(from, charsMax) }),
      ...(to !== undefined && { to: cut(to, charsMax) }),
    },
  ]
}

const doingOf = ({ doing }: ServiceGroup) => doing

/** `rolling update, 1 of 3` and `rolling update, 2 of 3` are the same thing done. */
function isSameDoing(a = '', b = ''): boolean {
  const without = (text: string) => text.replace(/\d+/g, '')
  return without(a) === without(b)
}

/** What the newest instance runs. */
function imageOf({ instances }: ServiceGroup): string | undefined {
  const imaged = instances.filter(({ image }) => image)
  if (imaged.length === 0) return undefined
  return imaged.reduce((a, b) => (b.sinceMs > a.sinceMs ? b : a)).image
}

/** One says the digest and another does not: then the name alone tells. Without any image nothing is known. */
function isSameImage(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined || a === b) return true
  const [aName, aDigest] = a.split('@')
  const [bName, bDigest] = b.split('@')
  return aName === bName && (aDigest === undefined || bDigest === undefined)
}

/** How many are meant to run, where somebody says so both times; else how many there are. */
function sizesOf(a: ServiceGroup, b: ServiceGroup): [string | undefined, string | undefined] {
  if (a.desired !== undefined && b.desired !== undefined) return [`${a.desired}`, `${b.desired}`]
  if (a.desired !== undefined || b.desired !== undefined) return [undefined, undefined]
  return [`${a.instances.length}`, `${b.instances.length}`]
}

function instanceEvents(a: ServiceGroup, b: ServiceGroup, times: EventTimes): ClusterEvent[] {
  const before = new Map(a.instances.map(each => [instanceKey(each), each]))
  const after = new Map(b.instances.map(each => [instanceKey(each), each]))
  const service = b.service.id
  const events: ClusterEvent[] = []
  const tell = (kind: EventKind, instance: Instance, more: Partial<ClusterEvent> = {}) => {
    const { id, name } = instance
    const timeMs = times.atMs
    events.push({ ...{ timeMs, kind, service, instance: id, instanceName: name }, ...more })
  }
  for (const [key, instance] of before) {
    if (after.has(key) || instance.state === 'exited') continue
    tell('stopped', instance, { timeMs: times.goneMs.get(key) ?? times.atMs })
  }
  for (const [key, instance] of after) {
    const was = before.get(key)
    if (was) tellChanges(was, instance, tell)
    else if (isUp(instance)) tell('started', instance)
  }
  return events
}

type Tell = (kind: EventKind, instance: Instance, more?: Partial<ClusterEvent>) => void

/** It was started, whatever became of it. */
const isUp = ({ state }: Instance) => state !== 'starting' && state !== 'exited'

function tellChanges(was: Instance, is: Instance, tell: Tell): void {
  const change = { from: was.state, to: is.state }
  if (isRestarted(was, is)) tell('restarted', is, restartsOf(was, is))
  else if (was.state === 'starting' && isUp(is)) tell('started', is)
  else if (was.state !== 'exited' && is.state === 'exited') tell('stopped', is)
  else if (was.state !== is.state && isLasting(was) && isLasting(is)) tell('state', is, change)
  const isTrouble = was.health === 'unhealthy' || is.health === 'unhealthy'
  const isKnown = was.health !== 'unknown' && is.health !== 'unknown'
  if (was.health !== is.health && isTrouble && (isKnown || is.health === 'unhealthy')) {
    tell('health', is, { from: was.health, to: is.health })
  }
}

/** Its engine counts it, or the same instance began anew. */
function isRestarted(was: Instance, is: Instance): boolean {
  if (was.id !== is.id) return false
  if (is.restarts > was.restarts) return true
  const isAnew = was.sinceMs > 0 && is.sinceMs > was.sinceMs + sameMs
  return isAnew && isUp(was) && is.state === 'running' && was.state !== 'unreachable'
}

function restartsOf(was: Instance, is: Instance): Partial<ClusterEvent> {
  return was.restarts === is.restarts ? {} : { from: `${was.restarts}`, to: `${is.restarts}` }
}

/** A state that something stays in; the others pass, and what they lead to is told. */
const isLasting = ({ state }: Instance) => /^(running|paused|unreachable)$/.test(state)
