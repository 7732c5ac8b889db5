import type { Colours, Theme } from '../draw/flow-map.ts'
import { channelsOf } from './outcomes.ts'

/** Colours by Vizceral's names: `colorText`, `colorPageBackground`, ..., and those of traffic by class. */
export interface Styles {
  readonly colorTraffic: Readonly<Record<string, string>>
  readonly [name: string]: string | Readonly<Record<string, string>>
}

export const stylesDefault: Styles = {
  colorTraffic: { normal: '#cfe3ff', warning: '#ffc24d', danger: '#ff3b6b' },
  colorText: '#dbe7f7',
  colorPageBackground: '#0b0e14',
}

/** Names that mean something here; all others are kept and change nothing. */
const painted = {
  colorText: 'text',
  colorPageBackground: 'background',
  colorBackgroundDark: 'disc',
} as const
const traffic = { normal: 'ok', warning: 'warning', danger: 'error' } as const

export function mergeStyles(known: Styles, changes: Partial<Styles> | undefined): Styles {
  const { colorTraffic, ...others } = changes ?? {}
  return { ...known, ...others, colorTraffic: { ...known.colorTraffic, ...colorTraffic } } as Styles
}

/** What they paint; a colour that is none is passed over. */
export function coloursOf(styles: Styles, changed: Partial<Styles>): Colours {
  const found: Record<string, readonly [number, number, number]> = {}
  const take = (name: string, colour: unknown) => {
    const channels = typeof colour === 'string' ? channelsOf(colour) : undefined
    if (channels) found[name] = [channels[0] / 255, channels[1] / 255, channels[2] / 255]
  }
  for (const [name, part] of Object.entries(painted))
    if (Object.hasOwn(changed, name)) take(part, styles[name])
  for (const [name, part] of Object.entries(traffic))
    if (changed.colorTraffic && Object.hasOwn(changed.colorTraffic, name))
      take(part, styles.colorTraffic[name])
  return found
}

/** Ink on paper where the page is light, light on dark where it is dark. */
export function themeOf({ colorPageBackground }: Styles): Theme {
  const channels =
    typeof colorPageBackground === 'string' ? channelsOf(colorPageBackground) : undefined
  if (!channels) return 'dark'
  const [red, green, blue] = channels
  return red * 0.3 + green * 0.59 + blue * 0.11 > 140 ? 'light' : 'dark'
}

/** What is written over the map: its colour, and that of the ground under it. */
export function textColours({ colorText, colorPageBackground }: Styles): [string, string] {
  const [text, ground] = [stylesDefault.colorText, stylesDefault.colorPageBackground] as string[]
  const isColour = (value: unknown): value is string =>
    typeof value === 'string' && channelsOf(value) !== undefined
  return [
    isColour(colorText) ? colorText : text,
    isColour(colorPageBackground) ? colorPageBackground : ground,
  ]
}
