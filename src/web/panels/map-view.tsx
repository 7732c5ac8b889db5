import { useEffect, useRef, useState } from 'react'
import type { FlowMap, Target } from '../draw/flow-map.ts'
import { createFlowMap } from '../draw/index.ts'
import type { Level } from '../state/level.ts'
import { isEmpty, type MapState, type Picture, stalenessOf } from '../state/page.ts'
import { into } from '../state/place.ts'
import { formatView, isVertex, type Selection, type View } from '../state/view.ts'
import { linkAt, serviceAt } from '../state/walk.ts'
import { createDrawing, type Drawing, openLayoutWorker } from './drawing.ts'
import styles from './map-view.module.css'
import { Tooltip } from './tooltip.tsx'
import { narrow, useMedia, usePage, useSurroundings, useView } from './use-desk.ts'
import { useTheme } from './use-theme.ts'

export interface MapViewProps {
  /** Height of what lies over the bottom of the map, in CSS pixels. */
  readonly bottom: number
  /** Width of what lies over its right side. */
  readonly right: number
  /** What lies over its upper left corner. */
  readonly corner: React.RefObject<HTMLElement | null>
}

/** The canvas and all that tells the renderer what to draw; figures reach it past React. */
export function MapView(insets: MapViewProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const tip = useRef<HTMLDivElement>(null)
  const [hovered, setHovered] = useState<Target>()
  const drawing = useDrawing(canvas, setHovered, tip)
  const level = usePage(page => page.picture?.level)
  const ghosts = usePage(page => page.picture?.ghosts)
  useEffect(() => {
    if (level && ghosts) drawing?.show(level, ghosts)
  }, [drawing, level, ghosts])
  useLooks(drawing !== undefined, insets)
  return (
    <>
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas takes no focus; the table says the same in words */}
      <canvas ref={canvas} className={styles.canvas} aria-hidden="true" />
      <div ref={tip} className={styles.tip}>
        {hovered && <Tooltip target={hovered} />}
      </div>
    </>
  )
}

/** Makes the renderer once, and joins what it tells to the page; undefined where there is none. */
function useDrawing(
  canvas: React.RefObject<HTMLCanvasElement | null>,
  hover: (target: Target | undefined) => void,
  tip: React.RefObject<HTMLDivElement | null>,
): Drawing | undefined {
  const { desk, map, drawing: shared } = useSurroundings()
  const { select, enter } = useView()
  const [drawing, setDrawing] = useState<Drawing>()
  const told = useRef({ hover, select, enter })
  told.current = { hover, select, enter }
  useEffect(() => {
    const setState = (state: MapState) => desk.store.set(page => ({ ...page, map: state }))
    const choose = (target: Target | undefined) => {
      const { picture, view } = desk.store.get()
      const selection = selectionOf(target, picture)
      if (view.frame !== 'embed') told.current.select(selection)
      else if (selection) openWhole({ ...view, selection })
    }
    // It starts while the map compiles its shaders.
    const worker = openLayoutWorker()
    const made = start(canvas.current!, {
      hover: (target, x, y) => {
        told.current.hover(target)
        moveTip(tip.current, x, y)
      },
      select: choose,
      dot: ({ link, outcome, timeMs }) => {
        const { picture } = desk.store.get()
        if (!picture?.map.topology.links[link]) return
        const moment = timeMs === undefined ? undefined : { timeMs, outcome }
        told.current.select(linkAt(picture.map, link), moment)
      },
      open: target => {
        const { picture, view } = desk.store.get()
        const selection = selectionOf(target, picture)
        const path = selection && into(view.at, selection)
        if (path !== undefined && view.frame !== 'embed') told.current.enter(path)
        else choose(target)
      },
      camera: () => {},
      // In another page the map is a picture: nobody arranges it from there.
      ...(desk.store.get().view.frame !== 'embed' && {
        move: (index: number, x: number, y: number) => shared.current?.move(index, x, y),
      }),
      lost: lost => setState(lost ? 'lost' : 'drawing'),
    })
    map.current = made
    setState(made ? 'drawing' : 'unsupported')
    if (!made) {
      worker.terminate()
      return
    }
    const drawn = createDrawing(made, desk, worker)
    shared.current = drawn
    setDrawing(drawn)
    const end = desk.onFrame((frame, topology) => drawn.frame(frame, topology))
    return () => {
      end()
      drawn.end()
      shared.current = undefined
      map.current = undefined
      made.destroy()
    }
  }, [canvas, desk, map, shared, tip])
  return drawing
}

/** From another page into a tab of its own, where there is room for everything. */
function openWhole(view: View): void {
  const query = formatView({ ...view, frame: 'full' })
  window.open(location.pathname + query, '_blank', 'noopener')
}

/** A renderer, or undefined where WebGL 2 is missing or refuses to start. */
function start(
  canvas: HTMLCanvasElement,
  events: Parameters<typeof createFlowMap>[1],
): FlowMap | undefined {
  try {
    return createFlowMap(canvas, events)
  } catch (error) {
    console.warn('The map cannot be drawn.', error)
    return undefined
  }
}

function selectionOf(
  target: Target | undefined,
  picture: Picture | undefined,
): Selection | undefined {
  if (!target || !picture) return undefined
  const { kind, index } = target
  const { topology } = picture.map
  const all = kind === 'service' ? topology.services : topology.links
  if (!all[index]) return undefined
  return (kind === 'service' ? serviceAt : linkAt)(picture.map, index)
}

/** Where the selection is on the map, as the renderer counts: for itself, or in what it is part of. */
function targetOf(selection: Selection | undefined, level: Level | undefined): Target | undefined {
  if (!selection || !level || selection.kind === 'node') return undefined
  const { id } = selection
  const isService = isVertex(selection)
  const { serviceIndex, linkIndex } = level.topology
  const here = (isService ? serviceIndex : linkIndex).get(id)
  const { whole, nodeOf, linkOf } = level
  const index =
    here ??
    (isService ? nodeOf[whole.serviceIndex.get(id) ?? -1] : linkOf[whole.linkIndex.get(id) ?? -1])
  return index === undefined || index < 0
    ? undefined
    : { kind: isService ? 'service' : 'link', index }
}

/** Beside the pointer, on the side where there is room. */
function moveTip(tip: HTMLDivElement | null, x: number, y: number): void {
  if (!tip) return
  const isRight = x > innerWidth - 300
  const isLow = y > innerHeight - 180
  tip.style.transform = `translate(${x}px, ${y}px) translate(${isRight ? 'calc(-100% - 14px)' : '14px'}, ${isLow ? 'calc(-100% - 14px)' : '14px'})`
}

/** Colours, selection, staleness, room. */
function useLooks(isDrawing: boolean, { bottom, right, corner }: MapViewProps): void {
  const { map } = useSurroundings()
  const theme = useTheme()
  const selection = usePage(page => page.view.selection)
  const level = usePage(page => page.picture?.level)
  const stale = usePage(page => stalenessOf(page) !== undefined && !isEmpty(page))
  const isReduced = useMedia('(prefers-reduced-motion: reduce)')
  const paused = usePage(page => page.paused)
  const slow = usePage(page => page.slow)
  const isNarrow = useMedia(narrow)
  useEffect(() => {
    if (isDrawing) map.current?.setTheme(theme)
  }, [isDrawing, map, theme])
  useEffect(() => {
    if (isDrawing) map.current?.select(targetOf(selection, level))
  }, [isDrawing, map, selection, level])
  useEffect(() => {
    if (isDrawing) map.current?.setStale(stale)
  }, [isDrawing, map, stale])
  useEffect(() => {
    if (isDrawing) map.current?.setPaused(paused)
  }, [isDrawing, map, paused])
  useEffect(() => {
    if (isDrawing) map.current?.setSlow(slow)
  }, [isDrawing, map, slow])
  useEffect(() => {
    if (isDrawing) map.current?.setReducedMotion(isReduced)
  }, [isDrawing, map, isReduced])
  useEffect(() => {
    if (!isDrawing) return
    const top = isNarrow ? 100 : 64
    // A narrow map has no room beside its outermost names.
    const side = isNarrow ? 26 : 0
    const insets = { top, right: right + side, bottom: bottom + 56, left: side }
    map.current?.setInsets({ ...insets, corner: () => sizeOf(corner.current) })
  }, [isDrawing, map, right, bottom, isNarrow, corner])
}

/** From the corner of the screen to its lower right end; undefined while there is nothing in it. */
function sizeOf(element: HTMLElement | null): { width: number; height: number } | undefined {
  const { right = 0, bottom = 0, height = 0 } = element?.getBoundingClientRect() ?? {}
  return height > 0 ? { width: right, height: bottom } : undefined
}
