import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { globalIpv6, localIpv4 } from '../namespace-addresses.ts'
import { containerOf } from './fake-engine.ts'
import { unseen } from './instance.ts'
import { Roster } from './roster.ts'
import { sandboxOf } from './sandbox.ts'
import { type Inspected, readContainer } from './shape.ts'

/** A Swarm task's, on an overlay and on docker_gwbridge. */
const fibTrie = `Main:
  +-- 10.0.1.0/24 2 0 2
     |-- 10.0.1.7
        /32 host LOCAL
     |-- 10.0.1.255
        /32 link BROADCAST
Local:
  +-- 10.0.1.0/24 2 0 2
     |-- 10.0.1.7
        /32 host LOCAL
  +-- 127.0.0.0/8 2 0 2
     |-- 127.0.0.1
        /32 host LOCAL
  +-- 172.18.0.0/16 2 0 2
     |-- 172.18.0.0
        /16 link UNICAST
     |-- 172.18.0.3
        /32 host LOCAL
     |-- 192.168.9.9
        /32 host LOCAL
`
const ifInet6 = `00000000000000000000000000000001 01 80 10 80       lo
fd130008000000000000000000000002 7b 40 00 80     eth1
fe800000000000000042c0fffe000002 7b 40 20 80     eth1
`
const networks = [
  {
    id: 'gw',
    name: 'docker_gwbridge',
    driver: 'bridge',
    gateways: [],
    subnets: ['172.18.0.0/16', 'bad', '::/999'],
  },
  {
    id: 'ov',
    name: 'shop',
    driver: 'overlay',
    gateways: [],
    subnets: ['10.0.1.0/24', 'fd13:8::/64'],
  },
]
const id = 'a'.repeat(64)

/** The container, as the engine tells it that sees its process under that number. */
function inspected(Pid: number, ip = ''): Inspected {
  const Networks = ip === '' ? {} : { shop: { NetworkID: 'told', IPAddress: ip } }
  return readContainer(
    containerOf(id, 'web', { State: { Running: true, Pid }, NetworkSettings: { Networks } }),
  )!
}

function fakeProc(t: TestContext, cgroup: string): string {
  const root = mkdtempSync(join(tmpdir(), 'inkling-proc-'))
  t.after(() => rmSync(root, { recursive: true }))
  for (const [pid, inode] of [
    [1, 41],
    [7, 42],
  ]) {
    for (const folder of ['ns', 'net'])
      mkdirSync(join(root, String(pid), folder), { recursive: true })
    symlinkSync(`net:[${inode}]`, join(root, String(pid), 'ns/net'))
    writeFileSync(join(root, String(pid), 'cgroup'), cgroup)
    writeFileSync(join(root, String(pid), 'net/fib_trie'), fibTrie)
    writeFileSync(join(root, String(pid), 'net/if_inet6'), ifInet6)
  }
  return root
}

test('addresses of a namespace are read, without loopback and link-local ones', () => {
  assert.deepEqual(localIpv4(fibTrie), ['10.0.1.7', '172.18.0.3', '192.168.9.9'])
  assert.deepEqual(globalIpv6(ifInet6), ['fd13:8::2'])
  assert.deepEqual([...localIpv4('nonsense'), ...globalIpv6('nonsense\n\n')], [])
})

test('what the engine does not tell is found in the namespace, in the network it belongs to', t => {
  const seen = sandboxOf(fakeProc(t, `0::/docker/${id}`), inspected(7), networks)
  assert.deepEqual(seen, {
    namespace: '42',
    addresses: [
      { ip: '10.0.1.7', network: 'ov', networkName: 'shop' },
      { ip: '172.18.0.3', network: 'gw', networkName: 'docker_gwbridge' },
      { ip: '192.168.9.9', network: 'namespace:42' },
      { ip: 'fd13:8::2', network: 'ov', networkName: 'shop' },
    ],
  })
  const Networks = { shop: { NetworkID: 'told', IPAddress: '10.0.1.7' } }
  const roster = new Roster()
  roster.put(readContainer(containerOf('a', 'web', { NetworkSettings: { Networks } }))!, seen)
  const [{ instances }] = roster.all()
  assert.deepEqual(
    instances[0].addresses.map(({ ip, network }) => `${ip} ${network}`),
    ['10.0.1.7 told', '172.18.0.3 gw', '192.168.9.9 namespace:42', 'fd13:8::2 ov'],
  )
})

test('somebody else under the same number is not looked at', t => {
  const others = fakeProc(t, `0::/docker/${'b'.repeat(64)}`)
  assert.deepEqual(sandboxOf(others, inspected(7, '10.0.1.7'), networks), unseen)
  const nameless = fakeProc(t, '0::/')
  assert.deepEqual(sandboxOf(nameless, inspected(99), networks), unseen)
  assert.deepEqual(sandboxOf(nameless, inspected(0), networks), unseen)
  assert.deepEqual(sandboxOf(nameless, inspected(7, '10.0.1.8'), networks), unseen)
  assert.deepEqual(sandboxOf(nameless, inspected(1, '10.0.1.7'), networks), unseen)
  assert.equal(sandboxOf(nameless, inspected(7, '10.0.1.7'), networks).namespace, '42')
})

test('on the host’s network it has the host’s namespace and no addresses of its own', t => {
  assert.deepEqual(sandboxOf(fakeProc(t, '0::/'), inspected(1), networks), {
    namespace: '41',
    addresses: [],
  })
})
