/** What changed, as far as we care: containers to look at again, and whether the networks are to be listed again. */
export interface Change {
  readonly containers: readonly string[]
  readonly networks: boolean
}

/** Counters of a reader's life. */
export interface EventCounters {
  readonly events: number
  /** Complete objects that were no JSON or no event. */
  readonly malformed: number
  /** Objects longer than `eventBytesMax`, skipped. */
  readonly oversized: number
}

/** An event carries all labels of its container; one longer than this is not worth having. */
const eventBytesMax = 1 << 20

const quote = 0x22
const backslash = 0x5c
const open = 0x7b
const close = 0x7d

/**
 * Cuts `GET /events` into events. The answer is a row of JSON objects, whatever stands between them: nothing or a
 * newline (`application/json` up to engine 28), a newline (`x-ndjson`, `jsonl`), a record separator (`json-seq`). So it
 * counts braces outside strings instead of trusting a content type; chunks may be cut anywhere, also within a letter.
 */
export class EventReader<Change> {
  readonly #read: (text: string) => Change | undefined
  readonly #done: (change: Change) => void
  #kept: Buffer[] = []
  #keptBytes = 0
  #depth = 0
  #inString = false
  #escaped = false
  #events = 0
  #malformed = 0
  #oversized = 0

  /** `read`: what an event's JSON text says; undefined when it is no event. */
  constructor(read: (text: string) => Change | undefined, done: (change: Change) => void) {
    this.#read = read
    this.#done = done
  }

  read(chunk: Buffer): void {
    let start = this.#depth > 0 ? 0 : -1
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]
      if (this.#inString) this.#passString(byte)
      else if (byte === open) {
        if (this.#depth++ === 0) start = i
      } else if (this.#depth === 0) continue
      else if (byte === quote) this.#inString = true
      else if (byte === close && --this.#depth === 0) {
        this.#keep(chunk.subarray(start, i + 1))
        this.#finish()
        start = -1
      }
    }
    if (start >= 0) this.#keep(Buffer.from(chunk.subarray(start)))
  }

  counters(): EventCounters {
    return { events: this.#events, malformed: this.#malformed, oversized: this.#oversized }
  }

  #passString(byte: number): void {
    if (this.#escaped) this.#escaped = false
    else if (byte === backslash) this.#escaped = true
    else if (byte === quote) this.#inString = false
  }

  #keep(bytes: Buffer): void {
    this.#keptBytes += bytes.length
    if (this.#keptBytes > eventBytesMax) this.#kept = []
    else this.#kept.push(bytes)
  }

  #finish(): void {
    const text = this.#keptBytes > eventBytesMax ? undefined : Buffer.concat(this.#kept).toString()
    this.#kept = []
    this.#keptBytes = 0
    if (text === undefined) {
      this.#oversized++
      return
    }
    const change = this.#read(text)
    if (change === undefined) this.#malformed++
    else this.#events++
    if (change !== undefined) this.#done(change)
  }
}

const containerActions = new Set([
  'destroy',
  'die',
  'health_status',
  'pause',
  'rename',
  'restart',
  'start',
  'unpause',
  'update',
])
const networkActions = new Set(['create', 'destroy', 'remove', 'update'])
const attachmentActions = new Set(['connect', 'disconnect'])

/** What the engine is asked to send; the reader checks again, since old engines match `event` loosely. */
export const eventFilters = {
  type: ['container', 'network'],
  event: [...new Set([...containerActions, ...networkActions, ...attachmentActions])],
}

const nothing: Change = { containers: [], networks: false }

/** One event: of what, what happened, to whom. */
export interface EngineEvent {
  readonly type: string
  readonly action: string
  readonly actor: Readonly<Record<string, unknown>> | undefined
}

/** An event's JSON text; undefined when it is none. */
export function readEvent(text: string): EngineEvent | undefined {
  const event = parse(text)
  const type = event?.Type
  const action = event?.Action
  if (typeof type !== 'string' || typeof action !== 'string') return undefined
  // `health_status: healthy`, `exec_start: sh -c ...`: the action is what stands before the colon.
  return { type, action: action.split(':', 1)[0], actor: fields(event?.Actor) }
}

/** The change in one event's JSON text; undefined when it is no event. */
export function changeOf(text: string): Change | undefined {
  const event = readEvent(text)
  if (event === undefined) return undefined
  const { type, action: name, actor } = event
  if (type === 'container' && containerActions.has(name)) return ofContainer(actor?.ID)
  if (type === 'network' && attachmentActions.has(name)) {
    return ofContainer(fields(actor?.Attributes)?.container)
  }
  if (type === 'network' && networkActions.has(name)) return { containers: [], networks: true }
  return nothing
}

function ofContainer(id: unknown): Change {
  return typeof id === 'string' && id !== '' ? { containers: [id], networks: false } : nothing
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    return fields(JSON.parse(text))
  } catch {
    return undefined
  }
}

function fields(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)
    : undefined
}
