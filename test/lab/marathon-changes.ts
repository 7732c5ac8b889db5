import type { ChildProcess } from 'node:child_process'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Target } from './apps/load.ts'
import { sleep, waitFor } from './command.ts'
import { load, nodeImage } from './image.ts'
import type { Machine } from './machines.ts'
import type { Mesos } from './mesos.ts'
import { startProgram } from './program.ts'
import { readTruth } from './truth.ts'
import { type Change, type Unrest, unanswered } from './unrest.ts'

const apps = ['front', 'red'] as const
const pathOf = (name: string): string => `/unrest/${name}`
const ratePerSecond = 20
const calmMs = 3000
const readyMs = 60_000
const secondsMax = 240
const lookMs = 50

/**
 * Plays every change of a Marathon's apps under load, one after the other. Tasks get the least port that is free, so one
 * that is let go is soon another app's. Visitors follow Marathon; their own account is the truth.
 */
export async function playChanges(mesos: Mesos): Promise<Unrest> {
  const { nodes } = mesos.machines
  await load(nodes, nodeImage)
  for (const name of apps) await startServers(mesos, name)
  for (const folder of [truthDir(mesos), targetDir(mesos)]) mkdirSync(folder, { recursive: true })
  const telling = setInterval(() => tellTargets(mesos), lookMs)
  tellTargets(mesos)
  const fromMs = Date.now()
  const changes: Change[] = []
  const change = async (name: string, how: () => Promise<unknown>) => {
    await sleep(calmMs)
    const startMs = Date.now()
    await how()
    changes.push({ name, fromMs: startMs, toMs: Date.now() })
  }
  try {
    const outsider = await startVisitors(mesos)
    const [first] = nodes
    const update = (tag: string) => apps.map(name => mesos.update(pathOf(name), { TAG: tag }))
    await change('scaled from 2 to 3', () => mesos.scaleUp(pathOf('front'), [first]))
    await change('all tasks of two apps replaced', () => Promise.all(update('one')))
    await change('another leader', () => mesos.elect())
    await change('replaced again, told by the new leader', () => Promise.all(update('two')))
    await change('scaled from 3 to 1', () => mesos.scaleDown(pathOf('front'), 1))
    await sleep(calmMs)
    outsider.kill()
    for (const node of nodes) await mesos.scaleDown(visitorOf(node), 0)
  } finally {
    clearInterval(telling)
  }
  const toMs = Date.now()
  // The last seconds are told of when they are over.
  await sleep(calmMs)
  return { changes, truth: readTruth(truthDir(mesos)), fromMs, toMs }
}

const visitorOf = ({ name }: Machine): string => `/unrest/visitors/${name}`
const folderOf = ({ machines }: Mesos, name: string): string => join(machines.place.dir, name)
const truthDir = (mesos: Mesos): string => folderOf(mesos, 'unrest')
const targetDir = (mesos: Mesos): string => folderOf(mesos, 'targets')

/** Every answer says whose it is. */
function startServers(mesos: Mesos, name: string): Promise<void> {
  const env = { SELF: `marathon:${pathOf(name)}`, PORT: '80' }
  const what = { image: nodeImage.name, args: ['/app/hello.ts'], ports: [80], env }
  const network = { mode: 'bridge' } as const
  return mesos.run({ id: pathOf(name), ...what, network }, mesos.machines.nodes)
}

/** Where the tasks are, as a balancer of Marathon's would learn it. */
function tellTargets(mesos: Mesos): void {
  const tasks = apps.flatMap(name => mesos.tasks(pathOf(name)))
  const targets = tasks.map(
    ({ agent, hostPorts: [port] }): Target => ({
      ...{ method: 'GET', url: `http://${agent.address}:${port}/`, server: unanswered },
      share: 1 / tasks.length,
    }),
  )
  const path = join(targetDir(mesos), 'targets.json')
  writeFileSync(`${path}.new`, JSON.stringify(targets))
  renameSync(`${path}.new`, path)
}

/** On each node one, every second with lasting connections; and one outside, which is answered. */
async function startVisitors(mesos: Mesos): Promise<ChildProcess> {
  const { nodes, outside, place } = mesos.machines
  const settings = { RATE: String(ratePerSecond), SECONDS: String(secondsMax), DELAY_MS: '3000' }
  const volumes = [`${truthDir(mesos)}:/unrest`, `${targetDir(mesos)}:/targets`]
  for (const [i, node] of nodes.entries()) {
    const id = visitorOf(node)
    const truth = { TRUTH: `/unrest/${node.name}.jsonl`, TARGETS_AT: '/targets/targets.json' }
    const env = { ...settings, ...truth, SELF: `marathon:${id}`, KEEPALIVE: String(i % 2) }
    const what = { image: nodeImage.name, args: ['/app/load.ts'], volumes, env }
    await mesos.run({ id, ...what, network: { mode: 'bridge' } }, [node])
  }
  const env = {
    ...{ ...settings, SELF: 'internet', KEEPALIVE: '0', TITLE: 'visitor' },
    TRUTH: join(truthDir(mesos), 'outside.jsonl'),
    TARGETS_AT: join(targetDir(mesos), 'targets.json'),
  }
  const outsider = startProgram(place, {
    name: 'visitor',
    app: 'load.ts',
    env,
    inside: outside.inside,
  })
  const visits = () => {
    const clients = readTruth(truthDir(mesos)).calls.map(({ client }) => client)
    return new Set(clients).size === nodes.length + 1 ? true : undefined
  }
  await waitFor(visits, readyMs, () => 'the visitors did not come')
  return outsider
}
