import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { hierarchiesIn } from './control-group-place.ts'
import { UsageMeter } from './control-group-usage.ts'

const id = 'ab'.repeat(32)
const container = { id: `docker:${id}`, pid: 7 }
const mib = 1024 * 1024

/** A machine: files by their paths, and what is mounted where. */
function machineOf(t: TestContext, mountinfo: readonly string[], files: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-groups-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  for (const [path, text] of Object.entries(files)) write(path, text)
  const meter = new UsageMeter(`${folder}/proc`, hierarchiesIn(mountinfo.join('\n'), folder))
  t.after(() => meter.close())
  meter.expect([container])
  const measure = (nowMs: number) => meter.measure(nowMs).get(container.id)
  return { meter, write, measure }
}

const v2Mount = '41 31 0:38 / /cg rw,relatime - cgroup2 cgroup2 rw'
const v2Group = `cg/system.slice/docker-${id}.scope`
const v2Files = {
  [`${v2Group}/cpu.stat`]: 'usage_usec 5000000\nuser_usec 1\n',
  [`${v2Group}/cpu.max`]: '150000 100000\n',
  [`${v2Group}/memory.current`]: `${100 * mib}\n`,
  [`${v2Group}/memory.stat`]: `anon 5\ninactive_anon 9\ninactive_file ${30 * mib}\nactive_file 8\n`,
  [`${v2Group}/memory.max`]: `${512 * mib}\n`,
}
const limits = { cpusMax: 1.5, memoryBytesMax: 512 * mib }

test('v2: processor time over time, its quota, memory without what can be given back, its limit', t => {
  const cgroup = `0::/system.slice/docker-${id}.scope\n`
  const { write, measure } = machineOf(t, [v2Mount], { ...v2Files, 'proc/7/cgroup': cgroup })
  assert.deepEqual(measure(10_000), { memoryBytes: 70 * mib, ...limits })
  write(`${v2Group}/cpu.stat`, 'usage_usec 7500000\nuser_usec 1\n')
  write(`${v2Group}/memory.current`, `${20 * mib}\n`)
  assert.deepEqual(measure(20_000), { cpus: 0.25, memoryBytes: 0, ...limits })
})

test('v1: each controller has its own hierarchy; what is without a limit says none', t => {
  const mounts = ['cpu,cpuacct', 'memory'].map(
    (name, i) => `${i} 31 0:3${i} / /cg/${name} rw,relatime - cgroup cgroup rw,${name}`,
  )
  const { write, measure } = machineOf(t, mounts, {
    'proc/7/cgroup': `4:memory:/docker/${id}\n2:cpu,cpuacct:/docker/${id}\n0::/docker/${id}\n`,
    [`cg/cpu,cpuacct/docker/${id}/cpuacct.usage`]: '5000000000\n',
    [`cg/cpu,cpuacct/docker/${id}/cpu.cfs_quota_us`]: '-1\n',
    [`cg/cpu,cpuacct/docker/${id}/cpu.cfs_period_us`]: '100000\n',
    [`cg/memory/docker/${id}/memory.usage_in_bytes`]: `${100 * mib}\n`,
    [`cg/memory/docker/${id}/memory.stat`]: `inactive_file 1\ntotal_inactive_file ${40 * mib}\n`,
    [`cg/memory/docker/${id}/memory.limit_in_bytes`]: '9223372036854771712\n',
  })
  assert.deepEqual(measure(10_000), { memoryBytes: 60 * mib })
  write(`cg/cpu,cpuacct/docker/${id}/cpuacct.usage`, '25000000000\n')
  assert.deepEqual(measure(20_000), { cpus: 2, memoryBytes: 60 * mib })
})

test('from a namespace of control groups of our own the group is found by what is told of its path', t => {
  const mount = v2Mount.replace(' / ', ' /../.. ')
  const files = { ...v2Files, 'cg/user.slice/other': '', 'cg/system.slice/sshd.service/x': '' }
  const cgroup = `0::/../docker-${id}.scope\n`
  const { measure } = machineOf(t, [mount], { ...files, 'proc/7/cgroup': cgroup })
  assert.deepEqual(measure(10_000), { memoryBytes: 70 * mib, ...limits })
})

test('a process in a group below its container’s: the container’s is measured', t => {
  const cgroup = `0::/system.slice/docker-${id}.scope/init\n`
  const files = { ...v2Files, [`${v2Group}/init/cpu.stat`]: '' }
  const { measure } = machineOf(t, [v2Mount], { ...files, 'proc/7/cgroup': cgroup })
  assert.deepEqual(measure(10_000), { memoryBytes: 70 * mib, ...limits })
})

test('what has no group of its own, or cannot be seen, is not measured', t => {
  for (const cgroup of ['0::/\n', '0::/system.slice\n', `0::/elsewhere/${id}\n`, '', 'what\n']) {
    const { measure } = machineOf(t, [v2Mount], { ...v2Files, 'proc/7/cgroup': cgroup })
    assert.equal(measure(10_000), undefined, cgroup)
  }
})

test('a container that began anew or is gone is not what it was', t => {
  const cgroup = `0::/system.slice/docker-${id}.scope\n`
  const files = { ...v2Files, 'proc/7/cgroup': cgroup, 'proc/8/cgroup': cgroup }
  const { meter, write, measure } = machineOf(t, [v2Mount], files)
  measure(10_000)
  meter.expect([{ ...container, pid: 8 }])
  write(`${v2Group}/cpu.stat`, 'usage_usec 9\n')
  assert.deepEqual(measure(20_000), { memoryBytes: 70 * mib, ...limits })
  meter.expect([])
  assert.equal(meter.measure(30_000).size, 0)
})
