import { int32le } from '#lib/bytes.ts'
import type { Interner } from '#lib/intern.ts'
import { clientSide } from '#model/side.ts'
import { nameText } from '../name-text.ts'
import type { PairsByNumber } from '../pair-by-number.ts'
import type { DecoderOptions } from '../protocol.ts'
import { bsonDocument, bsonString, eachElement } from './bson.ts'
import { type Addressed, addressed, isCommand } from './commands.ts'
import {
  compressorNames,
  moreToCome,
  opcodeName,
  opDelete,
  opGetMore,
  opInsert,
  opKillCursors,
  opMsg,
  opQuery,
  opUpdate,
} from './header.ts'
import { type Element, isNamed, type Message, Messages, type Reader } from './messages.ts'

/** What a reply is, kept with its request: the documents of a find that is no command are data. */
export const kinds = { command: 0, data: 1 } as const

/** Bytes of a text that are read, its length before them. */
const textBytesMax = 4 + 512
/** Bytes of a document within a command that are looked at, for the command that it holds. */
const innerBytesMax = 1024

/** What messages older than commands do, and whether they are answered. */
const operations = new Map([
  [opQuery, 'find'],
  [opGetMore, 'getMore'],
  [opInsert, 'insert'],
  [opUpdate, 'update'],
  [opDelete, 'delete'],
  [opKillCursors, 'killCursors'],
])
const oneWay: ReadonlySet<number> = new Set([opInsert, opUpdate, opDelete, opKillCursors])

const databaseName = Buffer.from('$db')
const collectionName = Buffer.from('collection')
/** Ends the namespace of an OP_QUERY that is a command. */
const commandNamespace = '.$cmd'

/**
 * Reads requests: the name of the command is the name of its first element, whose value may be the collection; `$db` is
 * the database. Nothing else of it is looked at.
 */
export class Requests implements Reader {
  readonly messages = new Messages(clientSide, this)

  readonly #pairs: PairsByNumber
  readonly #commands: Interner
  readonly #names: Interner
  #command = ''
  #addressed: Addressed = 'database'
  #collection = ''
  #database = ''
  #namespace = ''
  /** The last resource, and what it was made of. */
  #last = { database: '', collection: '', text: '' }

  constructor(pairs: PairsByNumber, { interners }: DecoderOptions) {
    this.#pairs = pairs
    this.#commands = interners.named('mongodb command', nameText)
    this.#names = interners.named('mongodb name', nameText)
  }

  begin(): void {
    this.#command = ''
    this.#addressed = 'database'
    this.#collection = ''
    this.#database = ''
    this.#namespace = ''
  }

  namespace({ opcode }: Message, bytes: Uint8Array, start: number, end: number): boolean {
    const text = this.#names.text(bytes, start, end)
    if (opcode === opQuery && text.endsWith(commandNamespace)) {
      this.#database = text.slice(0, -commandNamespace.length)
      return true
    }
    this.#namespace = text
    return false
  }

  readsReply(): boolean {
    return false
  }

  needs(element: Element): number {
    if (element.isFirst) return element.type === bsonDocument ? innerBytesMax : textBytesMax
    if (element.type !== bsonString) return -1
    if (isNamed(element, databaseName)) return textBytesMax
    return this.#command === 'getMore' && isNamed(element, collectionName) ? textBytesMax : -1
  }

  read(element: Element): boolean {
    const { bytes, nameStart, nameEnd, type } = element
    if (!element.isFirst) {
      if (nameEnd - nameStart === databaseName.length) this.#database = this.#text(element)
      else this.#collection = this.#text(element)
      return true
    }
    if (!isCommand(bytes, nameStart, nameEnd)) return false
    this.#command = this.#commands.text(bytes, nameStart, nameEnd)
    if (type === bsonString) this.#addresses(this.#command, this.#text(element))
    else if (type === bsonDocument) this.#readInner(element)
    return true
  }

  end(message: Message, isRead: boolean): void {
    const { opcode } = message
    if (!isRead) {
      const resource = `<compressed ${compressorNames[message.compressor] ?? ''}>`
      this.#tell(message, opcodeName(opcode), resource, kinds.command)
    } else if (this.#command !== '') {
      this.#tell(message, this.#command, this.#resource(), kinds.command)
    } else if (opcode !== opMsg) {
      this.#tell(message, operations.get(opcode) ?? '', this.#namespace, kinds.data)
    }
  }

  broken(): void {}

  #tell(message: Message, method: string, resource: string, kind: number): void {
    const { opcode, id, startUs, length, gap, flags } = message
    if (oneWay.has(opcode) || (opcode === opMsg && (flags & moreToCome) !== 0)) {
      this.#pairs.say(method, resource, startUs, length, gap)
      return
    }
    const asked = this.#pairs.ask(id, method, resource, startUs)
    asked.bytes = length
    asked.gap = gap
    asked.kind = kind
  }

  #text({ bytes, valueStart, valueEnd }: Element): string {
    const length = int32le(bytes, valueStart) - 1
    return this.#names.text(bytes, valueStart + 4, Math.min(valueEnd, valueStart + 4 + length))
  }

  #addresses(command: string, text: string): void {
    this.#addressed = addressed(command)
    if (this.#addressed !== 'database') this.#collection = text
  }

  /** `{$query: {count: 'c'}}`, as commands came with a read preference, and `{explain: {count: 'c'}}`. */
  #readInner({ bytes, valueStart, valueEnd }: Element): void {
    const isWrapped = this.#command === '$query' || this.#command === 'query'
    if (!isWrapped && this.#command !== 'explain') return
    eachElement(bytes, valueStart, valueEnd, (name, type, start, end) => {
      if (isWrapped) this.#command = name
      if (type === bsonString) {
        this.#addresses(name, this.#names.text(bytes, start + 4, Math.max(start + 4, end - 1)))
      }
      return true
    })
  }

  /** `db.collection`, or `db` alone. */
  #resource(): string {
    const database = this.#database
    const collection = this.#collection
    if (collection === '') return database
    if (this.#addressed === 'namespace' && collection.includes('.')) return collection
    const last = this.#last
    if (last.database !== database || last.collection !== collection) {
      const text = database === '' ? collection : `${database}.${collection}`
      this.#last = { database, collection, text }
    }
    return this.#last.text
  }
}
