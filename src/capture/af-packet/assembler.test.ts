import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Assembler, encode } from './assembler.ts'
import { runFilter } from './machine.ts'

const accumulatorOf = (program: Assembler, bytes: number[]) =>
  runFilter(program.assemble(), { bytes: Uint8Array.from(bytes), beside: new Map() })

test('labels become distances', () => {
  const program = new Assembler()
    .loadByte(0)
    .when('equal', 1, { yes: 'take', no: 'drop' })
    .label('take')
    .take(100)
    .label('drop')
    .take(0)
    .assemble()
  assert.deepEqual(program[1], { code: 0x15, jt: 0, jf: 1, k: 1 })
  assert.equal(program.length, 4)
})

test('a branch beyond 255 instructions still arrives, on either side', () => {
  for (const far of [254, 255, 256, 257, 3000]) {
    const build = () => {
      const program = new Assembler().loadByte(0).when('equal', 1, { yes: 'end' })
      for (let i = 0; i < far; i++) program.add(0)
      return program.take(7).label('end').take(9)
    }
    assert.equal(accumulatorOf(build(), [1]), 9, `${far}`)
    assert.equal(accumulatorOf(build(), [2]), 7, `${far}`)
    const other = new Assembler().loadByte(0).when('equal', 1, { no: 'end' })
    for (let i = 0; i < far; i++) other.add(0)
    other.take(7).label('end').take(9)
    assert.equal(accumulatorOf(other, [1]), 7, `${far}`)
    assert.equal(accumulatorOf(other, [2]), 9, `${far}`)
  }
})

test('a label behind, or none, is our own fault and throws', () => {
  assert.throws(() => new Assembler().label('a').goTo('a').take(0).assemble(), /no label "a"/)
  assert.throws(() => new Assembler().goTo('b').take(0).assemble(), /no label "b"/)
})

test('a program that the kernel would refuse throws', () => {
  const program = new Assembler()
  for (let i = 0; i < 4096; i++) program.add(1)
  assert.throws(() => program.take(0).assemble(), /4097 instructions/)
})

test('the encoding is that of sock_filter', () => {
  const bytes = encode([{ code: 0x15, jt: 2, jf: 3, k: 0xfffff004 }])
  assert.deepEqual([...bytes], [0x15, 0, 2, 3, 0x04, 0xf0, 0xff, 0xff])
})
