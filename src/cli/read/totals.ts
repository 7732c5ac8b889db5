/** What was read of a share. Packets and bytes are those of the whole. */
export interface Totals {
  readonly packets: number
  readonly bytes: number
  readonly flows: number
  readonly gaps: number
  readonly lostBytes: number
  readonly transactions: Readonly<Record<string, number>>
  /** What is wrong with the files. What they have was read all the same. */
  readonly faults: readonly string[]
  /** What our decoders did wrong. */
  readonly warnings: readonly string[]
}

/** Totals of shares of one reading as one. */
export function total(shares: readonly Totals[]): Totals {
  const sum = (of: (totals: Totals) => number) => shares.reduce((all, one) => all + of(one), 0)
  const transactions: Record<string, number> = {}
  for (const one of shares) {
    for (const [protocol, count] of Object.entries(one.transactions)) {
      transactions[protocol] = (transactions[protocol] ?? 0) + count
    }
  }
  return {
    ...shares[0],
    flows: sum(one => one.flows),
    gaps: sum(one => one.gaps),
    lostBytes: sum(one => one.lostBytes),
    transactions,
    warnings: [...new Set(shares.flatMap(one => one.warnings))],
  }
}
