/** What a class of traffic means here: the map knows three outcomes, Vizceral as many classes as one likes. */
export type Outcome = 'ok' | 'warning' | 'error'

const named: Readonly<Record<Outcome, RegExp>> = {
  error: /danger|err|crit|fail|fatal|sever|refus|reset|crash|down|5\d\d|5xx/i,
  warning: /warn|degrad|slow|late|timeout|retr|throttl|limit|4\d\d|4xx/i,
  ok: /^(normal|ok|success|good|healthy|2\d\d|2xx|3\d\d|3xx)/i,
}
const followedMax = 8

/**
 * By its name; what no name tells, by the colour that the snapshot gives it: red is an error, amber a warning. A colour
 * may be another class's name, which is followed a few steps. Whatever is left is ordinary traffic.
 */
export function outcomeOf(className: string, classes: ReadonlyMap<string, string>): Outcome {
  let name = className
  for (let step = 0; step < followedMax; step++) {
    const outcome = byName(name)
    if (outcome) return outcome
    const colour = classes.get(name)
    if (colour === undefined) return 'ok'
    const channels = channelsOf(colour)
    if (channels) return byColour(channels)
    name = colour
  }
  return 'ok'
}

function byName(name: string): Outcome | undefined {
  for (const outcome of ['ok', 'error', 'warning'] as const)
    if (named[outcome].test(name)) return outcome
  return undefined
}

function byColour([red, green, blue]: Channels): Outcome {
  const isWarm = red > 120 && blue < red * 0.65
  if (!isWarm) return 'ok'
  return green > red * 0.5 ? (green > red * 0.95 ? 'ok' : 'warning') : 'error'
}

/** Red, green, blue, 0 to 255. */
export type Channels = readonly [number, number, number]

/** `#rgb`, `#rrggbb`, `rgb(1, 2, 3)`, `rgba(1, 2, 3, 0.5)`; undefined: no such colour. */
export function channelsOf(colour: string): Channels | undefined {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(colour.trim())?.[1]
  if (hex) {
    const long = hex.length === 3 ? hex.replace(/./g, digit => digit + digit) : hex
    const value = Number.parseInt(long, 16)
    return [value >> 16, (value >> 8) & 255, value & 255]
  }
  const parts = /^rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\b[^()]*\)$/i.exec(colour.trim())
  if (!parts) return undefined
  const [red, green, blue] = parts.slice(1).map(part => Math.min(255, Number(part)))
  return [red, green, blue]
}
