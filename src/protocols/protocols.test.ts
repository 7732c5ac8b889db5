import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Transaction } from '#model/transaction.ts'
import { protocols } from './index.ts'
import type { Protocol } from './protocol.ts'
import { formatTransaction, type Heard, hear, type Piece, parseTalk, type Talk } from './talk.ts'

const here = new URL('./', import.meta.url)

interface Fixture {
  readonly name: string
  readonly talk: Talk
  readonly expected: URL
}

/** Folders of members, by the names that their objects carry. */
const folders = readdirSync(here, { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .map(entry => entry.name)

async function memberOf(folder: string): Promise<Protocol[]> {
  const module: Record<string, unknown> = await import(new URL(`${folder}/index.ts`, here).href)
  return protocols.filter(protocol => Object.values(module).includes(protocol))
}

function fixturesOf(folder: string): Fixture[] {
  const base = new URL(`${folder}/fixtures/`, here)
  if (!existsSync(base)) return []
  return readdirSync(base)
    .filter(file => file.endsWith('.talk'))
    .map(file => ({
      name: `${folder}/${file}`,
      talk: parseTalk(readFileSync(new URL(file, base), 'utf8')),
      expected: new URL(file.replace(/\.talk$/, '.txt'), base),
    }))
}

const lines = (heard: Heard): string => heard.transactions.map(formatTransaction).join('\n')

test('every folder is a member of the list, and every member has a folder', async () => {
  const members = new Set<Protocol>()
  for (const folder of folders) {
    const found = await memberOf(folder)
    assert.ok(found.length > 0, `${folder}/index.ts exports no member of protocols/index.ts`)
    for (const member of found) members.add(member)
  }
  for (const protocol of protocols) assert.ok(members.has(protocol), `${protocol.name}: no folder`)
})

test('who is found within another protocol names one that there is', () => {
  const names = new Set(protocols.map(protocol => protocol.name))
  for (const { name, within = name } of protocols) assert.ok(names.has(within), name)
})

test('names and titles are unique', () => {
  assert.equal(new Set(protocols.map(protocol => protocol.name)).size, protocols.length)
  assert.equal(new Set(protocols.map(protocol => protocol.title)).size, protocols.length)
})

for (const folder of folders) {
  const fixtures = fixturesOf(folder)
  const members = await memberOf(folder)
  /** The members, and those in whose flows they are found. */
  const team = protocols.filter(
    one => members.includes(one) || members.some(({ within }) => within === one.name),
  )

  test(`${folder}: there are fixtures`, () => assert.ok(fixtures.length > 0))

  test(`${folder}: fixtures decode as expected`, () => {
    for (const { name, talk, expected } of fixtures) {
      const heard = hear(talk, protocols)
      assert.deepEqual(heard.faults, [], name)
      if (process.env.UPDATE) writeFileSync(expected, `${lines(heard)}\n`)
      assert.equal(`${lines(heard)}\n`, readFileSync(expected, 'utf8'), name)
      assert.ok(
        members.some(member => member.name === heard.flow.protocol),
        `${name} is heard as ${heard.flow.protocol}`,
      )
    }
  })

  test(`${folder}: fixtures decode alike however they are cut`, () => {
    for (const { name, talk } of fixtures.filter(fixture => fixture.talk.transport === 'tcp')) {
      const whole = lines(hear(talk, protocols))
      assert.equal(lines(hear(talk, protocols, cutAll(talk.pieces))), whole, `${name} byte by byte`)
      for (const [index, piece] of talk.pieces.entries()) {
        for (let at = 1; at < piece.bytes.length; at++) {
          const pieces = talk.pieces.toSpliced(index, 1, ...cutOne(piece, at))
          assert.equal(lines(hear(talk, protocols, pieces)), whole, `${name}, ${index} at ${at}`)
        }
      }
    }
  })

  test(`${folder}: pieces that come together decode alike but for their times`, () => {
    for (const { name, talk } of fixtures.filter(fixture => fixture.talk.transport === 'tcp')) {
      const heard = hear(talk, protocols, joined(talk.pieces))
      assert.deepEqual(
        sorted(heard).map(timeless),
        sorted(hear(talk, protocols)).map(timeless),
        name,
      )
    }
  })

  test(`${folder}: with any byte changed it neither throws nor hangs`, () => {
    for (const { name, talk } of fixtures) {
      const bytes = talk.pieces.reduce((sum, piece) => sum + piece.bytes.length, 0)
      for (const pieces of changed(talk.pieces)) {
        const heard = hear(talk, team, pieces)
        assert.deepEqual(heard.faults, [], name)
        assert.ok(heard.transactions.length <= bytes, name)
      }
    }
  })

  test(`${folder}: nobody else recognises its fixtures`, () => {
    const others = protocols.filter(protocol => !team.includes(protocol))
    const ports = others.flatMap(protocol => protocol.ports)
    for (const { name, talk } of fixtures) {
      for (const port of [1, ...ports]) {
        const { flow } = hear(talk, others, talk.pieces, port)
        assert.equal(flow.protocol, undefined, `${name} on port ${port}`)
      }
      for (const port of ports) {
        const { flow } = hear(talk, protocols, talk.pieces, port)
        assert.ok(
          members.some(member => member.name === flow.protocol),
          `${name} on port ${port}`,
        )
      }
    }
  })

  test(`${folder}: joined in midstream it invents nothing`, () => {
    for (const { name, talk } of fixtures) {
      const whole = hear(talk, protocols)
      for (let first = 1; first < talk.pieces.length; first++) {
        const heard = hear({ ...talk, midstream: true }, protocols, talk.pieces.slice(first))
        assert.deepEqual(heard.faults, [], name)
        noneInvented(heard, whole, `${name} from piece ${first} on`)
      }
    }
  })

  test(`${folder}: lost pieces do not throw, and invent nothing`, () => {
    for (const { name, talk } of fixtures) {
      const whole = hear(talk, protocols)
      for (const [index, piece] of talk.pieces.entries()) {
        const lost = { ...piece, bytes: new Uint8Array(0), lostBytes: piece.bytes.length }
        const heard = hear(talk, protocols, talk.pieces.toSpliced(index, 1, lost))
        assert.deepEqual(heard.faults, [], name)
        noneInvented(heard, whole, `${name} without piece ${index}`)
      }
    }
  })

  test(`${folder}: bytes lost anywhere, of any number, do not throw`, () => {
    for (const { name, talk } of fixtures) {
      for (const pieces of holed(talk.pieces)) {
        assert.deepEqual(hear(talk, team, pieces).faults, [], name)
      }
    }
  })

  test(`${folder}: one side alone does not throw, and invents nothing`, () => {
    for (const { name, talk } of fixtures) {
      const whole = hear(talk, protocols)
      for (const side of [0, 1]) {
        const pieces = talk.pieces.filter(piece => piece.side === side)
        for (const midstream of [false, true]) {
          const heard = hear({ ...talk, midstream }, protocols, pieces)
          assert.deepEqual(heard.faults, [], name)
          noneInvented(heard, whole, `${name}, only side ${side}`)
        }
      }
    }
  })
}

function sorted({ transactions }: Heard): Transaction[] {
  return transactions.toSorted((a, b) => (timeless(a) < timeless(b) ? -1 : 1))
}

function timeless(transaction: Transaction): string {
  const durationUs = transaction.durationUs === undefined ? undefined : 0
  return formatTransaction({ ...transaction, durationUs })
}

function noneInvented(heard: Heard, whole: Heard, name: string): void {
  const known = new Set(whole.transactions.map(({ method, resource }) => `${method} ${resource}`))
  const resources = new Set(whole.transactions.map(({ resource }) => resource))
  // a name that was told later, or not at all, may be among what was lost
  for (const { method } of whole.transactions) known.add(`${method} `)
  for (const { method, resource } of heard.transactions) {
    // What was given a short name before we listened is told as unknown: `<prepared s1>`.
    if (resource.startsWith('<')) continue
    if (method.startsWith('<') && resources.has(resource)) continue
    assert.ok(known.has(`${method} ${resource}`), `${name}: invented ${method} ${resource}`)
  }
}

function cutOne(piece: Piece, at: number): Piece[] {
  return [
    { ...piece, bytes: piece.bytes.slice(0, at) },
    { ...piece, bytes: piece.bytes.slice(at), lostBytes: 0 },
  ]
}

function cutAll(pieces: readonly Piece[]): Piece[] {
  return pieces.flatMap(piece =>
    piece.lostBytes > 0
      ? [piece]
      : Array.from(piece.bytes, byte => ({ ...piece, bytes: Uint8Array.of(byte) })),
  )
}

/** Neighbouring pieces of one side as one. */
function joined(pieces: readonly Piece[]): Piece[] {
  const result: Piece[] = []
  for (const piece of pieces) {
    const last = result.at(-1)
    if (last?.side !== piece.side || piece.lostBytes > 0 || last.lostBytes > 0) result.push(piece)
    else result.push({ ...result.pop()!, bytes: Uint8Array.from([...last.bytes, ...piece.bytes]) })
  }
  return result
}

/** Values that a byte is changed to: three for each byte, the next ones for the next; `LONG=1` takes all for each. */
function valuesFor(byte: number, at: number): number[] {
  const all = [0, 0x0a, 0x39, 0x7f, 0xff, byte ^ 1, byte ^ 0x80]
  return process.env.LONG ? all : [0, 1, 2].map(i => all[(at * 3 + i) % all.length])
}

/** Every byte of every piece changed in some ways, one at a time. */
function* changed(pieces: readonly Piece[]): Generator<Piece[]> {
  for (const [index, piece] of pieces.entries()) {
    for (let at = 0; at < piece.bytes.length; at++) {
      for (const byte of valuesFor(piece.bytes[at], at)) {
        yield pieces.toSpliced(index, 1, { ...piece, bytes: piece.bytes.with(at, byte) })
      }
    }
  }
}

/** Holes of several sizes anywhere, real (bytes gone) and feigned (more gone than was there). */
function* holed(pieces: readonly Piece[]): Generator<Piece[]> {
  for (const [index, piece] of pieces.entries()) {
    for (let at = 0; at < piece.bytes.length; at += 3) {
      for (const length of [1, 5, 100000]) {
        const [before, after] = cutOne(piece, at)
        const rest = { ...after, bytes: after.bytes.slice(length), lostBytes: length }
        yield pieces.toSpliced(index, 1, before, rest)
      }
    }
  }
}
