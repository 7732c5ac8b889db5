import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { random } from '#lib/random.ts'
import { encodeRecord, payloadOf, readRecords } from './record.ts'
import { Spool, type SpoolOptions } from './spool.ts'

const root = mkdtempSync(join(tmpdir(), 'inkling-spool-'))
after(() => rmSync(root, { recursive: true, force: true }))

let folders = 0
const newFolder = () => join(root, String(++folders))

/** A clock that a test turns by hand. */
function clockAt(startMs: number) {
  const clock = { nowMs: startMs, wallMs: () => clock.nowMs, steadyMs: () => clock.nowMs }
  return clock
}

const opening = () => ({ identity: Buffer.from('who'), pictures: [Buffer.from('all')] })
const open = (folder: string | undefined, run: string, more: Partial<SpoolOptions> = {}) =>
  new Spool({ folder, run, clock: clockAt(1_000_000), ...more })

function keep(spool: Spool, text: string, kind: 'second' | 'told' = 'second', windows = 2) {
  const record = { kind, atMs: 1000, isServerTime: true, skewMs: 0, windows }
  return spool.add(record, () => Buffer.from(text), opening).entry
}

const textsOf = (spool: Spool, entries: readonly Parameters<Spool['read']>[0][]) =>
  entries.map(entry => Buffer.from(spool.read(entry) ?? '?').toString())

const head = { kind: 'second', atMs: 5, isServerTime: true, skewMs: 1.5, windows: 3 } as const
const texts = ['first', 'a'.repeat(5000), '']
const segment = Buffer.concat(
  texts.map((text, i) => encodeRecord({ ...head, sequence: i + 1 }, Buffer.from(text))),
)

test('records come back as they were', () => {
  const { records, corrupt, end } = readRecords(segment)
  assert.deepEqual([corrupt, end], [0, segment.length])
  const told = records.map(({ offset, length }) =>
    Buffer.from(payloadOf(segment.subarray(offset, offset + length))!).toString(),
  )
  assert.deepEqual(told, texts)
  const { sequence, atMs, isServerTime, skewMs, windows, kind } = records[2]
  assert.deepEqual(
    { sequence, atMs, isServerTime, skewMs, windows, kind },
    { ...head, sequence: 3 },
  )
})

test('of a segment that was cut at any byte the whole records are there, and nothing is called damaged', () => {
  const ends = readRecords(segment).records.map(({ offset, length }) => offset + length)
  for (let cut = 0; cut <= segment.length; cut++) {
    const { records, corrupt } = readRecords(segment.subarray(0, cut))
    assert.equal(records.length, ends.filter(end => end <= cut).length, `cut at ${cut}`)
    assert.equal(corrupt, 0)
  }
})

test('a byte that changed costs its record, and no other', () => {
  const whole = readRecords(segment).records
  for (let at = 0; at < segment.length; at++) {
    const damaged = Buffer.from(segment)
    damaged[at] ^= 0x55
    const hit = whole.findIndex(({ offset, length }) => at < offset + length)
    const { records, corrupt } = readRecords(damaged)
    const left = records.map(({ sequence }) => sequence)
    assert.deepEqual(
      left,
      [1, 2, 3].filter(sequence => sequence !== hit + 1),
      `byte ${at}`,
    )
    assert.equal(corrupt, hit === 2 ? 0 : 1, `byte ${at}`)
  }
})

test('what a killed agent left is told under its own run, and only what the server has not', () => {
  const folder = newFolder()
  const first = open(folder, 'r1')
  for (const text of ['one', 'two', 'three', 'four']) keep(first, text)
  first.had({ run: 'r1', from: 1, to: 2, life: 'l1' })
  keep(first, 'five')
  // Killed: nothing is closed. Its lock is another process's, which is no more.
  writeFileSync(join(folder, 'lock'), '1 999999999999')
  const second = open(folder, 'r2')
  keep(second, 'six')
  assert.deepEqual(textsOf(second, second.secondsFor('l1')), ['three', 'four', 'five', 'six'])
  const runs = second.secondsFor('l1').map(({ segment, sequence }) => `${segment.run} ${sequence}`)
  assert.deepEqual(runs, ['r1 3', 'r1 4', 'r1 5', 'r2 1'])
  assert.equal(second.formerUntilMs, 2000)
  assert.deepEqual(
    second.formerRuns().map(({ run, identity }) => [run, Buffer.from(identity!).toString()]),
    [['r1', 'who']],
  )
  second.close()
})

test('a server that forgot gets all that is kept, with who owned what at its beginning', () => {
  const spool = open(newFolder(), 'r1')
  keep(spool, 'moved', 'told')
  keep(spool, 'one')
  keep(spool, 'two')
  spool.had({ run: 'r1', from: 1, to: 3, life: 'l1' })
  assert.deepEqual(textsOf(spool, spool.toldFor('l1')), [])
  assert.deepEqual(textsOf(spool, spool.toldFor('l2')), ['all', 'moved'])
  assert.deepEqual(textsOf(spool, spool.secondsFor('l2')), ['one', 'two'])
  keep(spool, 'moved again', 'told')
  assert.deepEqual(textsOf(spool, spool.toldFor('l1')), ['moved again'])
  spool.close()
})

test('when it is full the oldest goes first; what no server had is counted, what one had is not', () => {
  const clock = clockAt(1_000_000)
  const spool = open(newFolder(), 'r1', { bytesMax: 80_000, clock })
  const noise = random(1)
  const fill = (count: number) => {
    for (let i = 0; i < count; i++) {
      clock.nowMs += 1000
      const text = Array.from({ length: 1500 }, () => noise.next(1e9).toString(36)).join('')
      keep(spool, text, 'second', 3)
      spool.age()
    }
  }
  fill(5)
  const had = spool.secondsFor('l1').length
  spool.had({ run: 'r1', from: 1, to: 5, life: 'l1' })
  fill(35)
  const waiting = spool.secondsFor('l1')
  assert.ok(spool.bytes < 100_000, `${spool.bytes} bytes`)
  assert.deepEqual([had, waiting.at(-1)?.sequence], [5, 40])
  assert.equal(spool.dropped.seconds, 35 - waiting.length)
  assert.equal(spool.dropped.windows, 3 * spool.dropped.seconds)
  assert.match(spool.notices[0], /^\d+ seconds \(\d+ windows\) were dropped/)
  spool.close()
})

test('what servers have goes after a quarter of an hour, what none has after six hours', () => {
  const folder = newFolder()
  const clock = clockAt(1_000_000)
  const spool = open(folder, 'r1', { clock })
  const pass = (ms: number) => {
    clock.nowMs += ms
    spool.age()
  }
  keep(spool, 'had')
  spool.had({ run: 'r1', from: 1, to: 1, life: 'l1' })
  pass(61_000)
  keep(spool, 'awaited')
  pass(61_000)
  assert.equal(readdirSync(folder).length, 3)
  pass(20 * 60_000)
  assert.deepEqual(textsOf(spool, spool.secondsFor('l2')), ['awaited'])
  pass(6 * 3_600_000)
  assert.deepEqual(spool.secondsFor('l2'), [])
  assert.deepEqual(spool.dropped, { seconds: 1, windows: 2 })
  assert.deepEqual(readdirSync(folder), ['lock'])
  spool.close()
})

test('a folder that cannot be had leaves memory, and a sentence', () => {
  writeFileSync(join(root, 'file'), '')
  const file = open(join(root, 'file'), 'r1')
  keep(file, 'one')
  assert.deepEqual(textsOf(file, file.secondsFor('l1')), ['one'])
  assert.match(file.notices[0], /in memory only, and lost with the agent: .*file is no folder\./)
  const folder = newFolder()
  mkdirSync(folder)
  const child = spawn('sleep', ['60'])
  const start = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ')[19]
  writeFileSync(join(folder, 'lock'), `${child.pid} ${start}\n`)
  assert.match(open(folder, 'r1').notices[0], new RegExp(`in use by process ${child.pid}`))
  child.kill('SIGKILL')
})

test('a folder whose holder was killed, or ends just now, is had', () => {
  for (const ended of ['killed', 'ending']) {
    const folder = newFolder()
    mkdirSync(folder)
    const child = spawn('sleep', [ended === 'killed' ? '60' : '0.4'])
    const start = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ')[19]
    writeFileSync(join(folder, 'lock'), `${child.pid} ${start}\n`)
    // Nobody buries it before the folder is asked for: this thread does not come to it.
    if (ended === 'killed') child.kill('SIGKILL')
    const spool = open(folder, 'r1')
    assert.deepEqual(spool.notices, [], ended)
    spool.close()
  }
})

test('memory alone is bounded too', () => {
  const clock = clockAt(1_000_000)
  const spool = open(undefined, 'r1', { clock })
  const bytes = Buffer.from(Array.from({ length: 400_000 }, (_, i) => (i * 7919 * i) >> 5))
  for (let i = 0; i < 60; i++) {
    clock.nowMs += 1000
    bytes.writeUInt32LE((i * 2_654_435_761) % 2 ** 32, 9)
    const record = { kind: 'second' as const, atMs: 0, isServerTime: true, skewMs: 0, windows: 1 }
    spool.add(record, () => Buffer.from(bytes), opening)
    spool.age()
  }
  assert.ok(spool.bytes < 13 * 1024 * 1024, `${spool.bytes} bytes`)
  assert.deepEqual(spool.notices.length, spool.dropped.seconds > 0 ? 1 : 0)
})

test('a disk that is full leaves memory until it has room again', {
  skip: cannotMount(),
}, async () => {
  const folder = newFolder()
  mkdirSync(folder)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder])
  try {
    const clock = clockAt(1_000_000)
    const spool = open(folder, 'r1', { clock })
    const noise = random(2)
    const long = Array.from({ length: 3000 }, () => noise.next(1e9).toString(36)).join('')
    for (let i = 0; i < 12; i++) keep(spool, `${i} ${long}`)
    assert.match(spool.notices[0], /cannot be written \(.*no space/i)
    const waiting = spool.secondsFor('l1')
    assert.deepEqual(
      textsOf(spool, waiting).map(text => text.split(' ')[0]),
      Array.from({ length: 12 }, (_, i) => String(i)),
    )
    spool.had({ run: 'r1', from: 1, to: 12, life: 'l1' })
    clock.nowMs += 20 * 60_000
    spool.age()
    // The kernel has its room back once the files are closed.
    await new Promise(resolve => setTimeout(resolve, 100))
    keep(spool, 'room')
    assert.deepEqual(spool.notices, [])
    spool.close()
  } finally {
    execFileSync('umount', ['-l', folder])
  }
})

function cannotMount(): string | false {
  const probe = join(root, 'probe')
  mkdirSync(probe)
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', probe], { stdio: 'ignore' })
    execFileSync('umount', ['-l', probe])
    return false
  } catch {
    return 'needs to mount a small disk'
  }
}

const rounds = Number(process.env.KILLS ?? 15)

test(`a writer killed in mid-write, ${rounds} times: what it said it wrote is there, and nothing else`, async () => {
  const chance = random()
  const folder = newFolder()
  const writer = join(import.meta.dirname, 'fixtures/writer.ts')
  let cuts = 0
  let written = 0
  for (let round = 0; round < rounds; round++) {
    const child = spawn(process.execPath, [writer, folder, `r${round}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.on('data', text => {
      said += text
    })
    await once(child.stdout, 'data')
    await new Promise(resolve => setTimeout(resolve, chance.next(40)))
    child.kill('SIGKILL')
    await once(child, 'close')
    const last = Number(said.trim().split('\n').at(-1))
    const spool = open(folder, 'reader')
    const found = spool.secondsFor('nobody').filter(({ segment }) => segment.run === `r${round}`)
    const sequences = found.map(({ sequence }) => sequence)
    const hint = `round ${round}, seed ${chance.seed}: said ${last}, found ${sequences.at(-1)}`
    assert.deepEqual(
      sequences,
      Array.from({ length: sequences.length }, (_, i) => i + 1),
      hint,
    )
    assert.ok(sequences.length === last || sequences.length === last + 1, hint)
    for (const entry of found) {
      const payload = spool.read(entry)!
      assert.equal(Buffer.from(payload.subarray(0, 8)).readDoubleLE(), entry.sequence, hint)
    }
    assert.equal(spool.corrupt, 0, hint)
    spool.close()
    for (const name of readdirSync(folder)) {
      const bytes = readFileSync(join(folder, name))
      if (readRecords(bytes).end < bytes.length) cuts++
      rmSync(join(folder, name))
    }
    written += last
  }
  console.log(`${written} records written, ${cuts} of ${rounds} writers cut in mid-record`)
})
