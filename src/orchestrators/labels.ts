const labelsMax = 32
const labelKeyCharsMax = 128
const labelValueCharsMax = 256

/** People put credentials into labels too (Traefik's basic auth, for one). */
const secretKey = /pass(word|wd)?|secret|token|credential|api[-_.]?key|private|basicauth/i

/** Labels that may be shown, and how many more there were. */
export interface ToldLabels {
  readonly labels: Record<string, string>
  readonly cut: number
}

/** Some labels, those that match `first` before others; none whose key smells of a secret. */
export function labelsOf(labels: Readonly<Record<string, string>>, first?: RegExp): ToldLabels {
  const keys = Object.keys(labels).filter(
    key => key.length <= labelKeyCharsMax && !secretKey.test(key),
  )
  const rank = (key: string) => (first?.test(key) ? 0 : 1)
  keys.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
  const told = keys.slice(0, labelsMax)
  return {
    labels: Object.fromEntries(told.map(key => [key, labels[key].slice(0, labelValueCharsMax)])),
    cut: keys.length - told.length,
  }
}
