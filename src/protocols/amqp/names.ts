import type { Interner } from '#lib/intern.ts'
import { cut, utf8 } from '#lib/text.ts'
import { nameCharsMax } from '../name-text.ts'
import type { DecoderOptions } from '../protocol.ts'

/** Names that servers and libraries invent, new ones for every connection: of these only the kind is shown. */
const invented =
  /amq\.gen-.+|amq\.rabbitmq\.reply-to\..+|amq\.ctag-.+|[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/gi

/** Gives queues, exchanges and routing keys their text. */
export class Names {
  readonly #texts: Interner
  readonly #routes: Interner

  constructor({ interners, raw }: DecoderOptions) {
    const shown = (name: string) => cut(raw ? name : masked(name), nameCharsMax)
    this.#texts = interners.named('amqp name', (bytes, start, end) =>
      shown(utf8(bytes, start, end)),
    )
    this.#routes = interners.named('amqp route', (bytes, start, end) => {
      const keyAt = start + 1 + bytes[start]
      const exchange = shown(utf8(bytes, start + 1, keyAt))
      const key = shown(utf8(bytes, keyAt + 1, end))
      return key === '' ? exchange : `${exchange}/${key}`
    })
  }

  /** A name as it stands, without its length. */
  text(bytes: Uint8Array, start: number, end: number): string {
    return this.#texts.text(bytes, start, end)
  }

  /** `exchange/key` of two short texts in a row; the default exchange has no name: `/key`. */
  route(bytes: Uint8Array, start: number, end: number): string {
    return this.#routes.text(bytes, start, end)
  }
}

/** `amq.gen-?` */
function masked(name: string): string {
  return name.replace(invented, text => {
    const kind = /^amq\.(gen-|ctag-|rabbitmq\.reply-to\.)/i.exec(text)
    return `${kind ? kind[0] : ''}?`
  })
}
