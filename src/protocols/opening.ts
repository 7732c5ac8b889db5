import type { Flow } from '#model/flow.ts'
import { clientSide, otherSide, type Side, serverSide } from '#model/side.ts'
import type { Evidence, Protocol } from './protocol.ts'

/** Bytes of a side that are kept while its protocol is not known. */
const bytesMax = 8192
/** Pieces of both sides that are kept. */
const piecesMax = 512
/** Looks at a flow whose beginning was not seen, before it is left alone. */
const looksMax = 128
/** After so many looks only those at a change of turn are taken: a new frame begins there most likely. */
const looksAnywhere = 16
/** Turns after a beginning that nobody knew in which those are looked for who may begin late. */
const turnsLate = 32

/** Which protocol a flow speaks, and which side asks. */
export interface Recognition {
  readonly protocol: Protocol
  readonly asks: Side
}

/** Who takes the bytes that were kept, once it is known whose they are. */
export interface Listener {
  read(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void
  gap(side: Side, lengthBytes: number, timeUs: number): void
}

/** What one side said so far, and what each protocol (by its place in the list) holds of it. */
interface Said {
  bytes: Uint8Array
  length: number
  evidence: (Evidence | undefined)[]
}

/** A stretch of what a side said: `bytes[start, end)` of its `Said`, or lost bytes. */
interface Piece {
  readonly side: Side
  readonly start: number
  readonly end: number
  readonly lostBytes: number
  readonly timeUs: number
}

/**
 * The beginning of a flow: keeps its first bytes until a protocol recognises them, and gives up soon.
 * Where the beginning was seen, it decides, but for those who may begin late: they are looked for at some changes of
 * turn. Where it was not (midstream, after a loss), each new piece may be one.
 */
export class Opening {
  /** Nothing recognised these bytes and nothing will. */
  hopeless = false

  readonly #flow: Flow
  #list: readonly Protocol[]
  readonly #said: [Said, Said] = [emptySaid(), emptySaid()]
  #pieces: Piece[] = []
  #blind: boolean
  #late = false
  #looks = 0
  #turn: Side | undefined

  constructor(flow: Flow, list: readonly Protocol[]) {
    this.#flow = flow
    this.#list = list
    this.#blind = flow.state === 'midstream' || flow.transport === 'udp'
  }

  /** Bytes kept. */
  get heldBytes(): number {
    return this.#said[0].bytes.length + this.#said[1].bytes.length
  }

  /** Looks at what a side says next. Kept, unless it is recognised: then it is the caller's, after `replay`. */
  look(
    side: Side,
    bytes: Uint8Array,
    start: number,
    end: number,
    timeUs: number,
  ): Recognition | undefined {
    if (this.#tired(side)) return undefined
    const said = this.#said[side]
    if (said.length === 0 || this.#flow.transport === 'udp') {
      const found = this.#ask(side, bytes, start, end)
      if (found) return found
      if (this.#late && !this.#inDoubt(side)) return undefined
      this.#keep(side, bytes, start, end, timeUs)
    } else {
      const before = said.length
      this.#keep(side, bytes, start, end, timeUs)
      const found = this.#ask(side, said.bytes, 0, said.length)
      if (found) {
        said.length = before
        this.#pieces.pop()
        return found
      }
    }
    const wasLate = this.#late
    this.#judge(side)
    return this.#late === wasLate ? undefined : this.look(side, bytes, start, end, timeUs)
  }

  /** Bytes were lost: what this side says next may be the middle of something. */
  gap(side: Side, lostBytes: number, timeUs: number): void {
    this.#blind = true
    if (this.#said[side].length === 0) return
    this.#pieces.push({ side, start: 0, end: 0, lostBytes, timeUs })
    if (this.#pieces.length > piecesMax) this.#forget(side)
  }

  /** Gives what was kept to a listener, in the order and with the times in which it came; `turned`: with sides changed. */
  replay(listener: Listener, turned: boolean): void {
    for (const { side, start, end, lostBytes, timeUs } of this.#pieces) {
      const told = turned ? otherSide(side) : side
      if (lostBytes > 0) listener.gap(told, lostBytes, timeUs)
      else listener.read(told, this.#said[side].bytes, start, end, timeUs)
    }
  }

  /** True when this piece is not worth a look; counts looks. */
  #tired(side: Side): boolean {
    const turned = side !== this.#turn
    this.#turn = side
    if (this.#late) return this.#tiredLate(side, turned)
    if (!this.#blind) return false
    if (this.#looks > looksAnywhere && !turned) return true
    if (++this.#looks > looksMax) this.hopeless = true
    return this.hopeless
  }

  /** What does not begin a turn is looked at only while its beginning is in doubt. */
  #tiredLate(side: Side, turned: boolean): boolean {
    if (!turned) return this.#said[side].length === 0
    if (++this.#looks > turnsLate) this.hopeless = true
    return this.hopeless
  }

  /** Asks the protocols, those first whose port it is. */
  #ask(side: Side, bytes: Uint8Array, start: number, end: number): Recognition | undefined {
    return (
      this.#askThose(true, side, bytes, start, end) ??
      this.#askThose(false, side, bytes, start, end)
    )
  }

  #askThose(
    usual: boolean,
    side: Side,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): Recognition | undefined {
    const { transport, client, server } = this.#flow
    for (let i = 0; i < this.#list.length; i++) {
      const protocol = this.#list[i]
      const { ports, transports } = protocol
      if (!transports.includes(transport)) continue
      if ((ports.includes(server.port) || ports.includes(client.port)) !== usual) continue
      const evidence = protocol.detect(bytes, start, end, transport)
      this.#said[side].evidence[i] = evidence
      const there = this.#said[otherSide(side)].evidence[i]
      const asks = asking(side, evidence, there, likelyAsker(this.#flow, ports, evidence))
      if (this.#late && evidence !== 'request') continue
      if (asks !== undefined && this.#mayAsk(asks)) return { protocol, asks }
    }
    return undefined
  }

  /** A server that asks contradicts the handshake; without one, client and server were a guess. */
  #mayAsk(side: Side): boolean {
    return side === 0 || this.#flow.state === 'midstream' || this.#flow.transport === 'udp'
  }

  /** Nobody knows these bytes: the end of it, or, where the beginning was not seen, another try with the next. */
  #judge(side: Side): void {
    const { length } = this.#said[side]
    if (this.#inDoubt(side) && length <= bytesMax && this.#pieces.length <= piecesMax) return
    if (this.#blind || this.#late) this.#forget(side)
    else this.#waitForLate()
  }

  /** What was said at the beginning is nobody's: what is agreed upon later, in this piece at the earliest, may be. */
  #waitForLate(): void {
    this.#list = this.#list.filter(protocol => protocol.mayBeginLate)
    this.#late = true
    this.#turn = undefined
    this.hopeless = this.#list.length === 0
    this.#pieces = []
    for (const said of this.#said) {
      said.bytes = emptySaid().bytes
      said.length = 0
      said.evidence = []
    }
  }

  /** Somebody may yet know what this side says. */
  #inDoubt(side: Side): boolean {
    return this.#said[side].evidence.some(one => one !== undefined && one !== 'no')
  }

  #forget(side: Side): void {
    this.#said[side].length = 0
    this.#said[side].evidence.length = 0
    this.#pieces = this.#pieces.filter(piece => piece.side !== side)
  }

  #keep(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    const said = this.#said[side]
    const from = said.length
    const length = from + end - start
    if (said.bytes.length < length) {
      const larger = new Uint8Array(Math.max(512, length * 2))
      larger.set(said.bytes.subarray(0, from))
      said.bytes = larger
    }
    said.bytes.set(bytes.subarray(start, end), from)
    said.length = length
    this.#pieces.push({ side, start: from, end: length, lostBytes: 0, timeUs })
  }
}

/**
 * Who asks, when what the side shows (and, if that is weak, what the other shows) is enough to say. `likely`: who does
 * where both show only what either may say.
 */
function asking(
  side: Side,
  here: Evidence,
  there: Evidence | undefined,
  likely: Side | undefined,
): Side | undefined {
  if (here === 'no' || here === 'maybe') return undefined
  const asksHere = asker(side, here)
  if (there === undefined || there === 'no' || there === 'maybe') {
    if (here === 'either') return likely
    return here === 'request' || here === 'response' ? asksHere : undefined
  }
  const asksThere = asker(otherSide(side), there)
  if (asksHere === undefined || asksThere === undefined) return asksHere ?? asksThere ?? likely
  return asksHere === asksThere ? asksHere : undefined
}

/** Who asks by what a side shows; undefined: either may have said it. */
function asker(side: Side, evidence: Evidence): Side | undefined {
  if (evidence === 'either' || evidence === 'weak-either') return undefined
  return evidence === 'request' || evidence === 'weak-request' ? side : otherSide(side)
}

/**
 * Who asks, where either side says the same: by the ports, if exactly one of them is usual; else, of what is certain, who
 * was thought to.
 */
function likelyAsker(flow: Flow, ports: readonly number[], evidence: Evidence): Side | undefined {
  if (evidence !== 'either' && evidence !== 'weak-either') return undefined
  const isServer = ports.includes(flow.server.port)
  const isClient = ports.includes(flow.client.port)
  if (isServer !== isClient) return isServer ? clientSide : serverSide
  return evidence === 'either' ? clientSide : undefined
}

function emptySaid(): Said {
  return { bytes: new Uint8Array(0), length: 0, evidence: [] }
}
