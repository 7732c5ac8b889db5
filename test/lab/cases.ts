import type { Engine } from './engine.ts'
import { networks, type Stage } from './stage.ts'
import type { TrueLink } from './truth.ts'

/** A way in which one party calls another, that attribution has to see through. */
export interface Case {
  readonly name: string
  /** Works only where ports are published with docker-proxy too. */
  readonly proxyOnly?: boolean
  /** Works only on the machine's own pids: those of a container inside another pid namespace the kernel does not tell. */
  readonly firstPidsOnly?: boolean
  /** Makes the calls; gives the links that must be found, each call counted once. */
  run(stage: Stage): Promise<TrueLink[]>
}

/** What a case made happen. */
export interface Played {
  readonly name: string
  readonly expected: readonly TrueLink[]
}

const onNear = ['--network', networks.near]
const nearWeb = 'container:near-web'

export const cases: readonly Case[] = [
  {
    name: 'container to container on one network',
    run: stage =>
      stage.fromContainer({
        name: 'c-near',
        url: 'http://near-web/',
        server: nearWeb,
        options: onNear,
      }),
  },
  {
    name: 'a container on two networks calls into the second',
    run: ({ fromContainer }) =>
      fromContainer({
        ...{ name: 'c-both', url: 'http://far-web/', server: 'container:far-web' },
        ...{ options: onNear, second: networks.far },
      }),
  },
  {
    name: 'from outside to a published port',
    run: stage =>
      stage.fromOutside({ name: 'o-published', url: published(stage), server: nearWeb }),
  },
  {
    name: 'a process of the host to a published port on 127.0.0.1',
    run: ({ fromHost, ports }) =>
      fromHost({
        name: 'h-loopback',
        url: `http://127.0.0.1:${ports.published}/`,
        server: nearWeb,
      }),
  },
  {
    name: "a process of the host to a published port on the host's address",
    run: stage => stage.fromHost({ name: 'h-published', url: published(stage), server: nearWeb }),
  },
  {
    name: "a container to a port that its own network's neighbour publishes",
    run: stage =>
      stage.fromContainer({
        name: 'c-hairpin',
        url: published(stage),
        server: nearWeb,
        options: onNear,
      }),
  },
  {
    name: 'a container to a published port of another network',
    // With NAT alone the engine's isolation of networks drops the packets.
    proxyOnly: true,
    run: stage =>
      stage.fromContainer({
        ...{ name: 'c-across', url: published(stage), server: nearWeb },
        options: ['--network', networks.far],
      }),
  },
  {
    name: 'a container of the host network as client',
    firstPidsOnly: true,
    run: ({ fromContainer, ports }) =>
      fromContainer({
        ...{ name: 'c-host', url: `http://127.0.0.1:${ports.published}/`, server: nearWeb },
        options: ['--network', 'host'],
      }),
  },
  {
    name: 'a container to a container of the host network',
    run: ({ fromContainer, hostAddress, ports }) =>
      fromContainer({
        ...{ name: 'c-to-host', url: `http://${hostAddress}:${ports.hostContainer}/` },
        ...{ server: 'container:host-web', options: onNear },
      }),
  },
  {
    name: 'from outside to a container of the host network',
    run: ({ fromOutside, hostAddress, ports }) =>
      fromOutside({
        ...{ name: 'o-host', url: `http://${hostAddress}:${ports.hostContainer}/` },
        server: 'container:host-web',
      }),
  },
  {
    name: 'a container to a process of the host',
    run: ({ fromContainer, hostAddress, ports }) =>
      fromContainer({
        ...{ name: 'c-process', url: `http://${hostAddress}:${ports.hostProcess}/` },
        ...{ server: 'process:hostserver', options: onNear },
      }),
  },
  {
    name: 'a process of the host to another over 127.0.0.1',
    run: ({ fromHost, ports }) =>
      fromHost({
        ...{ name: 'h-process', url: `http://127.0.0.1:${ports.hostProcess}/` },
        server: 'process:hostserver',
      }),
  },
  {
    name: 'macvlan containers',
    run: ({ fromContainer }) =>
      fromContainer({
        ...{ name: 'c-wire', url: 'http://wire-web/', server: 'container:wire-web' },
        options: ['--network', networks.wire],
      }),
  },
  {
    name: 'over 127.0.0.1 within one container',
    run: ({ fromWithin }) =>
      fromWithin('alone', { name: 'itself', url: 'http://127.0.0.1/', server: 'container:alone' }),
  },
  {
    name: 'a container that shares the network of another',
    run: ({ fromContainer }) =>
      fromContainer({
        ...{ name: 'c-sidecar', url: 'http://near-web/', server: nearWeb },
        options: ['--network', 'container:shared'],
      }),
  },
  {
    name: 'a container to an outside server by name',
    run: ({ fromContainer }) =>
      fromContainer({
        ...{
          name: 'c-named',
          url: 'http://api.outside.test/v1',
          server: 'external:api.outside.test',
        },
        options: onNear,
      }),
  },
  {
    name: 'a container to an outside server by address',
    run: ({ fromContainer, engine: { outside } }) =>
      fromContainer({
        ...{ name: 'c-nameless', url: `http://${outside.nameless}/` },
        ...{ server: `external:${outside.nameless}`, options: onNear },
      }),
  },
  {
    name: 'a process of the host to an outside server',
    run: ({ fromHost, engine: { outside } }) =>
      fromHost({
        ...{ name: 'h-nameless', url: `http://${outside.nameless}/` },
        server: `external:${outside.nameless}`,
      }),
  },
  {
    name: 'a refused connection',
    run: ({ fromContainer }) =>
      fromContainer({
        name: 'c-refused',
        url: 'http://near-web:81/',
        server: nearWeb,
        options: onNear,
      }),
  },
  {
    name: 'a connection that nobody answers',
    run: ({ fromContainer, engine: { outside } }) =>
      fromContainer({
        ...{ name: 'c-unanswered', url: `http://${outside.blackhole}/` },
        ...{ server: `external:${outside.blackhole}`, options: onNear },
      }),
  },
  {
    name: 'an address that passes from one container to the next',
    run: reusedAddress,
  },
]

const published = ({ hostAddress, ports }: Stage): string =>
  `http://${hostAddress}:${ports.published}/`

async function reusedAddress({ engine, fromContainer }: Stage): Promise<TrueLink[]> {
  const options = ['--network', networks.fixed, '--ip', `${engine.pool}.121.77`]
  const errand = { url: 'http://fixed-web/', server: 'container:fixed-web', options }
  const first = await fromContainer({ ...errand, name: 'c-first' })
  const second = await fromContainer({ ...errand, name: 'c-second' })
  return [...first, ...second]
}

/** Plays all cases at once, or those whose names are given; they do not disturb each other. */
export function playCases(stage: Stage, names?: readonly string[]): Promise<Played[]> {
  const possible = cases.filter(one => isPossible(one, stage.engine))
  const chosen = names ? possible.filter(({ name }) => names.includes(name)) : possible
  return Promise.all(chosen.map(async one => ({ name: one.name, expected: await one.run(stage) })))
}

function isPossible(one: Case, { userlandProxy, namespace }: Engine): boolean {
  return (userlandProxy || !one.proxyOnly) && (!namespace || !one.firstPidsOnly)
}
