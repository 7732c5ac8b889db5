import type { Dictionary } from '#lib/dictionary.ts'
import type { DecoderOptions } from '../protocol.ts'
import { uuidBytes } from './layout.ts'

/**
 * Names of topics by their ids: requests name topics by id from Kafka 3.1 on, responses about metadata name both. An id
 * is one topic's for ever, whatever the cluster: what one connection tells of it is known on all.
 */
export class Topics {
  readonly #names: Dictionary

  constructor({ interners }: DecoderOptions) {
    this.#names = interners.dictionary('kafka topic')
  }

  learn(bytes: Uint8Array, idAt: number, name: string): void {
    this.#names.tell(idText(bytes, idAt), name)
  }

  /** `orders`, or `<topic LY4ZpoOzRc2LqcEs3cdTkA>` while nobody told its name. */
  name(bytes: Uint8Array, idAt: number): string {
    const id = idText(bytes, idAt)
    return this.#names.find(id) ?? `<topic ${id}>`
  }
}

/** As Kafka's own tools show it. */
function idText(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, uuidBytes).toString('base64url')
}
