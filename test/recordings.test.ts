import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readCapture, type Seen } from './conformance/capture.ts'

/**
 * `recordings/NAME.pcap` is what a real server and its real clients said, recorded by a script in `record/`;
 * `NAME.truth` is what the client did, or what the server's own log says it was asked: one transaction a line,
 *
 *     # where it was taken from
 *     PROTOCOL<tab>METHOD<tab>RESOURCE<tab>STATUS<tab>OUTCOME
 *
 * in any order. `*`: the source does not say it. `-`: no status, none. All transactions of the protocols named in it
 * are to be there, and no other.
 */
interface Truth {
  readonly line: string
  readonly fields: readonly string[]
}

const folder = join(import.meta.dirname, 'recordings')

const readTruth = (name: string): Truth[] =>
  readFileSync(join(folder, `${name}.truth`), 'utf8')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => ({ line, fields: line.split('\t') }))

const fieldsOf = ({ protocol, method, resource, status, outcome }: Seen): string[] => [
  protocol,
  method,
  resource,
  status ?? '-',
  outcome,
]

const matches = (truth: Truth, seen: readonly string[]): boolean =>
  truth.fields.every((field, i) => field === '*' || field === seen[i])

/** Lines that say most find their transaction first. */
const stated = ({ fields }: Truth): number => fields.filter(field => field !== '*').length

for (const file of globSync('*.pcap', { cwd: folder }).sort()) {
  const name = file.replace(/\.pcap$/, '')

  test(`${name} reads as those say who were there`, () => {
    const truths = readTruth(name).toSorted((a, b) => stated(b) - stated(a))
    assert.ok(truths.length > 0)
    for (const { line, fields } of truths) assert.equal(fields.length, 5, line)
    const known = new Set(truths.map(({ fields }) => fields[0]))
    const { transactions, faults } = readCapture(join(folder, file))
    assert.deepEqual(faults, [])
    const left = transactions.filter(({ protocol }) => known.has(protocol)).map(fieldsOf)
    const missing: string[] = []
    for (const truth of truths) {
      const index = left.findIndex(seen => matches(truth, seen))
      if (index < 0) missing.push(truth.line)
      else left.splice(index, 1)
    }
    assert.deepEqual(
      { missing, tooMany: left.map(fields => fields.join('\t')) },
      { missing: [], tooMany: [] },
    )
  })
}

test('there are recordings', () => assert.ok(globSync('*.pcap', { cwd: folder }).length > 0))
