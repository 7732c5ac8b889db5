#!/usr/bin/env node
// Runs every test: what `npm test` does. Patterns given as arguments replace the usual ones.
import { spawn } from 'node:child_process'
import { install, mayInstall } from './install/install.ts'
import { missing } from './install/needs.ts'

const patterns = ['src/**/*.test.ts', 'test/**/*.test.ts']
/** Two, because the machines that run this have two cores, and the labs are heavy. */
const concurrency = 2
/** All tests together. What has not ended by then hangs. */
const timeoutMs = 9.5 * 60_000

if (missing().length > 0 && mayInstall()) {
  const packages = [...new Set(missing().map(need => need.package))].join(' ')
  console.log(`Installing what the tests need (INKLING_INSTALL=0 forbids it): ${packages}`)
  install(missing())
}
for (const need of missing()) {
  console.log(`Skipping ${need.why}: no ${need.command} here (Debian's package ${need.package}).`)
}
if (process.getuid?.() !== 0)
  console.log('Skipping what needs root: network namespaces, capture, the lab.')
runTests(process.argv.slice(2))

function runTests(chosen: readonly string[]): void {
  const flags = ['--test', `--test-concurrency=${concurrency}`, '--test-reporter=spec']
  const args = [...flags, ...(chosen.length > 0 ? chosen : patterns)]
  const tests = spawn(process.execPath, args, { stdio: 'inherit' })
  const timer = setTimeout(() => {
    console.error(`The tests did not end within ${timeoutMs / 1000} seconds.`)
    tests.kill('SIGTERM')
    process.exitCode = 1
  }, timeoutMs)
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => tests.kill(name))
  tests.on('close', code => {
    clearTimeout(timer)
    process.exitCode ||= code ?? 1
  })
}
