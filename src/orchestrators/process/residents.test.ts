import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Inhabited, Residents, residentsMax } from './residents.ts'

const idOf = (text: string) => text.padEnd(64, '0')
const uid = '7f6a3c1e-0b5d-4e0a-9c53-3f7f5a1b2c3d'
const inPod = (id: string) => `0::/kubepods/burstable/pod${uid}/${idOf(id)}`
const fibTrie = (ip: string) => `Local:\n     |-- ${ip}\n        /32 host LOCAL\n`

interface Files {
  readonly cgroup: string
  readonly ip?: string
  readonly environ?: string
}

/** A proc file system of these processes. */
function procOf(t: TestContext, processes: Readonly<Record<number, Files>> = {}) {
  const root = mkdtempSync(join(tmpdir(), 'inkling-proc-'))
  t.after(() => rmSync(root, { recursive: true }))
  const put = (pid: number, { cgroup, ip, environ = '' }: Files) => {
    mkdirSync(join(root, String(pid), 'net'), { recursive: true })
    writeFileSync(join(root, String(pid), 'cgroup'), cgroup)
    writeFileSync(join(root, String(pid), 'environ'), environ)
    writeFileSync(join(root, String(pid), 'net/fib_trie'), ip ? fibTrie(ip) : '')
  }
  for (const [pid, files] of Object.entries(processes)) put(Number(pid), files)
  return { root, put }
}

const at = (inode: string, ...pids: number[]): Inhabited => ({ inode, pids })

test('containers are told with the namespace they live in and its addresses', t => {
  const { root } = procOf(t, {
    1: { cgroup: '0::/init.scope', ip: '10.0.0.5' },
    20: { cgroup: inPod('aa'), ip: '10.244.1.2' },
    21: { cgroup: inPod('ab'), ip: '10.244.1.2' },
    22: { cgroup: inPod('ab'), ip: '10.244.1.2' },
    30: { cgroup: `0::/docker/${idOf('cc')}`, ip: '10.0.0.5' },
  })
  const residents = new Residents(root, 'host')
  assert.ok(residents.look([at('host', 1, 30), at('ns', 20, 21, 22)]))
  assert.deepEqual(residents.all, [
    { names: [`docker:${idOf('cc')}`], namespace: 'host', addresses: [] },
    { names: [`docker:${idOf('aa')}`, `task:${uid}`], namespace: 'ns', addresses: ['10.244.1.2'] },
    { names: [`docker:${idOf('ab')}`, `task:${uid}`], namespace: 'ns', addresses: ['10.244.1.2'] },
  ])
  assert.ok(residents.isKnown(`docker:${idOf('ab')}`))
  assert.ok(!residents.isKnown(`task:${uid}`))
  assert.deepEqual(Object.fromEntries(residents.parties()), { host: 1, ns: 1 })
  assert.ok(!residents.look([at('host', 1, 30), at('ns', 20, 21, 22)]), 'nothing is new')
  assert.ok(residents.look([at('host', 1)]))
  assert.deepEqual(residents.all, [])
})

test('a process that moves on while it starts is found where it went', t => {
  const { root, put } = procOf(t, { 20: { cgroup: '0::/system.slice/containerd.service' } })
  const residents = new Residents(root, 'host')
  assert.ok(!residents.look([at('ns', 20)]))
  put(20, { cgroup: inPod('aa'), ip: '10.244.1.2' })
  assert.ok(residents.look([at('ns', 20)]))
  assert.equal(residents.all.length, 1)
})

test('later it is read seldom, and anew in another namespace', t => {
  const { root, put } = procOf(t, { 20: { cgroup: inPod('aa'), ip: '10.244.1.2' } })
  const residents = new Residents(root, 'host')
  for (let i = 0; i < 8; i++) residents.look([at('ns', 20)])
  put(20, { cgroup: inPod('bb'), ip: '10.244.1.2' })
  assert.ok(!residents.look([at('ns', 20)]))
  assert.ok(residents.look([at('next', 20)]))
  assert.equal(residents.all[0].names[0], `docker:${idOf('bb')}`)
  put(20, { cgroup: inPod('cc'), ip: '10.244.1.2' })
  const looks = Array.from({ length: 32 }, () => residents.look([at('next', 20)]))
  assert.equal(looks.filter(Boolean).length, 1)
})

test('containers of one pod are one party, others are not', t => {
  const { root } = procOf(t, {
    20: { cgroup: inPod('aa') },
    30: { cgroup: `0::/docker/${idOf('cc')}` },
    31: { cgroup: `0::/docker/${idOf('dd')}` },
  })
  const residents = new Residents(root, 'host')
  residents.look([at('pod', 20), at('shared', 30, 31)])
  assert.deepEqual(Object.fromEntries(residents.parties()), { pod: 1, shared: 2 })
})

test('a container of Mesos tells its task by what its processes were given', t => {
  const cgroup = `4:memory:/mesos/${uid}\n0::/`
  const { root } = procOf(t, {
    20: { cgroup, environ: 'A=1\0' },
    21: { cgroup, environ: `NOT_MESOS_TASK_ID=no\0MESOS_TASK_ID=shop_vote.1\0B=2\0` },
    22: { cgroup: inPod('aa'), environ: 'MESOS_TASK_ID=forged\0' },
  })
  const residents = new Residents(root, 'host')
  residents.look([at('host', 20, 21, 22)])
  assert.deepEqual(
    residents.all.map(({ names }) => names),
    [
      [`docker:${idOf('aa')}`, `task:${uid}`],
      [`mesos:${uid}`, 'task:shop_vote.1'],
    ],
  )
})

test('a process that is gone, and a million containers, are no trouble', t => {
  const { root } = procOf(t, { 20: { cgroup: inPod('aa') } })
  const residents = new Residents(root, 'host')
  assert.ok(!residents.look([at('ns', 404)]))
  const many = Array.from({ length: residentsMax + 5 }, (_, i) => at(`ns${i}`, 20))
  residents.look(many)
  assert.deepEqual([residents.all.length, residents.cut], [residentsMax, 5])
})
