/** `850 µs`, `1.8 ms`, `12 ms`, `1.2 s`. */
export function formatDuration(us: number): string {
  if (us < 1000) return `${Math.round(us)} µs`
  if (us < 1_000_000) return `${threeDigits(us / 1000)} ms`
  return `${threeDigits(us / 1_000_000)} s`
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** `312 B`, `5.1 kB`, `12 MB`: decimal units. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < byteUnits.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? Math.round(value) : threeDigits(value)} ${byteUnits[unit]}`
}

function threeDigits(value: number): string {
  return value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0)
}
