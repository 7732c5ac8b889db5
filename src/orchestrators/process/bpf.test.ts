import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Assembler, frame } from './bpf.ts'
import { BpfRing } from './bpf-kernel.ts'
import { programOf, readConnection } from './connections.ts'
import { fieldsOf } from './tracepoint.ts'

/** The format of Linux 6.18; 4.16 had `protocol` in one byte. */
const format = `name: inet_sock_set_state
ID: 2287
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:const void * skaddr;	offset:8;	size:8;	signed:0;
	field:int oldstate;	offset:16;	size:4;	signed:1;
	field:int newstate;	offset:20;	size:4;	signed:1;
	field:__u16 sport;	offset:24;	size:2;	signed:0;
	field:__u16 dport;	offset:26;	size:2;	signed:0;
	field:__u16 family;	offset:28;	size:2;	signed:0;
	field:__u16 protocol;	offset:30;	size:2;	signed:0;
	field:__u8 saddr[4];	offset:32;	size:4;	signed:0;
	field:__u8 daddr[4];	offset:36;	size:4;	signed:0;
	field:__u8 saddr_v6[16];	offset:40;	size:16;	signed:0;
	field:__u8 daddr_v6[16];	offset:56;	size:16;	signed:0;

print fmt: "family=%s sport=%hu", REC->family
`

test('instructions are laid out as RFC 9669 says', () => {
  const code = new Assembler()
    .move(6, 1)
    .load(2, 6, 24, 2)
    .jumpUnless(2, 6, 'end')
    .map(1, 7)
    .store(frame, -8, 2, 8)
    .storeNumber(frame, -16, -1, 4)
    .atomicAdd(0, 0, 1)
    .call(131)
    .label('end')
    .set(0, 0)
    .exit()
  assert.deepEqual(code.build().toString('hex').match(/.{16}/g), [
    'bf16000000000000',
    '6962180000000000',
    '5502060006000000',
    '1811000007000000',
    '0000000000000000',
    '7b2af8ff00000000',
    '620af0ffffffffff',
    'db10000000000000',
    '8500000083000000',
    'b700000000000000',
    '9500000000000000',
  ])
  assert.throws(() => new Assembler().jump('nowhere').build(), /nowhere/)
})

test('fields are found in the kernel’s own words, and the program follows them', () => {
  const fields = fieldsOf(format)
  assert.deepEqual(fields.get('skaddr'), { offset: 8, size: 8 })
  assert.deepEqual(fields.get('daddr_v6'), { offset: 56, size: 16 })
  const maps = { attempts: 1, lost: 2, ring: 3 }
  const program = programOf({ id: 1, fields }, maps)
  const old = fieldsOf(
    format.replace('protocol;	offset:30;	size:2', 'protocol;	offset:30;	size:1'),
  )
  const oldProgram = programOf({ id: 1, fields: old }, maps)
  assert.equal(program.length % 8, 0)
  assert.equal(program.length, oldProgram.length)
  assert.equal(program[8], 0x69, 'two bytes of protocol')
  assert.equal(oldProgram[8], 0x71, 'one byte of protocol')
})

/** A ring of 256 bytes in our own memory, written as the kernel writes it. */
function ring() {
  const bytes = 256
  const consumer = new Uint8Array(4096)
  const shared = new Uint8Array(4096 + 2 * bytes)
  const producer = new BigUint64Array(shared.buffer, 0, 1)
  const data = Buffer.from(shared.buffer, 4096)
  const detach = () => {}
  const reader = new BpfRing({ bytes: consumer, detach }, { bytes: shared, detach }, bytes)
  const write = (text: string, flags = 0) => {
    const start = Number(producer[0] % BigInt(bytes))
    const put = (at: number, byte: number) => {
      // Both copies, as the kernel maps the same pages twice.
      data[at % bytes] = byte
      data[(at % bytes) + bytes] = byte
    }
    const header = Buffer.alloc(8)
    header.writeUInt32LE((text.length | flags) >>> 0, 0)
    for (const [i, byte] of [...header, ...Buffer.from(text)].entries()) put(start + i, byte)
    producer[0] += BigInt((text.length + 8 + 7) & ~7)
    return start
  }
  const read = (max = 100) => {
    const texts: string[] = []
    const count = reader.read((data, start, length) => {
      texts.push(data.toString('latin1', start, start + length))
    }, max)
    assert.equal(count, texts.length)
    return texts
  }
  return { write, read, data }
}

test('records are read in order, round and round, none twice', () => {
  const { write, read } = ring()
  for (let round = 0; round < 50; round++) {
    const texts = ['a', 'bb'.repeat(round % 20), `c${round}`]
    for (const text of texts) write(text)
    assert.deepEqual(read(), texts)
    assert.deepEqual(read(), [])
  }
})

test('a record still being written holds up what is behind it, a discarded one does not', () => {
  const { write, read, data } = ring()
  write('one')
  write('gone', 0x40000000)
  const busy = write('two', 0x80000000)
  write('three')
  assert.deepEqual(read(), ['one'])
  data[busy + 3] = 0
  assert.deepEqual(read(1), ['two'])
  assert.deepEqual(read(), ['three'])
})

test('a record is a connection of either family', () => {
  const bytes = Buffer.alloc(80)
  bytes.writeUInt32LE(1234, 8)
  bytes.writeUInt16LE(2, 12)
  bytes.writeUInt16LE(40000, 14)
  bytes.writeUInt16LE(80, 16)
  bytes.set([10, 0, 0, 1], 20)
  bytes.set([10, 0, 0, 2], 24)
  bytes[28 + 15] = 1
  bytes.set([0xfd], 44)
  bytes[44 + 15] = 2
  bytes.write('curl', 60)
  assert.deepEqual(readConnection(bytes, 8), {
    pid: 1234,
    comm: 'curl',
    local: { ip: '10.0.0.1', port: 40000 },
    remote: { ip: '10.0.0.2', port: 80 },
  })
  bytes.writeUInt16LE(10, 12)
  const { local, remote } = readConnection(bytes, 8)
  assert.deepEqual([local.ip, remote.ip], ['::1', 'fd00::2'])
})
