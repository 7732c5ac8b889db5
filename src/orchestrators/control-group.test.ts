import assert from 'node:assert/strict'
import { test } from 'node:test'
import { containersIn, namesIn } from './control-group.ts'

const id = '0123456789abcdef'.repeat(4)
const outer = 'fedcba9876543210'.repeat(4)
const uid = '7f6a3c1e-0b5d-4e0a-9c53-3f7f5a1b2c3d'
const uid_ = uid.replaceAll('-', '_')
const file = '8d3e2b1a'.repeat(4)

test('a control group tells containers and pods, by whatever runtime, driver and version', () => {
  const docker = [`docker:${id}`]
  const pod = [`docker:${id}`, `task:${uid}`]
  const cases: readonly (readonly [string, readonly string[]])[] = [
    [`12:cpu,cpuacct:/docker/${id}\n1:name=systemd:/docker/${id}\n0::/`, docker],
    [`0::/system.slice/docker-${id}.scope`, docker],
    [`0::/machine.slice/libpod-${id}.scope/container`, docker],
    [`0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${id}.scope`, docker],
    [`3:pids:/kubepods/besteffort/pod${uid}/${id}`, pod],
    [`3:pids:/kubepods/pod${uid}/${id}\n2:cpu:/\n0::/`, pod],
    [`0::/kubepods.slice/kubepods-pod${uid_}.slice/cri-containerd-${id}.scope`, pod],
    [
      `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid_}.slice/crio-${id}.scope/container`,
      pod,
    ],
    [`0::/kubelet/kubepods/burstable/pod${uid}/${id}`, pod],
    [
      `0::/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort-pod${uid_}.slice/cri-containerd-${id}.scope`,
      pod,
    ],
    [
      `0::/docker/${outer}/kubelet/kubepods/pod${uid}/${id}`,
      [`docker:${id}`, `task:${uid}`, `docker:${outer}`],
    ],
    [`0::/kubepods/burstable/pod${file}/${id}`, [`docker:${id}`, `task:${file}`]],
    [`0::/../../kubepods-burstable-pod${uid_}.slice/cri-containerd-${id}.scope`, pod],
    [`0::/../pod${uid}/${id}`, pod],
    [`0::/../cri-containerd-${id}.scope`, docker],
    [`0::/kubepods/pod${uid}`, [`task:${uid}`]],
    [`11:memory:/mesos/${uid}\n1:name=systemd:/system.slice/mesos.service`, [`mesos:${uid}`]],
    [`0::/mesos/${uid}/mesos/${uid}.check`, [`mesos:${uid}.check`, `mesos:${uid}`]],
    [`0::/machine.slice/libpod-conmon-${id}.scope`, []],
    [`0::/kubepods.slice/kubepods-pod${uid_}.slice/crio-conmon-${id}.scope`, [`task:${uid}`]],
    ['0::/mesos/agent', []],
    ['0::/system.slice/podman.service', []],
    ['0::/user.slice/user-1000.slice/session-2.scope', []],
    [`0::/docker/${id}ff`, []],
    ['0::/..', []],
    ['no colons at all', []],
    ['', []],
  ]
  for (const [cgroup, expected] of cases) assert.deepEqual(namesIn(cgroup), expected, cgroup)
})

test('a pod is no container', () => {
  const names = [`docker:${id}`, `task:${uid}`, `mesos:${uid}`]
  assert.deepEqual(containersIn(names), [`docker:${id}`, `mesos:${uid}`])
})

test('an endless nesting is cut', () => {
  const deep = Array.from({ length: 100 }, (_, i) => i.toString(16).padStart(64, '0')).join('/')
  assert.equal(namesIn(`0::/${deep}`).length, 16)
})
