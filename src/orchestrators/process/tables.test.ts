import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Answers } from './answers.ts'
import { Descriptors } from './descriptors.ts'
import { Identities } from './identity.ts'
import { Talkers } from './talkers.ts'

/** A proc file system of our own. */
function fakeProc(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'inkling-proc-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  writeFileSync(join(root, 'stat'), 'cpu 1 2 3\nbtime 1700000000\n')
  const put = (pid: number, name: string, startTicks: number, inodes: readonly number[] = []) => {
    const folder = join(root, String(pid))
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(join(folder, 'fd'), { recursive: true })
    const fields = ['S', ...Array.from({ length: 18 }, () => '0'), String(startTicks), '0']
    writeFileSync(join(folder, 'stat'), `${pid} (odd) name) ${fields.join(' ')}`)
    writeFileSync(join(folder, 'cmdline'), `/usr/bin/${name}\0-x\0`)
    writeFileSync(join(folder, 'comm'), `${name}\n`)
    writeFileSync(join(folder, 'cgroup'), '0::/\n')
    for (const [i, inode] of inodes.entries())
      symlinkSync(`socket:[${inode}]`, join(folder, 'fd', String(i)))
  }
  const end = (pid: number) => rmSync(join(root, String(pid)), { recursive: true })
  return { root, put, end }
}

test('an answer lives its time and no more than twice that, unless it is asked for', () => {
  const answers = new Answers<string>(10, 100)
  answers.prune(100)
  answers.set('busy', 'x')
  answers.set('idle', 'y')
  for (let nowMs = 110; nowMs <= 199; nowMs += 10) answers.prune(nowMs)
  assert.equal(answers.size, 2)
  for (let nowMs = 200; nowMs < 1_000; nowMs += 10) {
    answers.prune(nowMs)
    assert.equal(answers.get('busy'), 'x')
  }
  assert.equal(answers.get('idle'), undefined)
  assert.equal(answers.size, 1)
})

test('too many answers drop those not asked for, and are counted', () => {
  const answers = new Answers<number>(10, 100)
  for (let i = 0; i < 1_000; i++) {
    answers.set(`k${i}`, i)
    answers.get('k0')
    assert.ok(answers.size <= 10)
  }
  assert.equal(answers.get('k0'), 0)
  assert.equal(answers.get('k999'), 999)
  assert.equal(answers.get('k500'), undefined)
  assert.ok(answers.evicted + answers.size <= 1_000 && answers.evicted > 900)
  answers.set('k999', 1)
  assert.equal(answers.get('k999'), 1)
})

test('a wanted socket is found in slices, and remembered with its neighbours', t => {
  const { root, put } = fakeProc(t)
  put(1, 'init', 0, [700])
  put(20, 'nginx', 5, [700, 701])
  put(30, 'cart', 6, [702])
  const descriptors = new Descriptors(root)
  assert.equal(descriptors.ownerOf(700, 0), undefined)
  assert.equal(descriptors.isWanted(700), true)
  let slices = 0
  while (descriptors.wanted > 0 && slices++ < 10) descriptors.search(0.0001, 0)
  assert.ok(slices > 0)
  assert.equal(descriptors.ownerOf(700, 0), 20, 'not init, which only opened it for nginx')
  assert.equal(descriptors.ownerOf(701, 0), 20)
})

test('a socket nobody has is given up, and asked again after a minute', t => {
  const { root, put } = fakeProc(t)
  put(20, 'nginx', 5, [700])
  const descriptors = new Descriptors(root)
  descriptors.ownerOf(999, 0)
  descriptors.search(1000, 0)
  assert.equal(descriptors.wanted, 0)
  descriptors.ownerOf(999, 59_999)
  assert.equal(descriptors.wanted, 0)
  descriptors.ownerOf(999, 60_000)
  assert.equal(descriptors.wanted, 1)
})

test('hints are looked at first', t => {
  const { root, put } = fakeProc(t)
  for (let pid = 100; pid < 200; pid++) put(pid, 'idle', pid, [pid])
  const descriptors = new Descriptors(root)
  descriptors.ownerOf(150, 0)
  descriptors.search(1_000, 0, [150])
  assert.equal(descriptors.ownerOf(100, 0), undefined, 'the search ended before the oldest process')
  assert.equal(descriptors.ownerOf(150, 0), 150)
})

test('so are those who live where a socket was seen', t => {
  const { root, put } = fakeProc(t)
  for (let pid = 100; pid < 200; pid++) put(pid, 'idle', pid, [pid])
  const descriptors = new Descriptors(root)
  descriptors.ownerOf(150, 0, [140, 150])
  descriptors.search(1_000, 0, [120])
  assert.equal(descriptors.ownerOf(120, 0), undefined, 'the search ended before')
  assert.equal(descriptors.ownerOf(150, 0), 150)
})

test('more sockets than can be wanted are refused and counted', t => {
  const descriptors = new Descriptors(fakeProc(t).root)
  for (let inode = 1; inode <= 5000; inode++) descriptors.ownerOf(inode, 0)
  assert.deepEqual([descriptors.wanted, descriptors.refused], [4096, 904])
})

test('a process is one instance; many of a name become one', t => {
  const { root, put } = fakeProc(t)
  const identities = new Identities(root)
  const talkers = new Talkers(root)
  for (let pid = 1000; pid < 1040; pid++) {
    put(pid, 'curl', pid * 100)
    talkers.instanceOf(identities.of(pid, 0)!, 0)
  }
  const [group, ...rest] = talkers.changes()
  assert.equal(rest.length, 0)
  assert.deepEqual(group.service, { id: 'process:curl', name: 'curl', kind: 'process', group: [] })
  assert.equal(group.instances.length, 33)
  assert.equal(group.instances[0].id, 'process:1000:100000')
  assert.equal(group.instances[0].sinceMs, 1_700_000_000_000 + 1_000_000)
  assert.equal(group.instances[32].id, 'process:brief:curl')
  assert.equal(talkers.folded, 8)
  assert.deepEqual(talkers.changes(), [])
})

test('a process that ends while it is read is nobody', t => {
  const { root, put } = fakeProc(t)
  put(10, 'curl', 100)
  rmSync(join(root, '10/comm'))
  assert.equal(new Identities(root).of(10, 0), undefined)
})

test('a million names make one service more', t => {
  const talkers = new Talkers(fakeProc(t).root)
  for (let i = 0; i < 10_000; i++) talkers.briefOf(`x${i}`, 0)
  const groups = talkers.groups()
  assert.equal(groups.length, 257)
  assert.equal(groups[256].service.id, 'process:other processes')
  assert.equal(groups[256].instances.length, 1)
})

test('who ended is still told for a minute, then gone; a pid given to another is another', t => {
  const { root, put, end } = fakeProc(t)
  put(10, 'web', 100)
  put(11, 'old', 100)
  const identities = new Identities(root)
  const talkers = new Talkers(root)
  for (const pid of [10, 11]) talkers.instanceOf(identities.of(pid, 0)!, 0)
  talkers.changes()
  put(11, 'new', 900)
  talkers.sweep(10_000)
  assert.deepEqual(talkers.changes(), [])
  end(10)
  talkers.sweep(20_000)
  talkers.sweep(80_001)
  const lines = talkers
    .changes()
    .map(({ service, instances }) => `${service.id} ${instances.length}`)
  assert.deepEqual(lines.sort(), ['process:old 0', 'process:web 0'])
  const renewed = identities.of(11, 80_001)!
  assert.equal(talkers.instanceOf(renewed, 80_001), 'process:11:900')
})

test('a brief name nobody asks for is forgotten', t => {
  const talkers = new Talkers(fakeProc(t).root)
  talkers.briefOf('curl', 0)
  talkers.briefOf('wget', 200_000)
  talkers.sweep(300_001)
  assert.deepEqual(
    talkers.groups().map(group => group.service.id),
    ['process:wget'],
  )
})
