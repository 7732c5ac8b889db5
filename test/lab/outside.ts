import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { find } from '../install/needs.ts'
import { run } from './command.ts'
import { type Place, remember, rememberProcess } from './place.ts'

/** A machine beyond the engine's node: a network namespace, with a cable to the node. */
export interface Outside {
  /** Its own address, from the documentation range 203.0.113.0/24 (RFC 5737), so that nobody takes it for a neighbour. */
  readonly address: string
  /** A second address of it that no name leads to. */
  readonly nameless: string
  /** An address out there that swallows what is sent to it (198.51.100.0/24, RFC 5737). */
  readonly blackhole: string
  /** The node's address on the same cable: where an outside client finds published ports. */
  readonly nodeAddress: string
  /** A command line that runs out there. */
  inside(...argv: string[]): string[]
}

/** Names that its name server answers. */
export const outsideNames = ['api.outside.test', 'cdn.outside.test']

/** Makes the outside machine; tear-down of the place removes it. `node`: the engine's namespace, if it has one. */
export async function makeOutside(place: Place, node: string | undefined): Promise<Outside> {
  const name = `ink${place.id}o`
  remember(place, { kind: 'undo', command: ['ip', 'netns', 'delete', name] })
  await run(['ip', 'netns', 'add', name])
  const inside = (...argv: string[]) => ['nsenter', `--net=/var/run/netns/${name}`, ...argv]
  const outside = { ...addresses(place), inside }
  await layCable(place, node, name, outside)
  serveNames(place, outside)
  return outside
}

/** The lab's two ends of it have names that carry its id: `ik1a2b3ch` here, `ik1a2b3co` out there. */
async function layCable(
  place: Place,
  node: string | undefined,
  name: string,
  outside: Outside,
): Promise<void> {
  const [here, there] = [`ik${place.id}h`, `ik${place.id}o`]
  const outer = ['ip', '-n', name]
  const inner = node ? ['ip', '-n', node] : ['ip']
  if (!node) remember(place, { kind: 'undo', command: ['ip', 'link', 'delete', here] })
  await run(['ip', 'link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', name])
  if (node) await run(['ip', 'link', 'set', here, 'netns', node])
  await run([...inner, 'address', 'add', `${outside.nodeAddress}/29`, 'dev', here])
  await run([...inner, 'link', 'set', here, 'up'])
  await run([...inner, 'route', 'add', outside.blackhole, 'via', outside.address])
  for (const address of [outside.address, outside.nameless]) {
    await run([...outer, 'address', 'add', `${address}/29`, 'dev', there])
  }
  for (const link of ['lo', there]) await run([...outer, 'link', 'set', link, 'up'])
  await run([...outer, 'route', 'add', 'default', 'via', outside.nodeAddress])
  await run([...outer, 'route', 'add', 'blackhole', outside.blackhole])
}

/** A /29 that the place's id chooses, so that several labs can share a machine. */
function addresses({ id }: Place): Omit<Outside, 'inside'> {
  const lot = Number.parseInt(id, 16) % 32
  const [nodeAddress, address, nameless] = [1, 2, 3].map(i => `203.0.113.${lot * 8 + i}`)
  return { nodeAddress, address, nameless, blackhole: `198.51.100.${lot + 1}` }
}

/** Without dnsmasq nothing answers out there, and outside parties have addresses only. */
function serveNames(place: Place, { inside, address }: Outside): void {
  const dnsmasq = find('dnsmasq')
  if (!dnsmasq) return
  const config = join(place.dir, 'dnsmasq.conf')
  const names = outsideNames.map(name => `host-record=${name},${address}\n`).join('')
  writeFileSync(
    config,
    `no-resolv\nno-hosts\nbind-interfaces\nlisten-address=${address}\nlocal-ttl=60\n${names}`,
  )
  const [file, ...args] = inside(
    dnsmasq,
    '--keep-in-foreground',
    '--user=root',
    `--conf-file=${config}`,
    '--pid-file',
  )
  const child = spawn(file, args, { stdio: 'ignore', detached: true })
  if (child.pid !== undefined) rememberProcess(place, child.pid)
  child.unref()
}
