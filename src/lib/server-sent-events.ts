/** One event of a `text/event-stream`. */
export interface ServerSentEvent {
  readonly type: string
  readonly data: string
  /** Its data was longer than `dataBytesMax` and was let go. */
  readonly isCut: boolean
}

/** Data beyond this is let go; that there was an event still counts. */
const dataBytesMax = 1 << 20
/** A line that has no end is no line of ours. */
const lineBytesMax = dataBytesMax + 64

const lineFeed = 0x0a
const carriageReturn = 0x0d

/**
 * Cuts a `text/event-stream` into events (HTML, section 9.2.6). Lines end with CR LF, LF or CR alone; a CR ends its
 * line at once and an LF right after it is passed over, wherever chunks are cut: some servers send the two apart, as a
 * sign of life.
 */
export class ServerSentEvents {
  /** Events whose data was let go. */
  cut = 0
  #kept: Buffer[] = []
  #keptBytes = 0
  #afterReturn = false
  #type = ''
  #data: string[] = []
  #dataBytes = 0
  #isCut = false

  /** The events that end within this chunk. */
  read(chunk: Buffer): ServerSentEvent[] {
    const events: ServerSentEvent[] = []
    let start = 0
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]
      const isSecondHalf = this.#afterReturn && byte === lineFeed
      this.#afterReturn = byte === carriageReturn
      if (isSecondHalf) {
        start = i + 1
        continue
      }
      if (byte !== lineFeed && byte !== carriageReturn) continue
      this.#keep(chunk.subarray(start, i))
      start = i + 1
      const event = this.#endLine()
      if (event) events.push(event)
    }
    this.#keep(Buffer.from(chunk.subarray(start)))
    return events
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#keptBytes += bytes.length
    if (this.#keptBytes <= lineBytesMax) this.#kept.push(bytes)
  }

  #endLine(): ServerSentEvent | undefined {
    const isTooLong = this.#keptBytes > lineBytesMax
    const line = Buffer.concat(this.#kept)
    this.#kept = []
    this.#keptBytes = 0
    if (line.length === 0) return this.#endEvent()
    this.#field(line.toString(), isTooLong)
    return undefined
  }

  #field(line: string, isTooLong: boolean): void {
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (name === 'event') this.#type = value
    if (name !== 'data') return
    this.#dataBytes += value.length
    if (isTooLong || this.#dataBytes > dataBytesMax) {
      this.#isCut = true
      this.#data = ['']
    } else if (!this.#isCut) this.#data.push(value)
  }

  /** An empty line ends an event; one without data is none. */
  #endEvent(): ServerSentEvent | undefined {
    const event = { type: this.#type || 'message', data: this.#data.join('\n'), isCut: this.#isCut }
    const isEvent = this.#data.length > 0
    if (isEvent && event.isCut) this.cut++
    this.#type = ''
    this.#data = []
    this.#dataBytes = 0
    this.#isCut = false
    return isEvent ? event : undefined
  }
}
