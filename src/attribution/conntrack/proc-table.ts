import { open } from 'node:fs/promises'
import { codeOf } from '#lib/fault.ts'
import { formatAddress, parseAddress } from '#lib/ip-address.ts'
import { agreed, isSame, keyOf, type Original } from './translation.ts'

/** Translated connections that are kept: more are not looked for. */
const translatedMax = 100_000
const chunkBytes = 64 * 1024
/** A reading is cut off then: what it did not come to is not known. */
const readingMs = 500
const readingBytesMax = 32 * 1024 * 1024
/** Between two readings this many times as long as one took. */
const restFactor = 10
const restMs = 900
/** What was read longer ago may be of connections whose ports are others' by now. */
const ageMsMax = 10_000

/** Translated connections by what their packets look like behind the translation; undefined: several, that differ. */
export type Translations = Map<string, Original | undefined>

/**
 * The translations that a node's connection tracking did, from /proc/net/nf_conntrack (kernel: nf_conntrack_standalone.c):
 * `ipv4 2 tcp 6 117 TIME_WAIT src=172.18.0.2 dst=10.0.0.5 sport=4000 dport=80 src=... dst=... sport=... dport=... [ASSURED] ...`,
 * first the original direction, then the reply's. Closed connections stay for two minutes, so even short ones are found.
 *
 * The file can only be read from its beginning, and the kernel goes through its whole table for that. So it is read beside
 * everything else, when somebody asked, and the answers come with the next second.
 */
export class ProcTable {
  /** Readings that ended before the table did. */
  cut = 0
  readonly #path: string
  #translations: Translations = new Map()
  #isAsked = false
  #isReading = false
  #readMs = Number.NEGATIVE_INFINITY
  #nextMs = Number.NEGATIVE_INFINITY
  #fault: string | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** Why the table could not be read, last: `EACCES`. */
  get fault(): string | undefined {
    return this.#fault
  }

  original(transport: string, seen: Original): Original | undefined {
    this.#isAsked = true
    return this.#translations.get(keyOf(transport, seen))
  }

  /** Reads the table if it was asked since it was read, and has rested. Its promise is for tests. */
  async refresh(nowMs: number): Promise<void> {
    if (nowMs - this.#readMs > ageMsMax) this.#translations = new Map()
    if (!this.#isAsked || this.#isReading || nowMs < this.#nextMs) return
    this.#isReading = true
    this.#isAsked = false
    const startMs = performance.now()
    this.#translations = await this.#read()
    const tookMs = performance.now() - startMs
    this.#readMs = nowMs + tookMs
    this.#nextMs = this.#readMs + Math.max(restMs, restFactor * tookMs)
    this.#isReading = false
  }

  /** Nothing where the kernel or the privilege does not let us read. */
  async #read(): Promise<Translations> {
    const translations: Translations = new Map()
    try {
      await using file = await open(this.#path)
      this.#fault = undefined
      const untilMs = performance.now() + readingMs
      const chunk = Buffer.alloc(chunkBytes)
      let left = ''
      for (let total = 0; ; ) {
        const { bytesRead } = await file.read(chunk, 0, chunkBytes, null)
        if (bytesRead === 0) break
        total += bytesRead
        const text = left + chunk.toString('latin1', 0, bytesRead)
        const end = text.lastIndexOf('\n') + 1
        readTranslations(text.slice(0, end), translations)
        left = text.slice(end).slice(0, chunkBytes)
        const isTooMuch = total > readingBytesMax || translations.size >= translatedMax
        if (!isTooMuch && performance.now() < untilMs) continue
        this.cut++
        break
      }
    } catch (error) {
      this.#fault = codeOf(error) ?? 'it cannot be read'
    }
    return translations
  }
}

/** As text of the table tells them. */
export function parseConntrack(text: string): Translations {
  const translations: Translations = new Map()
  readTranslations(text, translations)
  return translations
}

function readTranslations(text: string, translations: Translations): void {
  const line =
    / (tcp|udp) [^\n]*?src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+) [^\n]*?src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)/g
  for (const match of text.matchAll(line)) {
    if (translations.size >= translatedMax) return
    const [, transport, source, target, sport, dport, rsource, rtarget, rsport, rdport] = match
    // Most are not translated: told by the text, before anything is made of it.
    if (source === rtarget && target === rsource && sport === rdport && dport === rsport) continue
    const original = {
      client: { ip: canonical(source), port: Number(sport) },
      server: { ip: canonical(target), port: Number(dport) },
    }
    const seen = {
      client: { ip: canonical(rtarget), port: Number(rdport) },
      server: { ip: canonical(rsource), port: Number(rsport) },
    }
    if (isSame(original, seen)) continue
    const key = keyOf(transport, seen)
    const isKnown = translations.has(key)
    const known = translations.get(key)
    if (!isKnown) translations.set(key, original)
    else translations.set(key, known && agreed([known, original]))
  }
}

/** The file writes all eight groups of an IPv6 address. */
function canonical(ip: string): string {
  const words = ip.includes(':') ? parseAddress(ip) : undefined
  return words ? formatAddress(...words) : ip
}
