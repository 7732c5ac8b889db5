import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { writeHttp } from '../../../bench/capture-file.ts'
import { readHere } from './here.ts'
import { readByThreads } from './run.ts'
import type { ReadOptions } from './share.ts'

const dir = mkdtempSync(join(tmpdir(), 'inkling-read-'))
after(() => rmSync(dir, { recursive: true, force: true }))
const capture = join(dir, 'http.pcap')
writeHttp(capture, 3000, 40)

async function output(read: (print: (bytes: Uint8Array) => void) => void | Promise<void>) {
  const chunks: Buffer[] = []
  await read(bytes => chunks.push(Buffer.from(bytes)))
  return Buffer.concat(chunks)
    .toString()
    .replace(/"seconds":[^}]*?"flows"/, '"flows"')
}

const warn = (text: string) => assert.fail(text)

for (const options of [{ json: true, stats: true }, { flows: true, json: true }, {}]) {
  const name = Object.keys(options).join(' ') || 'text'
  const inOrder = (text: string) => (name.startsWith('flows') ? text.split('\n').sort() : text)

  test(`${name}: several threads print what one does`, { timeout: 60_000 }, async () => {
    const one = await output(print => readHere([capture], options as ReadOptions, { print, warn }))
    for (const threads of [2, 3]) {
      const several = await output(print =>
        readByThreads(threads, [capture], options as ReadOptions, { print, warn }),
      )
      assert.deepEqual(inOrder(several), inOrder(one), `${threads} threads`)
    }
  })
}

test('what is wrong with a file is said once, after all that could be read', async () => {
  const files = [capture, join(dir, 'none.pcap')]
  const lines: string[] = []
  await assert.rejects(
    readByThreads(2, files, {}, { print: bytes => lines.push(String(bytes)), warn }),
    { name: 'Fault', message: /none\.pcap/ },
  )
  assert.ok(lines.length > 0)
})
