// Fuzzing: `npm run fuzz` hears ten million inputs made of the fixtures and recordings of all protocols.
//
//     npm run fuzz -- --inputs 100000 --seed 7      other numbers
//     npm run fuzz -- --seed 7 --first 5000000      from there on
//     npm run fuzz -- --seed 7 --only 4711          one input again
import { parseArgs } from 'node:util'
import { fuzz } from './fuzz.ts'

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '10000000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    first: { type: 'string', default: '0' },
    only: { type: 'string' },
  },
})
const seed = Number(values.seed)
const first = Number(values.only ?? values.first)
const end = values.only === undefined ? Number(values.inputs) : first + 1
if (![seed, first, end].every(Number.isSafeInteger)) {
  console.error('--inputs, --seed, --first and --only are whole numbers.')
  process.exit(2)
}

console.log(`seed ${seed}, inputs ${first} to ${end - 1}`)
const startMs = performance.now()
const findings = new Map<string, number>()
let shownMs = startMs
const heaps = await fuzz({
  seed,
  first,
  end,
  threads: values.only === undefined ? undefined : 1,
  finding(input, text) {
    const kind = text.split('\n').slice(0, 2).join(' ')
    const count = findings.get(kind) ?? 0
    findings.set(kind, count + 1)
    if (count < 3) console.log(`input ${input}: ${text}`)
  },
  progress(inputs) {
    if (performance.now() - shownMs < 30_000) return
    shownMs = performance.now()
    console.log(`${inputs} inputs`)
  },
})
const seconds = (performance.now() - startMs) / 1000
for (const [thread, heap] of heaps.entries()) {
  const shown = heap.filter(
    (_, i) => i % Math.ceil(heap.length / 10) === 0 || i === heap.length - 1,
  )
  if (heap.length > 0)
    console.log(`thread ${thread}: MB ${shown.map(mb => mb.toFixed(1)).join(' ')}`)
}
const perSecond = Math.round((end - first) / seconds)
console.log(
  `${end - first} inputs in ${seconds.toFixed(0)} s (${perSecond} a second), seed ${seed}`,
)
for (const [kind, count] of findings) console.log(`${count} times: ${kind}`)
console.log(findings.size === 0 ? 'no finding' : `${findings.size} kinds of findings`)
process.exitCode = findings.size === 0 ? 0 : 1
