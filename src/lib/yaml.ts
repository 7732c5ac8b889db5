/** A value of a document: text, true, false, null, lists and maps. Numbers stay text. */
export type YamlValue =
  | string
  | boolean
  | null
  | readonly YamlValue[]
  | { [key: string]: YamlValue }

/** A line with something on it: how far it is indented, what stands there, and its number. */
interface Line {
  readonly indent: number
  readonly text: string
  readonly number: number
}

const depthMax = 32

/**
 * Reads JSON, and of YAML what programs write: block maps and lists, plain and quoted text on one line, `|` blocks,
 * flow collections that are JSON. Anything else (anchors, tags, text over several lines) throws, with the line.
 */
export function readYaml(text: string): YamlValue {
  if (/^\s*\{/.test(text)) return jsonOf(text, { indent: 0, text: '', number: 1 })
  return new Reader(text).document()
}

class Reader {
  readonly #raw: readonly string[]
  readonly #lines: Line[]
  #at = 0

  constructor(text: string) {
    this.#raw = text.replace(/^\uFEFF/, '').split(/\r?\n/)
    this.#lines = this.#raw.flatMap((raw, index) => lineOf(raw, index + 1))
  }

  document(): YamlValue {
    const first = this.#lines[0]
    if (first === undefined) return null
    const value = this.#block(first.indent, 0)
    if (this.#at < this.#lines.length) throw fault(this.#lines[this.#at], 'is not understood')
    return value
  }

  #block(indent: number, depth: number): YamlValue {
    const line = this.#lines[this.#at]
    if (depth > depthMax) throw fault(line, 'is nested too deep')
    return isItem(line) ? this.#list(indent, depth) : this.#map(indent, depth)
  }

  /** `- a`, `- key: value` with more keys below it, `-` with a block below it. */
  #list(indent: number, depth: number): YamlValue[] {
    const items: YamlValue[] = []
    for (let line = this.#lines[this.#at]; line?.indent === indent && isItem(line); ) {
      const rest = line.text.slice(1).trimStart()
      const inner = indent + line.text.length - rest.length
      if (rest === '') {
        this.#at++
        items.push(this.#below(indent, depth))
      } else if (splitKey(rest, line) || rest.startsWith('- ')) {
        this.#lines[this.#at] = { ...line, indent: inner, text: rest }
        items.push(this.#block(inner, depth + 1))
      } else {
        this.#at++
        items.push(this.#scalar(rest, indent, line))
      }
      line = this.#lines[this.#at]
    }
    return items
  }

  #map(indent: number, depth: number): { [key: string]: YamlValue } {
    // Without a prototype: `__proto__` is a key like any other.
    const map: { [key: string]: YamlValue } = Object.create(null)
    for (let line = this.#lines[this.#at]; line?.indent === indent && !isItem(line); ) {
      const pair = splitKey(line.text, line)
      if (!pair) throw fault(line, 'is no "key: value"')
      this.#at++
      map[pair.key] =
        pair.value === ''
          ? this.#below(indent, depth, true)
          : this.#scalar(pair.value, indent, line)
      line = this.#lines[this.#at]
    }
    return map
  }

  /** What is indented below a key or a dash; a key's list may stand right below it. */
  #below(indent: number, depth: number, mayAlign = false): YamlValue {
    const next = this.#lines[this.#at]
    const isAligned = mayAlign && next?.indent === indent && isItem(next)
    if (next === undefined || (next.indent <= indent && !isAligned)) return null
    return this.#block(next.indent, depth + 1)
  }

  #scalar(text: string, indent: number, line: Line): YamlValue {
    if (/^\|[+-]?$/.test(text)) return this.#literal(text, indent, line)
    const next = this.#lines[this.#at]
    if (next && next.indent > indent) throw fault(next, 'goes on a value of the line before')
    return scalarOf(text, line)
  }

  /** The lines below as they stand, less their indent. */
  #literal(style: string, indent: number, line: Line): string {
    while (this.#lines[this.#at]?.indent > indent) this.#at++
    const end = this.#lines[this.#at]?.number ?? this.#raw.length + 1
    const raw = this.#raw.slice(line.number, end - 1)
    const inner = indentOf(raw.find(each => each.trim() !== '') ?? '')
    const text = raw.map(each => each.slice(inner)).join('\n')
    if (style === '|+') return `${text}\n`
    return text.replace(/\n*$/, '') + (style === '|' ? '\n' : '')
  }
}

const isItem = ({ text }: Line): boolean => text === '-' || text.startsWith('- ')

const indentOf = (raw: string): number => raw.length - raw.trimStart().length

function lineOf(raw: string, number: number): Line[] {
  const text = withoutComment(raw.trimStart()).trimEnd()
  if (text === '' || text === '---' || raw.startsWith('%')) return []
  return [{ indent: indentOf(raw), text, number }]
}

/** A comment begins with `#` after a blank, outside quotes. */
function withoutComment(text: string): string {
  if (!text.includes('#')) return text
  const match = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^#]|(?<=\S)#)*/.exec(text)
  return match ? match[0] : text
}

const quotedText = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')/

function splitKey(text: string, line: Line): { key: string; value: string } | undefined {
  const quoted = quotedText.exec(text)?.[0]
  const end = quoted?.length ?? /:(?=\s|$)/.exec(text)?.index ?? -1
  if (end < 0 || !/^\s*:(\s|$)/.test(text.slice(end))) return undefined
  if (!quoted && /^[[{&*!|>%@`]/.test(text)) return undefined
  const key = quoted ? unquoted(quoted, line) : text.slice(0, end).trim()
  return { key, value: text.slice(text.indexOf(':', end) + 1).trim() }
}

function scalarOf(text: string, line: Line): YamlValue {
  if (quotedText.exec(text)?.[0] === text) return unquoted(text, line)
  if (/^[[{]/.test(text)) return jsonOf(text, line)
  if (/^[&*!|>%@`"']/.test(text)) throw fault(line, 'is not understood')
  if (text === '~' || /^null$/i.test(text)) return null
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true'
  return text
}

/** The parser's own fault would repeat what stands there. */
function jsonOf(text: string, line: Line): YamlValue {
  try {
    return JSON.parse(text) as YamlValue
  } catch {
    throw fault(line, 'is not understood')
  }
}

function unquoted(text: string, line: Line): string {
  if (text.startsWith("'")) return text.slice(1, -1).replaceAll("''", "'")
  return String(jsonOf(text, line))
}

function fault({ number, text }: Line, why: string): Error {
  // What stands there may be a secret.
  const key = /^[\w.-]{1,64}(?=:)/.exec(text)?.[0]
  return new Error(`line ${number}${key ? ` (${key})` : ''} ${why}`)
}
