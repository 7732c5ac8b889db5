import type { Arrangement, Spot } from '#model/arrangement.ts'
import type { Page } from './page.ts'
import type { Path } from './place.ts'

/** What somebody did to the places of the map, and where those stood before whom it touched. */
export interface Deed {
  readonly kind: 'moved' | 'tidied'
  readonly at: Path
  /** Who was moved. */
  readonly id?: string
  readonly name?: string
  /** `undefined`: nowhere yet. */
  readonly before: ReadonlyMap<string, Spot | undefined>
  /** Done step by step with keys: steps that follow each other closely are one deed. */
  readonly isStep?: boolean
  readonly atMs: number
}

/** What is said of the newest deed, for a short while. */
export interface Told {
  readonly kind: Deed['kind'] | 'undone' | 'unkept'
  readonly name?: string | undefined
  readonly sinceMs: number
}

/** Deeds that can be undone at most, the newest. */
export const deedsMax = 50
/** Steps no further apart than this are one deed. */
const stepMs = 2000
/** A notice stays this long. */
export const toldMs = 9000

type Arranging = Pick<Page, 'deeds' | 'told'>

/** Somebody has moved something: it can be undone. */
export function onDeed<P extends Arranging>(page: P, deed: Deed): P {
  const last = page.deeds.at(-1)
  const isNext =
    deed.isStep &&
    last?.isStep &&
    last.id === deed.id &&
    last.at === deed.at &&
    deed.atMs - last.atMs < stepMs
  const deeds = isNext
    ? [...page.deeds.slice(0, -1), { ...last, atMs: deed.atMs }]
    : [...page.deeds, deed].slice(-deedsMax)
  return { ...page, deeds, told: { kind: deed.kind, name: deed.name, sinceMs: deed.atMs } }
}

/** The newest deed is undone. */
export function onUndone<P extends Arranging>(page: P, nowMs: number): P {
  if (page.deeds.length === 0) return page
  return { ...page, deeds: page.deeds.slice(0, -1), told: { kind: 'undone', sinceMs: nowMs } }
}

/** A notice has been there long enough. */
export const onToldLongAgo = <P extends Arranging>(page: P, nowMs: number): P =>
  page.told && nowMs - page.told.sinceMs > toldMs ? { ...page, told: undefined } : page

export interface SharedPlacesOptions {
  /** Tells the server; false: it could not be kept. */
  put(at: Path, nodes: Arrangement, by: string): Promise<boolean>
  /** Somebody else has arranged a place. */
  arranged(at: Path): void
  /** The server did not take it. */
  failed(): void
  /** How this page calls itself. */
  readonly by: string
}

/** The places that people have arranged, as the server keeps them for all viewers. */
export class SharedPlaces {
  private readonly options: SharedPlacesOptions
  private readonly places = new Map<Path, Arrangement>()
  /** What the server has yet to be told, by place. */
  private readonly waiting = new Map<Path, ReturnType<typeof setTimeout>>()

  constructor(options: SharedPlacesOptions) {
    this.options = options
  }

  get(at: Path): Arrangement | undefined {
    return this.places.get(at)
  }

  /** What the server says, unless this page has said it, or is about to say otherwise. */
  hear(places: readonly { readonly at: Path; readonly nodes: Arrangement }[], by: string): void {
    if (by === this.options.by) return
    for (const { at, nodes } of places) {
      if (this.waiting.has(at)) continue
      this.places.set(at, nodes)
      this.options.arranged(at)
    }
  }

  /** This page has arranged a place; the server hears of it after `waitMs`, once for all changes until then. */
  put(at: Path, nodes: Arrangement, waitMs: number): void {
    this.places.set(at, nodes)
    clearTimeout(this.waiting.get(at))
    this.waiting.set(
      at,
      setTimeout(() => void this.tell(at), waitMs),
    )
  }

  private async tell(at: Path): Promise<void> {
    this.waiting.delete(at)
    const { put, failed, by } = this.options
    if (!(await put(at, this.places.get(at) ?? {}, by))) failed()
  }
}
