import { Conversation, type ConversationOptions, type Dialect } from './conversation.ts'

/** A RESP2 value (https://redis.io/docs/latest/develop/reference/protocol-spec/). */
export type Value = string | number | null | Error | readonly Value[]

interface Part {
  readonly answer: Value
  readonly length: number
}

/** `PING` and friends as an array of bulk strings, which is how clients speak. */
export function encode(words: readonly string[]): Buffer {
  const bulks = words.map(word => `$${Buffer.byteLength(word)}\r\n${word}\r\n`)
  return Buffer.from(`*${words.length}\r\n${bulks.join('')}`)
}

/** The value that starts at `at`; undefined while incomplete. */
export function readValue(bytes: Buffer, at = 0): Part | undefined {
  const lineEnd = bytes.indexOf('\r\n', at)
  if (lineEnd < 0) return undefined
  const text = bytes.toString('utf8', at + 1, lineEnd)
  const length = lineEnd + 2 - at
  const kind = String.fromCharCode(bytes[at])
  if (kind === '+') return { answer: text, length }
  if (kind === '-') return { answer: new Error(text), length }
  if (kind === ':') return { answer: Number(text), length }
  if (Number(text) < 0) return { answer: null, length }
  return kind === '$'
    ? readBulk(bytes, at + length, Number(text), length)
    : readArray(bytes, at, Number(text), length)
}

function readBulk(bytes: Buffer, at: number, size: number, head: number): Part | undefined {
  if (bytes.length < at + size + 2) return undefined
  return { answer: bytes.toString('utf8', at, at + size), length: head + size + 2 }
}

function readArray(bytes: Buffer, at: number, count: number, head: number): Part | undefined {
  const values: Value[] = []
  let length = head
  for (let i = 0; i < count; i++) {
    const part = readValue(bytes, at + length)
    if (!part) return undefined
    values.push(part.answer)
    length += part.length
  }
  return { answer: values, length }
}

const dialect: Dialect<Value> = {
  read: bytes => (bytes.length === 0 ? undefined : readValue(bytes)),
  judge: answer =>
    answer instanceof Error ? { status: 'ERR', outcome: 'error' } : { status: 'OK', outcome: 'ok' },
}

/** A connection to Redis: `await redis('LPUSH', 'votes', 'cats')`. */
export function openRedis(
  options: Omit<ConversationOptions<Value>, 'dialect'>,
): (...words: string[]) => Promise<Value> {
  const conversation = new Conversation({ ...options, dialect })
  return (...words) =>
    conversation.call({ bytes: encode(words), method: words[0], resource: words[1] })
}
