const lineFeed = 0x0a
/** No object is longer: what keeps them refuses those above 1.5 MiB, and as JSON they grow. */
const lineBytesMax = 16 << 20

/** Cuts a stream into lines. What has no end within `lineBytesMax` is let go, and so is the rest of the stream. */
export class Lines {
  #kept: Buffer[] = []
  #keptBytes = 0

  /** The lines that end within this chunk; undefined when one is too long. */
  read(chunk: Buffer): string[] | undefined {
    const lines: string[] = []
    let start = 0
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      this.#kept.push(chunk.subarray(start, end))
      const line = Buffer.concat(this.#kept).toString().trim()
      if (line !== '') lines.push(line)
      this.#kept = []
      this.#keptBytes = 0
      start = end + 1
    }
    this.#kept.push(chunk.subarray(start))
    this.#keptBytes += chunk.length - start
    return this.#keptBytes > lineBytesMax ? undefined : lines
  }
}
