import assert from 'node:assert/strict'
import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { protocols } from '#protocols/index.ts'
import { type Reading, readCapture, type Seen } from './conformance/capture.ts'
import {
  type Comparison,
  type Exception,
  expectedField,
  type Field,
  fields,
  seenField,
} from './conformance/comparison.ts'
import { commonExceptions } from './conformance/exceptions.ts'
import {
  comparable,
  type Expectation,
  type Expected,
  listed,
  namesByEnds,
  readExpectation,
} from './conformance/expectation.ts'

/** Share of transactions that must agree, for each protocol and field. */
const agreementMin = 0.97
/** Clocks are compared in doubles of seconds on one side. */
const sameUs = 3

const shared = process.env.INKLING_SHARED ?? join(import.meta.dirname, '../../shared')
const folder = join(shared, 'conformance')
const skip = existsSync(join(folder, 'captures')) ? false : 'needs the captures: set INKLING_SHARED'

interface Case {
  readonly name: string
  readonly expectation: Expectation
  readonly reading: Reading
}

interface Score {
  readonly agreed: Map<Field | 'count', [agreed: number, all: number]>
  readonly differences: string[]
}

const cases = (): Case[] =>
  globSync('*/*', { cwd: join(folder, 'captures') })
    .sort()
    .flatMap(name => {
      const file = join(folder, 'expected', `${name.replace(/\.pcap$/, '')}.json`)
      if (!existsSync(file)) return []
      const expectation = readExpectation(file)
      return [{ name, expectation, reading: readCapture(join(folder, 'captures', name)) }]
    })

const comparisons: Comparison[] = []
for (const file of globSync('conformance/protocols/*.ts', { cwd: import.meta.dirname }).sort()) {
  comparisons.push(...Object.values<Comparison>(await import(join(import.meta.dirname, file))))
}
const exceptions = [...commonExceptions, ...comparisons.flatMap(({ exceptions }) => exceptions)]

test('every protocol is compared', () => {
  const compared = new Set(comparisons.map(({ protocol }) => protocol))
  for (const { name } of protocols) assert.ok(compared.has(name), name)
})

// PROTOCOL=redis compares that one alone; DIFFERENCES=1 prints what differs
test("other people's captures read as their references say", { skip }, async t => {
  const all = cases()
  assert.ok(all.length > 0)
  for (const comparison of comparisons) {
    const { protocol } = comparison
    if (process.env.PROTOCOL && process.env.PROTOCOL !== protocol) continue
    await t.test(protocol, t => {
      const score: Score = { agreed: new Map(), differences: [] }
      for (const one of all) compare(comparison, one, score)
      t.diagnostic(describe(protocol, score))
      if (process.env.DIFFERENCES) for (const line of score.differences) t.diagnostic(line)
      for (const [field, [agreed, of]] of score.agreed) {
        assert.ok(agreed >= agreementMin * of, `${protocol} ${field}: ${agreed} of ${of}`)
      }
    })
  }
  await t.test('no decoder throws', () => {
    for (const { name, reading } of all) assert.deepEqual(reading.faults, [], name)
  })
  await t.test('no flow gets a wrong name', () => {
    assert.deepEqual(all.flatMap(wrongNames), [])
  })
})

function describe(name: string, { agreed }: Score): string {
  const shares = [...agreed].map(([field, [same, of]]) => `${field} ${same}/${of}`)
  return `${name}: ${shares.join(', ')}`
}

/** Each expected transaction with the one seen; what is missing, or too many, counts against `count`. */
function compare(comparison: Comparison, { name, expectation, reading }: Case, score: Score): void {
  const expected = comparable(expectation, comparison)
  if (expected.length === 0) return
  const { protocol, isComparable = () => true } = comparison
  const known = [...commonExceptions, ...comparison.exceptions].filter(({ file }) =>
    file.test(name),
  )
  const left = new Set(
    reading.transactions.filter(one => one.protocol === protocol && isComparable(one)),
  )
  const where = `${protocol} ${name}`
  for (const one of expected) {
    const match = matchOf(comparison, one, left)
    if (match) left.delete(match)
    note(score, 'count', match !== undefined, `${where}: missing ${JSON.stringify(one)}`, known)
    if (!match) continue
    for (const field of fields) {
      const wanted = expectedField(comparison, one, field)
      if (wanted === undefined) continue
      const got = seenField(comparison, match, field)
      const text = `${where}: ${field} is ${got}, expected ${wanted} in ${JSON.stringify(one)}`
      note(score, field, wanted === got, text, known)
    }
  }
  const surplus = left.size - (listed(expectation, comparison).length - expected.length)
  for (const one of [...left].slice(0, Math.max(0, surplus))) {
    note(score, 'count', false, `${where}: too many, ${JSON.stringify(one)}`, known)
  }
}

function note(
  score: Score,
  field: Field | 'count',
  same: boolean,
  text: string,
  known: readonly Exception[],
): void {
  if (!same && known.some(one => one.fields.includes(field))) return
  const [agreed, all] = score.agreed.get(field) ?? [0, 0]
  score.agreed.set(field, [agreed + (same ? 1 : 0), all + 1])
  if (!same) score.differences.push(text)
}

/** The transaction that began at the same time, best on the same flow with the same words. */
function matchOf(comparison: Comparison, one: Expected, left: ReadonlySet<Seen>): Seen | undefined {
  let best: Seen | undefined
  let bestScore = 0
  for (const seen of left) {
    if (Math.abs(seen.startUs - one.reqFirst! * 1e6) > sameUs) continue
    const same = fields.filter(
      field => expectedField(comparison, one, field) === seenField(comparison, seen, field),
    ).length
    if (same + 1 > bestScore) {
      best = seen
      bestScore = same + 1
    }
  }
  return best
}

/** Flows of protocols we know whose name nobody else gives them. */
function wrongNames({ name, expectation, reading }: Case): string[] {
  const known = namesByEnds(expectation)
  const references = new Map(comparisons.map(one => [one.protocol, one.reference]))
  return reading.flows
    .filter(({ protocol, ends }) => !known.get(ends)?.has(references.get(protocol) ?? protocol))
    .map(({ protocol, ends }) => `${name}: ${ends} is called ${protocol}`)
    .filter(text => !exceptions.some(one => one.file.test(text) && one.fields.includes('name')))
}
