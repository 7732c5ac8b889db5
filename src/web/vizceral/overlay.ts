import type { Card } from './card.ts'

/** What stands at a node beside its name: figures above it, a dot where there is something to be told. */
export interface Mark {
  readonly name: string
  /** World coordinates and radius. */
  readonly x: number
  readonly y: number
  readonly radius: number
  readonly lines: readonly string[]
  readonly severity: 0 | 1 | 2 | undefined
}

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

interface Camera {
  readonly x: number
  readonly y: number
  readonly scale: number
}

interface Shown {
  readonly mark: Mark
  readonly dot: HTMLElement | undefined
  readonly figures: HTMLElement | undefined
}

/** More marks than this would be a second map over the first. */
const marksMax = 300
const severityColours = ['#5ab0ff', '#ffc24d', '#ff3b6b'] as const
const radiusMaxPx = 46
const radiusMinPx = 3.6

/**
 * Texts over the canvas, in elements beside it. Whatever is written here comes from the snapshot: it is text and never
 * markup, and styles are set one by one, as strict pages demand.
 */
export class Overlay {
  private readonly canvas: HTMLCanvasElement
  private readonly layer = element({
    position: 'absolute',
    overflow: 'hidden',
    pointerEvents: 'none',
    font: '500 11px Inter, system-ui, sans-serif',
  })
  private readonly box = element({
    position: 'absolute',
    display: 'none',
    maxWidth: '300px',
    padding: '8px 12px',
    borderRadius: '8px',
    background: 'rgb(18 23 34 / 0.94)',
    border: '1px solid rgb(150 180 220 / 0.2)',
    color: '#dbe7f7',
    lineHeight: '1.5',
    overflowWrap: 'anywhere',
  })
  private shown: Shown[] = []
  private camera: Camera = { x: 0, y: 0, scale: 1 }
  private colours = { text: '#dbe7f7', ground: '#0b0e14' }

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas
    this.layer.append(this.box)
    canvas.after(this.layer)
  }

  /** Text, and the ground under it. */
  setColours(text: string, ground: string): void {
    this.colours = { text, ground }
    this.show(this.shown.map(({ mark }) => mark))
  }

  show(marks: readonly Mark[]): void {
    for (const { dot, figures } of this.shown) {
      dot?.remove()
      figures?.remove()
    }
    this.shown = marks.slice(0, marksMax).map(mark => this.draw(mark))
    this.place()
  }

  private draw(mark: Mark): Shown {
    const dot = mark.severity === undefined ? undefined : dotOf(mark.severity, this.colours.ground)
    const figures = mark.lines.length > 0 ? this.figuresOf(mark.lines) : undefined
    for (const made of [dot, figures]) if (made) this.layer.append(made)
    return { mark, dot, figures }
  }

  private figuresOf(lines: readonly string[]): HTMLElement {
    const made = element({
      position: 'absolute',
      textAlign: 'center',
      whiteSpace: 'nowrap',
      lineHeight: '1.35',
      color: this.colours.text,
      textShadow: ['3px', '3px', '6px'].map(blur => `0 0 ${blur} ${this.colours.ground}`).join(),
      fontVariantNumeric: 'tabular-nums',
    })
    lines.forEach((text, i) => {
      const line = element(
        i === 0 ? { fontWeight: '600' } : { opacity: '0.72', fontSize: '10.5px' },
      )
      line.textContent = text
      made.append(line)
    })
    return made
  }

  look({ x, y, scale }: Camera): void {
    this.camera = { x, y, scale }
    this.place()
  }

  private place(): void {
    const { offsetLeft, offsetTop, clientWidth, clientHeight } = this.canvas
    Object.assign(this.layer.style, {
      left: `${offsetLeft}px`,
      top: `${offsetTop}px`,
      width: `${clientWidth}px`,
      height: `${clientHeight}px`,
    })
    for (const { mark, dot, figures } of this.shown) {
      const { x, y, radius } = this.discOf(mark)
      if (figures)
        figures.style.transform = `translate(${x}px, ${y - radius - 6}px) translate(-50%, -100%)`
      if (dot)
        dot.style.transform = `translate(${x + radius * 0.8 - 4.5}px, ${y - radius * 0.8 - 4.5}px)`
    }
  }

  private discOf({ x, y, radius }: Mark) {
    const { camera } = this
    return {
      ...this.onScreen(x, y),
      radius: Math.min(radiusMaxPx, Math.max(radiusMinPx, radius * camera.scale)),
    }
  }

  /** Where the figures of nodes lie, in CSS pixels of the canvas. */
  boxes(): [string, Box][] {
    const found = this.shown.flatMap(({ mark, figures }): [string, Box][] => {
      if (!figures) return []
      const { x, y, radius } = this.discOf(mark)
      const [width, height] = [figures.offsetWidth, figures.offsetHeight]
      return [[mark.name, { x: x - width / 2, y: y - radius - 6 - height, width, height }]]
    })
    return found
  }

  /** A place of the world on the canvas. */
  onScreen(x: number, y: number): { x: number; y: number } {
    const { camera } = this
    return { x: x * camera.scale + camera.x, y: y * camera.scale + camera.y }
  }

  /** `pinned`: it stays, and its links can be followed. */
  tell(card: Card | undefined, x: number, y: number, pinned: boolean): void {
    const { box } = this
    box.replaceChildren(...(card ? linesOf(card) : []))
    box.style.display = card ? 'block' : 'none'
    box.style.pointerEvents = pinned ? 'auto' : 'none'
    if (!card) return
    const isRight = x > this.canvas.clientWidth / 2
    const isLow = y > this.canvas.clientHeight / 2
    box.style.transform = `translate(${x}px, ${y}px) translate(${isRight ? 'calc(-100% - 16px)' : '16px'}, ${isLow ? 'calc(-100% - 12px)' : '12px'})`
  }

  end(): void {
    this.layer.remove()
  }
}

function dotOf(severity: 0 | 1 | 2, ground: string): HTMLElement {
  return element({
    position: 'absolute',
    width: '9px',
    height: '9px',
    borderRadius: severity === 2 ? '2px' : '50%',
    background: severityColours[severity],
    boxShadow: `0 0 0 2px ${ground}`,
  })
}

function linesOf({ title, lines, notices }: Card): HTMLElement[] {
  const head = element({ fontWeight: '600', fontSize: '12.5px' }, title)
  const rest = lines.map(line => element({ opacity: '0.75' }, line))
  const told = notices.map(({ title, subtitle, link, severity }) => {
    const text = subtitle ? `${title} (${subtitle})` : title
    const line = element({ color: severityColours[severity], marginTop: '3px' })
    if (!link) line.textContent = text
    else line.append(linkTo(link, text))
    return line
  })
  return [head, ...rest, ...told]
}

function linkTo(address: string, text: string): HTMLElement {
  const link = document.createElement('a')
  link.href = address
  link.target = '_blank'
  link.rel = 'noopener noreferrer'
  link.textContent = text
  link.style.color = 'inherit'
  return link
}

function element(style: Partial<CSSStyleDeclaration>, text = ''): HTMLElement {
  const made = document.createElement('div')
  Object.assign(made.style, style)
  if (text !== '') made.textContent = text
  return made
}
