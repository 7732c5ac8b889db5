import { type JsonRecord, recordOf, recordsOf, textOf } from '#lib/json.ts'
import { addressOf } from '../addresses.ts'
import { idOf, type ListedTask, readTask } from './listed.ts'

/** An agent of Mesos: a machine. */
export interface Agent {
  readonly id: string
  readonly hostname: string
  /** The address that it advertises; its name may be anything. */
  readonly ip: string | undefined
  /** Where it answers itself: `10.0.0.5:5051`. */
  readonly host?: string
}

export interface Framework {
  readonly id: string
  readonly name: string
}

/** A master's whole picture. */
export interface MasterState {
  readonly agents: readonly Agent[]
  readonly frameworks: readonly Framework[]
  /** Tasks that are not over, as far as the master knows. */
  readonly tasks: readonly ListedTask[]
}

/** `GET /state` of any version; undefined when it is none, or one without tasks (`/state-summary`). */
export function readState(answer: unknown): MasterState | undefined {
  const state = recordOf(answer)
  if (!Array.isArray(state.frameworks) || !Array.isArray(state.slaves)) return undefined
  if (!recordsOf(state.frameworks).every(({ tasks }) => Array.isArray(tasks))) return undefined
  const tasks = recordsOf(state.frameworks).flatMap(framework => {
    const { id, tasks: running, unreachable_tasks: unreachable } = framework
    return [...tasksIn(running, idOf(id)), ...tasksIn(unreachable, idOf(id))]
  })
  return {
    agents: recordsOf(state.slaves).map(readAgent).filter(isNamed),
    frameworks: recordsOf(state.frameworks).map(readFramework).filter(isNamed),
    tasks: [...tasks, ...tasksIn(state.orphan_tasks)],
  }
}

/** `get_state` of a master's operator API, also as the first event of a subscription; undefined when it is none. */
export function readStateV1(answer: unknown): MasterState | undefined {
  const state = recordOf(answer)
  if (state.get_agents === undefined) return undefined
  const { agents } = recordOf(state.get_agents)
  const { frameworks } = recordOf(state.get_frameworks)
  const { tasks, unreachable_tasks: unreachable, orphan_tasks } = recordOf(state.get_tasks)
  return {
    agents: recordsOf(agents).map(readAgent).filter(isNamed),
    frameworks: recordsOf(frameworks).map(readFramework).filter(isNamed),
    tasks: [tasks, unreachable, orphan_tasks].flatMap(list => tasksIn(list)),
  }
}

function tasksIn(list: unknown, framework = ''): ListedTask[] {
  return recordsOf(list)
    .map(task => readTask(task, framework))
    .filter(task => task !== undefined)
}

/** `{id, hostname, pid}`, or the first two under `agent_info`. */
export function readAgent(agent: JsonRecord): Agent {
  const info = agent.agent_info === undefined ? agent : recordOf(agent.agent_info)
  const pid = textOf(agent.pid, 256)
  const ip = hostOf(pid)
  const host = pid.split('@')[1]
  return {
    id: idOf(info.id),
    hostname: textOf(info.hostname, 256),
    ip,
    ...(ip === undefined || host === undefined ? {} : { host }),
  }
}

/** `{id, name}`, also under `framework_info`. */
export function readFramework(framework: JsonRecord): Framework {
  const info =
    framework.framework_info === undefined ? framework : recordOf(framework.framework_info)
  return { id: idOf(info.id), name: textOf(info.name, 128) }
}

function isNamed({ id }: { readonly id: string }): boolean {
  return id !== ''
}

/** The address in `slave(1)@10.0.0.5:5051` or `slave(1)@[2001:db8::1]:5051`. */
function hostOf(pid: string): string | undefined {
  const match = /@(?:\[([^\]]+)\]|([^:]+)):\d+$/.exec(pid)
  return match ? addressOf(match[1] ?? match[2]) : undefined
}

/**
 * The `host:port` of the leader, where the asked master is another: up to 0.28 one that stands by answers as if the
 * cluster were empty.
 */
export function leaderElsewhere(answer: unknown): string | undefined {
  const { pid, leader } = recordOf(answer)
  const [asked, leading] = [textOf(pid), textOf(leader)]
  if (asked === '' || leading === '' || asked === leading) return undefined
  return leading.split('@')[1]
}
