/** The state of a cluster of tens of thousands of tasks is below this. */
const recordBytesMax = 128 << 20
const lengthCharsMax = 12

const lineFeed = 0x0a

/**
 * Cuts a stream of Mesos' RecordIO into records: the length in bytes as decimal text, a line feed, so many bytes, and
 * again. Chunks may be cut anywhere. Throws when it is none: there is no way back into step.
 */
export class RecordIo {
  #length = ''
  #missing = 0
  #kept: Buffer[] = []

  /** The records that end within this chunk. */
  read(chunk: Buffer): string[] {
    const records: string[] = []
    let at = 0
    while (at < chunk.length) {
      if (this.#missing === 0) {
        at = this.#readLength(chunk, at)
        continue
      }
      const part = chunk.subarray(at, at + this.#missing)
      at += part.length
      this.#missing -= part.length
      this.#kept.push(part.length < chunk.length ? Buffer.from(part) : part)
      if (this.#missing > 0) continue
      records.push(Buffer.concat(this.#kept).toString())
      this.#kept = []
    }
    return records
  }

  /** Reads on in a length; answers where it ends. */
  #readLength(chunk: Buffer, start: number): number {
    let at = start
    while (at < chunk.length && chunk[at] !== lineFeed) at++
    this.#length += chunk.toString('latin1', start, at)
    const isWhole = at < chunk.length
    if (this.#length.length > lengthCharsMax || !/^\d*$/.test(this.#length)) {
      throw new Error('its stream is no RecordIO')
    }
    if (!isWhole) return at
    this.#missing = Number(this.#length)
    if (this.#missing > recordBytesMax) throw new Error('its record is too long')
    this.#length = ''
    return at + 1
  }
}
