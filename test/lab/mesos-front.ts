import type { Place } from '#orchestrators/fake-server.ts'
import { FakeMarathon } from '#orchestrators/marathon/fake-marathon.ts'
import { type FakeAgent, FakeMaster, statusOf, v1Task } from '#orchestrators/mesos/fake-master.ts'
import { sleep } from './command.ts'
import {
  appJson,
  type Deployment,
  deploymentEvent,
  deploymentJson,
  taskEvents,
} from './marathon-words.ts'
import {
  type App,
  frameworkId,
  isFrom,
  mesosTask,
  type Task,
  type Versions,
} from './mesos-words.ts'

/** How long nobody leads, and then how long the new master waits for its agents. */
const interregnumMs = 2000
const heartbeatMs = 10_000
const ports = { marathon: [8080, 8081], mesos: [5050, 5055] } as const

/** Where such a server listens; undefined: anywhere on 127.0.0.1. */
export type PlaceOf = (title: string, port: number) => Place | undefined

/** What a Marathon and a Mesos say: two of each, of which one leads. */
export class MesosFront {
  readonly #versions: Versions
  readonly #placeOf: PlaceOf
  readonly #marathons: readonly FakeMarathon[] = [new FakeMarathon(), new FakeMarathon()]
  readonly #masters: readonly FakeMaster[] = [new FakeMaster(), new FakeMaster()]
  #agents: readonly FakeAgent[] = []
  #leader = 0
  /** What is sent goes out piece by piece: one after the other. */
  #sent: Promise<void> = Promise.resolve()
  #heart: NodeJS.Timeout | undefined

  constructor(versions: Versions, placeOf: PlaceOf = () => undefined) {
    this.#versions = versions
    this.#placeOf = placeOf
  }

  get marathonUrls(): string[] {
    return this.#marathons.map(({ host }) => `http://${host}`)
  }

  get mesosUrls(): string[] {
    return this.#masters.map(({ host }) => `http://${host}`)
  }

  /** What an Inkling server must be told of it. */
  get options(): string[] {
    return ['--marathon', ...this.marathonUrls, '--mesos', ...this.mesosUrls]
  }

  async start(agents: readonly FakeAgent[]): Promise<void> {
    this.#agents = agents
    const { marathon, mesos } = this.#versions
    for (const [i, each] of this.#marathons.entries()) {
      each.info = { ...each.info, version: marathon }
      if (!isFrom(marathon, '1.4')) each.pods = undefined
      await each.start(this.#placeOf('marathon', ports.marathon[i]))
    }
    for (const [i, each] of this.#masters.entries()) {
      each.version = mesos
      if (!isFrom(mesos, '1.5')) each.heartbeat = undefined
      await each.start(this.#placeOf('mesos', ports.mesos[i]))
    }
    this.#lead()
    this.#heart = setInterval(() => this.#beat(), heartbeatMs)
  }

  async stop(): Promise<void> {
    clearInterval(this.#heart)
    await Promise.all([...this.#marathons, ...this.#masters].map(each => each.stop()))
  }

  /** The apps, tasks and deployments as they are now. */
  show(apps: readonly App[], tasks: readonly Task[], deployments: readonly Deployment[]): void {
    const own = apps.filter(({ framework }) => framework === undefined)
    const shown = own.map(app => {
      const its = tasks.filter(task => task.app.id === app.id)
      return appJson(this.#versions, app, its) as Record<string, unknown>
    })
    const doings = deployments.map(each => deploymentJson(this.#versions, each))
    for (const marathon of this.#marathons) {
      marathon.apps = shown
      marathon.deployments = doings
    }
    for (const master of this.#masters) {
      master.tasks = tasks.map(task => mesosTask(this.#versions, task))
    }
  }

  /** From 1.4 on that is told; before, who asks for everything learns it. */
  async register(name: string): Promise<void> {
    const id = frameworkId(name)
    const isKnown = id in this.#masters[0].frameworks
    for (const master of this.#masters) master.frameworks[id] = name
    if (isKnown || !isFrom(this.#versions.mesos, '1.4')) return
    const framework = { framework_info: { id: { value: id }, name } }
    const event = { type: 'FRAMEWORK_ADDED', framework_added: { framework } }
    await this.#say(async () => this.#masters[this.#leader].tell(event))
  }

  async tellTask(task: Task): Promise<void> {
    const told = mesosTask(this.#versions, task)
    const id = { task_id: { value: task.id } }
    const event =
      task.state === 'TASK_STAGING'
        ? { type: 'TASK_ADDED', task_added: { task: v1Task(told) } }
        : {
            type: 'TASK_UPDATED',
            task_updated: {
              framework_id: { value: told.framework },
              state: task.state,
              status: { ...statusOf(told), ...id },
            },
          }
    await this.#say(async () => this.#masters[this.#leader].tell(event))
    if (task.app.framework !== undefined) return
    for (const { type, data } of taskEvents(this.#versions, task)) {
      await this.#say(async () => this.#toAll(each => each.tell(type, data)))
    }
  }

  async tellDeployment(
    deployment: Deployment,
    which: 'deployment_info' | 'deployment_success',
  ): Promise<void> {
    const { type, data } = deploymentEvent(this.#versions, deployment, which)
    await this.#say(async () => this.#toAll(each => each.tell(type, data)))
  }

  /** Nobody leads for a while; then the others do. A new master has no agents until they come back. */
  async elect(waitMs = interregnumMs): Promise<void> {
    for (const each of [...this.#marathons, ...this.#masters]) {
      each.broken = { status: 503, body: 'No leader elected' }
      each.hangUp()
    }
    await sleep(waitMs)
    this.#leader = 1 - this.#leader
    const master = this.#masters[this.#leader]
    const { tasks } = master
    this.#lead()
    master.agents = []
    master.tasks = []
    for (const each of [...this.#marathons, ...this.#masters]) each.broken = undefined
    await sleep(waitMs)
    master.agents = this.#agents
    master.tasks = tasks
    await this.#say(async () => {
      for (const agent of this.#agents) await master.tell(agentAdded(agent))
    })
  }

  /** Standing by, a Marathon hands on what it is asked, but from 1.7 on events are to be had from its leader only. */
  #lead(): void {
    const [leading, leader] = [this.#marathons[this.#leader], this.#masters[this.#leader]]
    for (const each of this.#marathons) {
      each.info = { ...each.info, leader: leading.host, elected: each === leading }
      const isSentOn = each !== leading && isFrom(this.#versions.marathon, '1.7')
      each.events = isSentOn ? { redirect: `http://${leading.host}/v2/events` } : 'stream'
    }
    for (const each of this.#masters) {
      each.leader = each === leader ? undefined : leader.host
      each.agents = this.#agents
    }
  }

  async #toAll(tell: (marathon: FakeMarathon) => Promise<void>): Promise<void> {
    await Promise.all(this.#marathons.map(tell))
  }

  /** Jetty's sign of life: a CR, and after a moment a LF. */
  #beat(): void {
    void this.#say(async () => {
      await this.#toAll(each => each.send('\r'))
      await sleep(20)
      await this.#toAll(each => each.send('\n'))
    })
    if (this.#masters.some(each => each.heartbeat !== undefined)) {
      void this.#say(async () => this.#masters[this.#leader].tell({ type: 'HEARTBEAT' }))
    }
  }

  #say(what: () => Promise<void>): Promise<void> {
    this.#sent = this.#sent.then(what)
    return this.#sent
  }
}

const agentAdded = ({ id, hostname, ip }: FakeAgent): object => {
  const info = { id: { value: id }, hostname }
  const agent = { agent_info: info, pid: `slave(1)@${ip}:5051` }
  return { type: 'AGENT_ADDED', agent_added: { agent } }
}
