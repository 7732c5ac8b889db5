import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from '#orchestrators/fake-server.ts'
import { sleep, waitFor } from './command.ts'
import { type Machine, type Machines, startMachines } from './machines.ts'
import { type Deployment, dockerLabels, environment, parameters, taskId } from './marathon-words.ts'
import { MesosFront } from './mesos-front.ts'
import {
  type App,
  containerName,
  isFrom,
  isPublished,
  type Task,
  type Versions,
} from './mesos-words.ts'
import { startProgram } from './program.ts'

/** An app without what is usual. */
export type Wish = Pick<App, 'id' | 'image' | 'network'> & Partial<App>

/** Mesos offers ports from 31000 on; the least free one is given, so that a port is soon another's. */
const firstPort = 31_000
const grace = ['--time', '1']
const readyMs = 30_000
/** Between a task that runs and the one it replaces being killed. */
const settleMs = 1000

/** Starts machines with an engine each, and a Marathon on a Mesos that runs what it is told to on them. */
export async function startMesos(versions: Versions, count = 2): Promise<Mesos> {
  const machines = await startMachines(count)
  const mesos = new Mesos(machines, versions)
  try {
    await mesos.start()
    return mesos
  } catch (error) {
    machines.stop()
    throw error
  }
}

/**
 * A stand-in for Marathon and Mesos: what it says is its own, by the versions it was told, and what it says is so. Tasks
 * are containers that it starts as Mesos' Docker containerizer does.
 */
export class Mesos {
  readonly machines: Machines
  readonly versions: Versions
  readonly front: MesosFront
  readonly #tasks = new Set<Task>()
  readonly #apps = new Map<string, App>()
  readonly #deployments = new Set<Deployment>()

  constructor(machines: Machines, versions: Versions) {
    this.machines = machines
    this.versions = versions
    this.front = new MesosFront(versions, (title, port) => placeOn(machines, title, port))
  }

  async start(): Promise<void> {
    mkdirSync(this.truthDir, { recursive: true })
    await this.front.start(this.machines.nodes.map(node => this.#agentOf(node)))
  }

  async stop(): Promise<void> {
    await this.front.stop()
    this.machines.stop()
  }

  /** Where tasks write down their calls: `/truth` in their containers. */
  get truthDir(): string {
    return join(this.machines.place.dir, 'truth')
  }

  /** Tasks that run, of an app. */
  tasks(id: string): Task[] {
    return [...this.#tasks].filter(task => task.app.id === id && task.state === 'TASK_RUNNING')
  }

  /** `HOST:PORT0` of an app's task on that agent. */
  hostPort(id: string, agent: Machine): string {
    const [port] = this.#taskOn(id, agent).hostPorts
    return `${agent.address}:${port}`
  }

  /** The own address of an app's task on that agent. */
  address(id: string, agent: Machine): string {
    return this.#taskOn(id, agent).ip
  }

  /** Runs an app, with a task on each of these agents. */
  async run(wish: Wish, agents: readonly Machine[]): Promise<void> {
    const app = { ...usual, version: new Date().toISOString(), ...wish }
    this.#apps.set(app.id, app)
    await this.front.register(app.framework ?? 'marathon')
    await this.#deploy(app.id, 'StartApplication', async () => {
      await Promise.all(agents.map(agent => this.#launch(app, agent)))
    })
  }

  /** One more task on each of these. */
  async scaleUp(id: string, agents: readonly Machine[]): Promise<void> {
    await this.#deploy(id, 'ScaleApplication', async () => {
      for (const agent of agents) await this.#launch(this.#apps.get(id)!, agent)
    })
  }

  /** Ends the app's newest tasks, so many stay. */
  async scaleDown(id: string, count: number): Promise<void> {
    await this.#deploy(id, 'ScaleApplication', async () => {
      for (const task of this.tasks(id).slice(count)) await this.#kill(task)
    })
  }

  /** A new definition: each task is replaced, the old one killed when the new one runs. */
  async update(id: string, env: Readonly<Record<string, string>>): Promise<void> {
    const before = this.#apps.get(id)!
    const version = new Date().toISOString()
    const app = { ...before, env: { ...before.env, ...env }, version }
    this.#apps.set(id, app)
    await this.#deploy(id, 'RestartApplication', async () => {
      for (const old of this.tasks(id)) {
        await this.#launch(app, old.agent)
        await sleep(settleMs)
        await this.#kill(old)
      }
    })
  }

  /** Waits until the app's tasks end by themselves; it has none then. */
  async ended(id: string): Promise<void> {
    await Promise.all(
      this.tasks(id).map(async task => {
        const { agent } = task
        await agent.docker('wait', containerName(this.versions, task))
        await this.#forget(task, 'TASK_FINISHED')
      }),
    )
  }

  /** Runs a command in the first of an app's tasks. */
  exec(id: string, ...argv: string[]): Promise<string> {
    const [task] = this.tasks(id)
    return task.agent.docker('exec', containerName(this.versions, task), ...argv)
  }

  /** Another master and another Marathon lead from now on. */
  elect(): Promise<void> {
    return this.front.elect()
  }

  #taskOn(id: string, agent: Machine): Task {
    const task = this.tasks(id).find(each => each.agent === agent)
    if (!task) throw new Error(`${id} has no task on ${agent.name}`)
    return task
  }

  #agentOf(machine: Machine) {
    const { name, address } = machine
    // Agents are called by name or, where nobody resolves those, by address.
    const hostname = isFrom(this.versions.mesos, '1.0') ? address : name
    return { id: `5b2d3d9e-9c5f-4c3e-8d4e-0a5f1b6c7d8e-S${name.slice(1)}`, hostname, ip: address }
  }

  async #deploy(app: string, action: string, what: () => Promise<void>): Promise<void> {
    const isMarathons = this.#apps.get(app)?.framework === undefined
    const deployment = { id: randomUUID(), app, action, version: new Date().toISOString() }
    if (isMarathons) this.#deployments.add(deployment)
    if (isMarathons) await this.front.tellDeployment(deployment, 'deployment_info')
    await what()
    this.#deployments.delete(deployment)
    this.#show()
    if (isMarathons) await this.front.tellDeployment(deployment, 'deployment_success')
  }

  async #launch(app: App, agent: Machine): Promise<void> {
    const containerId = randomUUID()
    const { id: agentId, hostname } = this.#agentOf(agent)
    const isMarathons = app.framework === undefined
    const id = isMarathons
      ? taskId(this.versions, app.id, randomUUID())
      : `ct:${Date.now()}:0:${app.id}:`
    const hostPorts = this.#hostPorts(app, agent)
    const task: Task = {
      ...{ id, containerId, app, agent, agentId, hostname, hostPorts, ip: '' },
      ...{ stagedMs: Date.now(), startedMs: 0, state: 'TASK_STAGING' },
    }
    this.#tasks.add(task)
    await this.#changed(task, 'TASK_STAGING')
    await agent.docker('run', '--detach', ...this.#options(task), app.image, ...app.args)
    task.ip = await this.#ipOf(task)
    task.startedMs = Date.now()
    await this.#changed(task, 'TASK_RUNNING')
  }

  #hostPorts(app: App, agent: Machine): readonly number[] {
    if (app.requirePorts) return app.ports
    return isPublished(app) ? this.#freePorts(agent, app.ports.length) : []
  }

  #freePorts(agent: Machine, count: number): number[] {
    const tasks = [...this.#tasks].filter(task => task.agent === agent)
    const taken = new Set(tasks.flatMap(({ hostPorts }) => hostPorts))
    const free: number[] = []
    for (let port = firstPort; free.length < count; port++) if (!taken.has(port)) free.push(port)
    return free
  }

  /** As `docker run` is called by Mesos' containerizer. */
  #options(task: Task): string[] {
    const { app, hostPorts } = task
    const { network } = app
    const name = containerName(this.versions, task)
    const own = app.framework === undefined ? environment(this.versions, task) : app.env
    const labels = app.framework === undefined ? dockerLabels(this.versions, task) : {}
    const env = { ...own, MESOS_SANDBOX: '/mnt/mesos/sandbox', MESOS_CONTAINER_NAME: name }
    const handed = parameters(this.versions, app).map(({ key, value }) => `--${key}=${value}`)
    const net = network.mode === 'container' ? network.name : network.mode
    const volumes = [...app.volumes, `${this.truthDir}:/truth`]
    return [
      ...Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
      ...volumes.flatMap(volume => ['--volume', volume]),
      ...(handed.some(each => each.startsWith('--net=')) ? [] : ['--net', net]),
      ...handed,
      ...Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]),
      ...(network.mode === 'host'
        ? []
        : hostPorts.flatMap((port, i) => ['--publish', `${port}:${app.ports[i]}/tcp`])),
      ...['--name', name],
    ]
  }

  async #ipOf(task: Task): Promise<string> {
    const { agent, app } = task
    if (app.network.mode === 'host') return agent.address
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}'
    const name = containerName(this.versions, task)
    const ask = async () => {
      const told = (await agent.docker('inspect', '--format', format, name)).trim()
      return told === '' ? undefined : told.split(' ')[0]
    }
    return waitFor(ask, readyMs, () => `${name} of ${app.id} got no address`)
  }

  async #kill(task: Task): Promise<void> {
    await task.agent.docker('stop', ...grace, containerName(this.versions, task))
    await this.#forget(task, 'TASK_KILLED')
  }

  /** Its container stays for hours, as Mesos leaves it. */
  async #forget(task: Task, state: string): Promise<void> {
    this.#tasks.delete(task)
    await this.#changed(task, state)
  }

  async #changed(task: Task, state: string): Promise<void> {
    task.state = state
    this.#show()
    await this.front.tellTask(task)
  }

  #show(): void {
    this.front.show([...this.#apps.values()], [...this.#tasks], [...this.#deployments])
  }
}

/** It listens on a Unix socket here, and a relay on the switch. */
function placeOn({ place, wire }: Machines, title: string, port: number): Place {
  const socketPath = join(place.dir, `${title}-${port}.sock`)
  const env = { PORT: String(port), SOCKET: socketPath }
  startProgram(place, { name: `${title}-${port}`, app: 'relay.ts', env, inside: wire.inside })
  return { socketPath, host: `${wire.address}:${port}` }
}

const nothing = { args: [], ports: [], env: {}, volumes: [], parameters: [] } as const
const usual = { ...nothing, requirePorts: false }
