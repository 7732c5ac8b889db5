import assert from 'node:assert/strict'
import { test } from 'node:test'
import { networksOf } from './networks.ts'
import { readNetworks } from './shape.ts'

test('addresses mean the same on every node where a network spans nodes, or leaves its addresses as they are', () => {
  const masquerade = 'com.docker.network.bridge.enable_ip_masquerade'
  const mode = 'com.docker.network.bridge.gateway_mode_ipv4'
  const cases: [network: object, isShared: boolean][] = [
    [{ Driver: 'bridge', Scope: 'local' }, false],
    [{ Driver: 'bridge', Scope: 'local', Options: null }, false],
    [{ Driver: 'bridge', Scope: 'local', Options: { [masquerade]: 'true' } }, false],
    [{ Driver: 'bridge', Scope: 'local', Options: { [masquerade]: 'false' } }, true],
    [{ Driver: 'bridge', Scope: 'local', Options: { [mode]: 'routed' } }, true],
    [{ Driver: 'bridge', Scope: 'local', Options: { [mode]: 'nat-unprotected' } }, false],
    [{ Driver: 'other', Scope: 'local', Options: { [masquerade]: 'false' } }, false],
    [{ Driver: 'bridge', Scope: 'local', Options: { [masquerade]: 7 } }, false],
    [{ Driver: 'overlay', Scope: 'swarm' }, true],
    [{ Driver: 'macvlan', Scope: 'swarm' }, true],
  ]
  for (const [network, expected] of cases) {
    const [found] = networksOf(readNetworks([{ Id: 'n', Name: 'n', ...network }]))
    assert.equal(found.isShared ?? false, expected, JSON.stringify(network))
  }
})

test('a routed bridge has its gateway on the node, which an overlay has not', () => {
  const IPAM = { Config: [{ Subnet: '172.31.1.0/24', Gateway: '172.31.1.1' }] }
  const Options = { 'com.docker.network.bridge.enable_ip_masquerade': 'false' }
  const listed = [
    { Id: 'a', Name: 'a', Driver: 'bridge', Scope: 'local', Options, IPAM },
    { Id: 'b', Name: 'b', Driver: 'overlay', Scope: 'swarm', IPAM },
  ]
  const gateways = networksOf(readNetworks(listed)).map(network => network.gateways)
  assert.deepEqual(gateways, [['172.31.1.1'], []])
})
