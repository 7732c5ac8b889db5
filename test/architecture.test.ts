import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '../src')

/** Folders that may join steps; files directly in src/ may too. */
const joining: ReadonlySet<string> = new Set(['cli', 'api'])
const everybodys: ReadonlySet<string> = new Set(['lib', 'model'])
/** The entry of the page joins it to the wire. */
const joiningFiles: ReadonlySet<string> = new Set(['web/main.tsx'])

interface Import {
  readonly from: string
  readonly to: string
}

function importsOf(file: string): Import[] {
  const source = readFileSync(join(root, file), 'utf8')
  const wanted = /(?:from|import)\s*\(?\s*'((?:#|\.{1,2}\/)[^']+)'/g
  return [...source.matchAll(wanted)].map(([, target]) => ({
    from: file,
    to: target.startsWith('#')
      ? target.slice(1)
      : relative(root, join(root, dirname(file), target)),
  }))
}

const files = globSync('**/*.{ts,tsx}', { cwd: root }).filter(file => !file.includes('/dev/'))
const imports = files.flatMap(importsOf)
const folderOf = (file: string) => (file.includes('/') ? file.split('/')[0] : '')

const isJoining = (file: string) =>
  folderOf(file) === '' || joining.has(folderOf(file)) || joiningFiles.has(file)

test('a step imports model, lib and itself, never another step', () => {
  const wrong = imports.filter(({ from, to }) => {
    const [step, other] = [folderOf(from), folderOf(to)]
    if (isJoining(from) || step === other) return false
    return !everybodys.has(other)
  })
  assert.deepEqual(wrong, [])
})

test('lib knows nothing of ours, and model only lib', () => {
  const wrong = imports.filter(({ from, to }) => {
    if (folderOf(from) === 'lib') return folderOf(to) !== 'lib'
    if (folderOf(from) === 'model') return !everybodys.has(folderOf(to))
    return false
  })
  assert.deepEqual(wrong, [])
})

test('no step imports who joins the steps', () => {
  const wrong = imports.filter(({ from, to }) => !isJoining(from) && isJoining(to))
  assert.deepEqual(wrong, [])
})

test('the names of protocols stand in their folders and nowhere else', () => {
  const names = ['http', 'redis', 'postgres', 'mysql', 'mongodb', 'kafka', 'amqp', 'memcached']
  const wrong = files.filter(file => {
    if (folderOf(file) === 'protocols' || file.includes('.test.')) return false
    const source = readFileSync(join(root, file), 'utf8')
    return names.some(name => new RegExp(`case '${name}'|=== '${name}'`).test(source))
  })
  assert.deepEqual(wrong, [])
})

test('files stay under 400 lines', () => {
  const long = files
    .filter(file => !file.includes('.test.'))
    .map(file => [file, readFileSync(join(root, file), 'utf8').split('\n').length] as const)
    .filter(([, lines]) => lines > 400)
  assert.deepEqual(long, [])
})
