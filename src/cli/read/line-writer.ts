const encoder = new TextEncoder()
const [zero, quote, backslash, newline] = Buffer.from('0"\\\n')
/** Bytes that one character of a text may take: `\u0000` in JSON. */
export const charBytesMax = 6

/**
 * Writes lines as bytes. A line of a capture is written in less time than it takes to make a string of it, and a capture
 * has millions. Whoever writes has made room: `bytes` is to hold what follows.
 */
export class LineWriter {
  bytes: Uint8Array = new Uint8Array(0)
  at = 0
  #second = Number.NaN
  #secondText = ''

  /** ASCII that is known to do no harm: our own words, addresses. */
  plain(text: string): void {
    const { bytes } = this
    let at = this.at
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i)
    this.at = at
  }

  /** Text of the network: what could command the terminal becomes `·`. */
  printable(text: string): void {
    const { bytes } = this
    let at = this.at
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code < 0x20 || code > 0x7e) {
        this.#utf8(printableText(text))
        return
      }
      bytes[at++] = code
    }
    this.at = at
  }

  /** Text of the network as a JSON string, with its quotes. */
  quoted(text: string): void {
    const { bytes } = this
    let at = this.at
    bytes[at++] = quote
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code < 0x20 || code > 0x7e || code === quote || code === backslash) {
        this.#utf8(JSON.stringify(text))
        return
      }
      bytes[at++] = code
    }
    bytes[at++] = quote
    this.at = at
  }

  /** Digits; of what is no natural number, as JavaScript writes it. */
  number(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) {
      this.plain(String(value))
      return
    }
    let digits = 1
    for (let power = 10; power <= value; power *= 10) digits++
    let rest = value
    for (let at = this.at + digits - 1; at >= this.at; at--) {
      const next = Math.floor(rest / 10)
      this.bytes[at] = zero + (rest - next * 10)
      rest = next
    }
    this.at += digits
  }

  /** Microseconds since the epoch as `2026-01-01T00:00:00.000001Z`. Lines come many to a second: its text is kept. */
  time(us: number): void {
    const second = Math.floor(us / 1_000_000)
    if (second !== this.#second) {
      this.#second = second
      this.#secondText = new Date(second * 1000).toISOString().slice(0, 20)
    }
    this.plain(this.#secondText)
    let rest = Math.floor(us - second * 1_000_000)
    for (let at = this.at + 5; at >= this.at; at--) {
      const next = Math.floor(rest / 10)
      this.bytes[at] = zero + (rest - next * 10)
      rest = next
    }
    this.at += 6
    this.plain('Z')
  }

  end(): void {
    this.bytes[this.at++] = newline
  }

  #utf8(text: string): void {
    this.at += encoder.encodeInto(text, this.bytes.subarray(this.at)).written
  }
}

function printableText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach the terminal
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '·')
}
