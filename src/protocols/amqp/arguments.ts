import { ByteReader } from '#lib/byte-reader.ts'
import { uint16 } from '#lib/bytes.ts'
import type { Method } from './methods.ts'
import type { Names } from './names.ts'

/** Longest argument list that is waited for; in a longer one (tables) nothing behind it matters. */
export const argumentsMax = 2048

/** A code and a text that says it to people. */
const coded = 'st'

/** What is read of a method's arguments. */
export interface Arguments {
  readonly resource: string
  /** No answer is wanted. */
  readonly silent: boolean
  /** Why it is said; 0: it has no code. */
  readonly code: number
  /** What was not read yet. */
  readonly rest: ByteReader
}

/** Reads the arguments at the reader; undefined when they are none of this method's. One result serves all calls. */
export class ArgumentReader {
  readonly #names: Names
  readonly #found = { resource: '', silent: false, code: 0, rest: new ByteReader() }

  constructor(names: Names) {
    this.#names = names
  }

  read(method: Method, reader: ByteReader): Arguments | undefined {
    const found = this.#found
    found.rest = reader
    const { bytes, at } = reader
    pass(method.before, reader)
    found.code = method.before === coded && !reader.short ? uint16(bytes, at) : 0
    found.resource = this.#resource(method, reader)
    found.silent = false
    if (method.noWait !== 0) {
      pass(method.between, reader)
      found.silent = (reader.u8() & method.noWait) !== 0
    }
    return reader.short ? undefined : found
  }

  /** A short text by itself: the queue that was declared, the tag of a consumer. */
  text(reader: ByteReader): string {
    const start = reader.at + 1
    pass('t', reader)
    return reader.short ? '' : this.#names.text(reader.bytes, start, reader.at)
  }

  #resource(method: Method, reader: ByteReader): string {
    if (method.resource === 'none') return ''
    if (method.resource === 'text') return this.text(reader)
    const start = reader.at
    pass('tt', reader)
    return reader.short ? '' : this.#names.route(reader.bytes, start, reader.at)
  }
}

function pass(layout: string, reader: ByteReader): void {
  for (let i = 0; i < layout.length; i++) {
    switch (layout[i]) {
      case 's':
        reader.skip(2)
        break
      case 'l':
        reader.skip(8)
        break
      case 'o':
        reader.skip(1)
        break
      default:
        reader.skip(reader.u8())
    }
  }
}
