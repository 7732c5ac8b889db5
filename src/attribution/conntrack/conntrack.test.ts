import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { message, type NetlinkLine } from '#lib/netlink.ts'
import { format, parse } from '#model/endpoint.ts'
import { Conntrack } from './conntrack.ts'
import { encodeEntry } from './messages.ts'
import type { Original } from './translation.ts'

const isDump = 0x300
const refusals = { EPERM: 1, ENOENT: 2, EINVAL: 22 } as const
const emptyQueue = -11 // EAGAIN
const overrun = -105 // ENOBUFS

const endsOf = (text: string): Original => {
  const [client, server] = text.split('>')
  return { client: parse(client)!, server: parse(server)! }
}

/** `tcp seen was original in zone` as a message of an entry. */
function entry(sequence: number, text: string): Buffer {
  const [, seen, was, zone] = /^tcp (\S+) was (\S+)(?: in (\d+))?$/.exec(text)!.slice(0)
  const form = { original: endsOf(was), seen: endsOf(seen), zone: Number(zone ?? 0) }
  return message(0x0100, 0, sequence, encodeEntry({ transport: 'tcp', ...form })!)
}

function failure(sequence: number, errno: number): Buffer {
  const payload = Buffer.alloc(20)
  payload.writeInt32LE(-errno)
  return message(2, 0, sequence, payload)
}

const done = (sequence: number) => message(3, 2, sequence, Buffer.alloc(4))

interface Asked {
  readonly sequence: number
  readonly isDump: boolean
  readonly zone: number
}

/** A kernel that answers each question with what the script says: datagrams, or minus an errno. */
function kernel(script: (asked: Asked) => readonly (Buffer | number)[]) {
  const count = { questions: 0, dumps: 0, open: 0 }
  const open = (): NetlinkLine => {
    let queue: (Buffer | number)[] = []
    count.open++
    return {
      send: given => {
        const bytes = Buffer.from(given)
        const asked = {
          sequence: bytes.readUInt32LE(8),
          isDump: (bytes.readUInt16LE(6) & isDump) === isDump,
          zone:
            bytes.readUInt16LE(bytes.length - 6) === 18 ? bytes.readUInt16BE(bytes.length - 4) : 0,
        }
        if (asked.isDump) count.dumps++
        else count.questions++
        queue = [...queue, ...script(asked)]
        return bytes.length
      },
      receive: into => {
        const next = queue.shift() ?? emptyQueue
        if (typeof next === 'number') return next
        into.set(next)
        return next.length
      },
      close: () => void count.open--,
    }
  }
  return { open, count }
}

const nowhere = '/nowhere/nf_conntrack'
const seen = '10.0.0.5:60000>198.51.100.7:443'
const was = '172.18.0.2:4000>198.51.100.7:443'
const translated = `tcp ${seen} was ${was}`

function ask(conntrack: Conntrack, text = seen): string | undefined {
  const { client, server } = endsOf(text)
  const found = conntrack.original('tcp', client, server)
  return found && `${format(found.client)}>${format(found.server)}`
}

async function answerOf(script: (asked: Asked) => readonly (Buffer | number)[]) {
  const conntrack = new Conntrack({ open: kernel(script).open, path: nowhere })
  await conntrack.refresh(0)
  return ask(conntrack)
}

test('a translated connection is told as it was', async () => {
  assert.equal(await answerOf(({ sequence }) => [entry(sequence, translated)]), was)
})

test('one that is not in the table, not translated, or another is not told', async () => {
  assert.equal(await answerOf(({ sequence }) => [failure(sequence, refusals.ENOENT)]), undefined)
  assert.equal(
    await answerOf(({ sequence }) => [entry(sequence, `tcp ${seen} was ${seen}`)]),
    undefined,
  )
  const other = translated.replace(':60000', ':60001')
  assert.equal(await answerOf(({ sequence }) => [entry(sequence, other)]), undefined)
})

test('late answers to other questions are passed over, and so is what is no answer', async () => {
  const late = (sequence: number) => entry(sequence - 1, translated.replace('18.0.2', '18.0.9'))
  assert.equal(
    await answerOf(({ sequence }) => [
      late(sequence),
      Buffer.from('garbage'),
      message(0x0999, 0, sequence, Buffer.alloc(4)),
      entry(sequence, translated),
    ]),
    was,
  )
})

test('cut, lost, empty and endless answers are none, and the next question is answered', async () => {
  const whole = (sequence: number) => entry(sequence, translated)
  const faults: ((sequence: number) => (Buffer | number)[])[] = [
    sequence => [whole(sequence).subarray(0, 40)],
    sequence => [message(0x0100, 0, sequence, Buffer.alloc(0))],
    sequence => [message(2, 0, sequence, Buffer.alloc(0))],
    sequence => [done(sequence)],
    () => [overrun],
    () => [0],
    () => [],
    () => new Array(100).fill(whole(0)),
  ]
  for (const fault of faults) {
    let isFaulty = true
    const { open } = kernel(({ sequence }) => (isFaulty ? fault(sequence) : [whole(sequence)]))
    const conntrack = new Conntrack({ open, path: nowhere })
    assert.equal(ask(conntrack), undefined)
    isFaulty = false
    for (let i = 0; i < 7; i++) ask(conntrack)
    assert.equal(ask(conntrack), was)
  }
})

test('an overrun loses other answers, not this one', async () => {
  assert.equal(await answerOf(({ sequence }) => [overrun, entry(sequence, translated)]), was)
})

test('in zones of equal addresses it is told if all of them agree', async () => {
  const table = new Map([
    [0, `tcp ${seen} was ${seen}`],
    [5, `${translated} in 5`],
  ])
  const { open, count } = kernel(({ sequence, zone, isDump }) => {
    if (isDump) return [...table.values()].map(text => entry(sequence, text)).concat(done(sequence))
    const text = table.get(zone)
    return [text ? entry(sequence, text) : failure(sequence, refusals.ENOENT)]
  })
  const conntrack = new Conntrack({ open, path: nowhere })
  await conntrack.refresh(0)
  assert.equal(ask(conntrack), undefined, 'zones are not known yet')
  await conntrack.refresh(1000)
  assert.equal(ask(conntrack), was)
  table.set(6, `${translated.replace('18.0.2', '18.0.9')} in 6`)
  ask(conntrack, '10.0.0.5:1>198.51.100.7:443')
  await conntrack.refresh(2000)
  assert.deepEqual([ask(conntrack), count.dumps], [was, 1], 'zones are looked for once a minute')
  await conntrack.refresh(50_000)
  await conntrack.refresh(62_000)
  assert.deepEqual([ask(conntrack), count.dumps], [undefined, 2])
  conntrack.close()
  assert.equal(count.open, 0)
})

test('a table without end is read a little for its zones', async () => {
  const { open, count } = kernel(({ sequence, isDump }) =>
    isDump
      ? new Array(100_000).fill(entry(sequence, `${translated} in 7`))
      : [failure(sequence, refusals.ENOENT)],
  )
  const conntrack = new Conntrack({ open, path: nowhere })
  ask(conntrack)
  await conntrack.refresh(61_000)
  ask(conntrack)
  assert.equal(count.questions, 3, 'one before the zone was known, two after')
})

test('asking takes a part of each second, and what is left waits for the next', async () => {
  const text = (port: number) => `10.0.0.5:${port}>198.51.100.7:443`
  const { open, count } = kernel(({ sequence }) => {
    const untilMs = performance.now() + 1
    while (performance.now() < untilMs);
    return [entry(sequence, `tcp ${text(sequence)} was ${was}`)]
  })
  const conntrack = new Conntrack({ open, path: nowhere })
  await conntrack.refresh(0)
  for (let i = 1; i <= 200; i++) ask(conntrack, text(i))
  const asked = count.questions
  assert.ok(asked <= 101, `${asked} questions`)
  assert.equal(ask(conntrack, text(asked + 1)), undefined)
  await conntrack.refresh(1000)
  assert.equal(ask(conntrack, text(asked + 1)), was)
})

test('a translation is believed for some seconds', async () => {
  const { open, count } = kernel(({ sequence }) => [entry(sequence, translated)])
  const conntrack = new Conntrack({ open, path: nowhere })
  for (let second = 0; second < 60; second++) {
    await conntrack.refresh(second * 1000)
    assert.equal(ask(conntrack), was)
    ask(conntrack, '10.0.0.5:1>198.51.100.7:443')
  }
  const aboutIt = count.questions - 60
  assert.ok(
    aboutIt >= 10 && aboutIt <= 12,
    `${aboutIt}, and each second about what is not translated`,
  )
})

test('where netlink does not answer the file is read, beside everything else', async t => {
  const path = fileOf(t, line('172.18.0.2', 4000))
  for (const refusal of [() => 'EPERM', kernel(refuse(refusals.EINVAL)).open]) {
    const conntrack = new Conntrack({ open: refusal, path })
    await conntrack.refresh(1000)
    assert.equal(ask(conntrack), undefined)
    await conntrack.refresh(2000)
    assert.equal(ask(conntrack), was)
    assert.equal(conntrack.notice, undefined)
    await conntrack.refresh(2100)
    assert.equal(ask(conntrack), was, 'it rests between two readings')
  }
})

test('a refused netlink is tried again after a while', async () => {
  let isRefused = true
  const { open } = kernel(({ sequence }) => [entry(sequence, translated)])
  const conntrack = new Conntrack({ open: () => (isRefused ? 'EPERM' : open()), path: nowhere })
  await conntrack.refresh(1000)
  assert.equal(ask(conntrack), undefined)
  isRefused = false
  await conntrack.refresh(2000)
  assert.equal(ask(conntrack), undefined)
  assert.match(conntrack.notice ?? '', /CAP_NET_ADMIN.*ENOENT/)
  await conntrack.refresh(62_000)
  assert.equal(ask(conntrack), was)
  assert.equal(conntrack.notice, undefined)
})

test('two lines of the file that look equal and were not are not told', async t => {
  const path = fileOf(t, line('172.18.0.2', 4000) + line('172.18.0.9', 4000))
  const conntrack = new Conntrack({ open: () => 'EPERM', path })
  ask(conntrack)
  await conntrack.refresh(1000)
  assert.equal(ask(conntrack), undefined)
})

test('a file of a hundred thousand lines is read in pieces', async t => {
  const plain = line('10.0.0.5', 60_000)
  const path = fileOf(t, plain.repeat(50_000) + line('172.18.0.2', 4000) + plain.repeat(50_000))
  const conntrack = new Conntrack({ open: () => 'EPERM', path })
  ask(conntrack)
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  await conntrack.refresh(1000)
  clearInterval(timer)
  assert.ok(turns > 1, 'others had their turn meanwhile')
  assert.ok([was, undefined].includes(ask(conntrack)))
})

const refuse =
  (errno: number) =>
  ({ sequence }: Asked) => [failure(sequence, errno)]

const line = (source: string, sport: number): string =>
  `ipv4     2 tcp      6 117 TIME_WAIT src=${source} dst=198.51.100.7 sport=${sport} dport=443 src=198.51.100.7 dst=10.0.0.5 sport=443 dport=60000 [ASSURED] mark=0 zone=0 use=2\n`

function fileOf(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-conntrack-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'nf_conntrack')
  writeFileSync(path, text)
  return path
}
