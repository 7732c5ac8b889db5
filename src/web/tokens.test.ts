import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { palettes } from './draw/palette.ts'

type Rgb = readonly [number, number, number]

const css = readFileSync(new URL('tokens.css', import.meta.url), 'utf8')
const themes = { dark: tokensOf(':root {'), light: tokensOf(':root[data-theme="light"] {') }

/** Severity 1 of Machado, Oliveira and Fernandes 2009, for linear red, green and blue. */
const eyes: Readonly<Record<string, readonly Rgb[] | undefined>> = {
  usual: undefined,
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
}
/** Least distance in OKLab at which two small dots side by side are two colours. */
const distanceMin = 0.14

for (const [theme, tokens] of Object.entries(themes))
  describe(`the colours of ${theme}`, () => {
    for (const [eye, matrix] of Object.entries(eyes))
      test(`outcomes differ for ${eye} eyes, from each other and from the ground`, () => {
        const names = ['ok', 'warning', 'error', 'bg']
        const pairs = names.flatMap((a, i) => names.slice(i + 1).map(b => [a, b] as const))
        const near = pairs
          .map(([a, b]) => ({ a, b, distance: distanceOf(tokens[a], tokens[b], matrix) }))
          .filter(({ distance }) => distance < distanceMin)
        assert.deepEqual(near, [])
      })

    test('what is read stands out from what it is written on', () => {
      for (const ground of ['bg', 'solid'])
        for (const name of ['text', 'secondary', 'faint', 'warning-text', 'error-text']) {
          const ratio = contrast(tokens[name], tokens[ground])
          assert.ok(ratio >= 4.5, `${name} on ${ground}: ${ratio.toFixed(2)}`)
        }
    })

    test('what is only seen stands out as well', () => {
      for (const name of ['ok', 'ring', 'warning', 'error', 'accent', 'live']) {
        const ratio = contrast(tokens[name], tokens.bg)
        assert.ok(ratio >= 3, `${name}: ${ratio.toFixed(2)}`)
      }
    })

    test('the map is painted with the colours of the page', () => {
      const palette = palettes[theme as keyof typeof palettes]
      const pairs = { background: 'bg', ok: 'ok', ring: 'ring', warning: 'warning' } as const
      const more = { error: 'error', text: 'text', secondary: 'secondary', accent: 'accent' }
      for (const [painted, token] of Object.entries({ ...pairs, ...more }))
        assert.deepEqual(palette[painted as keyof typeof palette].slice(0, 3), tokens[token], token)
    })
  })

/** The opaque colours of a block of the style sheet. */
function tokensOf(head: string): Readonly<Record<string, Rgb>> {
  const from = css.indexOf(head)
  const block = css.slice(from, css.indexOf('}', from))
  const found = [...block.matchAll(/--([\w-]+): #([\da-f]{6});/g)]
  return Object.fromEntries(found.map(([, name, hex]) => [name, rgbOf(hex)]))
}

function rgbOf(hex: string): Rgb {
  const value = Number.parseInt(hex, 16)
  return [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255]
}

const linear = (rgb: Rgb) =>
  rgb.map(value => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))

function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (high + 0.05) / (low + 0.05)
}

function luminance(rgb: Rgb): number {
  const [red, green, blue] = linear(rgb)
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function distanceOf(a: Rgb, b: Rgb, matrix: readonly Rgb[] | undefined): number {
  const [seen, other] = [a, b].map(rgb => oklab(seenBy(linear(rgb), matrix)))
  return Math.hypot(...seen.map((value, i) => value - other[i]))
}

/** Linear red, green and blue as an eye has them. */
function seenBy(rgb: readonly number[], matrix: readonly Rgb[] | undefined): readonly number[] {
  if (!matrix) return rgb
  return matrix.map(row =>
    Math.min(
      1,
      Math.max(
        0,
        row.reduce((sum, weight, i) => sum + weight * rgb[i], 0),
      ),
    ),
  )
}

function oklab([red, green, blue]: readonly number[]): readonly number[] {
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}
