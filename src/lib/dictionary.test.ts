import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Dictionary } from './dictionary.ts'

test('a word means what was told last', () => {
  const dictionary = new Dictionary()
  assert.equal(dictionary.find('a'), undefined)
  dictionary.tell('a', '1')
  dictionary.tell('a', '2')
  assert.equal(dictionary.find('a'), '2')
})

test('of a million words those are kept that are asked for', () => {
  const dictionary = new Dictionary()
  dictionary.tell('kept', 'yes')
  dictionary.tell('forgotten', 'yes')
  for (let i = 0; i < 1e6; i++) {
    dictionary.tell(`word ${i}`, 'no')
    if (i % 1000 === 0) assert.equal(dictionary.find('kept'), 'yes')
  }
  assert.equal(dictionary.find('forgotten'), undefined)
  assert.equal(dictionary.find('word 999999'), 'no')
  assert.equal(dictionary.find('word 900000'), undefined)
})
