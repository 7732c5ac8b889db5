import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import {
  type Interface,
  isForwarding,
  listForwardingInterfaces,
  listPassages,
} from './interfaces.ts'

const folder = mkdtempSync(join(tmpdir(), 'inkling-net-'))
after(() => rmSync(folder, { recursive: true }))

const uplink: Interface = {
  name: 'eth0',
  index: 2,
  peerIndex: 2,
  deviceType: '',
  hardwareType: 1,
  isHardware: true,
  isBridge: false,
  isLayered: false,
  hasNetwork: true,
}
const veth: Interface = { ...uplink, index: 7, peerIndex: 8, isHardware: false, hasNetwork: false }

const cases: readonly (readonly [string, Interface, boolean])[] = [
  ['the uplink', uplink, false],
  ['the uplink of a virtual machine without a device', { ...uplink, isHardware: false }, false],
  ['loopback', { ...uplink, isHardware: false, hardwareType: 772 }, false],
  ["a container's veth", veth, true],
  ['a veth that is the way out of a node in a container', { ...veth, hasNetwork: true }, false],
  ['a bridge', { ...uplink, isHardware: false, isBridge: true }, true],
  ['a bond', { ...uplink, isHardware: false, isLayered: true }, true],
  ['a VXLAN device', { ...veth, deviceType: 'vxlan' }, true],
  ['an IPIP tunnel', { ...veth, hardwareType: 768 }, true],
  ['a TUN device of a VPN', { ...uplink, isHardware: false, hardwareType: 65534 }, false],
  [
    'WireGuard',
    { ...uplink, isHardware: false, deviceType: 'wireguard', hardwareType: 65534 },
    false,
  ],
  ['a shaper', { ...uplink, name: 'ifb0', isHardware: false }, true],
]

for (const [name, found, forwarding] of cases) {
  test(`${name} ${forwarding ? 'only passes on' : 'is looked at'}`, () => {
    assert.equal(isForwarding(found), forwarding)
  })
}

test('interfaces are read from sysfs, and what cannot be read is passed over', () => {
  const write = (name: string, files: Record<string, string>) => {
    mkdirSync(join(folder, name))
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, name, file), text)
  }
  write('inkA', { ifindex: '9\n', iflink: '8\n', type: '1\n', uevent: 'INTERFACE=inkA\n' })
  write('inkB', { ifindex: '4\n', iflink: '4\n', type: '1\n', uevent: '' })
  mkdirSync(join(folder, 'inkB', 'bridge'))
  write('inkC', { ifindex: '5\n', iflink: '5\n', type: '1\n', uevent: '', device: '' })
  write('inkD', { ifindex: '3\n', iflink: '5\n', type: '1\n', uevent: 'DEVTYPE=vlan\n' })
  mkdirSync(join(folder, 'inkD', 'lower_inkC'))
  write('inkE', {})
  assert.deepEqual(listForwardingInterfaces(folder), [3, 4, 9])
  assert.deepEqual(listForwardingInterfaces(join(folder, 'absent')), [])
})

test('a passage is where an address is next to one of ours, on an interface that is ignored', () => {
  const lo = join(folder, 'lo')
  mkdirSync(lo)
  writeFileSync(join(lo, 'ifindex'), '1\n')
  const passage = { bridge: 1, here: '127.0.0.1', there: '127.0.0.9' }
  const others = ['127.0.0.9', '198.51.100.7', 'fd00::1', 'nobody']
  assert.deepEqual(listPassages(others, [1], folder), [passage])
  assert.deepEqual(listPassages(others, [2], folder), [])
  assert.deepEqual(listPassages(others, [1], join(folder, 'absent')), [])
})
