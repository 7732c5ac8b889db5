// Decoding a capture file, side by side with tshark on the same file with the same fields: whole commands, in turns. One
// core: the command is held to one (taskset); else it takes what cores there are. Needs tshark (Debian's package tshark).
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeHeaders, writeHttp } from './capture-file.ts'
import { median, report } from './figures.ts'

const rounds = Number(process.argv[2] ?? 5)
const transactions = 300_000
const headerPackets = 4_000_000
const oneCore = ['-c', '0']
const bin = join(import.meta.dirname, '../bin/inkling')

const fields = ['frame.time_epoch', 'ip.src', 'tcp.srcport', 'ip.dst', 'tcp.dstport']
const httpFields = ['http.request.method', 'http.request.uri', 'http.response.code', 'http.time']
const tsharkFields = [...fields, ...httpFields].flatMap(field => ['-e', field])

const dir = mkdtempSync(join(tmpdir(), 'inkling-bench-'))
try {
  const http = join(dir, 'http.pcap')
  const headers = join(dir, 'headers.pcap')
  writeHttp(http, transactions, 1000)
  writeHeaders(headers, headerPackets)
  const ours: number[] = []
  const oursOnOneCore: number[] = []
  const theirs: number[] = []
  const perSecond: number[] = []
  const headerRates: number[] = []
  for (let i = 0; i < rounds; i++) {
    ours.push(seconds(bin, ['read', http]))
    oursOnOneCore.push(seconds('taskset', [...oneCore, bin, 'read', http]))
    theirs.push(seconds('tshark', ['-r', http, '-Y', 'http', '-T', 'fields', ...tsharkFields]))
    perSecond.push(transactions / statsOf(['read', http]).seconds)
    headerRates.push(statsOf(['read', '--flows', headers]).packetsPerSecond)
  }
  report('decode', {
    'file MB': statSync(http).size / 1e6,
    'HTTP transactions': transactions,
    cores: availableParallelism(),
    'inkling read, seconds': median(ours),
    'inkling read on one core, seconds': median(oursOnOneCore),
    'tshark, seconds': median(theirs),
    'times tshark (goal 30)': median(theirs.map((theirs, i) => theirs / ours[i])),
    'times tshark on one core': median(theirs.map((theirs, i) => theirs / oursOnOneCore[i])),
    'HTTP transactions/s, one core (goal 1,000,000)': median(perSecond),
    'header-only packets/s to flows (goal 5,000,000)': median(headerRates),
  })
} finally {
  rmSync(dir, { recursive: true, force: true })
}

/** Wall seconds of a whole command whose output goes nowhere. */
function seconds(command: string, args: readonly string[]): number {
  const start = performance.now()
  const { status, stderr } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`)
  return (performance.now() - start) / 1000
}

function statsOf(args: readonly string[]): { seconds: number; packetsPerSecond: number } {
  const { stdout } = spawnSync('taskset', [...oneCore, bin, ...args, '--stats', '--json'], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  })
  return JSON.parse(stdout.trimEnd().split('\n').at(-1)!).stats
}
