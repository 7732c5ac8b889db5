import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '#lib/random.ts'
import { FlowKey } from './flow-key.ts'
import { FlowTable } from './flow-table.ts'
import { IpHeader } from './ip.ts'

/** A key of a number: few addresses and ports, in both versions and directions, so that many are near each other. */
function fill(key: FlowKey, n: number, reversed = false): void {
  const ip = new IpHeader()
  ip.isIpv6 = (n & 1) === 1
  const ends = [n & 0xff0, 5]
  if (reversed) ends.reverse()
  ip.source3 = ends[0]
  ip.target3 = ends[1]
  ip.source0 = ip.target0 = ip.isIpv6 ? 0xfd000000 | 0 : 0
  const ports = reversed ? (80 << 16) | (1000 + (n >> 12)) : ((1000 + (n >> 12)) << 16) | 80
  key.fill(ip, (n >> 1) & 7, ports)
}

test('both directions have one key, and say which is which', () => {
  const key = new FlowKey(1)
  for (let n = 0; n < 100_000; n += 7) {
    fill(key, n)
    const { hash, fromLow } = key
    const words = key.words.slice()
    fill(key, n, true)
    assert.equal(key.hash, hash)
    assert.deepEqual(key.words, words)
    assert.equal(key.fromLow, !fromLow)
  }
})

test('a table does what a Map does, whatever is added and removed', () => {
  const { next, seed } = random()
  const table = new FlowTable(512)
  const key = new FlowKey(seed)
  const model = new Map<string, { slot: number; hash: number }>()
  for (let step = 0; step < 200_000; step++) {
    fill(key, next(1 << 14))
    const name = key.words.join()
    const held = model.get(name)
    assert.equal(table.find(key), held?.slot ?? -1, `seed ${seed}, step ${step}`)
    // Full for a while, then nearly empty, in turn.
    const isAdding = next(10) < (Math.floor(step / 5000) % 2 === 0 ? 9 : 2)
    if (held && !isAdding) {
      table.remove(held.slot, held.hash)
      model.delete(name)
    } else if (!held && isAdding) {
      const slot = table.add(key)
      assert.equal(slot === -1, model.size === 512, `seed ${seed}, step ${step}`)
      if (slot >= 0) model.set(name, { slot, hash: key.hash })
    }
    assert.equal(table.size, model.size)
  }
  assert.equal(new Set([...model.values()].map(({ slot }) => slot)).size, model.size)
})

test('keys that all fall on one place are refused at a limit, and found up to it', () => {
  const table = new FlowTable(4096)
  const key = new FlowKey(1)
  let added = 0
  for (let n = 0; n < 2000; n++) {
    key.words[1] = n
    key.hash = 77
    if (table.add(key) < 0) break
    added++
  }
  assert.equal(added, 256)
  for (let n = 0; n < added; n++) {
    key.words[1] = n
    assert.ok(table.find(key) >= 0)
  }
  key.words[1] = added
  assert.equal(table.find(key), -1)
})
