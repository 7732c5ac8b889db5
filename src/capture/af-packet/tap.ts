import type { Ring } from './ring.ts'
import { addTo, emptyTally, type Tally } from './tally.ts'

/** One network namespace that is being captured. */
export interface Tap {
  /** The namespace's inode as text. */
  readonly name: string
  /** The number that its packets carry. */
  readonly namespace: number
  readonly kind: 'host' | 'container'
  /** Keeps a way in, for a larger ring. The ring's socket holds the namespace anyway. */
  readonly namespaceFd: number
  ring: Ring
  /** The larger ring that captures already; it is read once `ring`, which captures no more, is empty. */
  succession: { readonly ring: Ring; readonly sinceMs: number } | undefined
  /** Of rings that were closed. */
  readonly closed: Tally
  /** The tally when growth was last considered. */
  before: Readonly<Tally>
  /** No larger ring was to be had; it is not tried again. */
  isLargest: boolean
  /** Polls in a row that reported an error. */
  errors: number
}

/** What one namespace's capture has seen and lost since it was attached. */
export interface TapTally extends Readonly<Tally> {
  readonly name: string
  readonly namespace: number
  readonly ringBytes: number
}

/** A tap whose ring has just begun. */
export function emptyTap(
  form: Pick<Tap, 'name' | 'namespace' | 'kind' | 'namespaceFd' | 'ring'>,
): Tap {
  const begun = { succession: undefined, isLargest: false, errors: 0 }
  return { ...form, ...begun, closed: emptyTally(), before: emptyTally() }
}

/** The rings that are open. */
export function ringsOf({ ring, succession }: Tap): Ring[] {
  return succession ? [ring, succession.ring] : [ring]
}

/** The ring that captures. */
export function captureRing({ ring, succession }: Tap): Ring {
  return succession?.ring ?? ring
}

/** Everything since it was attached, as far as the rings' statistics were read. */
export function tallyOf(tap: Tap): Tally {
  const tally = { ...tap.closed }
  for (const ring of ringsOf(tap)) addTo(tally, ring.tally)
  return tally
}

/** The ring lost packets since growth was last considered, or could not hold `stallSeconds` of what came in. */
export function isTooSmall(
  tap: Tap,
  { seconds, stallSeconds }: { readonly seconds: number; readonly stallSeconds: number },
): boolean {
  const { bytes, drops } = tallyOf(tap)
  const perSecond = (bytes - tap.before.bytes) / seconds
  return drops > tap.before.drops || perSecond * stallSeconds > tap.ring.ringBytes
}
