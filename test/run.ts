#!/usr/bin/env node
// Runs every test: what `npm test` does. Patterns given as arguments replace the usual ones.
import { spawn } from 'node:child_process'
import { install, mayInstall } from './install/install.ts'
import { missing } from './install/needs.ts'

/** What runs side by side, then the labs one after the other: they watch the machine, and each other if they could. */
const phases = [
  {
    patterns: ['src/**/*.test.ts', 'test/*.test.ts', 'test/{conformance,install}/**/*.test.ts'],
    concurrency: 2,
  },
  { patterns: ['test/lab/**/*.test.ts'], concurrency: 1 },
]
/** All tests together take some twelve minutes on two cores. What has not ended by then hangs. */
const timeoutMs = 30 * 60_000

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
const endMs = Date.now() + timeoutMs
const chosen = process.argv.slice(2)
const wanted = chosen.length > 0 ? [{ patterns: chosen, concurrency: 1 }] : phases
for (const { patterns, concurrency } of wanted) {
  process.exitCode = (await runTests(patterns, concurrency)) || process.exitCode
}

/** Answers the exit code of Node's test runner. */
function runTests(patterns: readonly string[], concurrency: number): Promise<number> {
  const flags = ['--test', `--test-concurrency=${concurrency}`, '--test-reporter=spec']
  const tests = spawn(process.execPath, [...flags, ...patterns], { stdio: 'inherit' })
  const timer = setTimeout(() => {
    console.error(`The tests did not end within ${timeoutMs / 1000} seconds.`)
    tests.kill('SIGTERM')
  }, endMs - Date.now())
  const pass = (name: NodeJS.Signals) => tests.kill(name)
  process.on('SIGINT', pass).on('SIGTERM', pass)
  return new Promise(resolve => {
    tests.on('close', code => {
      clearTimeout(timer)
      process.off('SIGINT', pass).off('SIGTERM', pass)
      resolve(code ?? 1)
    })
  })
}
