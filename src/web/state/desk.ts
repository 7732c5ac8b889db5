import type { Api } from './api.ts'
import { type Connection, connect, type Wire } from './connect.ts'
import { type Frame, indexNames, type Topology } from './feed.ts'
import { History } from './history.ts'
import { emptyPage, onFrame, onTopology, type Page, type Reach } from './page.ts'
import { createStore, type Store } from './store.ts'
import type { View } from './view.ts'

/** What the page works with: one value that the screen follows, and what does not pass through it. */
export interface Desk {
  readonly store: Store<Page>
  readonly history: History
  readonly api: Api
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
  const connection: Connection = connect(url, wire, {
    names: names => store.feed(page => onTopology(page, indexNames(names), history)),
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
  const clock = setInterval(() => store.feed(page => ({ ...page, nowMs: Date.now() })), 1000)
  return {
    store,
    history,
    api,
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
