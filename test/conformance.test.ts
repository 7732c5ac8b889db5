import assert from 'node:assert/strict'
import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { protocols } from '#protocols/index.ts'
import { type Reading, readCapture, type Seen } from './conformance/capture.ts'
import { exceptions } from './conformance/exceptions.ts'
import {
  comparable,
  type Expectation,
  type Expected,
  expectedField,
  type Field,
  fields,
  namesByEnds,
  readExpectation,
  referenceNames,
  seenField,
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

test("other people's captures read as their references say", { skip }, async t => {
  const all = cases()
  assert.ok(all.length > 0)
  for (const { name } of protocols) {
    if (!(name in referenceNames)) continue
    await t.test(name, t => {
      const score = scoreOf(name, all)
      t.diagnostic(describe(name, score))
      if (process.env.DIFFERENCES) for (const line of score.differences) t.diagnostic(line)
      for (const [field, [agreed, of]] of score.agreed) {
        assert.ok(agreed >= agreementMin * of, `${name} ${field}: ${agreed} of ${of}`)
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

function scoreOf(protocol: string, all: readonly Case[]): Score {
  const score: Score = { agreed: new Map(), differences: [] }
  for (const one of all) compare(protocol, one, score)
  return score
}

/** Each expected transaction with the one seen; what is missing, or too many, counts against `count`. */
function compare(protocol: string, { name, expectation, reading }: Case, score: Score): void {
  const expected = comparable(expectation, protocol)
  if (expected.length === 0) return
  const seen = reading.transactions.filter(one => one.protocol === protocol)
  const left = new Set(seen)
  const where = `${protocol} ${name}`
  for (const one of expected) {
    const match = matchOf(one, left)
    if (match) left.delete(match)
    note(score, 'count', match !== undefined, `${where}: missing ${JSON.stringify(one)}`, name)
    if (match) compareFields(one, match, score, where, name)
  }
  const more = expectation.transactions.filter(one => one.protocol === referenceNames[protocol])
  const surplus = left.size - (more.length - expected.length)
  for (let i = 0; i < surplus; i++) {
    note(score, 'count', false, `${where}: too many, ${JSON.stringify([...left][i])}`, name)
  }
}

function compareFields(
  one: Expected,
  match: Seen,
  score: Score,
  where: string,
  name: string,
): void {
  for (const field of fields) {
    const wanted = expectedField(one, field)
    if (wanted === undefined) continue
    const got = seenField(match, field)
    note(score, field, wanted === got, `${where}: ${field} is ${got}, expected ${wanted}`, name)
  }
}

function note(score: Score, field: Field | 'count', same: boolean, text: string, name: string) {
  if (!same && exceptions.some(known => known.file.test(name) && known.fields.includes(field)))
    return
  const [agreed, all] = score.agreed.get(field) ?? [0, 0]
  score.agreed.set(field, [agreed + (same ? 1 : 0), all + 1])
  if (!same) score.differences.push(text)
}

/** The transaction that began at the same time, best on the same flow with the same words. */
function matchOf(one: Expected, left: ReadonlySet<Seen>): Seen | undefined {
  let best: Seen | undefined
  let bestScore = 0
  for (const seen of left) {
    if (Math.abs(seen.startUs - one.reqFirst! * 1e6) > sameUs) continue
    const same = fields.filter(field => expectedField(one, field) === seenField(seen, field)).length
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
  return reading.flows
    .filter(({ protocol, ends }) => !known.get(ends)?.has(referenceNames[protocol] ?? protocol))
    .map(({ protocol, ends }) => `${name}: ${ends} is called ${protocol}`)
    .filter(text => !exceptions.some(one => one.file.test(text) && one.fields.includes('name')))
}
