import type { Target } from '../draw/flow-map.ts'
import { cardOf } from './card.ts'
import { type Definitions, definitionsDefault, linesOf, mergeDefinitions } from './details.ts'
import { Emitter } from './emitter.ts'
import { type Filter, mergeFilters, type Visible, visibleOf } from './filters.ts'
import {
  graphOf,
  record,
  type VizceralConnection,
  type VizceralGraph,
  type VizceralNode,
  type WholeGraph,
  wholeGraphOf,
} from './graph.ts'
import type { Box } from './overlay.ts'
import { type Fault, parseTraffic, type Traffic } from './parse.ts'
import { type Picture, pictureOf } from './picture.ts'
import { placeAt, placeOfRoot, type View } from './place.ts'
import { type Matches, matchesOf } from './search.ts'
import { Stage } from './stage.ts'
import {
  coloursOf,
  mergeStyles,
  type Styles,
  stylesDefault,
  textColours,
  themeOf,
} from './styles.ts'

export type {
  Definitions,
  Filter,
  Matches,
  Styles,
  View,
  VizceralConnection,
  VizceralGraph,
  VizceralNode,
}

export type VizceralObject = VizceralNode | VizceralConnection

export interface VizceralEvents {
  viewChanged: {
    readonly view: View
    readonly graph: VizceralGraph
    /** The view that was asked for, where there is none. */
    readonly redirectedFrom: View | undefined
  }
  viewUpdated: undefined
  /** What is highlighted, and the same again with each new snapshot; undefined: nothing is any more. */
  objectHighlighted: VizceralObject | undefined
  objectHovered: VizceralObject | undefined
  /** By node, where its figures lie: CSS pixels of the canvas. */
  nodeContextSizeChanged: Readonly<Record<string, Box>>
  matchesFound: Matches
}

export interface VizceralOptions {
  readonly showLabels?: boolean
  /** Taken and without effect: nodes stand where the layout puts them, and stay. */
  readonly allowDraggingOfNodes?: boolean
}

/** A view as it is drawn now. */
interface Drawn {
  readonly whole: WholeGraph
  readonly visible: Visible
  readonly picture: Picture
  readonly graph: VizceralGraph
}

/** Netflix Vizceral's component over Inkling's map: the same data in, the same methods and events. */
export default class Vizceral extends Emitter<VizceralEvents> {
  /** As Vizceral has it: the canvas is `renderer.domElement`. */
  readonly renderer: { readonly domElement: HTMLCanvasElement }
  /** What was left out of the last snapshot, how often. */
  faults: ReadonlyMap<Fault, number> = new Map()
  private readonly stage: Stage
  private traffic: Traffic | undefined
  private drawn: Drawn | undefined
  private view: View = []
  private highlighted: VizceralObject | undefined
  private filters: readonly Filter[] = []
  private showLabels = true
  private mode = 'volume'
  private definitions = definitionsDefault
  private styles = stylesDefault
  private stylesOwn: Partial<Styles> = {}
  private search = ''
  /** The last known densest rate, by view: a snapshot that does not say keeps it. */
  private readonly densest = new Map<string, number>()
  private pointer = { x: 0, y: 0 }

  /** Draws on a canvas, or on one of its own inside any other element (or nowhere yet: `renderer.domElement`). */
  constructor(place?: HTMLElement, _targetFramerate?: number) {
    super()
    const canvas = canvasIn(place)
    this.renderer = { domElement: canvas }
    this.stage = new Stage(canvas, {
      hover: (target, x, y) => this.hover(target, x, y),
      select: target => this.take(target),
      open: target => this.open(target),
      placed: () => this.emit('viewUpdated', undefined),
      boxes: boxes => this.emit('nodeContextSizeChanged', record(boxes)),
    })
  }

  /** Takes a whole snapshot, an object or its text; false when there is nothing in it, or it is older than what is shown. */
  updateData(data: unknown): boolean {
    const { traffic, faults } = parseTraffic(data)
    this.faults = faults
    if (!traffic || isOlder(traffic, this.traffic)) return false
    this.traffic = traffic
    this.show(this.view)
    return true
  }

  setView(view: View = [], highlight?: string | { readonly name: string } | undefined): void {
    this.show([...view].map(String))
    if (highlight === undefined) return
    const name = typeof highlight === 'string' ? highlight : highlight.name
    this.choose(this.drawn?.graph.getNode(name) ?? this.drawn?.graph.getConnection(name))
  }

  zoomOutViewLevel(): void {
    if (this.view.length > 0) this.setView(this.view.slice(0, -1))
  }

  /** The node at a view; the root at `[]`. Undefined when there is none. */
  getNode(view: View): VizceralNode | undefined {
    if (!this.traffic) return undefined
    const { root } = this.traffic
    if (view.length === 0) return wholeGraphOf(placeOfRoot(root), this.traffic).nodes[0]
    const place = placeAt(root, view.slice(0, -1))
    if (place.view.length !== view.length - 1) return undefined
    return wholeGraphOf(place, this.traffic).nodes.find(({ name }) => name === view.at(-1))
  }

  setHighlightedNode(node?: string | { readonly name: string }): void {
    this.choose(node && this.drawn?.graph.getNode(typeof node === 'string' ? node : node.name))
  }

  setHighlightedConnection(connection?: string | { readonly name: string }): void {
    const name = typeof connection === 'string' ? connection : connection?.name
    this.choose(name === undefined ? undefined : this.drawn?.graph.getConnection(name))
  }

  /** Highlights the nodes of this view whose name, owner or parts contain the text; an empty one ends it. */
  findNodes(text = ''): Matches {
    this.search = String(text)
    const matches = matchesOf(
      this.drawn?.whole.nodes ?? [],
      this.drawn?.picture.nodes ?? [],
      this.search,
    )
    this.light()
    this.emit('matchesFound', matches)
    return matches
  }

  setFilters(filters: readonly Filter[]): void {
    this.filters = mergeFilters(this.filters, filters)
    this.redraw()
  }

  setOptions({ showLabels = this.showLabels }: VizceralOptions): void {
    if (showLabels === this.showLabels) return
    this.showLabels = showLabels
    this.redraw()
  }

  /** `detailedNode`: which of the definitions' sets is written at nodes. */
  setModes({ detailedNode }: { readonly detailedNode?: string }): void {
    if (typeof detailedNode === 'string') this.mode = detailedNode
    this.redraw()
  }

  updateDefinitions(definitions?: Definitions): void {
    this.definitions = mergeDefinitions(this.definitions, definitions)
    this.redraw()
  }

  updateStyles(styles?: Partial<Styles>): void {
    this.styles = mergeStyles(this.styles, styles)
    const { colorTraffic, ...others } = this.stylesOwn
    this.stylesOwn = {
      ...others,
      ...styles,
      colorTraffic: { ...colorTraffic, ...styles?.colorTraffic },
    }
    const colours = coloursOf(this.styles, this.stylesOwn)
    this.stage.paint(themeOf(this.styles), colours, ...textColours(this.styles))
  }

  getStyles(): Styles {
    return this.styles
  }

  /** Taken and without effect: the map draws itself from the first. */
  animate(_time?: number): void {}

  /** Taken and without effect: there is one renderer. */
  setRenderers(_renderers: unknown): void {}

  /** Taken and without effect: the canvas follows its place on the page. */
  updateBoundingRectCache(): void {}

  setSize(width: number, height: number): void {
    const { style } = this.renderer.domElement
    style.width = `${width}px`
    style.height = `${height}px`
  }

  /** Frames a second, script time, dots, and what one dot stands for. */
  stats(): ReturnType<Stage['stats']> {
    return this.stage.stats()
  }

  /** Ends the drawing and frees all it holds; nothing may be called after it. */
  destroy(): void {
    this.stage.end()
    this.removeAllListeners()
  }

  private show(view: View): void {
    if (!this.traffic) {
      this.view = view
      return
    }
    const place = placeAt(this.traffic.root, view)
    const isElsewhere = !this.drawn || !isSame(place.view, this.drawn.whole.place.view)
    this.view = place.view
    if (isElsewhere) this.highlighted = undefined
    this.redraw()
    if (!isElsewhere && isSame(place.view, view)) return
    this.stage.tell(undefined)
    const redirectedFrom = isSame(place.view, view) ? undefined : view
    this.emit('viewChanged', { view: place.view, graph: this.drawn!.graph, redirectedFrom })
  }

  /** Draws the view from what is known now. */
  private redraw(): void {
    if (!this.traffic) return
    const place = placeAt(this.traffic.root, this.view)
    const whole = this.settled(wholeGraphOf(place, this.traffic))
    const visible = visibleOf(whole, this.filters)
    const picture = pictureOf(whole, visible, { showLabels: this.showLabels })
    this.drawn = { whole, visible, picture, graph: graphOf(whole, visible) }
    const isDetailed = (node: VizceralNode) => place.kind === 'global' || node.focused
    this.stage.show({
      place,
      picture,
      linesOf: node =>
        isDetailed(node)
          ? linesOf(node, node.focused ? 'focused' : 'region', this.mode, this.definitions)
          : [],
    })
    if (this.search !== '') this.light()
    if (this.highlighted) this.choose(this.again(this.highlighted))
  }

  private settled(whole: WholeGraph): WholeGraph {
    const key = JSON.stringify(whole.place.view)
    const max = whole.max ?? this.densest.get(key)
    if (max !== undefined) this.densest.set(key, max)
    return { ...whole, max }
  }

  /** The same object in the new snapshot, if it is still to be seen. */
  private again({ type, name }: VizceralObject): VizceralObject | undefined {
    const { graph, visible } = this.drawn!
    const found = type === 'node' ? graph.getNode(name) : graph.getConnection(name)
    if (!found) return undefined
    const isVisible =
      found.type === 'node' ? visible.nodes.has(found) : visible.connections.has(found)
    return isVisible ? found : undefined
  }

  private choose(object: VizceralObject | '' | undefined): void {
    const chosen = object || undefined
    const was = this.highlighted
    this.highlighted = chosen
    this.stage.select(chosen && this.targetOf(chosen))
    this.tell()
    if (chosen || was) this.emit('objectHighlighted', chosen)
  }

  private take(target: Target | undefined): void {
    const object = this.objectAt(target)
    const isGlobal = this.drawn?.whole.place.kind === 'global'
    if (isGlobal && object?.type === 'node' && object.isInteractive) this.open(target!)
    else this.choose(object)
  }

  private open(target: Target): void {
    const object = this.objectAt(target)
    if (object?.type !== 'node' || !object.isInteractive) return
    const isFocused = this.drawn!.whole.place.kind === 'focused'
    this.setView([...(isFocused ? this.view.slice(0, -1) : this.view), object.name])
  }

  private hover(target: Target | undefined, x: number, y: number): void {
    if (this.highlighted) return
    this.pointer = { x, y }
    const object = this.objectAt(target)
    this.tell(object)
    this.emit('objectHovered', object)
  }

  private tell(object = this.highlighted): void {
    const isVertex = object?.type === 'node' && object === this.highlighted
    const node = isVertex ? this.drawn?.picture.nodes.indexOf(object) : undefined
    const { x, y } = (node !== undefined && this.stage.whereIs(node)) || this.pointer
    this.stage.tell(object && cardOf(object), x, y, object === this.highlighted)
  }

  private light(): void {
    const { picture } = this.drawn ?? {}
    if (!picture) return
    const { visibleMatches } = matchesOf([], picture.nodes, this.search)
    const found = new Set(visibleMatches.map(node => picture.nodes.indexOf(node)))
    this.stage.highlight(this.search === '' ? undefined : found)
  }

  private objectAt(target: Target | undefined): VizceralObject | undefined {
    const { nodes = [], connections = [] } = this.drawn?.picture ?? {}
    return target && (target.kind === 'service' ? nodes : connections)[target.index]
  }

  private targetOf(object: VizceralObject): Target | undefined {
    const { nodes, connections } = this.drawn!.picture
    const index = object.type === 'node' ? nodes.indexOf(object) : connections.indexOf(object)
    return index < 0 ? undefined : { kind: object.type === 'node' ? 'service' : 'link', index }
  }
}

function canvasIn(place: HTMLElement | undefined): HTMLCanvasElement {
  if (place instanceof HTMLCanvasElement) return place
  const canvas = document.createElement('canvas')
  Object.assign(canvas.style, { display: 'block', width: '100%', height: '100%' })
  if (!place) return canvas
  if (getComputedStyle(place).position === 'static') place.style.position = 'relative'
  place.append(canvas)
  return canvas
}

/** Of the same whole: another name is another story, and may begin earlier. */
function isOlder({ root }: Traffic, shown: Traffic | undefined): boolean {
  if (shown?.root.name !== root.name) return false
  return (root.updated ?? 0) < (root.updated === undefined ? 0 : (shown.root.updated ?? 0))
}

function isSame(one: View, other: View): boolean {
  return one.length === other.length && one.every((name, i) => name === other[i])
}
