import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { incoming, outgoing, unknownDirection } from '#model/packet.ts'
import {
  arpFrame,
  block,
  enhanced,
  ethernetFrame,
  interfaceOf,
  ipv4Packet,
  ipv6Packet,
  option,
  pcap,
  section,
  writer,
} from './fixtures.ts'
import { openPcapFile, type PcapFileSource } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'inkling-pcap-'))
after(() => rmSync(folder, { recursive: true }))

let fileCount = 0
function fileOf(bytes: Uint8Array | readonly number[]): string {
  const path = join(folder, `${fileCount++}.pcap`)
  writeFileSync(path, Uint8Array.from(bytes))
  return path
}

interface Seen {
  readonly timeUs: number
  readonly firstByte: number
  readonly captured: number
  readonly lengthBytes: number
  readonly direction: number
}

function readAll(source: PcapFileSource, packetsMax = 3): Seen[] {
  const seen: Seen[] = []
  while (!source.ended) {
    source.drain(packet => {
      const { bytes, start, end, timeUs, lengthBytes, direction } = packet
      seen.push({ timeUs, firstByte: bytes[start], captured: end - start, lengthBytes, direction })
    }, packetsMax)
    assert.ok(seen.length < 100_000)
  }
  source.close()
  return seen
}

const read = (bytes: Uint8Array | readonly number[]) => readAll(openPcapFile(fileOf(bytes)))
const little = writer(true)
const big = writer(false)
const orders = [little, big]

test('pcap: both byte orders, micro- and nanoseconds, and the modified header', () => {
  for (const write of orders) {
    const [micro] = read(pcap(write, [ethernetFrame], { missing: 10 }))
    assert.deepEqual(micro, {
      timeUs: 1_700_000_000_123_456,
      firstByte: 0x45,
      captured: 24,
      lengthBytes: 34,
      direction: unknownDirection,
    })
    const form = { magic: 0xa1b23c4d, fraction: 999_999_999 }
    assert.equal(read(pcap(write, [ethernetFrame], form))[0].timeUs, 1_700_000_000_999_999)
    const modified = pcap(write, [ethernetFrame, ethernetFrame], {
      magic: 0xa1b2cd34,
      packetType: 4,
    })
    assert.deepEqual(
      read(modified).map(({ firstByte, direction }) => [firstByte, direction]),
      [
        [0x45, outgoing],
        [0x45, outgoing],
      ],
    )
  }
})

test('pcap: the link type is the low half of its field', () => {
  assert.equal(read(pcap(little, [ipv6Packet], { linkType: 101 }))[0].firstByte, 0x60)
  assert.equal(read(pcap(little, [ethernetFrame], { linkType: 0x30000001 })).length, 1)
})

test('foreign packets are counted and not given', () => {
  const source = openPcapFile(fileOf(pcap(big, [arpFrame, ethernetFrame, arpFrame])))
  assert.equal(
    source.drain(() => {}, 10),
    1,
  )
  assert.equal(
    source.drain(() => {}, 10),
    0,
  )
  assert.deepEqual(source.counters(), { packets: 1, bytes: 24, drops: 0, cut: 0, foreign: 2 })
  assert.equal(source.ended, true)
  assert.equal(source.fault, undefined)
  source.close()
})

test('pcapng: both byte orders, several interfaces and sections', () => {
  const sectionOf = (write: typeof little) => [
    ...section(write),
    ...interfaceOf(write, 1),
    ...interfaceOf(write, 101, option(write, 9, [9])),
    ...enhanced(write, ethernetFrame, { high: 0x60a24, low: 0x181e4000, missing: 6 }),
    ...block(write, 0xbad, [1, 2, 3, 4]),
    ...enhanced(write, ipv6Packet, { on: 1, high: 0x17979cfe, low: 0x362a0000 }),
  ]
  const seen = read([...sectionOf(little), ...sectionOf(big)])
  assert.equal(seen.length, 4)
  assert.deepEqual(seen.slice(0, 2), seen.slice(2))
  assert.equal(seen[0].timeUs, 0x60a24 * 2 ** 32 + 0x181e4000)
  assert.equal(seen[0].lengthBytes, 30)
  assert.equal(BigInt(seen[1].timeUs), 0x17979cfe362a0000n / 1000n)
  assert.equal(seen[1].firstByte, 0x60)
})

test('pcapng: resolution and offset of time stamps', () => {
  const timeOf = (options: readonly number[], high: number, low: number) =>
    read([
      ...section(little),
      ...interfaceOf(little, 101, options),
      ...enhanced(little, ipv4Packet, { high, low }),
    ])[0].timeUs
  assert.equal(timeOf(option(little, 9, [3]), 0, 1500), 1_500_000)
  assert.equal(timeOf(option(little, 9, [0]), 0, 1500), 1_500_000_000)
  assert.equal(timeOf(option(little, 9, [0x80 | 10]), 0, 1536), 1_500_000)
  assert.equal(timeOf(option(little, 9, [12]), 1, 0), 4294)
  assert.equal(timeOf(option(little, 9, [15]), 0, 2_000_000_000), 2)
  assert.equal(timeOf(option(little, 14, [10, 0, 0, 0, 0, 0, 0, 0]), 0, 5), 10_000_005)
  assert.equal(timeOf(option(little, 14, new Array(8).fill(255)), 0, 5_000_000), 4_000_000)
})

test('pcapng: direction from the flags of a packet', () => {
  const directions = [0, 1, 2].map(bits => {
    const options = [...option(little, 1, [65, 66, 67]), ...option(little, 2, [bits, 0, 0, 0])]
    const packets = enhanced(little, ipv4Packet, { options })
    return read([...section(little), ...interfaceOf(little, 101), ...packets])[0].direction
  })
  assert.deepEqual(directions, [unknownDirection, incoming, outgoing])
})

test('pcapng: simple and old packet blocks, drops of statistics blocks', () => {
  for (const write of orders) {
    const simple = block(write, 3, [...write.u32(24), ...ipv4Packet])
    const times = [...write.u32(0), ...write.u32(7), ...write.u32(24), ...write.u32(30)]
    const old = block(write, 2, [...write.u16(0), ...write.u16(0xffff), ...times, ...ipv4Packet])
    const count = (value: number) =>
      write.littleEndian ? [value, 0, 0, 0, 0, 0, 0, 0] : [0, 0, 0, 0, 0, 0, 0, value]
    const statistics = (drops: number) =>
      block(write, 5, [...new Array(12).fill(0), ...option(write, 5, count(drops))])
    const path = fileOf([
      ...section(write),
      ...interfaceOf(write, 101, [], 20),
      ...old,
      ...simple,
      ...statistics(3),
      ...statistics(5),
    ])
    const source = openPcapFile(path)
    const seen = readAll(source)
    assert.deepEqual(
      seen.map(({ timeUs, captured, lengthBytes }) => [timeUs, captured, lengthBytes]),
      [
        [7, 24, 30],
        [7, 20, 24],
      ],
    )
    assert.equal(source.counters().drops, 5)
    assert.equal(source.counters().cut, 2)
  }
})

const smallPcap = pcap(little, [ethernetFrame, arpFrame, ethernetFrame])
const smallPcapng = Uint8Array.from([
  ...section(big),
  ...interfaceOf(big, 1),
  ...enhanced(big, ethernetFrame),
  ...enhanced(big, ethernetFrame, { options: option(big, 2, [0, 0, 0, 1]) }),
])

/** What a reader makes of bytes: packets and a sentence, whether thrown at opening or told at the end. */
function outcomeOf(bytes: Uint8Array): { packets: number; sentence: string | undefined } {
  const path = fileOf(bytes)
  try {
    const source = openPcapFile(path)
    const packets = readAll(source).length
    return { packets, sentence: source.fault?.replace(path, 'FILE') }
  } catch (error) {
    assert.ok(error instanceof Error)
    assert.ok(error.message.startsWith(path), error.message)
    return { packets: 0, sentence: error.message.replace(path, 'FILE') }
  } finally {
    rmSync(path)
  }
}

test('a file cut at any byte gives its whole packets and says so', () => {
  for (const whole of [smallPcap, smallPcapng]) {
    let packets = 0
    for (let cut = 0; cut < whole.length; cut++) {
      const outcome = outcomeOf(whole.subarray(0, cut))
      assert.ok(outcome.packets >= packets, `at byte ${cut}`)
      packets = outcome.packets
      const sentence = outcome.sentence ?? 'cut between two packets'
      assert.match(sentence, /cut|empty|no capture file/, `at byte ${cut}`)
    }
    assert.equal(outcomeOf(whole).sentence, undefined)
  }
  assert.deepEqual(outcomeOf(smallPcap.subarray(0, -1)), {
    packets: 1,
    sentence: 'FILE is cut short after 2 packets.',
  })
})

test('gzip of either reads the same, in one member or several', () => {
  assert.deepEqual(read(gzipSync(smallPcap)), read(smallPcap))
  assert.deepEqual(read(gzipSync(smallPcapng)), read(smallPcapng))
  const parts = [gzipSync(smallPcap.subarray(0, 50)), gzipSync(smallPcap.subarray(50))]
  assert.deepEqual(read(Buffer.concat(parts)), read(smallPcap))
})

test('a cut gzip file gives what it holds and says that it is cut', () => {
  const frames = Array.from({ length: 20_000 }, (_, i) => [...ethernetFrame, i & 255, i >> 8])
  const packed = gzipSync(pcap(little, frames))
  const whole = outcomeOf(packed)
  assert.deepEqual(whole, { packets: 20_000, sentence: undefined })
  const half = outcomeOf(packed.subarray(0, packed.length >> 1))
  assert.ok(half.packets > 5_000 && half.packets < 15_000, `${half.packets}`)
  assert.match(half.sentence ?? '', /^FILE is cut short after \d+ packets\.$/)
  const trailer = outcomeOf(packed.subarray(0, -3))
  assert.equal(trailer.packets, 20_000)
  assert.match(trailer.sentence ?? '', /cut short/)
})

test('a damaged gzip file is a fault, not an exception', () => {
  const small = gzipSync(smallPcap)
  small.fill(0x55, small.length - 8)
  assert.equal(outcomeOf(small).sentence, 'FILE is damaged: it does not unpack.')
  const noise = random(7)
  const frame = () => [...ethernetFrame, ...Array.from({ length: 200 }, () => noise() * 256)]
  const large = gzipSync(pcap(little, Array.from({ length: 3000 }, frame)))
  large.fill(0x55, large.length - 8)
  const { packets, sentence } = outcomeOf(large)
  assert.ok(packets > 1000, `${packets}`)
  assert.match(sentence ?? '', /^FILE is damaged after \d+ packets/)
})

test('a packet larger than the buffer is read whole', () => {
  const large = [...ipv4Packet, ...new Array(700_000).fill(9)]
  const seen = read(pcap(little, [ipv4Packet, large, ipv4Packet], { linkType: 101 }))
  assert.deepEqual(
    seen.map(({ captured }) => captured),
    [24, 700_024, 24],
  )
})

test('a claim of more bytes than any packet has is damage', () => {
  const bytes = pcap(little, [ethernetFrame, ethernetFrame])
  bytes.fill(0xff, 24 + 16 + 38 + 8, 24 + 16 + 38 + 12)
  assert.deepEqual(outcomeOf(bytes), {
    packets: 1,
    sentence: 'FILE is damaged after 1 packet: what follows makes no sense.',
  })
})

test('what cannot be opened is told in one sentence', () => {
  assert.throws(() => openPcapFile(join(folder, 'absent')), /absent cannot be read: there is no/)
  assert.throws(() => openPcapFile(folder), /cannot be read: it is a directory\.$/)
  assert.throws(() => openPcapFile(fileOf([])), /is empty: a capture file was expected\.$/)
  assert.throws(
    () => openPcapFile(fileOf(Buffer.from('GET / HTTP/1.1\r\n\r\n'))),
    /is no capture file: pcap or pcapng was expected\.$/,
  )
})

/** Mulberry32: random numbers that a printed seed brings back. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

test('random bytes never throw past the opening, never loop', t => {
  const seed = 20_260_101
  t.diagnostic(`seed ${seed}`)
  const next = random(seed)
  const starts = [smallPcap.subarray(0, 24), smallPcapng.subarray(0, 48), new Uint8Array(0)]
  for (let round = 0; round < 600; round++) {
    const noise = Uint8Array.from({ length: Math.floor(next() * 400) }, () => next() * 256)
    outcomeOf(Buffer.concat([starts[round % 3], noise]))
    const changed = Uint8Array.from(round % 2 ? smallPcap : smallPcapng)
    changed[Math.floor(next() * changed.length)] = next() * 256
    outcomeOf(changed)
  }
})

test('standard input, plain and packed', () => {
  const script = `
    import { openPcapFile } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)}
    const source = openPcapFile('-')
    while (!source.ended) source.drain(() => {}, 10)
    console.log(source.counters().packets, source.fault)
    source.close()`
  for (const input of [smallPcap, gzipSync(smallPcap)]) {
    const args = ['--input-type=module', '-e', script]
    const { stdout, stderr } = spawnSync(process.execPath, args, {
      input,
      encoding: 'utf8',
      timeout: 10_000,
    })
    assert.equal(stdout.trim(), '2 undefined', stderr)
  }
})
