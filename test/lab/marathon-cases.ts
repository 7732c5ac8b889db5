import type { Machine } from './machines.ts'
import {
  type Caller,
  callerId,
  type Errand,
  framework,
  type MarathonStage,
  servicePort,
} from './marathon-stage.ts'
import { isFrom } from './mesos-words.ts'
import { type Journey, journeys, type PlayedWay, type Reach, type Way } from './ways.ts'

/** A way in which one task on a Mesos is called by another. */
export interface MarathonWay extends Way {
  readonly caller: Caller
  /** The URL for who calls from the one machine a task on the other, and the service that answers. */
  send(from: Machine, to: Machine, stage: MarathonStage): Pick<Errand, 'url' | 'server'>
  /** With a task of another framework: the master tells its container from 1.2 on; before, nobody knows whose it is. */
  readonly isOthers?: boolean
}

/** By `HOST:PORT0`, as Marathon tells tasks of each other. */
const byPort =
  (name: string) =>
  (_: Machine, to: Machine, { mesos }: MarathonStage) => {
    const id = `/servers/${name}-${to.name}`
    return { url: `http://${mesos.hostPort(id, to)}/`, server: `marathon:${id}` }
  }

/** By the task's own address. */
const byAddress =
  (name: string) =>
  (_: Machine, to: Machine, { mesos }: MarathonStage) => {
    const id = `/servers/${name}-${to.name}`
    return { url: `http://${mesos.address(id, to)}/`, server: `marathon:${id}` }
  }

/** A port of the balancer for each app; behind the port is the app that is called as the caller's node. */
const byBalancer = (from: Machine, to: Machine, { machines }: MarathonStage) => ({
  url: `http://${to.address}:${servicePort + machines.nodes.indexOf(from)}/`,
  server: `marathon:/balancers/${to.name}`,
})

const pids = "with the node's process numbers"
const outside: readonly Reach[] = ['from outside']

export const ways: readonly MarathonWay[] = [
  {
    name: 'bridge to bridge, by HOST:PORT0',
    caller: 'bridge',
    send: byPort('bridge'),
  },
  {
    name: 'bridge to bridge, by the own address',
    caller: 'bridge',
    reaches: ['same host'],
    send: byAddress('near'),
  },
  { name: 'bridge to host, by HOST:PORT0', caller: 'bridge', send: byPort('host') },
  {
    name: 'bridge to a named network, by HOST:PORT0',
    caller: 'bridge',
    send: byPort('routed'),
  },
  {
    name: 'host to bridge, by HOST:PORT0',
    note: pids,
    caller: 'host',
    send: byPort('bridge'),
  },
  { name: 'host to host, by HOST:PORT0', note: pids, caller: 'host', send: byPort('host') },
  {
    name: 'a named network to itself, by the own address',
    note: 'routed by the nodes',
    caller: 'routed',
    send: byAddress('routed'),
  },
  {
    name: 'a named network to bridge, by HOST:PORT0',
    caller: 'routed',
    send: byPort('bridge'),
  },
  { name: 'a named network to host, by HOST:PORT0', caller: 'routed', send: byPort('host') },
  { name: 'macvlan to macvlan, by the own address', caller: 'wire', send: byAddress('wire') },
  {
    name: 'macvlan to bridge, by HOST:PORT0',
    note: 'over a router',
    caller: 'wire',
    send: byPort('bridge'),
  },
  {
    name: 'macvlan to host, by HOST:PORT0',
    note: 'over a router',
    caller: 'wire',
    send: byPort('host'),
  },
  {
    name: 'bridge to a task of another framework, by HOST:PORT0',
    isOthers: true,
    caller: 'bridge',
    send: (_, to, { mesos }) => ({
      url: `http://${mesos.hostPort(`report-${to.name}`, to)}/`,
      server: `mesos:${framework}:report-${to.name}`,
    }),
  },
  {
    name: 'a task of another framework to bridge, by HOST:PORT0',
    isOthers: true,
    caller: 'batch',
    send: byPort('bridge'),
  },
  {
    name: 'a process of a node to bridge, by HOST:PORT0',
    caller: 'process',
    send: byPort('bridge'),
  },
  {
    name: 'bridge to a balancer, by its service port',
    note: 'a proxy stays a service',
    caller: 'bridge',
    send: byBalancer,
  },
  {
    name: 'from outside to bridge, by HOST:PORT0',
    reaches: outside,
    caller: 'outside',
    send: byPort('bridge'),
  },
  {
    name: 'from outside to host, by HOST:PORT0',
    reaches: outside,
    caller: 'outside',
    send: byPort('host'),
  },
  {
    name: 'from outside to a named network, by HOST:PORT0',
    reaches: outside,
    caller: 'outside',
    send: byPort('routed'),
  },
  {
    name: 'from outside to macvlan, by the own address',
    reaches: outside,
    caller: 'outside',
    send: byAddress('wire'),
  },
  {
    name: 'from outside to a balancer, by its service port',
    reaches: outside,
    caller: 'outside',
    send: byBalancer,
  },
]

/** Whom balancers call: nobody sends them, the calls come through them. */
export const behind: Way = {
  name: 'a balancer to the tasks behind it, by HOST:PORT0',
  note: pids,
}

/** Plays all ways at once. */
export async function playWays(stage: MarathonStage): Promise<PlayedWay[]> {
  const { nodes } = stage.machines
  const knowsOthers = isFrom(stage.mesos.versions.mesos, '1.2')
  const possible = ways.filter(({ isOthers }) => !isOthers || knowsOthers)
  const all = journeys(possible, nodes)
  const errands = all.map(journey => errandOf(journey, stage))
  const truth = await stage.call(errands)
  const between = (client: string, server: string) =>
    truth.filter(link => link.client === client && link.server === server)
  const played = all.map(({ way, reach }, i) => {
    const { caller, on, server } = errands[i]
    return { way, reach, expected: between(callerId(caller, on), server) }
  })
  const handedOn = journeys([behind], nodes).map(({ way, reach, from, to }) => {
    const [client, server] = [`/balancers/${from.name}`, `/servers/behind-${to.name}`]
    return { way, reach, expected: between(`marathon:${client}`, `marathon:${server}`) }
  })
  return [...played, ...handedOn]
}

function errandOf({ way, from, to }: Journey<MarathonWay>, stage: MarathonStage): Errand {
  return { caller: way.caller, on: from, ...way.send(from, to, stage) }
}
