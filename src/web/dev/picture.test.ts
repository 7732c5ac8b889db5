import assert from 'node:assert/strict'
import { test } from 'node:test'
import { differenceOf, type Picture, readPicture, writePicture } from './picture.ts'

const ground = [11, 14, 20]

/** A dark picture with rings, letters of a grey and a box. */
function picture(draw: (paint: Paint) => void): Picture {
  const [width, height] = [320, 160]
  const data = new Uint8Array(width * height * 4)
  for (let i = 0; i < data.length; i++) data[i] = i % 4 === 3 ? 255 : ground[i % 4]
  draw((x, y, colour, share = 1) => {
    for (const i of [0, 1, 2]) {
      const at = (Math.round(y) * width + Math.round(x)) * 4 + i
      data[at] = Math.round(data[at] * (1 - share) + colour[i] * share)
    }
  })
  return { width, height, data }
}

type Paint = (x: number, y: number, colour: readonly number[], share?: number) => void

const ringColour = [159, 195, 242]
const warning = [255, 194, 77]
const error = [255, 59, 107]

function ring(paint: Paint, x: number, y: number, radius = 9): void {
  for (let turn = 0; turn < 400; turn++)
    for (const r of [radius, radius - 1, radius - 2])
      paint(x + r * Math.cos(turn / 63), y + r * Math.sin(turn / 63), ringColour)
}

/** Strokes as of letters, a little bolder or paler. */
function letters(paint: Paint, y: number, colour: readonly number[], boldness: number): void {
  for (let x = 20; x < 140; x += 5)
    for (let dy = 0; dy < 9; dy++) paint(x, y + dy, colour, boldness)
}

const scene = (paint: Paint) => {
  ring(paint, 60, 60)
  ring(paint, 200, 60)
  letters(paint, 120, warning, 0.8)
}
const approved = readPicture(writePicture(picture(scene)))

test('the same picture is the same, also when letters are smoothed otherwise', () => {
  assert.equal(differenceOf(readPicture(writePicture(picture(scene))), approved), undefined)
  const smoothed = picture(paint => {
    ring(paint, 60, 60)
    ring(paint, 200, 60)
    letters(paint, 120, warning, 0.72)
  })
  assert.equal(differenceOf(smoothed, approved), undefined)
})

test('a node that is missing, moved or new is seen', () => {
  const lone = picture(paint => {
    ring(paint, 60, 60)
    letters(paint, 120, warning, 0.8)
  })
  assert.match(differenceOf(lone, approved) ?? '', /blocks/)
  const moved = picture(paint => {
    ring(paint, 60, 60)
    ring(paint, 210, 60)
    letters(paint, 120, warning, 0.8)
  })
  assert.match(differenceOf(moved, approved) ?? '', /blocks/)
  const more = picture(paint => {
    scene(paint)
    ring(paint, 260, 100)
  })
  assert.match(differenceOf(more, approved) ?? '', /blocks/)
})

test('letters of another colour are seen', () => {
  const red = picture(paint => {
    ring(paint, 60, 60)
    ring(paint, 200, 60)
    letters(paint, 120, error, 0.8)
  })
  assert.match(differenceOf(red, approved) ?? '', /blocks/)
})

test('a picture of another size is another', () => {
  const small = { width: 160, height: 320, data: approved.data }
  assert.equal(differenceOf(small, approved), '160 x 320 instead of 320 x 160')
})
