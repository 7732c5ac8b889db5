import type { Colours, Theme } from './flow-map.ts'

/** Red, green, blue, 0 to 1, as on screen (sRGB, not premultiplied), and how opaque. */
export type Colour = readonly [number, number, number, number]

/** What the map is painted with. Healthy traffic is one cool hue; only trouble has colour, only selection has accent. */
export interface Palette {
  readonly background: Colour
  readonly ok: Colour
  readonly ring: Colour
  readonly warning: Colour
  readonly error: Colour
  readonly link: Colour
  readonly text: Colour
  readonly secondary: Colour
  readonly accent: Colour
  /** Inside of a node. */
  readonly disc: Colour
  readonly district: Colour
}

function colour(hex: string, alpha = 1): Colour {
  const value = Number.parseInt(hex.slice(1), 16)
  return [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255, alpha]
}

/** The last of `background` says which blending: 1 is light adding up on dark, 0 is ink on paper. */
export const palettes: Readonly<Record<Theme, Palette>> = {
  dark: {
    background: colour('#0b0e14', 1),
    ok: colour('#cfe3ff'),
    ring: colour('#9fc3f2'),
    warning: colour('#ffc24d'),
    error: colour('#ff3b6b'),
    link: colour('#7f9cc4', 0.24),
    text: colour('#dbe7f7'),
    secondary: colour('#8496b0'),
    accent: colour('#5ab0ff'),
    disc: colour('#111722'),
    district: colour('#96b4dc', 0.045),
  },
  light: {
    background: colour('#f5f7fa', 0),
    ok: colour('#2c5a94'),
    ring: colour('#5f7fa8'),
    warning: colour('#c97700'),
    error: colour('#b3003c'),
    link: colour('#6b87b0', 0.34),
    text: colour('#182230'),
    secondary: colour('#56657c'),
    accent: colour('#1f6fd1'),
    disc: colour('#ffffff'),
    district: colour('#ffffff', 0.72),
  },
}

/** A theme's palette with somebody's own colours in it; how opaque each is stays. */
export function paletteOf(theme: Theme, colours: Colours): Palette {
  const palette: Record<string, Colour> = { ...palettes[theme] }
  for (const [name, [red, green, blue]] of Object.entries(colours))
    palette[name] = [red, green, blue, palette[name][3]]
  // What a dot is the colour of, its node's ring is too.
  if (colours.ok) palette.ring = [...colours.ok, palette.ring[3]]
  return palette as unknown as Palette
}

/** The order in which the frame block holds them. */
export const paletteOrder = [
  'background',
  'ok',
  'ring',
  'warning',
  'error',
  'link',
  'text',
  'secondary',
  'accent',
  'disc',
  'district',
] as const
