import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { attempt } from './command.ts'

/** What an engine changes in the network namespace it starts in, as it was before. */
export interface FirewallBefore {
  readonly settings: Readonly<Record<string, string>>
  /** `ip filter`, `ip nat`: tables that were there. */
  readonly tables: readonly string[]
  /** Policy of the FORWARD chain; an engine sets it to DROP. */
  readonly forward: string
}

const settingPaths = [
  '/proc/sys/net/ipv4/ip_forward',
  '/proc/sys/net/bridge/bridge-nf-call-iptables',
  '/proc/sys/net/bridge/bridge-nf-call-ip6tables',
]
const engineChain = /^DOCKER(-.*)?$/

/** The state to come back to. */
export function readFirewall(): FirewallBefore {
  const settings: Record<string, string> = {}
  for (const path of settingPaths) {
    const value = readSetting(path)
    if (value !== undefined) settings[path] = value
  }
  const policy = /^-P FORWARD (\w+)/m.exec(attempt(['iptables', '-S', 'FORWARD']) ?? '')
  return { settings, tables: tables(), forward: policy?.[1] ?? 'ACCEPT' }
}

function readSetting(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

function tables(): string[] {
  const listed = attempt(['nft', 'list', 'tables']) ?? ''
  return listed.split('\n').flatMap(line => (line.startsWith('table ') ? [line.slice(6)] : []))
}

/** The command lines of the engines that run in this process' network namespace. */
function engines(): string[][] {
  const own = readlinkSync('/proc/self/ns/net')
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  return pids.flatMap(pid => engineIn(pid, own))
}

function engineIn(pid: string, namespace: string): string[][] {
  try {
    if (readFileSync(`/proc/${pid}/comm`, 'utf8').trim() !== 'dockerd') return []
    if (readlinkSync(`/proc/${pid}/ns/net`) !== namespace) return []
    return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')]
  } catch {
    return []
  }
}

/** Does an engine in this network namespace keep rules there? They would be mixed with ours. */
export function anotherEngineRules(): boolean {
  return engines().some(command => !command.includes('--iptables=false'))
}

/** Takes out the rules that speak of the pool's addresses or of engines' chains and bridges, and what is empty then. */
export function cleanFirewall(pool: string, before: FirewallBefore): void {
  if (anotherEngineRules()) return
  for (const table of ['nat', 'filter', 'raw', 'mangle']) cleanTable(table, pool)
  attempt(['iptables', '-P', 'FORWARD', before.forward])
  for (const table of tables()) if (!before.tables.includes(table)) deleteEmptyTable(table)
  if (engines().length > 0) return
  for (const [path, value] of Object.entries(before.settings)) writeSetting(path, value)
}

function cleanTable(table: string, pool: string): void {
  const saved = attempt(['iptables', '-t', table, '-S']) ?? ''
  const rules = saved.split('\n').filter(rule => rule.startsWith('-A '))
  const ours = rules.filter(
    rule => rule.includes(` ${pool}.`) || /DOCKER|docker0|br-[0-9a-f]{12}/.test(rule),
  )
  for (const rule of ours) attempt(['iptables', '-t', table, '-D', ...rule.slice(3).split(' ')])
  const chains = saved.split('\n').flatMap(line => /^-N (\S+)$/.exec(line)?.[1] ?? [])
  const empty = chains.filter(chain => engineChain.test(chain))
  for (const chain of empty) attempt(['iptables', '-t', table, '-F', chain])
  for (const chain of empty) attempt(['iptables', '-t', table, '-X', chain])
}

function deleteEmptyTable(table: string): void {
  const listed = attempt(['nft', 'list', 'table', ...table.split(' ')]) ?? ''
  const isBare = listed
    .split('\n')
    .every(line => /^\s*(table .*|chain .*|type .*|#.*|\}|)$/.test(line))
  if (isBare) attempt(['nft', 'delete', 'table', ...table.split(' ')])
}

function writeSetting(path: string, value: string): void {
  if (readSetting(path) !== value) writeFileSync(path, value)
}
