import { uuidBytes } from './layout.ts'

/** Topics whose names are known; beyond them the one learnt first is forgotten. */
const topicsMax = 4096
/** About what a name takes, with its id. */
export const topicBytes = 256

/** Names of topics by their ids: requests name topics by id from Kafka 3.1 on, responses about metadata name both. */
export class Topics {
  readonly #names = new Map<string, string>()

  get heldBytes(): number {
    return this.#names.size * topicBytes
  }

  /** The id as Kafka writes it. */
  learn(bytes: Uint8Array, idAt: number, name: string): void {
    const id = idText(bytes, idAt)
    if (this.#names.get(id) === name) return
    if (this.#names.size >= topicsMax) {
      for (const oldest of this.#names.keys()) {
        this.#names.delete(oldest)
        break
      }
    }
    this.#names.set(id, name)
  }

  /** `orders`, or `<topic LY4ZpoOzRc2LqcEs3cdTkA>` while nobody told its name. */
  name(bytes: Uint8Array, idAt: number): string {
    const id = idText(bytes, idAt)
    return this.#names.get(id) ?? `<topic ${id}>`
  }
}

/** As Kafka's own tools show it. */
function idText(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, uuidBytes).toString('base64url')
}
