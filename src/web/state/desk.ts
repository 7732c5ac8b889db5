import type { Api } from './api.ts'
import { onToldLongAgo, SharedPlaces } from './arranging.ts'
import { type Connection, connect, type Wire } from './connect.ts'
import { type Frame, indexNames, type Topology } from './feed.ts'
import { History } from './history.ts'
import { emptyPage, onFrame, onTopology, type Page, type Reach } from './page.ts'
import type { Path } from './place.ts'
import { createStore, type Store } from './store.ts'
import type { View } from './view.ts'

/** What the page works with: one value that the screen follows, and what does not pass through it. */
export interface Desk {
  readonly store: Store<Page>
  readonly history: History
  readonly api: Api
  /** What people have arranged. */
  readonly places: SharedPlaces
  /** Somebody else has arranged a place; returns what ends it. */
  onPlaces(listener: (at: Path) => void): () => void
  /** Each frame as it comes, past React, with the names that it follows; returns what ends it. */
  onFrame(listener: FrameListener): () => void
  /** Asks for a connection now. */
  retry(): void
  close(): void
}

export type FrameListener = (frame: Frame, topology: Topology) => void

export interface DeskOptions {
  readonly url: string
  readonly wire: Wire
  readonly api: Api
  readonly view: View
}

/** Opens the live feed and keeps the page's value up to date with it. */
export function openDesk({ url, wire, api, view }: DeskOptions): Desk {
  const store = createStore(emptyPage(view, Date.now()))
  const history = new History()
  const listeners = new Set<FrameListener>()
  const placesListeners = new Set<(at: Path) => void>()
  const places = new SharedPlaces({
    by: crypto.randomUUID?.() ?? Math.random().toString(36).slice(2),
    put: async (at, nodes, by) => (await api.arrange(at, nodes, by)).kind === 'ok',
    arranged: at => {
      for (const listener of placesListeners) listener(at)
    },
    failed: () => store.set(page => ({ ...page, told: { kind: 'unkept', sinceMs: Date.now() } })),
  })
  const connection: Connection = connect(url, wire, {
    names: names => store.feed(page => onTopology(page, indexNames(names), history)),
    places: message => places.hear(message.places, message.by),
    status: status => store.feed(page => ({ ...page, status })),
    frame: frame => {
      const { topology } = store.get()
      // A frame of other names than the page has: its columns cannot be read, and the next comes in a second.
      if (topology?.version !== frame.version || topology.links.length !== frame.ok.length) return
      history.push(topology, frame)
      for (const listener of listeners) listener(frame, topology)
      store.feed(page => onFrame(page, frame, history, Date.now()))
    },
    reach: reach => {
      store.set(page => onReach(page, reach))
      if (reach.kind === 'waiting') void askRefusal(api, store)
    },
  })
  const tick = () => store.feed(page => onToldLongAgo({ ...page, nowMs: Date.now() }, Date.now()))
  const clock = setInterval(tick, 1000)
  return {
    store,
    history,
    api,
    places,
    onPlaces: listener => {
      placesListeners.add(listener)
      return () => placesListeners.delete(listener)
    },
    onFrame: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    retry: () => connection.retry(),
    close: () => {
      clearInterval(clock)
      connection.close()
    },
  }
}

function onReach(page: Page, reach: Reach): Page {
  if (reach.kind === 'open' && page.reach.kind === 'open') return page
  return { ...page, reach, refusal: reach.kind === 'open' ? undefined : page.refusal }
}

/** A browser is not told why a WebSocket was refused; the same question over HTTP is answered with a sentence. */
async function askRefusal(api: Api, store: Store<Page>): Promise<void> {
  const refusal = await api.refusal()
  store.feed(page => (page.reach.kind === 'waiting' ? { ...page, refusal } : page))
}
