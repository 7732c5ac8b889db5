import assert from 'node:assert/strict'
import { test } from 'node:test'
import { carryMax, type Frames, needMore, notMine, Stream } from './stream.ts'

/**
 * A small protocol: `A<length><bytes>` is a frame that is read, `B<length>` one whose bytes are passed over,
 * `.` stops. What happens is written down with its times.
 */
class Notes implements Frames {
  readonly stream = new Stream(this)
  readonly lines: string[] = []

  frame(bytes: Uint8Array, start: number, end: number): number {
    const type = String.fromCharCode(bytes[start])
    if (type === '.') {
      this.stream.stop()
      return 1
    }
    if (type !== 'A' && type !== 'B') return notMine
    if (end - start < 2) return needMore
    const length = bytes[start + 1] - 0x30
    if (length < 0 || length > 9) return notMine
    if (type === 'B') {
      this.#note(`B${length}`)
      this.stream.skip(length)
      return 2
    }
    if (end - start < 2 + length) return needMore
    this.#note(`A ${Buffer.from(bytes.subarray(start + 2, start + 2 + length))}`)
    return 2 + length
  }

  skipped(): void {
    this.lines.push(`passed, ${this.stream.lastUs} us, now at ${this.stream.position}`)
  }

  broken(lost: boolean): void {
    this.lines.push(lost ? 'lost' : 'broken')
  }

  resync(bytes: Uint8Array, start: number, end: number): number {
    return bytes.subarray(0, end).indexOf(0x41, start)
  }

  #note(what: string): void {
    const { position, firstUs, lastUs } = this.stream
    this.lines.push(`${what} at ${position}, ${firstUs} to ${lastUs} us`)
  }

  say(text: string, timeUs: number): void {
    const bytes = Buffer.from(`##${text}#`)
    this.stream.read(bytes, 2, bytes.length - 1, timeUs)
  }
}

test('frames that come whole, several at once, have one time', () => {
  const notes = new Notes()
  notes.say('A2hiA0A1x', 10)
  assert.deepEqual(notes.lines, [
    'A hi at 0, 10 to 10 us',
    'A  at 4, 10 to 10 us',
    'A x at 6, 10 to 10 us',
  ])
})

test('a frame that straddles has the time of its first and of its last byte', () => {
  const notes = new Notes()
  notes.say('A2hiA5he', 10)
  notes.say('ll', 20)
  notes.say('oA1x', 30)
  assert.deepEqual(notes.lines, [
    'A hi at 0, 10 to 10 us',
    'A hello at 4, 10 to 30 us',
    'A x at 11, 30 to 30 us',
  ])
})

test('skipped bytes are counted, not looked at', () => {
  const notes = new Notes()
  notes.say('B5ab', 10)
  notes.say('cdeA1x', 20)
  assert.deepEqual(notes.lines, [
    'B5 at 0, 10 to 10 us',
    'passed, 20 us, now at 7',
    'A x at 7, 20 to 20 us',
  ])
})

test('bytes lost within a skip are not missed', () => {
  const notes = new Notes()
  notes.say('B9a', 10)
  notes.stream.gap(8, 20)
  assert.equal(notes.stream.gapped, true)
  notes.say('A1x', 30)
  assert.deepEqual(notes.lines.slice(1), ['passed, 20 us, now at 11', 'A x at 11, 30 to 30 us'])
})

test('bytes lost elsewhere end the order until a frame surely begins', () => {
  const notes = new Notes()
  notes.say('A5he', 10)
  notes.stream.gap(3, 20)
  notes.say('--', 30)
  notes.say('-A1x', 40)
  assert.deepEqual(notes.lines, ['lost', 'A x at 10, 40 to 40 us'])
})

test('a skip that ends within a hole has passed, and what follows is searched', () => {
  const notes = new Notes()
  notes.say('B3a', 10)
  notes.stream.gap(4, 20)
  notes.say('zA1x', 30)
  assert.deepEqual(notes.lines.slice(1), [
    'passed, 20 us, now at 5',
    'lost',
    'A x at 8, 30 to 30 us',
  ])
})

test('broken frames are forgiven while good ones come', () => {
  const notes = new Notes()
  for (let i = 0; i < 10; i++) notes.say(`${'z'.repeat(50_000)}A0`, i)
  assert.equal(notes.stream.hopeless, false)
  assert.equal(notes.lines.filter(line => line === 'broken').length, 10)
})

test('bytes without any frame are hopeless, unless bytes were lost', () => {
  const notes = new Notes()
  for (let i = 0; i < 10; i++) notes.say('z'.repeat(50_000), i)
  assert.equal(notes.stream.hopeless, true)
  assert.deepEqual(notes.lines, ['broken'])
  const holed = new Notes()
  holed.stream.gap(1, 0)
  for (let i = 0; i < 10; i++) holed.say('z'.repeat(50_000), i)
  assert.equal(holed.stream.hopeless, false)
})

test('what the search takes for a frame and is none, is no new break', () => {
  const notes = new Notes()
  notes.say('zzA:zzzzzzzzzzzA1x', 10)
  assert.deepEqual(notes.lines, ['broken', 'A x at 15, 10 to 10 us'])
})

test('an unfinished frame is kept up to a limit, then it is broken', () => {
  const notes = new Notes()
  class Endless extends Notes {
    override frame(): number {
      return needMore
    }
  }
  const endless = new Endless()
  const piece = new Uint8Array(1000)
  for (let i = 0; i < 70; i++) endless.stream.read(piece, 0, piece.length, i)
  assert.equal(endless.stream.overflows, 1)
  assert.deepEqual(endless.lines, ['broken'])
  endless.stream.read(new Uint8Array(carryMax + 1), 0, carryMax + 1, 99)
  assert.equal(notes.stream.overflows, 0)
})

test('after a stop nothing is read, and where it stopped is known', () => {
  const notes = new Notes()
  notes.say('A1x.rest', 10)
  assert.equal(notes.stream.restStart, 2 + 4)
  notes.say('A1y', 20)
  notes.stream.gap(5, 30)
  assert.deepEqual(notes.lines, ['A x at 0, 10 to 10 us'])
})
