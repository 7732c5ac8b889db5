import { clientSide, type Side, serverSide } from '#model/side.ts'

/** Piece by piece what is said before a SOCKS proxy connects; `over`: the connection is the client's with another. */
type Stage = 'choice' | 'password' | 'verdict' | 'request' | 'reply' | 'reply4' | 'over'

const speakers: Readonly<Record<Stage, Side | undefined>> = {
  choice: serverSide,
  password: clientSide,
  verdict: serverSide,
  request: clientSide,
  reply: serverSide,
  reply4: serverSide,
  over: undefined,
}

/** Where `stage` begins that follows these bytes, and how many they are; undefined: they are none of SOCKS. */
type Step = readonly [next: Stage, length: number] | undefined

/**
 * What a client and a SOCKS proxy say to each other before the connection is the client's own: version 5 (RFC 1928,
 * with passwords of RFC 1929) and version 4 (https://www.openssh.com/txt/socks4.protocol, socks4a.protocol). It is
 * passed over; each part of it comes whole, in a segment of its own.
 */
export class Socks {
  #stage: Stage

  /** `opening` is what `socksOpening` answers. */
  constructor(opening: Stage) {
    this.#stage = opening
  }

  get isOver(): boolean {
    return this.#stage === 'over'
  }

  /** Index behind what is of SOCKS, in the next piece of a side; -1: what goes on is no SOCKS, or was refused. */
  read(side: Side, bytes: Uint8Array, start: number, end: number): number {
    if (speakers[this.#stage] !== side) return -1
    const step = stepOf(this.#stage, bytes.subarray(start, end))
    if (!step) return -1
    this.#stage = step[0]
    // a server may speak at once when it is connected
    const isWhole = step[1] === end - start || (this.isOver && step[1] < end - start)
    return isWhole ? start + step[1] : -1
  }
}

/** What follows when the first piece of a client opens SOCKS; undefined when it does not. */
export function socksOpening(bytes: Uint8Array, start: number, end: number): Stage | undefined {
  const said = bytes.subarray(start, end)
  if (said[0] === 5) return said[1] > 0 && said.length === 2 + said[1] ? 'choice' : undefined
  return said[0] === 4 && isRequest4(said) ? 'reply4' : undefined
}

function stepOf(stage: Stage, said: Uint8Array): Step {
  switch (stage) {
    case 'choice':
      if (said[0] !== 5) return undefined
      return said[1] === 0 ? ['request', 2] : said[1] === 2 ? ['password', 2] : undefined
    case 'password':
      return said[0] === 1 ? ['verdict', 3 + said[1] + said[2 + said[1]]] : undefined
    case 'verdict':
      return said[0] === 1 && said[1] === 0 ? ['request', 2] : undefined
    case 'request':
      return said[0] === 5 && said[1] === 1 ? ['reply', addressed(said)] : undefined
    case 'reply':
      return said[0] === 5 && said[1] === 0 ? ['over', addressed(said)] : undefined
    case 'reply4':
      return said[0] === 0 && said[1] === 90 ? ['over', 8] : undefined
    case 'over':
      return undefined
  }
}

/** Length of a message that ends with an address and a port (RFC 1928, 4 to 6); NaN when they are not there. */
function addressed(said: Uint8Array): number {
  const length = { 1: 4, 3: 1 + said[4], 4: 16 }[said[3]] ?? Number.NaN
  return 4 + length + 2
}

/** CONNECT, a port, an address, a user, for 0.0.0.x the name of a host too. */
function isRequest4(said: Uint8Array): boolean {
  if (said.length < 9 || said[1] !== 1 || (said[2] | said[3]) === 0) return false
  const isNamed = said[4] === 0 && said[5] === 0 && said[6] === 0 && said[7] !== 0
  if (!isNamed && said[4] === 0) return false
  const texts = said.subarray(8)
  const zeros = texts.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0)
  return zeros === (isNamed ? 2 : 1) && texts.at(-1) === 0
}
