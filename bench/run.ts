// Runs every bench, one after the other, or those named: `npm run bench -- decode start`.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const benches = [
  'flows',
  'protocols',
  'decode',
  'agent',
  'server',
  'conntrack',
  'start',
  'draw',
  'vizceral',
  'layout',
  'soak',
  'usage',
  'page-soak',
  'engine',
]
const chosen = process.argv.slice(2)
for (const name of chosen.length > 0 ? chosen : benches) {
  if (!benches.includes(name)) {
    console.error(`There is no bench ${name}: choose among ${benches.join(', ')}.`)
    process.exit(2)
  }
  console.log(`\n# ${name}`)
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.ts`)], {
    stdio: 'inherit',
  })
  if (status !== 0) process.exitCode = 1
}
