/** Statements remembered per connection and list; beyond them the longest unused is forgotten. */
const statementsMax = 512
/** From so many on it is kept in mind which were used last. */
const crowded = statementsMax / 2
/** About what an entry takes besides its text, and the length up to which connections share texts. */
const entryBytes = 128
const sharedMax = 1024

/** A statement of a query language as it is told, and its verb. */
export interface Statement {
  readonly text: string
  readonly verb: string
}

/** Statements that were prepared, or are bound, on one connection, by the name or number they were given. */
export class Prepared<Key> {
  /** About the memory that they take. */
  heldBytes = 0
  readonly #byKey = new Map<Key, Statement>()

  remember(key: Key, statement: Statement): void {
    this.forget(key)
    this.#byKey.set(key, statement)
    this.heldBytes += weightOf(key, statement)
    if (this.#byKey.size <= statementsMax) return
    const [oldest] = this.#byKey.keys()
    this.forget(oldest)
  }

  /** Undefined: prepared before we listened, or forgotten. */
  find(key: Key): Statement | undefined {
    const statement = this.#byKey.get(key)
    if (statement && this.#byKey.size > crowded) {
      this.#byKey.delete(key)
      this.#byKey.set(key, statement)
    }
    return statement
  }

  forget(key: Key): void {
    const statement = this.#byKey.get(key)
    if (!statement) return
    this.#byKey.delete(key)
    this.heldBytes -= weightOf(key, statement)
  }

  clear(): void {
    this.#byKey.clear()
    this.heldBytes = 0
  }
}

function weightOf(key: unknown, { text }: Statement): number {
  const keyChars = typeof key === 'string' ? key.length : 0
  return entryBytes + keyChars + (text.length > sharedMax ? text.length * 2 : 0)
}
