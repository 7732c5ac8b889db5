import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { protocols } from '#protocols/index.ts'
import type { Protocol } from '#protocols/protocol.ts'
import { formatTransaction, hear, parseTalk } from '#protocols/talk.ts'

const root = join(import.meta.dirname, '..')

/** The example of docs/extend/protocol.md, as if it stood in a folder of its own under src/protocols. */
async function example(): Promise<Protocol> {
  const text = readFileSync(join(root, 'docs/extend/protocol.md'), 'utf8')
  const [, code] = /```ts\n(.*?)```/s.exec(text)!
  const source = pathToFileURL(join(root, 'src/')).href
  const whole = code
    .replace(/from '#/g, `from '${source}`)
    .replace(/from '\.\.\//g, `from '${source}protocols/`)
  const folder = mkdtempSync(join(tmpdir(), 'inkling-example-'))
  try {
    const file = join(folder, 'index.ts')
    writeFileSync(file, whole)
    return (await import(pathToFileURL(file).href)).lookup
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('the smallest protocol of the charter decodes, pipelined, cut, with losses', async () => {
  const list = [...protocols, await example()]
  const talk = parseTalk(
    '> "? tea\\n? mi"\n> "lk\\n"\n< "= 3\\n! none\\n"\n> "? cup\\n"\n< lost 9\n> "? jug\\n"\n< "= 1\\n"\n',
  )
  const { flow, transactions, faults } = hear(talk, list)
  assert.deepEqual(faults, [])
  assert.equal(flow.protocol, 'lookup')
  assert.deepEqual(transactions.map(formatTransaction), [
    'lookup GET tea OK ok 6>4 bytes 2000us',
    'lookup GET milk ERR error 7>7 bytes 2000us',
    'lookup GET cup - ok 6>0 bytes unanswered gap',
    'lookup GET jug OK ok 6>4 bytes 1000us gap',
  ])
})
