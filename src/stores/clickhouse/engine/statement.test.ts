import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultOf, statusOf } from './fault.ts'
import { refusalOf } from './refusal.ts'
import {
  checkStatement,
  formatOf,
  insertFrom,
  insertOf,
  preambleOf,
  readAsked,
} from './statement.ts'

test('settings and parameters are said before a statement, as literals', () => {
  const parameters = new URLSearchParams("max_threads=1&param_a=it's \\&database=a`b&buffer_size=9")
  const asked = readAsked('GET', parameters)
  assert.equal(
    preambleOf(asked),
    "USE `a\\`b`; SET max_threads='1', param_a='it\\'s \\\\', async_insert='0', readonly='2'; ",
  )
})

test('what would be done differently is refused', () => {
  for (const name of ['session_id', 'role', 'compress']) {
    const ask = () => readAsked('POST', new URLSearchParams([[name, '1']]))
    assert.throws(ask, { code: 48 })
  }
  assert.throws(() => readAsked('POST', new URLSearchParams([["a'b", '1']])), { code: 62 })
})

const inserts: [query: string, from: string | undefined][] = [
  ['INSERT INTO t FORMAT Native', "INSERT INTO t FROM INFILE '/x' FORMAT Native"],
  [
    'insert into `d`.`t e` (a, `b`)\nSETTINGS x=1 format TSV;',
    "INSERT INTO `d`.`t e` (a, `b`) FROM INFILE '/x' SETTINGS x=1 FORMAT TSV",
  ],
  ['INSERT INTO t VALUES', "INSERT INTO t FROM INFILE '/x' FORMAT Values"],
  ['INSERT INTO t (a) SELECT 1 FORMAT Native', undefined],
  ['INSERT INTO t VALUES (1)', undefined],
  ['SELECT 1 FORMAT Native', undefined],
]
for (const [query, from] of inserts) {
  test(`of ${JSON.stringify(query)} the body is ${from ? 'data' : 'more of it'}`, () => {
    const insert = insertOf(query)
    assert.equal(insert && insertFrom(insert, '/x'), from)
  })
}

const formats: [statement: string, format: string][] = [
  ['SELECT 1', 'TSV'],
  ['SELECT 1 FORMAT JSON', 'JSON'],
  ['SELECT 1 format Native SETTINGS max_threads=1;\n', 'Native'],
  ["SELECT 'x FORMAT JSON'", 'TSV'],
  ['SELECT format FROM t', 'TSV'],
]
for (const [statement, format] of formats) {
  test(`${JSON.stringify(statement)} is answered in ${format}`, () => {
    assert.equal(formatOf(statement, 'TSV'), format)
  })
}

const several = ['SELECT 1; SELECT 2', 'SELECT 1;-- a\nSELECT 2', "SELECT ';'; DROP TABLE t"]
const single = [
  'SELECT 1;',
  "SELECT ';' -- ; a",
  "SELECT 'it\\'s; '';' /* ; b */ ;; -- c",
  'INSERT INTO t FORMAT TSV\na;b\nc',
  "INSERT INTO t VALUES ('a;b')",
]
test('one request has one statement, as on a server', () => {
  for (const statement of several) assert.throws(() => checkStatement(statement), { code: 62 })
  for (const statement of single) checkStatement(statement)
  assert.throws(() => checkStatement(' \n'), { code: 62 })
})

test('bytes do not pass for text', () => {
  assert.throws(() => checkStatement('INSERT INTO t FORMAT RowBinary \u0001'), { code: 48 })
})

test('an error has its number, and the status that a server gives it', () => {
  const numbers: [message: string, code: number, status: number][] = [
    ['Code: 62. DB::Exception: Syntax error', 62, 400],
    ['Code: 60. DB::Exception: no table', 60, 404],
    ['Code: 159. DB::Exception: Timeout exceeded', 159, 408],
    ['Code: 241. DB::Exception: memory', 241, 500],
    ['Code: 75. DB::Exception: write, errno: 28, strerror: No space left on device', 243, 500],
    ["ENOSPC: no space left on device, open '/x'", 243, 500],
    ['what', 1002, 500],
  ]
  for (const [message, code, status] of numbers) {
    const fault = faultOf(new Error(message))
    assert.deepEqual([fault.code, statusOf(fault.code)], [code, status])
  }
})

const refusals: [stderr: string, kind: string][] = [
  [
    'Code: 76. DB::Exception: Cannot lock file /s/status. Another server instance in same directory is already running. (CANNOT_OPEN_FILE)',
    'held',
  ],
  ['noise\nCode: 62. DB::Exception: Syntax error (in file /s/t.sql): (SYNTAX_ERROR)', 'broken'],
  ['Code: 231. DB::Exception: Suspiciously many (12) broken parts to remove', 'broken'],
  ['Code: 76. DB::Exception: Cannot open file /s: errno: 13, strerror: Permission denied', 'world'],
  ['Code: 75. DB::Exception: errno: 28, strerror: No space left on device', 'world'],
  ['Segmentation fault', 'world'],
  ['', 'world'],
]
for (const [stderr, kind] of refusals) {
  test(`a folder that is not opened with ${JSON.stringify(stderr.slice(-40))}: ${kind}`, () => {
    assert.equal(refusalOf(stderr, '/s').kind, kind)
  })
}
