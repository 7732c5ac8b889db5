import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readYaml } from './yaml.ts'

/** Without the missing prototypes, which deepEqual would tell apart. */
const read = (text: string): unknown => JSON.parse(JSON.stringify(readYaml(text)))

test('block maps and lists, as programs write them', () => {
  const table: [string, unknown][] = [
    ['', null],
    ['a: b', { a: 'b' }],
    ['a:\n  b: c\n  d:\n    e: f\n', { a: { b: 'c', d: { e: 'f' } } }],
    ['a:\n- b\n- c\nd: e', { a: ['b', 'c'], d: 'e' }],
    ['a:\n  - b\n  - c\nd: e', { a: ['b', 'c'], d: 'e' }],
    ['- a: 1\n  b: 2\n- a: 3', [{ a: '1', b: '2' }, { a: '3' }]],
    ['-\n  a: 1\n-   b: 2\n    c: 3', [{ a: '1' }, { b: '2', c: '3' }]],
    ['- - a\n  - b\n- c', [['a', 'b'], 'c']],
    ['a:\nb:', { a: null, b: null }],
    ['---\na: b\n', { a: 'b' }],
    ['# all\n\na: b # c\nd: e#f\n', { a: 'b', d: 'e#f' }],
    [
      'a: true\nb: False\nc: null\nd: ~\ne: 10\nf: ""',
      { a: true, b: false, c: null, d: null, e: '10', f: '' },
    ],
    [`a: "x # \\"y\\": z"\nb: 'it''s # b'`, { a: 'x # "y": z', b: "it's # b" }],
    ['"a b": c\n\'d:e\': f', { 'a b': 'c', 'd:e': 'f' }],
    ['a: https://h:6443/x', { a: 'https://h:6443/x' }],
    ['arn:aws:eks: x', { 'arn:aws:eks': 'x' }],
    ['a: []\nb: {}\nc: ["d", "e"]', { a: [], b: {}, c: ['d', 'e'] }],
    ['a: |\n  b\n   c\n\n  # d\ne: f', { a: 'b\n c\n\n# d\n', e: 'f' }],
    ['a: |-\n  b\n\ne: f', { a: 'b', e: 'f' }],
    ['a: |-\n  b', { a: 'b' }],
    ['a: b\r\nc: d\r\n', { a: 'b', c: 'd' }],
    ['{"a": [1, {"b": null}]}', { a: [1, { b: null }] }],
  ]
  for (const [text, wanted] of table) assert.deepEqual(read(text), wanted, text)
})

test('what it does not know it refuses, with the line, and without what stands there', () => {
  const table: [string, string][] = [
    ['a: &x b', 'line 1 (a)'],
    ['a: *x', 'line 1 (a)'],
    ['a: !!int 7', 'line 1 (a)'],
    ['a: >\n  b', 'line 2'],
    ['a: >', 'line 1 (a)'],
    ['a: hunter2\n  hunter2', 'line 2'],
    ['a: "hunter2', 'line 1 (a)'],
    ['a: {hunter2: x}', 'line 1 (a)'],
    ['{"a": "hunter2', 'line 1'],
    ['a: "\\x41 hunter2"', 'line 1 (a)'],
    ['hunter2', 'line 1'],
    ['a: b\n   c: d', 'line 2 (c)'],
    ['  a: b\nc: d', 'line 2 (c)'],
    ['? a\n: b', 'line 1'],
    [Array.from({ length: 100 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), 'line 34 (a)'],
  ]
  for (const [text, start] of table) {
    assert.throws(
      () => readYaml(text),
      (error: Error) => error.message.startsWith(start) && !error.message.includes('hunter2'),
      text,
    )
  }
})

test('a key is a key, whatever it is called', () => {
  const map = readYaml('__proto__:\n  a: b\nconstructor: c') as Record<string, unknown>
  assert.deepEqual(Object.keys(map), ['__proto__', 'constructor'])
  assert.equal(({} as Record<string, unknown>).a, undefined)
})
