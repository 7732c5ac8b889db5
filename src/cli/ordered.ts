/**
 * Prints lines in order of their time, though they come in any. Holds up to `linesMax`; then the older half is printed,
 * and what comes later than that is printed late and counted.
 */
export class Ordered {
  /** Lines printed out of order because too many were held. */
  late = 0
  readonly #write: (text: string) => void
  readonly #linesMax: number
  #times: number[] = []
  #lines: string[] = []
  #printedUs = Number.NEGATIVE_INFINITY

  constructor(write: (text: string) => void, linesMax = 2_000_000) {
    this.#write = write
    this.#linesMax = linesMax
  }

  add(timeUs: number, line: string): void {
    if (timeUs < this.#printedUs) this.late++
    this.#times.push(timeUs)
    this.#lines.push(line)
    if (this.#lines.length >= this.#linesMax) this.#print(this.#linesMax / 2)
  }

  /** Prints all that is held. */
  flush(): void {
    this.#print(this.#lines.length)
  }

  #print(count: number): void {
    const order = Array.from(this.#times.keys()).sort((a, b) => this.#times[a] - this.#times[b])
    const batch = 4096
    for (let from = 0; from < count; from += batch) {
      const lines = order.slice(from, Math.min(from + batch, count)).map(i => this.#lines[i])
      if (lines.length > 0) this.#write(`${lines.join('\n')}\n`)
    }
    if (count > 0) this.#printedUs = this.#times[order[count - 1]]
    const rest = order.slice(count)
    this.#lines = rest.map(i => this.#lines[i])
    this.#times = rest.map(i => this.#times[i])
  }
}
