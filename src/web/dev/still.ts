import { setTimeout as wait } from 'node:timers/promises'
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { random } from '#lib/random.ts'
import type { Stage } from './browser.ts'
import { DemoCluster } from './cluster.ts'
import { type DemoLink, type DemoService, links, services } from './shop.ts'

/** The moment at which the still cluster stands when a page is opened. */
export const stillMs = Date.UTC(2026, 2, 14, 9, 26, 40)
const seed = 5
/** Seconds of traffic before the page is opened: as many as plots show, of a crowd as many as figures need. */
const pastSeconds = 920
const pastSecondsOfCrowd = 130
const crowdLinks = 60
/** Those of them that the page is told at once, for its history. */
const toldSeconds = 110
/** Seconds that a page has seen when it is looked at: by then dots are everywhere on their ways. */
const seenSeconds = 8
/** Software draws the frames: few a second, and of the first seconds the fewest, since nobody looks yet. */
const framesPerSecond = 4
const watchedSeconds = 2
/** So often nothing has changed when the page is at rest. */
const restfulLooks = 3
const looksMax = 2000
/** What is said to who connects: places, names, status. */
const greetings = 3

/** What a page is opened with. */
export interface StillWish {
  readonly query?: string
  readonly services?: readonly DemoService[]
  readonly links?: readonly DemoLink[]
  readonly options?: BrowserContextOptions
  readonly prepare?: (context: BrowserContext) => Promise<unknown>
  /** What is amiss with the cluster, before the page is opened. */
  readonly before?: (stage: Stage) => void
  readonly seconds?: number
}

/**
 * A page over a cluster whose seconds pass only when they are asked for: the same clock, the same chance and the same
 * data each time, so that what it shows can be compared.
 */
export async function openStill(stage: Stage, wish: StillWish = {}): Promise<Page> {
  stand(stage, wish)
  wish.before?.(stage)
  const page = await stage.open(
    wish.query,
    async context => {
      await context.clock.install({ time: stillMs })
      await context.clock.pauseAt(stillMs)
      await context.addInitScript(countTime, stillMs)
      await context.addInitScript(countWhatComes)
      await wish.prepare?.(context)
    },
    { locale: 'en-GB', timezoneId: 'UTC', ...wish.options },
  )
  await hears(page, greetings)
  const told = Array.from({ length: toldSeconds }, () => stage.controls.step())
  await hears(
    page,
    told.reduce((sum, messages) => sum + messages),
  )
  await rest(page)
  await pass(stage, page, wish.seconds ?? seenSeconds)
  return page
}

/** The cluster as it is at the beginning. */
function stand({ controls }: Stage, wish: StillWish): void {
  const { next } = random(seed)
  const chance = () => next(1e9) / 1e9
  const cluster = new DemoCluster(stillMs, chance)
  cluster.become(wish.services ?? services, wish.links ?? links)
  const past = cluster.links.length > crowdLinks ? pastSecondsOfCrowd : pastSeconds
  for (let second = past; second > toldSeconds; second--) cluster.tick(stillMs - second * 1000)
  Object.assign(controls, { cluster, still: true, silent: false, down: false })
  Object.assign(controls, { told: cluster.version, tickedMs: stillMs - (toldSeconds + 1) * 1000 })
  controls.places.clear()
}

/** Lets seconds of traffic pass, for the cluster and for the page. */
export async function pass(stage: Stage, page: Page, seconds: number): Promise<void> {
  for (let left = seconds; left > 0; left--) {
    await hears(page, stage.controls.step())
    await passFrames(page, left > watchedSeconds ? 1 : framesPerSecond)
  }
}

/** Lets a second pass for the page alone, in so many frames. */
export async function passFrames(page: Page, frames = framesPerSecond): Promise<void> {
  for (let frame = 0; frame < frames; frame++) {
    await rest(page)
    await page.clock.fastForward(Math.round(1000 / frames))
  }
  await rest(page)
}

/** Waits until that many messages have come since this was last asked. */
async function hears(page: Page, messages: number): Promise<void> {
  await page.waitForFunction(count => {
    const { came } = globalThis as unknown as { came: Came }
    if (came.messages < came.heard + count) return false
    came.heard += count
    return true
  }, messages)
}

/** Waits until nothing is under way: no message, no question to the layout, no request. */
async function rest(page: Page): Promise<void> {
  let before = ''
  for (let looks = 0, calm = 0; calm < restfulLooks; looks++) {
    if (looks > looksMax) throw new Error(`The page does not come to rest: ${before}`)
    const [now, isAtRest] = await page.evaluate(() => {
      const { came } = globalThis as unknown as { came: Came }
      const isAtRest =
        came.asked === came.answered &&
        came.fetched === came.fetches &&
        document.fonts.status === 'loaded'
      const files = performance.getEntriesByType('resource').length
      return [JSON.stringify({ ...came, files, nodes: document.all.length }), isAtRest] as const
    })
    calm = isAtRest && now === before ? calm + 1 : 0
    before = now
    await wait(8)
  }
}

interface Came {
  messages: number
  heard: number
  asked: number
  answered: number
  fetches: number
  fetched: number
}

/** Runs in the page, before it: time is counted from `startMs`, not from when the invented clock came to stand. */
function countTime(startMs: number): void {
  const { requestAnimationFrame } = globalThis
  performance.now = () => Date.now() - startMs
  globalThis.requestAnimationFrame = draw => requestAnimationFrame(() => draw(performance.now()))
}

/** Runs in the page, before it: counts what comes from outside. */
function countWhatComes(): void {
  const came: Came = { messages: 0, heard: 0, asked: 0, answered: 0, fetches: 0, fetched: 0 }
  const { WebSocket, Worker, fetch } = globalThis
  const ask = (question: Promise<Response>) => {
    came.fetches++
    const end = () => {
      came.fetched++
    }
    question.then(end, end)
    return question
  }
  Object.assign(globalThis, {
    came,
    WebSocket: class extends WebSocket {
      constructor(url: string) {
        super(url)
        this.addEventListener('message', () => came.messages++)
      }
    },
    Worker: class extends Worker {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options)
        this.addEventListener('message', () => came.answered++)
      }
      override postMessage(...message: [unknown]): void {
        came.asked++
        super.postMessage(...message)
      }
    },
    fetch: (...question: Parameters<typeof globalThis.fetch>) => ask(fetch(...question)),
  })
}
