// What measuring containers costs the agent: so many control groups of this machine (v1 or v2), measured as the agent does
// each ten seconds. Needs root. `node bench/usage.ts CONTAINERS`.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hierarchiesIn } from '#orchestrators/control-group-place.ts'
import { UsageMeter } from '#orchestrators/control-group-usage.ts'
import { UsageNews } from '../src/usage-news.ts'
import { median, report } from './figures.ts'

const containers = Number(process.argv[2] ?? 200)
const rounds = 60
const everySeconds = 10
/** A process of the agent's is nice and shares its cores: rounds are spread, as they are there. */
const pauseMs = 50

const mountinfo = readFileSync('/proc/self/mountinfo', 'utf8')
const hierarchies = hierarchiesIn(mountinfo, '').filter(({ controllers, root }) => {
  const isMeasured = controllers?.some(name => /^(memory|cpu|cpuacct)$/.test(name)) ?? true
  return root === '/' && isMeasured
})
const v1 = hierarchies.filter(({ controllers }) => controllers)
const used = v1.length > 0 ? v1 : hierarchies
const proc = mkdtempSync(join(tmpdir(), 'inkling-bench-'))
const ids = Array.from({ length: containers }, (_, i) => `${i}`.padStart(64, '0'))
const folders = used.flatMap(({ folder }) => ids.map(id => `${folder}/inkling-bench/${id}`))
try {
  for (const folder of folders) mkdirSync(folder, { recursive: true })
  const lines = used.map(({ controllers }, i) =>
    controllers ? `${i + 1}:${controllers.join(',')}:` : '0::',
  )
  ids.forEach((id, i) => {
    mkdirSync(`${proc}/${i + 1}`)
    const text = lines.map(line => `${line}/inkling-bench/${id}`).join('\n')
    writeFileSync(`${proc}/${i + 1}/cgroup`, `${text}\n`)
  })
  const meter = new UsageMeter(proc, used)
  meter.expect(ids.map((id, i) => ({ id: `docker:${id}`, pid: i + 1 })))
  const news = new UsageNews(meter)
  const spentMs: number[] = []
  let told = 0
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage()
    told += news.next(round * everySeconds * 1000, 1).length
    const { user, system } = process.cpuUsage(before)
    spentMs.push((user + system) / 1000)
    await new Promise(resolve => setTimeout(resolve, pauseMs))
  }
  meter.close()
  // The first rounds open the files and compile the code.
  const usualMs = median(spentMs.slice(10))
  report('usage', {
    containers,
    'control groups': used.map(({ controllers }) => controllers?.join(',') ?? 'v2').join(' '),
    'told in all': told,
    'the first round, ms of a core': spentMs[0],
    'a round, ms of a core': usualMs,
    'share of a core': usualMs / 1000 / everySeconds,
  })
} finally {
  for (const folder of folders) if (existsSync(folder)) rmdirSync(folder)
  for (const { folder } of used) {
    const place = `${folder}/inkling-bench`
    if (existsSync(place)) rmdirSync(place)
  }
  rmSync(proc, { recursive: true, force: true })
}
