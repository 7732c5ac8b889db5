/** Consumers of a connection whose queues are remembered; beyond them the oldest is forgotten. */
const consumersMax = 1024
/** About what one takes. */
const consumerBytes = 256

/** Which queue a consumer takes from: the server calls it by its tag, which says nothing to people. */
export class Consumers {
  readonly #queues = new Map<string, string>()

  get heldBytes(): number {
    return this.#queues.size * consumerBytes
  }

  add(channel: number, tag: string, queue: string): void {
    if (this.#queues.size >= consumersMax) {
      for (const [oldest] of this.#queues) {
        this.#queues.delete(oldest)
        break
      }
    }
    this.#queues.set(`${channel} ${tag}`, queue)
  }

  /** The queue of a consumer. */
  queue(channel: number, tag: string): string {
    return this.#queues.get(`${channel} ${tag}`) ?? '<consumed queue>'
  }
}
