import type { Insets } from './camera.ts'

/** The seam between the renderer, which knows no framework, and the page around it. */

/** What is drawn: nodes and links by index; the indexes hold for `setPositions` and `pushFrame`. */
export interface Scene {
  readonly nodes: readonly SceneNode[]
  readonly links: readonly SceneLink[]
}

export interface SceneNode {
  readonly id: string
  readonly label: string
  /** What it serves, by the protocols of its incoming links; `group`: several as one. */
  readonly glyph: 'entry' | 'web' | 'store' | 'queue' | 'external' | 'plain' | 'group'
  /** The district in which it lies. */
  readonly district?: string | undefined
  /** Nobody sees it now: what is drawn of it is the last that was known. */
  readonly isDark?: boolean
  /** It says of itself that it is unwell, whatever it answers: it wears a badge. */
  readonly isIll?: boolean
  /** It is gone: what is drawn of it says where it was. */
  readonly isGhost?: boolean
}

/** `client` and `server` are indexes of nodes. */
export interface SceneLink {
  readonly id: string
  readonly client: number
  readonly server: number
  readonly protocol: string
}

/** One second of all links: rates per second, latencies in us, bytes per second. */
export interface SceneFrame {
  readonly timeMs: number
  readonly ok: Float32Array
  readonly warning: Float32Array
  readonly error: Float32Array
  readonly p50Us: Float32Array
  readonly p99Us: Float32Array
  readonly bytes: Float32Array
  /** A rate to make room for as if a link had it: the scale of dots then stays the same below it. */
  readonly densest?: number | undefined
}

export type Target =
  | { readonly kind: 'service'; readonly index: number }
  | { readonly kind: 'link'; readonly index: number }

/** A dot: which requests it stands for. */
export interface Dot {
  /** Index of its link. */
  readonly link: number
  /** Undefined: bytes without requests. */
  readonly outcome: 'ok' | 'warning' | 'error' | undefined
  /** Start of its second, ms since the epoch; undefined when that is not known any more. */
  readonly timeMs: number | undefined
}

export type Theme = 'dark' | 'light'

/** Red, green and blue, 0 to 1, instead of the theme's own. */
export type Colours = Readonly<
  Partial<
    Record<
      'background' | 'text' | 'disc' | 'ok' | 'warning' | 'error',
      readonly [number, number, number]
    >
  >
>

export interface FlowMapEvents {
  hover(target: Target | undefined, x: number, y: number): void
  select(target: Target | undefined): void
  /** A dot was pointed at while the map stood still. */
  dot(dot: Dot): void
  /** A double click or Enter. */
  open(target: Target): void
  /** A hand has put a node elsewhere, to these world coordinates; without this event nodes cannot be moved. */
  move(node: number, x: number, y: number): void
  /** The camera moved: world to screen is `screen = world * scale + (x, y)`, in CSS pixels. */
  camera(camera: { readonly x: number; readonly y: number; readonly scale: number }): void
  /** The drawing context was lost (true) or came back (false). */
  lost(lost: boolean): void
}

/** Figures of the renderer itself, over the last second. */
export interface DrawStats {
  readonly framesPerSecond: number
  /** Script time inside the frame callback, median ms. */
  readonly scriptMs: number
  readonly particles: number
  readonly drawCalls: number
  readonly tier: 0 | 1 | 2
  /** What one particle stands for: the legend prints it. */
  readonly requestsPerDot: number
}

export interface FlowMap {
  /** Replaces the scene. Nodes and links that stay (by id) keep their history, so nothing jumps. */
  setScene(scene: Scene): void
  /** World coordinates, x and y in turn, one pair a node of the scene. New places are moved to softly. */
  setPositions(positions: Float32Array): void
  pushFrame(frame: SceneFrame): void
  /** The next scene is another place, further in or further out: the eye travels there. */
  enter(direction: 'inward' | 'outward'): void
  setTheme(theme: Theme): void
  /** Colours of one's own over the theme's. */
  setColours(colours: Colours): void
  /** Dims everything but the target and its neighbours. */
  select(target: Target | undefined): void
  /** Nodes to highlight (a search); undefined ends it. */
  highlight(nodes: ReadonlySet<number> | undefined): void
  /** Stops births of particles: those on their way drain, then the map stands still (data is stale). */
  setStale(stale: boolean): void
  /** Lets all dots stand where they are, so that one can be pointed at; afterwards the map is live again. */
  setPaused(paused: boolean): void
  /** Slow motion: dots at a quarter of their pace, as dense as ever. */
  setSlow(slow: boolean): void
  setReducedMotion(reduced: boolean): void
  /** Space left free of the map by panels, in CSS pixels: `fit` and `focus` stay inside. */
  setInsets(insets: Insets): void
  fit(): void
  focus(node: number): void
  stats(): DrawStats
  destroy(): void
}
