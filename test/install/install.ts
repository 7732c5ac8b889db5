import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import type { Need } from './needs.ts'

const policyPath = '/usr/sbin/policy-rc.d'
const aptOptions = ['-qq', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120']

/** May packages be installed here? Root on Debian and its kin; INKLING_INSTALL=0 forbids it. */
export function mayInstall(env: NodeJS.ProcessEnv = process.env): boolean {
  return env.INKLING_INSTALL !== '0' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
}

/** Installs what is missing. Whatever cannot be had stays missing: the caller looks again. */
export function install(missing: readonly Need[]): void {
  withoutServices(() => {
    apt('apt-get', 'update', '-qq')
    // One package that this release does not know would cost the others.
    const known = [...new Set(missing.map(need => need.package))].filter(isKnown)
    if (known.length > 0) apt('apt-get', 'install', ...aptOptions, ...known)
  })
}

const isKnown = (name: string): boolean => apt('apt-cache', 'show', name)

function apt(command: string, ...args: string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync(command, args, { env, stdio: ['ignore', 'ignore', 'pipe'] }).status === 0
}

/** Debian starts what it installs, unless this script says no (policy-rc.d, exit 101): the tests start their own. */
function withoutServices(action: () => void): void {
  const isOurs = !existsSync(policyPath)
  if (isOurs) writeFileSync(policyPath, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    action()
  } finally {
    if (isOurs) rmSync(policyPath, { force: true })
  }
}
