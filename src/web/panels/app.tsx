import { useLayoutEffect, useRef } from 'react'
import { linkOfFlow } from '../state/apart.ts'
import { isEmpty } from '../state/page.ts'
import type { Selection } from '../state/view.ts'
import { texts } from '../texts.ts'
import { Announcer } from './announcer.tsx'
import { ApartFeed } from './apart-feed.tsx'
import styles from './app.module.css'
import { ArrangingNotice } from './arranging.tsx'
import { Breadcrumb } from './breadcrumb.tsx'
import { FilterChips } from './filter-chips.tsx'
import { FlowPanel } from './flow-panel.tsx'
import { GroupPanel } from './group-panel.tsx'
import { Help } from './help.tsx'
import { InstancePanel } from './instance-panel.tsx'
import { Legend } from './legend.tsx'
import { LinkPanel } from './link-panel.tsx'
import { LogDrawer } from './log-drawer.tsx'
import { MapView } from './map-view.tsx'
import { NodePanel } from './node-panel.tsx'
import { ProblemList } from './problem-list.tsx'
import { RiverPanel } from './river-panel.tsx'
import { ServicePanel } from './service-panel.tsx'
import { EmptyState, MapNotice, StaleBanner } from './states.tsx'
import { TableView } from './table-view.tsx'
import { TopBar } from './top-bar.tsx'
import { narrow, useMedia, usePage, useSurroundings, useView } from './use-desk.ts'
import { mapId, useFocus } from './use-focus.ts'
import { useKeys } from './use-keys.ts'
import { useTheme } from './use-theme.ts'
import { useTour } from './use-tour.ts'

const panelWidth = 348
const margin = 12
/** Part of the window that the access log takes, and its least height. */
const drawerShare = 0.36
const drawerMin = 220
/** The legend gives its place to the log. */
const legendHeight = 40
const emptyCardHeight = 64

/** The whole page. */
export function App() {
  const { store } = useSurroundings().desk
  const frame = usePage(page => page.view.frame)
  const { change } = useView()
  const selection = usePage(page => page.view.selection)
  const moment = usePage(page => page.view.moment)
  const hasTable = usePage(page => page.view.table !== undefined || page.map === 'unsupported')
  const theme = useTheme()
  useKeys()
  useFocus()
  useTour(frame === 'kiosk')
  // Before others draw by its colours.
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = theme
  }, [theme])
  const isFull = frame === 'full'
  const isOpen = isFull && selection !== undefined
  const logged = isOpen ? linkOfLog(selection) : undefined
  const empty = usePage(isEmpty)
  const corner = useRef<HTMLDivElement>(null)
  const room = useRoom({ isOpen, hasLog: logged !== undefined, isEmpty: empty })
  return (
    <div className={styles.app} data-frame={frame} style={roomStyle(room)}>
      <button type="button" className={styles.skip} onClick={() => change({ table: 'links' })}>
        {texts.map.toTable}
      </button>
      {frame !== 'embed' && (
        <TopBar onHelp={() => store.set(page => ({ ...page, helpOpen: true }))} />
      )}
      <main
        id={mapId}
        className={styles.main}
        tabIndex={-1}
        aria-label={texts.map.label}
        data-table={hasTable}
      >
        <h1 className={styles.hidden}>{texts.product}</h1>
        <MapView right={room.right} bottom={room.bottom} corner={corner} />
        {hasTable ? (
          <TableView right={room.right} bottom={room.bottom} />
        ) : (
          <div ref={corner} className={styles.corner}>
            <Breadcrumb />
            <FilterChips />
            <ApartFeed />
            {frame !== 'embed' && <ProblemList />}
          </div>
        )}
        {!hasTable && logged === undefined && <Legend />}
        {!hasTable && <MapNotice />}
        <EmptyState />
        <ArrangingNotice right={room.right} bottom={room.bottom} />
      </main>
      {isOpen && (
        <div className={styles.stage}>
          <SelectionPanel key={selection.id} {...selection} />
          {logged !== undefined && (
            <LogDrawer
              key={`log ${selection.id} ${moment?.timeMs} ${moment?.outcome}`}
              link={logged}
              moment={moment}
            />
          )}
        </div>
      )}
      <StaleBanner />
      <Help />
      <Announcer />
    </div>
  )
}

const panels = {
  link: LinkPanel,
  service: ServicePanel,
  river: RiverPanel,
  group: GroupPanel,
  node: NodePanel,
  instance: InstancePanel,
  flow: FlowPanel,
}

/** The link whose access log belongs to what is selected. */
const linkOfLog = ({ kind, id }: Selection): string | undefined =>
  kind === 'link' ? id : kind === 'flow' ? linkOfFlow(id) : undefined

function SelectionPanel({ kind, id }: Selection) {
  const Panel = panels[kind]
  return <Panel id={id} />
}

/** What the panels take from the map, in CSS pixels. */
function useRoom(has: { isOpen: boolean; hasLog: boolean; isEmpty: boolean }) {
  const { isOpen, hasLog } = has
  const isNarrow = useMedia(narrow)
  const drawer = Math.max(drawerMin, Math.round(innerHeight * drawerShare))
  if (isNarrow) return { drawer, right: 0, bottom: isOpen ? Math.round(innerHeight * 0.5) : 0 }
  return {
    drawer,
    right: isOpen ? panelWidth + 2 * margin : 0,
    bottom: hasLog ? drawer + margin - legendHeight : has.isEmpty ? emptyCardHeight : 0,
  }
}

const roomStyle = ({ drawer, right }: { drawer: number; right: number }) =>
  ({ '--drawer-height': `${drawer}px`, '--room-right': `${right}px` }) as React.CSSProperties
