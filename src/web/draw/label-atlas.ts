import type { Gl } from './gl.ts'
import { units } from './gl.ts'

/** Longer names lose their middle. */
const widthMaxPx = 168
const haloPx = 3
/** The page may bring it; until it has come, and without it, names are in the next one. */
const ownFamily = 'Inter Variable'
const fontFamily = `"${ownFamily}", Inter, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif`

/** Names are to be painted anew once these have come. */
export function areNames(faces: readonly FontFace[]): boolean {
  return faces.some(({ family }) => family.includes(ownFamily))
}

/** How a name is set: CSS pixels and weight; `spacing` between letters. */
export interface Font {
  readonly sizePx: number
  readonly weight: number
  readonly spacingPx: number
}

/** Where a name lies in the atlas, in device pixels. */
export interface Cut {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/**
 * Names drawn once by the browser's own text engine, at the size and density they are shown: any script, any
 * direction, as crisp as the page. Two channels: the text, and its outline for the halo. When it is full it
 * starts anew (`generation` rises) and whoever still needs a name asks again.
 */
export class LabelAtlas {
  generation = 0
  readonly size: number
  private readonly cuts = new Map<string, Cut>()
  private readonly ink: OffscreenCanvasRenderingContext2D
  private readonly gl: Gl
  private readonly density: number
  private readonly texture: WebGLTexture
  private x = 0
  private y = 0
  private rowHeight = 0

  /** `density` is device pixels a CSS pixel. */
  constructor(gl: Gl, density: number) {
    this.gl = gl
    this.density = density
    this.size = density > 1.2 ? 2048 : 1024
    const canvas = new OffscreenCanvas(512, 96)
    this.ink = canvas.getContext('2d', { willReadFrequently: true })!
    gl.activeTexture(gl.TEXTURE0 + units.atlas)
    this.texture = gl.createTexture()!
    gl.bindTexture(gl.TEXTURE_2D, this.texture)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST)
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RG8, this.size, this.size)
  }

  /** The cut-out of a name, drawn now if it is new. */
  cut(text: string, font: Font): Cut {
    const key = `${font.sizePx} ${font.weight} ${text}`
    const known = this.cuts.get(key)
    if (known) return known
    const made = this.draw(text, font)
    this.cuts.set(key, made)
    return made
  }

  private draw(text: string, font: Font): Cut {
    const { ink, density } = this
    this.setFont(font)
    const shown = shorten(text, value => ink.measureText(value).width <= widthMaxPx * density)
    const pad = Math.ceil(haloPx * density)
    const width = Math.min(512, Math.ceil(ink.measureText(shown).width) + 2 * pad)
    const height = Math.min(96, Math.ceil(font.sizePx * 1.32 * density) + 2 * pad)
    const cut = this.reserve(width, height)
    const baseline = pad + Math.round(font.sizePx * density)
    const text_ = this.coverage(width, height, () => ink.fillText(shown, pad, baseline))
    const halo = this.coverage(width, height, () => {
      ink.lineWidth = 2 * haloPx * density * 0.8
      ink.strokeText(shown, pad, baseline)
    })
    this.upload(cut, text_, halo)
    return cut
  }

  private setFont({ sizePx, weight, spacingPx }: Font): void {
    this.ink.font = `${weight} ${sizePx * this.density}px ${fontFamily}`
    this.ink.letterSpacing = `${spacingPx * this.density}px`
    this.ink.lineJoin = 'round'
    this.ink.fillStyle = '#fff'
    this.ink.strokeStyle = '#fff'
  }

  private coverage(width: number, height: number, draw: () => void): Uint8ClampedArray {
    this.ink.clearRect(0, 0, 512, 96)
    draw()
    return this.ink.getImageData(0, 0, width, height).data
  }

  private reserve(width: number, height: number): Cut {
    if (this.x + width > this.size) {
      this.x = 0
      this.y += this.rowHeight
      this.rowHeight = 0
    }
    if (this.y + height > this.size) this.clear()
    const cut = { x: this.x, y: this.y, width, height }
    this.x += width
    this.rowHeight = Math.max(this.rowHeight, height)
    return cut
  }

  free(): void {
    this.gl.deleteTexture(this.texture)
  }

  private clear(): void {
    this.cuts.clear()
    this.generation++
    this.x = 0
    this.y = 0
    this.rowHeight = 0
  }

  private upload(
    { x, y, width, height }: Cut,
    text: Uint8ClampedArray,
    halo: Uint8ClampedArray,
  ): void {
    const pixels = new Uint8Array(width * height * 2)
    for (let i = 0; i < width * height; i++) {
      pixels[i * 2] = text[i * 4 + 3]
      pixels[i * 2 + 1] = Math.max(halo[i * 4 + 3], text[i * 4 + 3])
    }
    const { gl } = this
    gl.activeTexture(gl.TEXTURE0 + units.atlas)
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1)
    gl.texSubImage2D(gl.TEXTURE_2D, 0, x, y, width, height, gl.RG, gl.UNSIGNED_BYTE, pixels)
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 4)
  }
}

/** A text that fits, or its two ends round an ellipsis; whole graphemes only. */
export function shorten(text: string, fits: (text: string) => boolean): string {
  if (fits(text)) return text
  const letters = [...new Intl.Segmenter().segment(text.slice(0, 200))].map(part => part.segment)
  let kept = letters.length
  while (kept > 2) {
    kept--
    const head = Math.ceil(kept * 0.6)
    const shown = `${letters.slice(0, head).join('')}…${letters.slice(letters.length - kept + head).join('')}`
    if (fits(shown)) return shown
  }
  return '…'
}
