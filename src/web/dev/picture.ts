import pixelmatch from 'pixelmatch'
import { PNG } from 'pngjs'

/** Side of a block, in pixels: larger than a letter's edge, smaller than the smallest node. */
const blockPx = 8
/** A block has changed when the mean of a colour in it has, by more than this (of 255). */
const levelsMax = 14
/** So many blocks may have changed: letters are smoothed otherwise by another browser. */
const blocksMax = 4
/** Colours are kept in steps of this, which halves what a picture takes. */
const colourStep = 8
/** What makes flat pictures smallest. */
const packing = { colorType: 2, deflateLevel: 9, deflateStrategy: 0, filterType: 0 } as const

/** A picture: red, green, blue and one more byte a pixel. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

export const readPicture = (bytes: Uint8Array): Picture => PNG.sync.read(Buffer.from(bytes))

/** As it is kept. */
export function writePicture({ width, height, data }: Picture): Uint8Array {
  const coarse = new PNG({ width, height, colorType: 2 })
  for (let i = 0; i < data.length; i++)
    coarse.data[i] =
      i % 4 === 3 ? 255 : Math.min(255, Math.round(data[i] / colourStep) * colourStep)
  return PNG.sync.write(coarse, packing)
}

/** What makes two pictures different for a person; undefined: nothing. */
export function differenceOf(a: Picture, b: Picture): string | undefined {
  if (a.width !== b.width || a.height !== b.height)
    return `${a.width} x ${a.height} instead of ${b.width} x ${b.height}`
  const changed = changedBlocks(a, b)
  if (changed.length <= blocksMax) return undefined
  const [x, y] = changed[0]
  return `${changed.length} blocks of ${blockPx} x ${blockPx} pixels differ, the first at ${x}, ${y}`
}

function changedBlocks(a: Picture, b: Picture): (readonly [x: number, y: number])[] {
  const changed: [number, number][] = []
  for (let y = 0; y + blockPx <= a.height; y += blockPx)
    for (let x = 0; x + blockPx <= a.width; x += blockPx)
      if ([0, 1, 2].some(colour => isFar(a, b, x, y, colour))) changed.push([x, y])
  return changed
}

function isFar(a: Picture, b: Picture, x: number, y: number, colour: number): boolean {
  let sum = 0
  for (let dy = 0; dy < blockPx; dy++)
    for (let dx = 0; dx < blockPx; dx++) {
      const at = ((y + dy) * a.width + x + dx) * 4 + colour
      sum += a.data[at] - b.data[at]
    }
  return Math.abs(sum) > levelsMax * blockPx * blockPx
}

/** Where two pictures of the same size differ, in red over the paler picture. */
export function drawDifference(a: Picture, b: Picture): Uint8Array {
  const { width, height } = a
  const drawn = new PNG({ width, height })
  if (width === b.width && height === b.height)
    pixelmatch(a.data, b.data, drawn.data, width, height, { threshold: 0.15 })
  return PNG.sync.write(drawn)
}
