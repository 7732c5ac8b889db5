/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Prints what a bench found as the last line: JSON that a machine can compare. */
export function report(name: string, figures: Readonly<Record<string, number | string>>): void {
  for (const [figure, value] of Object.entries(figures)) {
    const text =
      typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 4 }) : value
    console.log(`  ${figure}: ${text}`)
  }
  console.log(JSON.stringify({ name, figures }))
}
