// The whole page over the live invented city, in software rendering, for an hour (`node bench/page-soak.ts MINUTES`):
// tasks of the main thread over 50 ms after the load, and the heap, collected, once all that the page keeps is full and
// at the end. Somebody looks around all the while: goes in and out, selects, points, zooms, opens the table, and
// services come and go. A task counts by what it ran: here it waits for cores that the rasteriser takes, and for others
// of a busy machine. Fails when a task was long
// or the heap has grown. Needs Chromium and Linux.
import { readFileSync } from 'node:fs'
import type { CDPSession, Page } from 'playwright-core'
import { findChromium, openStage, type Stage } from '#web/dev/browser.ts'
import { city } from '#web/dev/city.ts'
import { median, report } from './figures.ts'

const minutes = Number(process.argv[2] ?? 60)
const longMs = 50
/** What the heap may grow by, from when it is full to the end. */
const growthMax = 1.1
/** The page keeps a quarter of an hour of figures and ghosts: before that the heap grows as it should. */
const fullMinutes = 17
const sampleEveryMs = 10
/** The page may take this long to load, find its layout and warm up. */
const loadMs = 15_000
const actEveryMs = 5000
const measureEveryMs = 15_000

/** A task of the main thread, and the scripts that ran in its frame, the longest first. */
interface LongTask {
  /** Since the epoch. */
  readonly atMs: number
  readonly ms: number
  /** With what it waited for a core, or for the rasteriser. */
  readonly wholeMs?: number
  readonly scripts: readonly string[]
}

type Act = (page: Page) => Promise<unknown>
const key =
  (name: string): Act =>
  page =>
    page.keyboard.press(name)

/** What one does with a map, over and over. */
const acts: readonly Act[] = [
  key('ArrowRight'),
  key('Enter'),
  key('ArrowRight'),
  page => page.mouse.move(500 + Math.random() * 300, 300 + Math.random() * 200, { steps: 10 }),
  page => page.mouse.wheel(0, -240),
  page => page.mouse.wheel(0, 240),
  key('f'),
  key('Escape'),
  key('t'),
  key('t'),
  key('e'),
  key('Enter'),
  key('Escape'),
  key('p'),
  key('p'),
  key('Escape'),
  key('Escape'),
  key('f'),
]

/** How long the main thread of a process ran, all the while. */
class Runs {
  private readonly samples: { readonly atMs: number; readonly ranMs: number }[] = []
  private readonly timer: ReturnType<typeof setInterval>
  private readonly pid: number

  constructor(pid: number) {
    this.pid = pid
    this.timer = setInterval(() => this.sample(), sampleEveryMs)
  }

  private sample(): void {
    this.samples.push({ atMs: Date.now(), ranMs: ranMsOf(this.pid) })
  }

  /** At most the whole stretch; what ran within one sample of it counts. */
  between(fromMs: number, toMs: number): number {
    const before = this.samples.findLast(({ atMs }) => atMs <= fromMs)
    const after = this.samples.find(({ atMs }) => atMs >= toMs)
    if (!before || !after) return toMs - fromMs
    return Math.min(toMs - fromMs, after.ranMs - before.ranMs)
  }

  end(): void {
    clearInterval(this.timer)
  }
}

/** What the main thread of a process has run so far. */
function ranMsOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6
}

/** The process that runs the page's script: the one that a loop keeps busy. */
async function rendererOf(page: Page): Promise<number> {
  const session = await page.context().browser()!.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  const pids = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
  const before = pids.map(ranMsOf)
  await page.evaluate(
    `{ const from = performance.now(); while (performance.now() - from < 500) continue }`,
  )
  const ran = pids.map((pid, i) => ranMsOf(pid) - before[i])
  return pids[ran.indexOf(Math.max(...ran))]
}

const executable = findChromium()
if (!executable) {
  console.error('There is no Chromium on this machine (on Debian: apt-get install chromium).')
  process.exit(2)
}
const stage = await openStage(executable)
try {
  const whole = city(2)
  stage.controls.cluster.become(whole.services, whole.links)
  const page = await stage.open()
  const session = await page.context().newCDPSession(page)
  await page.waitForTimeout(loadMs)
  await watch(page)
  const runs = new Runs(await rendererOf(page))
  const heaps = await live(page, session, stage)
  runs.end()
  const tasks = (await page.evaluate('window.longTasks')) as LongTask[]
  judge(
    heaps,
    tasks.map(task => ({
      ...task,
      ms: runs.between(task.atMs, task.atMs + task.ms),
      wholeMs: task.ms,
    })),
  )
} finally {
  await stage.close()
}

/** From now on the page writes down its long tasks, and who was at it in frames that took long. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(`{
    const tasks = window.longTasks = []
    const frames = []
    new PerformanceObserver(list => {
      for (const { startTime, duration, scripts } of list.getEntries()) {
        const names = [...scripts].sort((a, b) => b.duration - a.duration).slice(0, 3)
          .map(s => s.invoker + ' ' + s.sourceFunctionName + ' ' + Math.round(s.duration) + ' ms')
        const from = performance.timeOrigin + startTime
        frames.push({ from, to: from + duration, names })
        if (frames.length > 50) frames.shift()
        for (const task of tasks) blame(task)
      }
    }).observe({ type: 'long-animation-frame' })
    const blame = task => {
      const frame = frames.find(({ from, to }) => from <= task.atMs + task.ms && task.atMs <= to)
      if (frame && task.scripts.length === 0) task.scripts = frame.names
    }
    new PerformanceObserver(list => {
      for (const { startTime, duration } of list.getEntries()) {
        const task = { atMs: performance.timeOrigin + startTime, ms: duration, scripts: [] }
        blame(task)
        if (tasks.push(task) > 500) tasks.shift()
      }
    }).observe({ type: 'longtask' })
  }`)
}

/** Looks around for the whole time; gives the heap, collected, in MiB. */
async function live(page: Page, session: CDPSession, { controls }: Stage): Promise<number[]> {
  const heaps: number[] = []
  const whole = city(2)
  const endMs = Date.now() + minutes * 60_000 - loadMs
  let measuredMs = 0
  for (let turn = 0; Date.now() < endMs; turn++) {
    await acts[turn % acts.length](page)
    if (turn % 7 === 6) {
      const isLess = turn % 14 === 6
      const services = isLess ? whole.services.slice(0, -3) : whole.services
      const ids = new Set(services.map(({ id }) => id))
      const links = whole.links.filter(link => ids.has(link.client) && ids.has(link.server))
      controls.cluster.become(services, links)
    }
    await page.waitForTimeout(actEveryMs)
    if (Date.now() - measuredMs < measureEveryMs) continue
    measuredMs = Date.now()
    heaps.push(await heapOf(session))
  }
  return heaps
}

async function heapOf(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  return usedSize / 2 ** 20
}

function judge(heaps: readonly number[], tasks: readonly LongTask[]): void {
  const full = Math.floor((fullMinutes * 60_000) / measureEveryMs)
  const tenth = Math.max(1, Math.floor(heaps.length / 10))
  const isFull = heaps.length >= full + 2 * tenth
  const first = isFull ? median(heaps.slice(full, full + tenth)) : heaps[0]
  const last = median(heaps.slice(-tenth))
  const long = tasks.filter(({ ms }) => ms > longMs)
  const worst = [...tasks].sort((a, b) => b.ms - a.ms).slice(0, 12)
  for (const { atMs, ms, wholeMs = ms, scripts } of worst) {
    const took = `${Math.round(ms)} of ${Math.round(wholeMs)} ms`
    console.log(`  ${took} at ${new Date(atMs).toISOString()}: ${scripts.join('; ')}`)
  }
  report('page-soak', {
    minutes,
    'tasks over 50 ms': long.length,
    'tasks over 50 ms with what they waited': tasks.length,
    'longest task, ms': Math.max(0, ...tasks.map(({ ms }) => ms)),
    'heap when all that is kept is full, MiB': isFull ? first : 'too short to say',
    'heap at the end, MiB': last,
  })
  if (long.length === 0 && (!isFull || last <= first * growthMax)) return
  console.error(`page-soak: no task may take over ${longMs} ms, the heap may not grow.`)
  process.exitCode = 1
}
