import assert from 'node:assert/strict'
import { test } from 'node:test'
import { containersOf, inodeOf, namespaceOf } from './proc.ts'

const id = '0123456789abcdef'.repeat(4)
const inner = 'fedcba9876543210'.repeat(4)

test('a control group tells the container, by whatever runtime and version', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    [`12:cpu,cpuacct:/docker/${id}\n1:name=systemd:/docker/${id}\n0::/`, [id]],
    [`0::/system.slice/docker-${id}.scope`, [id]],
    [`0::/docker/${id}`, [id]],
    [`3:pids:/kubepods/besteffort/pod1-2-3/${id}`, [id]],
    [`0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-${id}.scope`, [id]],
    [`0::/kubepods.slice/crio-${id}.scope`, [id]],
    [`0::/machine.slice/libpod-${id}.scope/container`, [id]],
    [`0::/ecs/task/${id}`, [id]],
    [`0::/docker/${id}/docker/${inner}`, [inner, id]],
    [`0::/docker/${id}/system.slice/docker-${inner}.scope`, [inner, id]],
    ['0::/user.slice/user-1000.slice/session-2.scope', []],
    ['0::/lxc.payload.web', []],
    ['', []],
    [`0::/docker/${id}ff`, []],
    [`0::/docker/${id.slice(1)}`, []],
  ]
  for (const [cgroup, expected] of cases) assert.deepEqual(containersOf(cgroup), expected, cgroup)
})

test('an endless nesting is cut', () => {
  const deep = Array.from({ length: 100 }, (_, i) => i.toString(16).padStart(64, '0')).join('/')
  assert.equal(containersOf(`0::/${deep}`).length, 8)
})

test('inodes are read from links, and nobody has none', () => {
  assert.equal(inodeOf('net:[4026531840]'), '4026531840')
  assert.equal(inodeOf('socket:[123]'), '123')
  assert.equal(inodeOf('/dev/null'), undefined)
  assert.match(namespaceOf('/proc', 'self') ?? '', /^\d+$/)
  assert.equal(namespaceOf('/proc', 2 ** 30), undefined)
})
