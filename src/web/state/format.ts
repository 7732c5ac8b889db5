/** A number and its unit, apart: the screen sets the unit smaller. */
export interface Quantity {
  readonly value: string
  readonly unit: string
}

/** `12 ms` */
export const join = ({ value, unit }: Quantity): string => (unit ? `${value} ${unit}` : value)

/** Three figures: 0.04, 3.4, 34, 340, 3,400, 34.0k, 1.20M. */
export function formatNumber(value: number): string {
  if (!(value > 0)) return '0'
  if (value >= 999_500) return `${(value / 1e6).toFixed(value < 9.995e6 ? 2 : 1)}M`
  if (value >= 9_995) return `${(value / 1e3).toFixed(1)}k`
  if (value >= 999.5)
    return `${Math.trunc(Math.round(value) / 1000)},${String(Math.round(value) % 1000).padStart(3, '0')}`
  if (value >= 9.95 || Number.isInteger(value)) return value.toFixed(0)
  if (value >= 0.095) return value.toFixed(1)
  return value >= 0.005 ? value.toFixed(2) : '<0.01'
}

/** Microseconds as µs, ms, s or min. 0 and undefined are unknown. */
export function duration(us: number | undefined): Quantity {
  if (us === undefined || !(us > 0)) return { value: '–', unit: '' }
  if (us < 999.5) return { value: us.toFixed(0), unit: 'µs' }
  if (us < 9_950) return { value: (us / 1e3).toFixed(1), unit: 'ms' }
  if (us < 999_500) return { value: (us / 1e3).toFixed(0), unit: 'ms' }
  if (us < 59.95e6) return { value: (us / 1e6).toFixed(us < 9.95e6 ? 2 : 1), unit: 's' }
  return { value: (us / 60e6).toFixed(1), unit: 'min' }
}

/** A share of 0 to 1 in per cent: 0, 0.04, 3.4, 34. */
export function share(part: number): Quantity {
  const percent = part * 100
  if (!(percent > 0)) return { value: '0', unit: '%' }
  if (percent < 0.01) return { value: '<0.01', unit: '%' }
  if (percent < 0.995) return { value: percent.toFixed(2), unit: '%' }
  return { value: percent.toFixed(percent < 9.95 ? 1 : 0), unit: '%' }
}

/** A share that must not be rounded up to perfect: 99.96 % stays 99.9. */
export function score(part: number): Quantity {
  const percent = Math.floor(part * 1000) / 10
  return { value: part >= 1 ? '100' : percent.toFixed(1), unit: '%' }
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB']

export function bytes(count: number): Quantity {
  let value = Math.max(0, count || 0)
  let unit = 0
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : value >= 9.95 ? 1 : 2
  return { value: value.toFixed(digits), unit: byteUnits[unit] }
}

/** `8 s`, `3 min`, `5 h`, `12 d`. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 100) return `${seconds} s`
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86400)} d`
}

const two = (value: number) => String(value).padStart(2, '0')

/** Local time with milliseconds, from microseconds since the epoch: `14:02:08.446`. */
export function timeOfDay(us: number): string {
  const date = new Date(us / 1000)
  const seconds = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  return `${seconds}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

/** In UTC with microseconds, as RFC 3339 writes it for people: `2026-01-01 00:00:00.000001Z`. */
export function timestamp(us: number): string {
  const micros = String(Math.floor(us) % 1000).padStart(3, '0')
  return new Date(us / 1000).toISOString().replace('T', ' ').replace('Z', `${micros}Z`)
}

/** The local time of day of a second, ms since the epoch: `14:02:07`. */
export const timeOfSecond = (ms: number): string => timeOfDay(ms * 1000).slice(0, 8)

/** Characters of a name that are shown: nobody reads more. */
const nameMax = 240

/** The beginning of a very long text. */
export const cut = (text: string, most = nameMax): string =>
  text.length <= most ? text : `${text.slice(0, most)}…`
