import type { Random } from '#lib/random.ts'
import { otherSide, type Side } from '#model/side.ts'
import type { Corpus, NamedTalk } from './corpus.ts'

/** What a side says at once, or so many bytes of it that nobody saw. */
export interface Said {
  readonly side: Side
  readonly bytes: Uint8Array
  readonly lostBytes: number
}

/** Pieces of an input: a talk that repeats itself grows no further. */
const piecesMax = 400
const bytesMax = 200_000
/** Bytes at which decoders turn. */
const sharp = [0, 1, 2, 0x0a, 0x0d, 0x20, 0x24, 0x2a, 0x39, 0x7f, 0x80, 0xfb, 0xfe, 0xff]
/** Numbers at which they overflow. */
const sharpNumbers = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, -1]

type Mutation = (said: Said[], random: Random, corpus: Corpus) => Said[]

/** Some changes, one after the other, to what a talk says. */
export function mutate(talk: NamedTalk, random: Random, corpus: Corpus): Said[] {
  let said: Said[] = talk.pieces.map(({ side, bytes, lostBytes }) => ({ side, bytes, lostBytes }))
  do said = mutations[random.next(mutations.length)](said, random, corpus)
  while (random.next(3) > 0)
  return bounded(said)
}

const mutations: readonly Mutation[] = [
  changeByte,
  changeByte,
  changeNumber,
  changeNumber,
  remove,
  insert,
  repeatBytes,
  cut,
  join,
  drop,
  lose,
  swap,
  repeat,
  splice,
  turn,
  end,
]

/** One piece made anew. */
function one(said: Said[], random: Random, change: (bytes: Uint8Array) => Uint8Array): Said[] {
  if (said.length === 0) return said
  const index = random.next(said.length)
  const piece = said[index]
  return piece.bytes.length === 0
    ? said
    : said.with(index, { ...piece, bytes: change(Uint8Array.from(piece.bytes)) })
}

function changeByte(said: Said[], random: Random): Said[] {
  return one(said, random, bytes => {
    const at = random.next(bytes.length)
    const kind = random.next(3)
    if (kind === 0) bytes[at] ^= 1 << random.next(8)
    else bytes[at] = kind === 1 ? random.next(256) : sharp[random.next(sharp.length)]
    return bytes
  })
}

function changeNumber(said: Said[], random: Random): Said[] {
  return one(said, random, bytes => {
    const size = [2, 4, 8][random.next(3)]
    if (bytes.length < size) return bytes
    const at = random.next(bytes.length - size + 1)
    const value = sharpNumbers[random.next(sharpNumbers.length)] + random.next(3) - 1
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const little = random.next(2) === 0
    if (size === 2) view.setUint16(at, value, little)
    else if (size === 4) view.setUint32(at, value, little)
    else view.setBigInt64(at, BigInt(value), little)
    return bytes
  })
}

function remove(said: Said[], random: Random): Said[] {
  return one(said, random, bytes => {
    const from = random.next(bytes.length)
    const to = from + 1 + random.next(Math.min(32, bytes.length - from))
    return Uint8Array.from([...bytes.subarray(0, from), ...bytes.subarray(to)])
  })
}

function insert(said: Said[], random: Random): Said[] {
  return one(said, random, bytes => {
    const at = random.next(bytes.length + 1)
    const more = Array.from({ length: 1 + random.next(16) }, () => random.next(256))
    return Uint8Array.from([...bytes.subarray(0, at), ...more, ...bytes.subarray(at)])
  })
}

function repeatBytes(said: Said[], random: Random): Said[] {
  return one(said, random, bytes => {
    const from = random.next(bytes.length)
    const part = bytes.subarray(from, from + 1 + random.next(64))
    const times = 1 + random.next(random.next(20) === 0 ? 500 : 8)
    const all = [bytes.subarray(0, from), ...Array(times).fill(part), bytes.subarray(from)]
    return Uint8Array.from(Buffer.concat(all))
  })
}

function cut(said: Said[], random: Random): Said[] {
  if (said.length === 0) return said
  const index = random.next(said.length)
  const piece = said[index]
  const at = random.next(piece.bytes.length + 1)
  const before = { ...piece, bytes: piece.bytes.slice(0, at) }
  return said.toSpliced(index, 1, before, { ...piece, bytes: piece.bytes.slice(at), lostBytes: 0 })
}

function join(said: Said[], random: Random): Said[] {
  if (said.length < 2) return said
  const index = random.next(said.length - 1)
  const [a, b] = [said[index], said[index + 1]]
  if (a.side !== b.side || b.lostBytes > 0) return said
  const bytes = Uint8Array.from(Buffer.concat([a.bytes, b.bytes]))
  return said.toSpliced(index, 2, { ...a, bytes })
}

function drop(said: Said[], random: Random): Said[] {
  return said.length === 0 ? said : said.toSpliced(random.next(said.length), 1)
}

/** Lost bytes: those of a piece, or of a hole that was never there. */
function lose(said: Said[], random: Random): Said[] {
  if (said.length === 0) return said
  const index = random.next(said.length)
  const { side, bytes } = said[index]
  const lostBytes = [bytes.length, 1, 1448, 1_000_000_000][random.next(4)] || 1
  const hole = { side, bytes: new Uint8Array(0), lostBytes }
  return said.toSpliced(index, random.next(2), hole)
}

function swap(said: Said[], random: Random): Said[] {
  if (said.length < 2) return said
  const [a, b] = [random.next(said.length), random.next(said.length)]
  return said.with(a, said[b]).with(b, said[a])
}

function repeat(said: Said[], random: Random): Said[] {
  if (said.length === 0) return said
  const from = random.next(said.length)
  const part = said.slice(from, from + 1 + random.next(4))
  const times = 1 + random.next(random.next(10) === 0 ? 100 : 4)
  return [...said.slice(0, from), ...Array(times).fill(part).flat(), ...said.slice(from)]
}

/** The end of another talk, of any protocol, behind the beginning of this one. */
function splice(said: Said[], random: Random, { talks }: Corpus): Said[] {
  const { pieces } = talks[random.next(talks.length)]
  const rest = pieces.slice(random.next(pieces.length))
  return [...said.slice(0, random.next(said.length + 1)), ...rest]
}

function turn(said: Said[], random: Random): Said[] {
  if (said.length === 0) return said
  const index = random.next(said.length)
  return said.with(index, { ...said[index], side: otherSide(said[index].side) })
}

function end(said: Said[], random: Random): Said[] {
  return said.slice(0, random.next(said.length + 1))
}

function bounded(said: Said[]): Said[] {
  const kept: Said[] = []
  let bytes = 0
  for (const piece of said.slice(0, piecesMax)) {
    bytes += piece.bytes.length
    if (bytes > bytesMax) break
    kept.push(piece)
  }
  return kept
}
