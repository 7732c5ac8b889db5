import type { BrowserContext, Page } from 'playwright-core'
import { texts } from '../texts.ts'
import type { Stage } from './browser.ts'
import { city } from './city.ts'
import { links, services } from './shop.ts'
import { pass, passFrames, type StillWish } from './still.ts'

/** One screen or state of the page: how it is opened, and what is done there before one looks. */
export interface Scene extends StillWish {
  readonly name: string
  readonly act?: (page: Page, stage: Stage) => Promise<unknown>
  /** By day it shows nothing that another picture does not. */
  readonly isNightOnly?: true
  /** Its lines come when the machine gets to it: it is compared where `LONG=1` asks for it, and somebody looks. */
  readonly isLively?: true
}

const crowd = city(2)
const narrow = { viewport: { width: 390, height: 800 } }
const cart = 'service=compose:shop:cart'
const log = `link=${encodeURIComponent('proxy>cart>http')}`
const river = 'group:production/blue/checkout > group:production/blue/search'

/** Every level and every state, each once. */
const all: readonly Scene[] = [
  { name: 'map' },
  { name: 'groups', ...crowd },
  { name: 'cluster', ...crowd, query: '?at=production/blue' },
  { name: 'team', ...crowd, query: '?at=production/green/media' },
  { name: 'group-panel', ...crowd, query: '?group=group:production/blue' },
  {
    name: 'river-panel',
    ...crowd,
    query: `?at=production/blue&river=${encodeURIComponent(river)}`,
  },
  { name: 'service-panel', query: `?${cart}`, act: askAnew },
  { name: 'service-place', query: `?at=service:compose:shop:cart&${cart}`, act: askAnew },
  {
    name: 'instance',
    query: `?${cart}`,
    act: async page => {
      await page.getByRole('tab', { name: /^Instances/ }).click()
      await page.locator('summary', { hasText: 'shop-cart-1' }).click()
    },
  },
  { name: 'log', isLively: true, query: `?${log}`, act: askAnew },
  { name: 'request', isLively: true, query: `?${log}`, act: chooseLine },
  { name: 'table-links', query: '?view=links' },
  { name: 'table-services', query: '?view=services' },
  { name: 'search', act: page => typeInto(page, '/', 're') },
  { name: 'help', act: page => page.keyboard.press('?') },
  { name: 'watchers', before: troubled, act: page => press(page, 'status') },
  { name: 'filter', isNightOnly: true, act: page => press(page, 'filter') },
  { name: 'node-panel', query: '?node=demo-node' },
  { name: 'unwatched', isNightOnly: true, before: troubled, query: `?${cart}`, act: askAnew },
  { name: 'ghosts', isNightOnly: true, act: leave },
  { name: 'tooltip', isNightOnly: true, act: page => hoverOver(page) },
  { name: 'paused', isNightOnly: true, act: page => page.keyboard.press('p') },
  { name: 'empty', services: [], links: [] },
  { name: 'listening', links: [] },
  { name: 'stale', act: fallSilent },
  { name: 'lost', isNightOnly: true, act: lose },
  { name: 'refused', prepare: refuse, act: lose },
  { name: 'no-webgl', prepare: withoutWebGl },
  { name: 'reduced-motion', options: { reducedMotion: 'reduce' } },
  { name: 'software', isNightOnly: true, query: '?tier=0' },
  { name: 'kiosk', query: '?kiosk' },
  { name: 'embed', isNightOnly: true, query: '?embed' },
  { name: 'narrow', options: narrow },
  { name: 'narrow-service', options: narrow, query: `?${cart}`, act: askAnew },
  { name: 'narrow-log', isLively: true, options: narrow, query: `?${log}`, act: askAnew },
]

const wanted = process.env.SCENES?.split(' ')

/** All of them, or those that `SCENES` names. */
export const scenes = all.filter(({ name }) => !wanted || wanted.includes(name))

/** Opens what lies behind a button. */
async function press(page: Page, popover: string): Promise<void> {
  await page.locator(`[popovertarget=${popover}]`).click()
}

async function typeInto(page: Page, key: string, text: string): Promise<void> {
  await page.keyboard.press(key)
  await page.keyboard.type(text)
}

/** Plots ask every few seconds of the page's clock and answers take a while of ours: what they show is asked for now. */
async function askAnew(page: Page): Promise<void> {
  for (const minutes of [5, 15]) {
    await page.getByRole('button', { name: texts.plot.minutes(minutes), exact: true }).click()
    await passFrames(page)
  }
}

/** A line of the log that stands still. */
async function chooseLine(page: Page): Promise<void> {
  await askAnew(page)
  await page.locator('#follow').click()
  await page.locator('[role=row][data-outcome=warning]').first().click()
}

function troubled({ controls: { cluster } }: Stage): void {
  cluster.unwatched = ['compose:shop:cart', 'compose:shop:db']
  cluster.version++
  cluster.agents = [
    {
      backlogSeconds: 130,
      backlogBytes: 1_400_000,
      clockOffsetMs: 92_000,
      roundTripMs: 0.6,
      packets: 1_200_000,
      drops: 31_000,
      notices: ['No access to network namespaces: run as root or give CAP_SYS_ADMIN.'],
    },
    { node: 'demo-node-2', connected: false, lastMs: Date.UTC(2026, 2, 14, 9, 23, 40) },
  ]
}

async function leave(page: Page, stage: Stage): Promise<void> {
  const isGone = (id: string) => id === 'compose:shop:rabbit' || id === 'compose:shop:mailer'
  stage.controls.cluster.become(
    services.filter(({ id }) => !isGone(id)),
    links.filter(({ client, server }) => !isGone(client) && !isGone(server)),
  )
  await pass(stage, page, 2)
}

async function hoverOver(page: Page): Promise<void> {
  const box = (await page.locator('canvas').boundingBox())!
  for (let x = box.x + 20; x < box.x + 700; x += 24) {
    await page.mouse.move(x, 289)
    await passFrames(page, 1)
    if (await page.locator('main strong').count()) return
  }
}

async function fallSilent(page: Page, stage: Stage): Promise<void> {
  stage.controls.silent = true
  for (let second = 0; second < 12; second++) await passFrames(page, 1)
}

async function lose(page: Page, stage: Stage): Promise<void> {
  stage.controls.down = true
  stage.controls.drop()
  await passFrames(page, 2)
}

async function refuse(context: BrowserContext): Promise<void> {
  const error = 'This server asks for a token: open the page once with ?token= and the token.'
  await context.route('**/api/v1/graph*', route => route.fulfill({ status: 401, json: { error } }))
}

function withoutWebGl(context: BrowserContext): Promise<unknown> {
  return context.addInitScript(() => {
    HTMLCanvasElement.prototype.getContext = () => null
  })
}
