import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  cqlDialect,
  mainVerb,
  mayHoldPassword,
  mysqlDialect,
  normaliseSql,
  normalVerb,
  postgresDialect,
  sqlReadMax,
  sqlShownMax,
  sqlVerb,
} from './sql.ts'

const postgres: readonly (readonly [string, string])[] = [
  [
    "SELECT * FROM t1 WHERE id = 42 AND name = 'O''Brien'",
    'SELECT * FROM t1 WHERE id = ? AND name = ?',
  ],
  ["select E'it\\'s', 'a\\', 1.5e-9, .5, 0xFF, 1_000", 'select ?, ?, ?, ?, ?, ?'],
  ["SELECT U&'d\\0061t', B'101', X'1F', N'x'", 'SELECT ?, ?, ?, ?'],
  ['SELECT $1, $2::int, $$a $b$ c$$, $tag$ $$ $tag$', 'SELECT $1, $2::int, ?, ?'],
  ['SELECT "t 1"."a""b", t1.c2, a$b', 'SELECT "t 1"."a""b", t1.c2, a$b'],
  ['SELECT  1 -- hidden 12\n\t, /* a /* nested */ b */ 2 ; ', 'SELECT ? , ?'],
  ["x IN (1,2, 3) AND y in ('a') AND z NOT IN ($1, $2)", 'x IN (?) AND y in (?) AND z NOT IN (?)'],
  ['SELECT ARRAY[1,2,3], f(1, 2)', 'SELECT ARRAY[?], f(?, ?)'],
  ['INSERT INTO t VALUES (1, now()), (2, now()), (3, f(4))', 'INSERT INTO t VALUES (?, now())'],
  [
    'INSERT INTO t(a) VALUES ($1),($2) ON CONFLICT DO NOTHING',
    'INSERT INTO t(a) VALUES ($1) ON CONFLICT DO NOTHING',
  ],
  ['SELECT a -5, b - 5, (-5), c = -5, d <> - 5', 'SELECT a -?, b - ?, (?), c = ?, d <> - ?'],
  ["SELECT data #> '{a}', a # 5 FROM t", 'SELECT data #> ?, a # ? FROM t'],
  ["SELECT 'unclosed password", 'SELECT ?'],
  ['SELECT $$unclosed password', 'SELECT ?'],
  ["SELECT '2020-01-01'::date LIMIT 10;", 'SELECT ?::date LIMIT ?'],
  ['begin; select 1', 'begin; select ?'],
  ["SELECT a::text||'x', a->>'k' FROM t", 'SELECT a::text||?, a->>? FROM t'],
  ['', ''],
]

for (const [statement, expected] of postgres) {
  test(`postgres: ${statement.slice(0, 60)}`, () => {
    assert.equal(normaliseSql(statement, postgresDialect), expected)
  })
}

const mysql: readonly (readonly [string, string])[] = [
  [`SELECT "it""s", 'it\\'s', \`a b\`.c # 12\n, _utf8'x'`, 'SELECT ?, ?, `a b`.c , ?'],
  ["SELECT '$$', $a FROM t", 'SELECT ?, $a FROM t'],
  ["/*!40101 SET NAMES 'utf8' */;", 'SET NAMES ?'],
  ['SELECT /*+ hint 1 */ 1 /*M!100201 + 2 */ /* x */ * 3 */ 4', 'SELECT ? + ? * ? */ ?'],
  ['SELECT 5--1, a--b -- c 9', 'SELECT ?-?, a--b'],
]

for (const [statement, expected] of mysql) {
  test(`mysql: ${statement.slice(0, 60)}`, () => {
    assert.equal(normaliseSql(statement, mysqlDialect), expected)
  })
}

const cql: readonly (readonly [string, string])[] = [
  [
    'SELECT a FROM "K".t WHERE id = 5b6962dd-3f90-4c93-8f61-eabfa4a803e2 AND b = e90dd-1 // hidden',
    'SELECT a FROM "K".t WHERE id = ? AND b = e90dd-?',
  ],
  [
    "INSERT INTO t (a, m) VALUES (0xCAFE, {'k': 12, 'l': 0b6962dd-3f90-4c93-8f61-eabfa4a803e2}) USING TTL 5",
    'INSERT INTO t (a, m) VALUES (?, {?: ?, ?: ?}) USING TTL ?',
  ],
  [
    "UPDATE t SET l = [1, $$it's$$] WHERE a = :id AND b = ?",
    'UPDATE t SET l = [?, ?] WHERE a = :id AND b = ?',
  ],
  ['SELECT a / b, 1h30m FROM t -- hidden', 'SELECT a / b, ? FROM t'],
]

for (const [statement, expected] of cql) {
  test(`cql: ${statement.slice(0, 60)}`, () => {
    assert.equal(normaliseSql(statement, cqlDialect), expected)
  })
}

test('the verb of several statements is that of the first that does more than frame', () => {
  assert.equal(normalVerb('SET a = ?; UPDATE t SET b = ?; COMMIT'), 'UPDATE')
  assert.equal(normalVerb('select ?'), 'SELECT')
})

test('statements about passwords are known', () => {
  for (const statement of [
    "SET PASSWORD FOR a = 'x'",
    "create user a identified by 'x'",
    "CREATE SUBSCRIPTION s CONNECTION 'user=a password=x' PUBLICATION p",
    "grant all on *.* to a IDENTIFIED VIA ed25519 USING 'x'",
    "SELECT * FROM users WHERE passwd = 'x'",
  ]) {
    assert.ok(mayHoldPassword(statement), statement)
  }
  assert.ok(!mayHoldPassword("SELECT * FROM pass WHERE id = 'x'"))
})

test('a normal form is its own normal form', () => {
  for (const [statement] of postgres) {
    const once = normaliseSql(statement, postgresDialect)
    assert.equal(normaliseSql(once, postgresDialect), once)
  }
})

test('a statement of any length has a bounded normal form and leaks no literal', () => {
  const list = Array.from({ length: 20_000 }, () => "'secret'").join(',')
  const folded = normaliseSql(`SELECT 1 FROM t WHERE a IN (${list}) AND b`, postgresDialect)
  assert.equal(folded, 'SELECT ? FROM t WHERE a IN (?)…')
  const long = normaliseSql(`SELECT ${'column_name, '.repeat(500)}`, postgresDialect)
  assert.equal(long.length, sqlShownMax)
  assert.ok(long.endsWith('…'))
  assert.doesNotMatch(
    normaliseSql(`SELECT '${'secret'.repeat(sqlReadMax)}'`, postgresDialect),
    /secret/,
  )
})

test('a digit of no literal survives, whatever the bytes around it', () => {
  const parts = [
    "'",
    '"',
    '$$',
    '$',
    '(',
    ')',
    ',',
    ' ',
    '--',
    '\n',
    '/*',
    '*/',
    '\\',
    "E'",
    'IN',
    'VALUES',
    '-',
    '7',
  ]
  let seed = 42
  const next = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
    return seed % below
  }
  for (let round = 0; round < 3000; round++) {
    let statement = ''
    for (let i = 0; i < 30; i++) statement += parts[(next(1 << 16) >> 4) % parts.length]
    const normal = normaliseSql(statement, postgresDialect)
    const outsideNames = normal.replace(/"[^"]*("|$)/g, '').replace(/[$A-Z][$A-Z0-9]*/g, '')
    assert.doesNotMatch(outsideNames, /7/, `seed 42 round ${round}: ${statement}`)
  }
})

test('hostile repetition takes time in proportion', () => {
  for (const part of ['VALUES(', 'VALUES(),(', '/*', '((', '$a', "''", 'IN (?,', '- -']) {
    const statement = part.repeat(Math.ceil(sqlReadMax / part.length))
    const start = performance.now()
    normaliseSql(statement, postgresDialect)
    sqlVerb(statement)
    assert.ok(performance.now() - start < 250, part)
  }
})

test('the verb is the first word that works', () => {
  assert.equal(sqlVerb('/* app */ -- x\n (select 1)'), 'SELECT')
  assert.equal(sqlVerb(' '), '')
  assert.equal(sqlVerb('CREATE_REPLICATION_SLOT "a"'), 'CREATE_REPLICATION_SLOT')
  assert.equal(mainVerb(['BEGIN', 'UPDATE', 'COMMIT']), 'UPDATE')
  assert.equal(mainVerb(['BEGIN']), 'BEGIN')
  assert.equal(mainVerb([]), '')
})
