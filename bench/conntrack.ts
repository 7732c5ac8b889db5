// What a question about a translated connection costs while the kernel tracks many: by netlink, one connection at a time;
// by its file, in pieces beside everything else; and by the file read whole, as is usual. Half of the connections are
// translated, half of the questions are about none of them. The peer is `conntrack -L`, which asks netlink for all. In a network
// namespace of its own; the machine's limit is raised meanwhile, if it must be. Needs root, iproute2, conntrack.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Conntrack } from '#attribution/conntrack/conntrack.ts'
import { encodeEntry } from '#attribution/conntrack/messages.ts'
import { parseConntrack } from '#attribution/conntrack/proc-table.ts'
import { keyOf, type Original } from '#attribution/conntrack/translation.ts'
import { openLibc } from '#lib/libc.ts'
import { attribute, faultName, message, openNetlink } from '#lib/netlink.ts'
import { report } from './figures.ts'

const path = '/proc/net/nf_conntrack'
const limitPath = '/proc/sys/net/netfilter/nf_conntrack_max'
const netfilter = 12
const createNew = 1 | 0x400 | 0x200 // NLM_F_REQUEST, NLM_F_CREATE, NLM_F_EXCL
const newEntry = 1 << 8
const batchEntries = 100
const questions = 10_000
const perSecond = 1000

interface Cost {
  /** Until all questions are answered, or all is read: what it cost the processor, as others want it too. */
  readonly ms: number
  readonly answered: number
  /** The longest that nothing else had its turn. */
  readonly stallMs: number
  readonly grownMiB: number
}

const [mode = 'all', count = '500000'] = process.argv.slice(2)
const entries = Number(count)
const modes: Readonly<Record<string, () => Promise<unknown>>> = { fill, netlink, pieces, whole }
if (mode in modes) console.log(JSON.stringify(await modes[mode]()))
else await all()

async function all(): Promise<void> {
  const name = `inkling-bench-ct-${process.pid}`
  const limit = readFileSync(limitPath, 'latin1')
  const run = (...words: string[]) => {
    const { stdout, stderr, status } = spawnSync('ip', words, { encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    return stdout
  }
  run('netns', 'add', name)
  try {
    if (Number(limit) < entries * 1.1) writeFileSync(limitPath, String(Math.ceil(entries * 1.1)))
    const inside = (...words: string[]) => run('netns', 'exec', name, ...words)
    const play = (which: string): Cost =>
      JSON.parse(inside(process.execPath, import.meta.filename, which, count))
    const filled = play('fill')
    const [one, pieces, whole] = [play('netlink'), play('pieces'), play('whole')]
    const startMs = performance.now()
    inside('sh', '-c', 'conntrack -L >/dev/null 2>&1')
    const listMs = performance.now() - startMs
    report('conntrack', {
      connections: filled.answered,
      'a question by netlink, us of CPU': (one.ms * 1000) / questions,
      'questions answered by netlink, of those about translations': one.answered / (questions / 2),
      'netlink: longest stall of a second with 1,000 questions, or with a look for zones, ms':
        one.stallMs,
      'netlink: memory grown, MiB': one.grownMiB,
      'the file in pieces: a reading, until it is done or cut off, ms of CPU': pieces.ms,
      'the file in pieces: longest stall, ms': pieces.stallMs,
      'the file in pieces: memory grown, MiB': pieces.grownMiB,
      'the file in pieces: share of translations come to': pieces.answered / (questions / 2),
      'the file whole: a reading, which is the stall, ms': whole.stallMs,
      'the file whole: a reading, ms of CPU': whole.ms,
      'the file whole: memory grown, MiB': whole.grownMiB,
      'conntrack -L: until it is read, ms': listMs,
    })
  } finally {
    writeFileSync(limitPath, limit)
    run('netns', 'delete', name)
  }
}

/** The nth connection; every other one is translated. */
function connection(n: number): { original: Original; seen: Original } {
  const port = 1024 + (n % 60_000)
  const server = { ip: `198.51.${(n / 60_000) | 0}.7`, port: 443 }
  const original = { client: { ip: '172.18.0.2', port }, server }
  const seen = n % 2 === 0 ? { client: { ip: '10.0.0.5', port }, server } : original
  return { original, seen }
}

/** Tracked for an hour, confirmed, never asked again. */
async function fill(): Promise<Cost> {
  const line = openNetlink(openLibc(), netfilter)
  if (typeof line === 'string') throw new Error(line)
  const life = Buffer.concat([attribute(7, be32(3600)), attribute(3, be32(0x18e))])
  const answers = Buffer.alloc(65_536)
  for (let n = 0; n < entries; ) {
    const batch: Buffer[] = []
    for (let i = 0; i < batchEntries && n < entries; i++, n++) {
      const entry = encodeEntry({ transport: 'tcp', zone: 0, ...connection(n) })!
      batch.push(message(newEntry, createNew, n, Buffer.concat([entry, life])))
    }
    line.send(Buffer.concat(batch))
    const length = line.receive(answers)
    if (length > 0) throw new Error(faultName(-answers.readInt32LE(16)))
  }
  line.close()
  const tracked = readFileSync('/proc/sys/net/netfilter/nf_conntrack_count', 'latin1')
  return { ms: 0, answered: Number(tracked), stallMs: 0, grownMiB: 0 }
}

async function netlink(): Promise<Cost> {
  const conntrack = new Conntrack({ path: '/nowhere' })
  const wanted = asked(questions)
  const begun = await meter()
  let answered = 0
  let ms = 0
  for (let i = 0; i < questions; i += perSecond) {
    const spentMs = cpu()
    answered += ask(conntrack, wanted.slice(i, i + perSecond))
    ms += spentMs()
    await sleep(5)
    // The next second. In the first of them zones are looked for, as something was not found.
    await conntrack.refresh(i)
    await sleep(5)
  }
  return { ms, answered, ...begun() }
}

async function pieces(): Promise<Cost> {
  const conntrack = new Conntrack({ open: () => 'EPERM' })
  ask(conntrack, asked(1))
  const begun = await meter()
  const spentMs = cpu()
  await conntrack.refresh(1000)
  const ms = spentMs()
  await sleep(5)
  return { ms, answered: ask(conntrack, asked(questions)), ...begun() }
}

async function whole(): Promise<Cost> {
  const begun = await meter()
  const spentMs = cpu()
  const table = parseConntrack(readFileSync(path, 'latin1'))
  const ms = spentMs()
  await sleep(5)
  const found = asked(questions).filter(seen => table.has(keyOf('tcp', seen)))
  return { ms, answered: found.length, ...begun() }
}

/** Spread over all; as many that nobody made. */
function asked(howMany: number): Original[] {
  return Array.from({ length: howMany }, (_, i) => {
    const n = Math.floor((i / howMany) * (entries / 2)) * 2
    const { seen } = connection(n)
    return i % 2 === 0 ? seen : { ...seen, client: { ...seen.client, ip: '10.0.0.6' } }
  })
}

function ask(conntrack: Conntrack, wanted: readonly Original[]): number {
  const found = wanted.map(({ client, server }) => conntrack.original('tcp', client, server))
  return found.filter(original => original !== undefined).length
}

/** Begins to look; asked again it says what was seen. */
async function meter(): Promise<() => Pick<Cost, 'stallMs' | 'grownMiB'>> {
  let stallMs = 0
  let turnMs = performance.now()
  const turn = () => {
    const nowMs = performance.now()
    stallMs = Math.max(stallMs, nowMs - turnMs)
    turnMs = nowMs
  }
  const timer = setInterval(turn, 1)
  await sleep(20)
  stallMs = 0
  const before = process.memoryUsage.rss()
  return () => {
    clearInterval(timer)
    const most = process.resourceUsage().maxRSS * 1024
    return { stallMs, grownMiB: (most - before) / 2 ** 20 }
  }
}

/** Milliseconds of the processor since. */
function cpu(): () => number {
  const before = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }
}

function be32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
